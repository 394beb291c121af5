"""DescribeImages: the images of the region, each look at an unfinished one bringing it nearer to its end."""

from collections.abc import Callable
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.image_answer import image_answer
from localcloud.ecs.paging import numbered_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.state import Image, Store
from localcloud.ecs.tags import has_tags, tag_filter
from localcloud.ecs.window import creation_window

PARAMETERS = accepted(
    """RegionId Status ImageId ImageName ImageFamily SnapshotId ImageOwnerAlias ResourceGroupId
    Filter.#.Key Filter.#.Value Tag.#.Key Tag.#.Value PageNumber PageSize""",
    """ActionType Architecture DryRun ImageOwnerId InstanceType IsPublic IsSupportCloudinit
    IsSupportIoOptimized OSType ShowExpired Usable Usage OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId""",
)
Test = Callable[[Image], bool]
STATUSES = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")
OWNERS = ("system", "self", "others", "marketplace")


def describe_images(store: Store, params: Params) -> dict[str, Any]:
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


def _meant_images(store: Store, params: Params) -> list[Image]:
    """DescribeImages: every filter but Status. An unknown id is no error in its list of codes: the answer is empty."""
    tests = [
        _by_id(params),
        _by_text(params),
        _by_snapshot(params.text("SnapshotId")),
        _by_owner(params),
        _by_time(params),
    ]
    tags = tag_filter(params)
    return [
        image for image in store.images.values() if all(test(image) for test in tests) and has_tags(image.tags, tags)
    ]


def _by_id(params: Params) -> Test:
    wanted = params.text("ImageId")
    if wanted is not None and "," in wanted:
        # Older pages show a comma list, the SDK's text a single id. The careful caller sends one.
        raise EcsError(errors.BAD_PARAMETER, name="ImageId", value=wanted, why="one id per call")
    return lambda image: wanted in (None, image.id)


def _by_text(params: Params) -> Test:
    """DescribeImages: ImageName is fuzzy, so a longer name that contains it matches too."""
    part = params.text("ImageName") or ""
    family = params.text("ImageFamily")
    group = params.text("ResourceGroupId")
    return lambda image: (
        part in image.name and family in (None, image.family) and group in (None, image.resource_group_id)
    )


def _by_snapshot(wanted: str | None) -> Test:
    """Whether the data snapshots of a mapping match is not documented; only the system one does here."""
    return lambda image: (
        wanted is None or any(disk.type == "system" and disk.snapshot_id == wanted for disk in image.disks)
    )


def _by_time(params: Params) -> Test:
    """Of the keys that Filter may have here, only those on the creation time are implemented."""
    begin, end = creation_window(params)
    return lambda image: begin <= image.created <= end


def _by_owner(params: Params) -> Test:
    """DescribeImages: without ImageOwnerAlias the system's, one's own and others' shared images are meant."""
    owner = params.choice("ImageOwnerAlias", OWNERS, errors.BAD_PARAMETER)
    return lambda image: owner in (None, image.owner)


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
