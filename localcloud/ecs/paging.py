"""Pages of a result: by page number, or by a token that the previous answer held."""

import base64
import binascii
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, TypeVar

from localcloud.ecs import errors
from localcloud.ecs.collection import Resource
from localcloud.ecs.errors import EcsError
from localcloud.ecs.listing import Listing
from localcloud.ecs.params import Params

T = TypeVar("T", bound=Resource)
Item = TypeVar("Item")


def numbered_page(params: Params, found: Sequence[Item], most: int = 100) -> tuple[Sequence[Item], dict[str, Any]]:
    """API reference DescribeImages: PageNumber from 1, PageSize up to 100 and by default 10."""
    number, size = params.integer("PageNumber", 1, 10**6) or 1, params.integer("PageSize", 1, most) or 10
    start = (number - 1) * size
    return found[start : start + size], {"TotalCount": len(found), "PageNumber": number, "PageSize": size}


def token_page(params: Params, listing: Listing[T], size: int) -> tuple[Sequence[T], dict[str, Any]]:
    """A token says where the next page begins, so no page costs the ones before it.

    API reference DescribeSnapshots: TotalCount is not valid with NextToken paging, so the later pages leave it out.
    """
    found = list(islice(listing.since(_place(params)), size + 1))
    token = _token(listing.collection.place(found[size])) if len(found) > size else ""
    total = {} if params.text("NextToken") else {"TotalCount": sum(1 for _ in listing.since())}
    return found[:size], {"NextToken": token, **total}


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"from {place}".encode()).decode()


def _place(params: Params) -> int:
    token = params.text("NextToken")
    if token is None:
        return 0
    try:
        match = re.fullmatch(r"from ([0-9]{1,9})", base64.urlsafe_b64decode(token).decode())
    except (binascii.Error, UnicodeDecodeError):
        match = None
    if match is None:
        raise EcsError(errors.BAD_PARAMETER, name="NextToken", value=token, why="no answer held it")
    return int(match[1])
