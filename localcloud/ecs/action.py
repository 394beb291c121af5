"""An action as the local cloud plays it: what answers it, what it reads, and on which resources it needs a right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore

Resources = Callable[[Params], list[str]]
"""Without what every name of the service begins with. Each API reference, "RAM authorization"."""


@dataclass(frozen=True)
class ApiAction:
    """`names`: the parameters that are played, `#` for a number. Whatever else is given is refused by its name."""

    answer: Callable[[EcsStore, Params], dict[str, Any]]
    names: str
    resources: Resources

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(self.names.split())


def every(kind: str) -> Resources:
    return lambda params: [f"{kind}/*"]


def named(*names: str) -> Resources:
    """The one resource of each kind that a call names, as `disk` is named by DiskId."""
    return lambda params: [f"{name.lower()}/{params.required(name + 'Id')}" for name in names]
