"""POST /_local/break: takes something of a deployment away, or spoils it, for trying what notices."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from localcloud.fc.restriction import InvocationRestriction
from localcloud.fc.service import FcService
from localcloud.mns.state import QueueStore
from localcloud.rpc.roles import Roles


class Breakage(BaseModel):
    """`name` is that of the role, queue, rule or function."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal[
        "role", "policies", "queue", "dead-letter", "function", "stopped", "code", "timers-off", "rule", "rule-off"
    ]
    name: str


def ways_to_break(fc: FcService, roles: Roles, queues: QueueStore) -> Mapping[str, Callable[[str], object]]:
    """Each raises KeyError for a name that is not there."""

    def change(name: str, **changes: object) -> None:
        fc.deploy([fc.find(name).spec.model_copy(update=changes)])

    def switch_off(name: str) -> None:
        change(name, timers=[each.model_copy(update={"enabled": False}) for each in fc.find(name).spec.timers])

    return {
        "role": roles.stored.pop,
        "policies": lambda name: roles.stored[name].policies.clear(),
        "queue": queues.delete,
        "dead-letter": lambda name: queues.send(name, "{}"),
        "function": fc.remove,
        "stopped": lambda name: setattr(fc.find(name), "restriction", InvocationRestriction("by hand", 0.0)),
        "code": lambda name: change(name, archive=fc.find(name).spec.folder / "handler.py"),
        "timers-off": switch_off,
        "rule": lambda name: fc.triggers.rules.pop(name),
        "rule-off": lambda name: setattr(fc.triggers.rules[name], "enabled", False),
    }
