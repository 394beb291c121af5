"""The RAM policies in deploy/ram: reads one and fills in the account's own names."""

import json
import re
from typing import Any

from files import places
from files.errors import CommandError

TEMPLATES = places.ROOT / "deploy" / "ram"
FUNCTIONS = ("create_image", "reconcile_snapshots", "report_night", "retire_images", "track_images")
BY_MODE = ("retire_images",)
"""There is a policy for each mode: a role that is to report cannot deprecate, one that is to deprecate cannot delete."""
ASKING_INSTANCES = ("create_image", "reconcile_snapshots", "operator")
"""They choose a plan; with plans that go by the tags of instances they must look at those."""
STATUS_QUEUE = "snapimage-status"
DEAD_LETTER_QUEUE = "snapimage-dead-letters"

_QUEUE = r"[A-Za-z0-9][A-Za-z0-9-]{0,119}"
_SHAPES = {
    "region": r"[a-z0-9-]{2,64}",
    "account_id": r"[0-9]{1,32}",
    "status_queue": _QUEUE,
    "dead_letter_queue": _QUEUE,
}
"""No star among them: a wildcard in a name would widen the policy."""


def read_policy(
    name: str,
    region: str,
    account_id: str,
    status_queue: str = STATUS_QUEUE,
    dead_letter_queue: str = DEAD_LETTER_QUEUE,
    instance_tags: bool = False,
    retirement: str = "report",
) -> dict[str, Any]:
    values = {
        "region": region,
        "account_id": account_id,
        "status_queue": status_queue,
        "dead_letter_queue": dead_letter_queue,
    }
    for key, value in values.items():
        if not re.fullmatch(_SHAPES[key], value):
            raise CommandError(f"{key} {value!r}: not well formed")
    file = f"{name}_{retirement}" if name in BY_MODE else name
    policy = fill_in(_read(file), values, file)
    if instance_tags and name in ASKING_INSTANCES:
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
