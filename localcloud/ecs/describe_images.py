"""DescribeImages: the images of the region, each look at an unfinished one bringing it nearer to its end."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.errors import EcsError
from localcloud.ecs.image_answer import image_answer
from localcloud.ecs.listing import Listing, Test, given, tagged
from localcloud.ecs.paging import numbered_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsImage
from localcloud.ecs.state import EcsStore
from localcloud.ecs.window import creation_window

STATUSES = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")
OWNERS = ("system", "self", "others", "marketplace")


def describe_images(store: EcsStore, params: Params) -> dict[str, Any]:
    now = store.clock.now()
    statuses = _statuses(params)
    meant = _meant_images(store, params)
    found = [image for image in meant if image.status(now) in statuses]
    page, facts = numbered_page(params, found)
    answers = [image_answer(image, store) for image in page]
    # To ask about an image is to look at it, even when its status hides it from the answer.
    for image in meant:
        image.look(now)
    return {"RegionId": store.world.region, "Images": {"Image": answers}, **facts}


def _meant_images(store: EcsStore, params: Params) -> list[EcsImage]:
    """DescribeImages: every filter but Status. An unknown id is no error in its list of codes: the answer is empty."""
    image_id, snapshot_id = _image_id(params), params.text("SnapshotId")
    tests = given(
        None if image_id is None else lambda image: image.id == image_id,
        None if snapshot_id is None else lambda image: _is_of_system_snapshot(image, snapshot_id),
        *_by_text(params),
        _by_owner(params),
        _by_time(params),
    )
    narrowed = tagged(params, store.images)
    if narrowed is None and image_id is not None:
        narrowed = store.images.in_order([image_id])
    if narrowed is None and snapshot_id is not None:
        narrowed = store.images.of_snapshot(snapshot_id)
    return list(Listing(store.images, tests, narrowed).since())


def _image_id(params: Params) -> str | None:
    wanted = params.text("ImageId")
    if wanted is not None and "," in wanted:
        # Older pages show a comma list, the SDK's text a single id. The careful caller sends one.
        raise EcsError(errors.BAD_PARAMETER, name="ImageId", value=wanted, why="one id per call")
    return wanted


def _by_text(params: Params) -> list[Test[EcsImage] | None]:
    """DescribeImages: ImageName is fuzzy, so a longer name that contains it matches too."""
    part, family = params.text("ImageName"), params.text("ImageFamily")
    return [
        None if part is None else lambda image: part in image.name,
        None if family is None else lambda image: image.family == family,
    ]


def _is_of_system_snapshot(image: EcsImage, snapshot_id: str | None) -> bool:
    """Whether the data snapshots of a mapping match is not documented; only the system one does here."""
    return any(disk.type == "system" and disk.snapshot_id == snapshot_id for disk in image.disks)


def _by_time(params: Params) -> Test[EcsImage] | None:
    """Of the keys that Filter may have here, only those on the creation time are implemented."""
    begin, end = creation_window(params)
    return (lambda image: begin <= image.created <= end) if params.items("Filter") else None


def _by_owner(params: Params) -> Test[EcsImage] | None:
    """DescribeImages: without ImageOwnerAlias the system's, one's own and others' shared images are meant."""
    owner = params.choice("ImageOwnerAlias", OWNERS, errors.BAD_PARAMETER)
    return None if owner is None else lambda image: image.owner == owner


def _statuses(params: Params) -> tuple[str, ...]:
    """DescribeImages: only Available by default, a comma list otherwise, and ALL stands alone."""
    given = params.text("Status")
    if given is None:
        return ("Available",)
    if given == "ALL":
        return STATUSES
    wanted = tuple(given.split(","))
    for status in wanted:
        if status not in STATUSES:
            raise EcsError(errors.BAD_PARAMETER, name="Status", value=given, why=f"{status!r} is not a status")
    return wanted


ACTIONS = {
    "DescribeImages": ApiAction(
        describe_images,
        """RegionId Status ImageId ImageName ImageFamily SnapshotId ImageOwnerAlias
        Filter.#.Key Filter.#.Value Tag.#.Key Tag.#.Value PageNumber PageSize""",
        every("image"),
    )
}
