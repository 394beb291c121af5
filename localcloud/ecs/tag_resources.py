"""TagResources and UntagResources, for images and snapshots."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.state import Store
from localcloud.ecs.tags import MOST_TAGS, checked_tags

_OWNERS = "OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId"
TAG_PARAMETERS = accepted(
    "RegionId ResourceType ResourceId.# Tag.#.Key Tag.#.Value", "OwnerAccount OwnerId ResourceOwnerAccount"
)
UNTAG_PARAMETERS = accepted("RegionId ResourceType ResourceId.# TagKey.# All", _OWNERS)


def tag_resources(store: Store, params: Params) -> dict[str, Any]:
    """API reference TagResources: 1 to 20 tags on 1 to 50 resources; all are tagged or none."""
    added = checked_tags(params)
    if not added:
        raise EcsError(errors.MISSING_PARAMETER, name="Tag.1.Key")
    if len(added) > MOST_TAGS:
        raise EcsError(errors.TOO_MANY_TAGS_IN_CALL, count=len(added))
    targets = _targets(store, params)
    for tags in targets:
        if len(tags | added) > MOST_TAGS:
            raise EcsError(errors.TOO_MANY_TAGS, count=len(tags | added), what="a resource")
    for tags in targets:
        tags.update(added)
    return {}


def untag_resources(store: Store, params: Params) -> dict[str, Any]:
    """API reference UntagResources: All counts only when no TagKey is given; a missing key is not an error."""
    keys = params.values("TagKey")
    remove_all = not keys and params.boolean("All") is True
    if not keys and not remove_all:
        raise EcsError(errors.MISSING_PARAMETER, name="TagKey.1")
    for tags in _targets(store, params):
        for key in list(tags) if remove_all else keys:
            tags.pop(key, None)
    return {}


def _targets(store: Store, params: Params) -> list[dict[str, str]]:
    """The tags of every resource named, to be changed in place."""
    ids = params.values("ResourceId")
    if not ids:
        raise EcsError(errors.MISSING_PARAMETER, name="ResourceId.1")
    if len(ids) > 50:
        raise EcsError(errors.TOO_MANY_RESOURCE_IDS, count=len(ids))
    kind = params.required("ResourceType")
    if kind not in ("image", "snapshot"):
        raise EcsError(errors.BAD_RESOURCE_TYPE, value=kind)
    return [_tags_of(store, kind, resource_id) for resource_id in ids]


def _tags_of(store: Store, kind: str, resource_id: str) -> dict[str, str]:
    found = store.images.get(resource_id) if kind == "image" else store.snapshot(resource_id)
    if found is None:
        raise EcsError(errors.RESOURCE_NOT_FOUND, type=kind, id=resource_id)
    return found.tags
