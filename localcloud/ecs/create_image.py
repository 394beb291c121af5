"""CreateImage: a system-disk snapshot, and data disks beside it, become an image that is ready later."""

import re
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction
from localcloud.ecs.errors import EcsError
from localcloud.ecs.image_disks import disks_of
from localcloud.ecs.image_texts import check_texts
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsImage, EcsImageDisk
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import MOST_TAGS, checked_tags
from localcloud.faults import ImageFault


def create_image(store: EcsStore, params: Params) -> dict[str, Any]:
    known = _image_of_token(store, params)
    if known is not None:
        return {"ImageId": known}
    image = _image(store, params)
    _check_quota(store)
    store.add_image(image)
    if params.image_fault is not None:
        _spoil(image, params.image_fault)
    token = params.text("ClientToken")
    if token is not None:
        store.tokens[token] = params.given, image.id
    return {"ImageId": image.id}


def _image_of_token(store: EcsStore, params: Params) -> str | None:
    """Same token, same parameters: the first ImageId again. A token's lifetime is documented nowhere; here, for ever.

    For other parameters the documents conflict: "How to ensure idempotence" names IdempotentParameterMismatch, the API
    reference of CreateImage lists IdempotenceParamNotMatch (400) and also InvalidParamter.Conflict (403). The first of
    CreateImage's own list is used.
    """
    token = params.text("ClientToken")
    if token is None:
        return None
    if len(token) > 64 or not token.isascii():
        raise EcsError(errors.BAD_PARAMETER, name="ClientToken", value=token, why="it is not up to 64 ASCII characters")
    if token not in store.tokens:
        return None
    given, image_id = store.tokens[token]
    if given != params.given:
        raise EcsError(errors.TOKEN_REUSED, value=token)
    return image_id


def _image(store: EcsStore, params: Params) -> EcsImage:
    check_texts(params)
    disks = disks_of(params, store)
    tags = _tags(params)
    name = params.text("ImageName")
    check_name_is_free(store, name)
    image_id = store.new_id("m", store.images)
    now = store.clock.now()
    return EcsImage(
        id=image_id,
        # What an image without a name is called is not documented; its id is unique and recognisable.
        name=name or image_id,
        disks=disks,
        created=now,
        ready_at=now,
        checked_at=now if _wants_check(params) else None,
        tags=tags,
        description=params.text("Description") or "",
        resource_group_id=_resource_group(params),
    )


def _tags(params: Params) -> dict[str, str]:
    tags = checked_tags(params)
    if len(tags) > MOST_TAGS:
        raise EcsError(errors.TOO_MANY_TAGS, count=len(tags), what="an image")
    return tags


def check_name_is_free(store: EcsStore, name: str | None) -> None:
    """API reference CreateImage: InvalidImageName.Duplicated.

    Per account and region by the usual reading. Whether a CreateFailed image keeps its name is not documented; here it
    does, which is the harder case for a caller.
    """
    if name is not None and store.images.has_name(name):
        raise EcsError(errors.IMAGE_NAME_IN_USE, value=name)


def _check_quota(store: EcsStore) -> None:
    """User guide, limits: images per region (q_user-image-count). Failed images count too; the documents are silent."""
    quota = store.world.image_quota
    if quota is not None and store.images.owned >= quota:
        raise EcsError(errors.IMAGE_QUOTA, quota=quota)


def _wants_check(params: Params) -> bool:
    """API reference CreateImage: DetectionStrategy is Standard or absent."""
    strategy = params.text("DetectionStrategy")
    if strategy not in (None, "Standard"):
        raise EcsError(errors.BAD_PARAMETER, name="DetectionStrategy", value=strategy, why="it is not Standard")
    return strategy is not None


def _resource_group(params: Params) -> str:
    """Any well-formed id is taken to exist: a world has no resource groups."""
    group = params.text("ResourceGroupId") or ""
    if group and not re.fullmatch(r"rg-[0-9a-z]+", group):
        raise EcsError(errors.NO_RESOURCE_GROUP, value=group)
    return group


def _spoil(image: EcsImage, fault: ImageFault) -> None:
    match fault:
        case "CreateFailed" | "UnAvailable":
            image.outcome = fault
        case "lose_disk":
            image.final_disks = image.disks[:-1]
        case "wrong_size":
            last = image.disks[-1]
            wrong = EcsImageDisk(last.device, last.type, last.size_gib + 1, last.snapshot_id, last.encrypted)
            image.final_disks = (*image.disks[:-1], wrong)


def _image_and_snapshots(params: Params) -> list[str]:
    """Whether tags in the call ask for ecs:TagResources as well is not documented; here they do not."""
    mapped = [entry.get("SnapshotId") for entry in params.items("DiskDeviceMapping")]
    snapshots = filter(None, dict.fromkeys([params.text("SnapshotId"), *mapped]))
    return ["image/*", *(f"snapshot/{snapshot_id}" for snapshot_id in snapshots)]


# InstanceId outranks the others and takes new snapshots of a running machine: there is none here.
ACTIONS = {
    "CreateImage": ApiAction(
        create_image,
        """RegionId SnapshotId DiskDeviceMapping.#.SnapshotId DiskDeviceMapping.#.DiskType DiskDeviceMapping.#.Size
        ImageName Description DetectionStrategy ResourceGroupId Tag.#.Key Tag.#.Value ClientToken""",
        _image_and_snapshots,
    )
}
