"""A CreateImage call as it would be sent."""

from typing import Any

from shared.adapters.ecs_images import to_wire
from shared.domain.image_request import ImageRequest

UNKNOWN = "made of the account's number, which SNAPIMAGE_MNS_ENDPOINT tells"


def to_call(request: ImageRequest, account_id: str | None) -> dict[str, Any]:
    """The token is made of the account's number, among others: it is not shown where nobody told that one."""
    call: dict[str, Any] = to_wire(request).to_map()
    return call if account_id else call | {"ClientToken": UNKNOWN}
