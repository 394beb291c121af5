"""Fields are held to what their types say."""

from dataclasses import replace
from typing import Any

import pytest
from fakes.builders import SUBJECT, image_request

from shared.domain.answers import requested
from shared.domain.message import (
    ImageStatus,
)

REQUESTED = requested(SUBJECT, image_request(), "m-1")


def status(**changes: Any) -> ImageStatus:
    return replace(REQUESTED, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"explanation": "x" * 601},
        {"snapshot_id": "x" * 257},
        {"left_out": ("x",) * 65},
        {"disks": (REQUESTED.disks[0],) * 18},
    ],
)
def test_an_answer_beyond_a_bound_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"ImageStatus.{next(iter(changes))}: more or other than"):
        status(**changes)
