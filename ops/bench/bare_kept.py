"""The bare calls with clients that are made once and kept: the least that the SDKs can cost. Run beside bare_handler."""

from functools import cache
from typing import Any

from bare_handler import make_calls, open_ecs, open_queue  # type: ignore[import-not-found] # its neighbour in the tree

open_ecs_once, open_queue_once = cache(open_ecs), cache(open_queue)


def handler(event: bytes, context: object) -> dict[str, Any]:
    answer: dict[str, Any] = make_calls(event, open_ecs_once(), open_queue_once())
    return answer
