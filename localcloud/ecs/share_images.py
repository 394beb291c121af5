"""ModifyImageSharePermission and DescribeImageFromFamily: who else may use an image, and which one a family means."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every, named
from localcloud.ecs.change_images import own_image
from localcloud.ecs.errors import EcsError
from localcloud.ecs.image_answer import image_answer
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore


def modify_image_share_permission(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference: at most ten accounts a call, the others are ignored; a deprecated image cannot be shared."""
    image = own_image(store, params)
    added, removed = params.values("AddAccount")[:10], params.values("RemoveAccount")[:10]
    if added and image.status(store.clock.now()) != "Available":
        raise EcsError(errors.IMAGE_STATUS_INVALID)
    if store.world.account_id in added:
        raise EcsError(errors.OWN_ACCOUNT)
    image.accounts = (image.accounts | set(added)) - set(removed)
    return {}


def describe_image_from_family(store: EcsStore, params: Params) -> dict[str, Any]:
    """ECS help, "Image family overview": the available one that was created last; nothing where there is none."""
    family, now = params.required("ImageFamily"), store.clock.now()
    found = [
        each
        for each in store.images.values()
        if each.owner == "self" and each.family == family and each.status(now) == "Available"
    ]
    head = max(found, key=lambda each: each.created, default=None)
    return {"Image": image_answer(head, store)} if head else {}


ACTIONS = {
    "ModifyImageSharePermission": ApiAction(
        modify_image_share_permission, "RegionId ImageId AddAccount.# RemoveAccount.#", named("Image")
    ),
    "DescribeImageFromFamily": ApiAction(describe_image_from_family, "RegionId ImageFamily", every("image")),
}
