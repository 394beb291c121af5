"""Fields are held to what their types say."""

import weakref
from dataclasses import replace
from typing import Any

import pytest
from fakes.builders import SUBJECT, image_request

from shared.domain.answers import requested
from shared.domain.message import Cause, ImageStatus

REQUESTED = requested(SUBJECT, image_request(), "m-1")


def status(**changes: Any) -> ImageStatus:
    return replace(REQUESTED, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"explanation": "x" * 601},
        {"snapshot_id": "x" * 65},
        {"snapshot_id": "s 1"},
        {"left_out": ("x",) * 65},
        {"left_out": ("d-1", "x" * 65)},
        {"disks": (REQUESTED.disks[0],) * 18},
    ],
)
def test_an_answer_beyond_a_bound_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"ImageStatus.{next(iter(changes))}: more or other than"):
        status(**changes)


def test_what_leaves_is_made_of_nothing_but_json() -> None:
    kinds = {type(value) for value in REQUESTED.to_plain().values()}

    assert kinds == {str, bool, int, list, type(None)}


def test_what_was_held_to_its_bounds_is_not_kept() -> None:
    """A night writes a million messages."""
    seen = weakref.ref(Cause("Busy", "no", 503, None))

    assert seen() is None
