"""RAM: which access keys there are, and what the policy of each one allows (RAM help, "Policy structure and syntax")."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Item = TypeVar("Item")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _some(values: tuple[Item, ...]) -> tuple[Item, ...]:
    """After the items, because a lower bound of the field's own would count a wrong item as a missing one, too."""
    if not values:
        raise ValueError("is empty")
    return values


Listed = Annotated[tuple[Item, ...], BeforeValidator(_listed), AfterValidator(_some)]
ActionPattern = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9-]*:[A-Za-z*]+)$")]
ResourcePattern = Annotated[str, Field(pattern=r"^(\*|acs:[^{}?\s]+)$")]


class Element(BaseModel):
    """What this stand-in does not evaluate (Condition, NotAction, ?) is refused by its name, never passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Statement(Element):
    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    actions: Listed[ActionPattern] = Field(alias="Action")
    resources: Listed[ResourcePattern] = Field(alias="Resource")

    def covers(self, action: str, resource: str) -> bool:
        acts = any(_matches(pattern.lower(), action.lower()) for pattern in self.actions)
        return acts and any(_matches(pattern, resource) for pattern in self.resources)


class Policy(Element):
    version: Literal["1"] = Field(alias="Version")
    statements: Annotated[tuple[Statement, ...], AfterValidator(_some)] = Field(alias="Statement")


def is_allowed(policy: Policy, action: str, resource: str) -> bool:
    """One Deny outweighs every Allow; what nothing allows is refused."""
    effects = {statement.effect for statement in policy.statements if statement.covers(action, resource)}
    return effects == {"Allow"}


class AccessKeys(Mapping[str, str]):
    """The secret of each access key id. A key with a policy may do what that allows, one without everything."""

    def __init__(self, owners: Mapping[str, str] | None = None) -> None:
        self._secrets = dict(owners or {})
        self._policies: dict[str, Policy] = {}

    def add(self, key_id: str, secret: str, policy: Policy | None = None) -> None:
        """A key of the same id is replaced, its policy too."""
        self._policies.pop(key_id, None)
        if policy is not None:
            self._policies[key_id] = policy
        self._secrets[key_id] = secret

    def policy_of(self, key_id: str) -> Policy | None:
        """None: the owner's key. Raises KeyError for a key that was never given out."""
        if key_id not in self._secrets:
            raise KeyError(key_id)
        return self._policies.get(key_id)

    def __getitem__(self, key_id: str) -> str:
        return self._secrets[key_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._secrets)

    def __len__(self) -> int:
        return len(self._secrets)


def find_refused(keys: Mapping[str, str], key_id: str, action: str, resources: Iterable[str]) -> str | None:
    """The first resource that the key may not be used on, if any. Plain secrets are the owner's."""
    policy = keys.policy_of(key_id) if isinstance(keys, AccessKeys) else None
    if policy is None:
        return None
    return next((resource for resource in resources if not is_allowed(policy, action, resource)), None)


def _matches(pattern: str, text: str) -> bool:
    """A star stands for any number of characters, whatever they are."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text, re.DOTALL) is not None
