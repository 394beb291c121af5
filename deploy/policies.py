"""The RAM policies in deploy/ram: reads one and fills in the account's own names."""

import json
import re
from typing import Any

from files import places
from files.errors import CommandError
from shared.domain.plans import Plans
from shared.domain.retire import strongest_mode

TEMPLATES = places.ROOT / "deploy" / "ram"
FUNCTIONS = ("create_image", "reconcile_snapshots", "report_night", "retire_images", "track_images")
BY_MODE = ("retire_images",)
"""There is a policy for each mode: a role that is to report cannot deprecate, one that is to deprecate cannot delete."""
ASKING_INSTANCES = ("create_image", "reconcile_snapshots", "operator")
"""They choose a plan; with plans that go by the tags of instances they must look at those."""
STATUS_QUEUE = "snapimage-status"
DEAD_LETTER_QUEUE = "snapimage-dead-letters"

_SHAPES = {"region": r"[a-z0-9-]{2,64}", "account_id": r"[0-9]{1,32}"}
"""No star among them: a wildcard in a name would widen the policy."""


def read_policy(name: str, region: str, account_id: str, plans: Plans | None = None) -> dict[str, Any]:
    """As these plans ask for it."""
    values = {"region": region, "account_id": account_id}
    for key, value in values.items():
        if not re.fullmatch(_SHAPES[key], value):
            raise CommandError(f"{key} {value!r}: not well formed")
    values |= {"status_queue": STATUS_QUEUE, "dead_letter_queue": DEAD_LETTER_QUEUE}
    mode = strongest_mode(plan.retire for plan in (plans.plans if plans else ()))
    file = f"{name}_{mode}" if name in BY_MODE else name
    policy = fill_in(_read(file), values, file)
    if plans and plans.asks_instance_tags and name in ASKING_INSTANCES:
        policy["Statement"] += fill_in(_read("instance_tags"), values, "instance_tags")["Statement"]
    return policy


def fill_in(text: str, values: dict[str, str], name: str) -> dict[str, Any]:
    if unknown := set(re.findall(r"\{(\w+)\}", text)) - values.keys():
        raise CommandError(f"deploy/ram/{name}.json: unknown placeholder {', '.join(sorted(unknown))}")
    try:
        return dict(json.loads(re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)))
    except ValueError as error:
        raise CommandError(f"deploy/ram/{name}.json: {error}") from None


def _read(name: str) -> str:
    try:
        return (TEMPLATES / f"{name}.json").read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"deploy/ram/{name}.json: {error.strerror}") from None
