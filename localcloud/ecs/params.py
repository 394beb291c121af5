"""The parameters of one call: from the raw query, checked by name, to the types that an action asks for."""

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.faults import ImageFault

_TRUE = ("true", "True")
_FALSE = ("false", "False")


class Params:
    """`names` are those that are played, `#` for a number; `image_fault` bends what CreateImage makes."""

    def __init__(self, action: str, query: str, names: frozenset[str], image_fault: ImageFault | None = None) -> None:
        self.action = action
        self.image_fault = image_fault
        self.given: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            self._check_name(name, names)
            self.given[name] = value

    def _check_name(self, name: str, names: frozenset[str]) -> None:
        shape = re.sub(r"\.[1-9][0-9]*(?=\.|$)", ".#", name)
        if shape not in names:
            raise EcsError(errors.UNKNOWN_PARAMETER, name=name, action=self.action)
        if name in self.given:
            raise EcsError(errors.BAD_PARAMETER, name=name, value=self.given[name], why="it is given twice")

    def text(self, name: str) -> str | None:
        """An empty value counts as absent."""
        return self.given.get(name) or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise EcsError(errors.MISSING_PARAMETER, name=name)
        return value

    def integer(self, name: str, low: int, high: int) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise EcsError(errors.BAD_PARAMETER, name=name, value=value, why=f"it is not a number from {low} to {high}")
        return int(value)

    def boolean(self, name: str) -> bool | None:
        """The SDK for Python sends its own True and False."""
        value = self.text(name)
        if value is None:
            return None
        if value not in _TRUE + _FALSE:
            raise EcsError(errors.BAD_PARAMETER, name=name, value=value, why="it is neither true nor false")
        return value in _TRUE

    def choice(self, name: str, choices: Sequence[str], refusal: errors.EcsRefusal) -> str | None:
        """One of `choices`, whatever its case, in the spelling of `choices`."""
        value = self.text(name)
        if value is None:
            return None
        for choice in choices:
            if choice.lower() == value.lower():
                return choice
        raise EcsError(refusal, name=name, value=value, why=f"it is none of {', '.join(choices)}")

    def items(self, prefix: str) -> list[dict[str, str]]:
        """`Tag.1.Key=a&Tag.1.Value=b` as [{"Key": "a", "Value": "b"}], in the order of the numbers."""
        found: dict[int, dict[str, str]] = {}
        for name, value in self.given.items():
            head, _, rest = name.partition(".")
            if head == prefix:
                number, _, field = rest.partition(".")
                found.setdefault(int(number), {})[field] = value
        return [found[number] for number in sorted(found)]

    def values(self, prefix: str) -> list[str]:
        """`ResourceId.1=a&ResourceId.2=b` as ["a", "b"]."""
        return [item[""] for item in self.items(prefix) if item[""]]

    def id_list(self, name: str, refusal: errors.EcsRefusal) -> list[str] | None:
        """A JSON array of at most 100 ids, sent as one string."""
        value = self.text(name)
        if value is None:
            return None
        try:
            ids = json.loads(value)
        except ValueError as error:
            raise EcsError(refusal, name=name, value=value, why="it is not JSON") from error
        if not isinstance(ids, list) or len(ids) > 100 or not all(isinstance(one, str) for one in ids):
            raise EcsError(refusal, name=name, value=value, why="it is not an array of at most 100 ids")
        return ids
