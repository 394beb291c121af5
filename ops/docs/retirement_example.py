"""The output of `snapimage retire --dry-run` in the documents: the command's own, on a local cloud with made-up images."""

import json
import tempfile
from pathlib import Path

from bench.old_images import deprecated, facts_of, old_image
from ops.local.connection import open_local
from ops.retire.table import preview_retirement
from shared.domain.plans import Plans

KEEP = {"last": 2, "daily": 3, "monthly": 2}
PLANS = Plans.model_validate({
    "region": "cn-hangzhou",
    "plans": [{"name": "web", "retire": {"mode": "delete", "keep": KEEP, "time_zone": "Asia/Shanghai", "at_most": "50%"}}],
})  # fmt: skip


def show_retirement() -> str:
    """As a fenced block."""
    images = (
        old_image(0), old_image(1), old_image(2), old_image(3), deprecated(8, since_days=2),
        deprecated(20, since_days=9), deprecated(27, since_days=9), old_image(40),
    )  # fmt: skip
    template = {"id": "lt-shop", "versions": [{"image": "m-20"}]}
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        world, plans = Path(folder, "world.yaml"), Path(folder, "plans.yaml")
        world.write_text(json.dumps(facts_of(*images, launch_templates=[template])))  # JSON is YAML
        plans.write_text(PLANS.model_dump_json(by_alias=True))
        with open_local(None, world, plans) as there:
            preview_retirement(there, False, lines.append)
    return "```console\n$ snapimage retire --dry-run\n" + "\n".join(lines) + "\n```"
