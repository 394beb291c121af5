"""Moves a dated world and its events to the present.

A staged function tells the time by the machine's clock, as it does in the cloud; a world of last week would look to it
like one in which every deadline is over.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from localcloud.world import WorldFile

STAMP = re.compile(rb"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})")
FORM = "%Y-%m-%dT%H:%M:%S"


def shift_world(world: WorldFile, by: timedelta) -> WorldFile:
    return WorldFile.model_validate(_shift({**world.model_dump(), "now": world.start_time()}, by))


def shift_event(payload: bytes, by: timedelta) -> bytes:
    """Every time with its zone in the text; anything else stays as it is, broken events too."""

    def one(match: re.Match[bytes]) -> bytes:
        try:
            return (datetime.strptime(match[1].decode(), FORM) + by).strftime(FORM).encode() + match[2]
        except (ValueError, OverflowError):
            return match[0]

    return STAMP.sub(one, payload)


def _shift(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, dict):
        return {key: _shift(each, by) for key, each in value.items()}
    return [_shift(each, by) for each in value] if isinstance(value, (list, tuple)) else value
