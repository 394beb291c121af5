"""POST /_local/break: takes something of a deployment away, or spoils it, for trying what notices."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from localcloud.fc.restriction import InvocationRestriction
from localcloud.fc.service import FcService
from localcloud.fc.spec import FunctionSpec
from localcloud.mns.state import QueueStore
from localcloud.rpc.roles import Roles


class Breakage(BaseModel):
    """`name` is that of the role, queue, rule or function."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal[
        "role", "policies", "queue", "dead-letter", "function", "stopped", "code", "timers-off", "rule", "rule-off"
    ]
    name: str


class Breaker:
    def __init__(self, fc: FcService, roles: Roles, queues: QueueStore) -> None:
        self._fc = fc
        self._roles = roles
        self._queues = queues
        self._ways: Mapping[str, Callable[[str], object]] = {
            "role": lambda name: roles.stored.pop(name),
            "policies": lambda name: roles.stored[name].policies.clear(),
            "queue": queues.delete,
            "dead-letter": lambda name: queues.send(name, "{}"),
            "function": fc.remove,
            "stopped": self._stop,
            "code": lambda name: self._change(name, archive=self._spec(name).folder / "handler.py"),
            "timers-off": self._switch_off,
            "rule": lambda name: fc.triggers.rules.pop(name),
            "rule-off": lambda name: setattr(fc.triggers.rules[name], "enabled", False),
        }

    def break_it(self, breakage: Breakage) -> None:
        """Raises KeyError for a name that is not there."""
        self._ways[breakage.what](breakage.name)

    def _stop(self, name: str) -> None:
        self._fc.find(name).restriction = InvocationRestriction("by hand", 0.0)

    def _switch_off(self, name: str) -> None:
        timers = [timer.model_copy(update={"enabled": False}) for timer in self._spec(name).timers]
        self._change(name, timers=timers)

    def _change(self, name: str, **changes: object) -> None:
        self._fc.deploy([self._spec(name).model_copy(update=changes)])

    def _spec(self, name: str) -> FunctionSpec:
        return self._fc.find(name).spec
