"""An account of which only the questions reach the cloud: what would be done is kept, and nothing is done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain.errors import CloudError
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.ports import Cloud, Images, Snapshots

NOT_MADE = "m-not-made"


class Rehearsal:
    """A port that asks, and changes nothing."""

    def __init__(self, port: Images | Snapshots) -> None:
        self._port = port
        self.requests: list[ImageRequest] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def create(self, request: ImageRequest) -> str:
        self.requests.append(request)
        return NOT_MADE

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return [self.create(request) for request in requests]

    def set_family(self, image_id: str, family: str) -> None:
        return None

    def tag(self, ids: Sequence[str], tags: Mapping[str, str]) -> None:
        return None


class Silence:
    """A queue that tells nobody."""

    def publish(self, message: StatusMessage) -> None:
        return None


def rehearse(cloud: Cloud) -> tuple[Cloud, list[ImageRequest]]:
    """The same cloud without its effects, and the images that were asked of it."""
    images = Rehearsal(cloud.images)
    quiet = replace(cloud, images=images, snapshots=Rehearsal(cloud.snapshots), queue=Silence())
    return quiet, images.requests
