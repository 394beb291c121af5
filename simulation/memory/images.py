"""Images in memory that keep state and follow ECS's rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from shared.domain.errors import CloudError
from shared.domain.facts import Image
from shared.domain.image_request import ImageRequest
from shared.ports import Clock
from simulation.memory.calls import MOST_TAGGED, Entrance, MemoryPort, list_pages, read_pages
from simulation.memory.image_index import ImageIndex
from simulation.memory.refusals import refuse


class MemoryImages(MemoryPort):
    """Names are unique, a known token answers with the first image, and an image is `Creating` until somebody says more."""

    def __init__(self, calls: Entrance, clock: Clock, images: Sequence[Image] = ()) -> None:
        super().__init__(calls)
        self.images = ImageIndex(images)
        self._tokens: dict[str, tuple[ImageRequest, str]] = {}
        self._numbers = count(1)
        self._clock = clock

    def change(self, image_id: str, **changes: Any) -> None:
        """What a person with a console may do to an image."""
        self.images[image_id] = replace(self.images[image_id], **changes)

    def delete(self, image_id: str) -> None:
        """Its name is free again; its token is not."""
        del self.images[image_id]

    def forget_token(self, image_id: str) -> None:
        """For how long ECS knows a token is documented nowhere."""
        for token in [token for token, known in self._tokens.items() if known[1] == image_id]:
            del self._tokens[token]

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._which(lambda: self.images.tagged(tags)[:MOST_TAGGED])

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._which(lambda: self.images.of_snapshot(snapshot_id))

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        return read_pages(self.calls, "DescribeImages", lambda: self._listed(self._created_since(since)))

    def named(self, name: str) -> list[Image]:
        return self._which(lambda: self.images.named(name))

    def create(self, request: ImageRequest) -> str:
        return self.calls.send("CreateImage", partial(self._create, request))

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return create_each(self.create, requests)

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.calls.send("TagResources", partial(self._tag, image_ids, tags))

    def set_family(self, image_id: str, family: str) -> None:
        self.calls.send("ModifyImageAttribute", partial(self._set_family, image_id, family))

    def _which(self, find: Callable[[], list[Image]]) -> list[Image]:
        return list_pages(self.calls, "DescribeImages", lambda: self._listed(find()))

    def _listed(self, images: list[Image]) -> list[Image]:
        """As a listing shows them."""
        return images

    def _created_since(self, since: datetime) -> list[Image]:
        return [image for image in self.images.values() if image.created and image.created >= since]

    def _create(self, request: ImageRequest) -> str:
        return self._known(request) or self._make(request)

    def _tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        if gone := [image_id for image_id in image_ids if image_id not in self.images]:
            raise refuse("TagResources", 404, "InvalidResourceId.NotFound", f"no such image: {gone}", "request-tag")
        for image_id in image_ids:
            self.change(image_id, tags={**self.images[image_id].tags, **tags})

    def _set_family(self, image_id: str, family: str) -> None:
        if image_id not in self.images:
            raise refuse(
                "ModifyImageAttribute", 404, "InvalidImageId.NotFound", f"no such image: {image_id}", "request-family"
            )

    def _known(self, request: ImageRequest) -> str | None:
        """A token outlives its image: how long is documented nowhere."""
        if request.client_token not in self._tokens:
            return None
        given, image_id = self._tokens[request.client_token]
        if _as_sent(given) != _as_sent(request):
            raise refuse(
                "CreateImage", 400, "IdempotenceParamNotMatch", "token used for another request", "request-token"
            )
        return image_id

    def _make(self, request: ImageRequest) -> str:
        if self.images.named(request.name):
            raise refuse("CreateImage", 400, "InvalidImageName.Duplicated", f"{request.name} is in use", "request-name")
        image_id = f"m-{next(self._numbers)}"
        disks = tuple(replace(disk, disk_id=None, device=None) for disk in request.disk_set.disks)
        made = Image(image_id, request.name, "Creating", self._clock.now(), disks, dict(request.tags))
        self.images[image_id] = made
        self._tokens[request.client_token] = request, image_id
        return image_id


def create_each(create: Callable[[ImageRequest], str], requests: Sequence[ImageRequest]) -> list[str | CloudError]:
    """One after the other: what happens at one time is in one order, too."""
    made: list[str | CloudError] = []
    for request in requests:
        try:
            made.append(create(request))
        except CloudError as error:
            made.append(error)
    return made


def _as_sent(request: ImageRequest) -> tuple[object, ...]:
    """What ECS compares: the parameters, and nothing that we know beside them."""
    disks = [(disk.role, disk.snapshot_id, disk.size_gib) for disk in request.disk_set.disks]
    return request.name, request.description, disks, request.tags, request.resource_group, request.check
