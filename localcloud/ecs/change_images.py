"""ModifyImageAttribute and DeleteImage: what may be done to an image that exists."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, named
from localcloud.ecs.create_image import check_name_is_free
from localcloud.ecs.errors import EcsError
from localcloud.ecs.image_texts import check_texts
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsImage
from localcloud.ecs.state import EcsStore

_OF_TASK = {
    "copying": errors.IMAGE_COPYING,
    "importing": errors.IMAGE_IMPORTING,
    "exporting": errors.IMAGE_EXPORTING,
}


def modify_image_attribute(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference ModifyImageAttribute: what is not given stays as it is."""
    image = own_image(store, params)
    check_texts(params)
    status = params.choice("Status", ("Available", "Deprecated"), errors.BAD_PARAMETER)
    _check_status(image.status(store.clock.now()), status)
    if status == "Deprecated" and image.shared:
        raise EcsError(errors.IMAGE_SHARED)
    name = params.text("ImageName")
    if name and name != image.name:
        check_name_is_free(store, name)
        store.images.rename(image, name)
    image.description = params.text("Description") or image.description
    image.family = params.text("ImageFamily") or image.family
    image.outcome = status or image.outcome
    return {}


def delete_image(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference DeleteImage: its snapshots stay, and Force passes over the instances that were made of it.

    Its list of codes has no launch template, scaling configuration, pipeline or family: nothing guards those.
    Older pages refuse an image that is still being created; the page of 2026 lists no such code, so it may go.
    """
    force = params.boolean("Force")
    image = own_image(store, params)
    if image.shared:
        raise EcsError(errors.IMAGE_SHARED)
    if image.public:
        raise EcsError(errors.IMAGE_PUBLIC)
    if image.task:
        raise EcsError(_OF_TASK[image.task])
    if not force and store.instances.use(image.id):
        raise EcsError(errors.IMAGE_IN_USE)
    store.images.remove(image.id)
    return {}


def own_image(store: EcsStore, params: Params) -> EcsImage:
    """Of an unknown id DeleteImage's parameter says that it is ignored, its list of codes that it is refused.

    The refusal is the harder case for a caller, so it is what happens here, for both actions.
    """
    image_id = params.required("ImageId")
    image = store.images.get(image_id)
    if image is None or image.owner != "self":
        raise EcsError(errors.IMAGE_NOT_FOUND, id=image_id)
    return image


def _check_status(now: str, wanted: str | None) -> None:
    """API reference ModifyImageAttribute, Status: Available may become Deprecated, and Deprecated Available again."""
    if now in ("Creating", "Waiting"):
        raise EcsError(errors.IMAGE_IS_CREATING)
    if wanted == "Deprecated" and now != "Available":
        raise EcsError(errors.IMAGE_NOT_AVAILABLE)
    if wanted == "Available" and now != "Deprecated":
        raise EcsError(errors.IMAGE_NOT_DEPRECATED)


ACTIONS = {
    "ModifyImageAttribute": ApiAction(
        modify_image_attribute, "RegionId ImageId ImageName Description ImageFamily Status", named("Image")
    ),
    "DeleteImage": ApiAction(delete_image, "RegionId ImageId Force", named("Image")),
}
