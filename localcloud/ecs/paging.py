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


def numbered_slice(params: Params, found: Sequence[Any], most: int) -> tuple[Sequence[Any], dict[str, Any]]:
    """Of what is no resource with tags: PageNumber from 1, PageSize by default 10."""
    number, size = params.integer("PageNumber", 1, 10**6) or 1, params.integer("PageSize", 1, most) or 10
    start = (number - 1) * size
    return found[start : start + size], {"TotalCount": len(found), "PageNumber": number, "PageSize": size}


def numbered_page(params: Params, found: Sequence[T]) -> tuple[Sequence[T], dict[str, Any]]:
    """API reference DescribeImages: PageNumber from 1, PageSize up to 100 and by default 10."""
    number = params.integer("PageNumber", 1, 10**6) or 1
    size = params.integer("PageSize", 1, 100) or 10
    start = (number - 1) * size
    return found[start : start + size], {"TotalCount": len(found), "PageNumber": number, "PageSize": size}


def token_page(params: Params, listing: Listing[T], size: int) -> tuple[Sequence[T], dict[str, Any]]:
    """A token says where the next page begins, so no page costs the ones before it."""
    found = list(islice(listing.since(_place(params)), size + 1))
    if len(found) <= size:
        return found, {"NextToken": ""}
    return found[:size], {"NextToken": _token(listing.collection.place(found[size]))}


def either_page(params: Params, listing: Listing[T], size: int) -> tuple[Sequence[T], dict[str, Any]]:
    """Page numbers when only they are asked for, else tokens.

    API reference DescribeSnapshots: TotalCount is not valid with NextToken paging, so the later pages leave it out.
    """
    by_token = params.text("MaxResults") or params.text("NextToken")
    if not by_token and (params.text("PageNumber") or params.text("PageSize")):
        return numbered_page(params, list(listing.since()))
    page, facts = token_page(params, listing, size)
    return page, facts if params.text("NextToken") else {**facts, "TotalCount": sum(1 for _ in listing.since())}


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
