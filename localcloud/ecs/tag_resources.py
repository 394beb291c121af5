"""TagResources and UntagResources, for images, snapshots, disks and instances."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction
from localcloud.ecs.collection import Collection, Resource
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import MOST_TAGS, checked_tags


def tag_resources(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference TagResources: 1 to 20 tags on 1 to 50 resources; all are tagged or none."""
    added = checked_tags(params)
    if not added:
        raise EcsError(errors.MISSING_PARAMETER, name="Tag.1.Key")
    if len(added) > MOST_TAGS:
        raise EcsError(errors.TOO_MANY_TAGS_IN_CALL, count=len(added))
    targets = _targets(store, params)
    for _, found in targets:
        if len(found.tags | added) > MOST_TAGS:
            raise EcsError(errors.TOO_MANY_TAGS, count=len(found.tags | added), what="a resource")
    for collection, found in targets:
        collection.retag(found.id, found.tags | added)
    return {}


def untag_resources(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference UntagResources: All counts only when no TagKey is given; a missing key is not an error."""
    keys = params.values("TagKey")
    remove_all = not keys and params.boolean("All") is True
    if not keys and not remove_all:
        raise EcsError(errors.MISSING_PARAMETER, name="TagKey.1")
    for collection, found in _targets(store, params):
        # The system's own tags are not the user's to remove, as they are not to set (TagResources, Tag.N.Key).
        kept = {key: value for key, value in found.tags.items() if not remove_all or key.startswith("acs:")}
        collection.retag(found.id, {key: value for key, value in kept.items() if key not in keys})
    return {}


def _targets(store: EcsStore, params: Params) -> list[tuple[Collection[Any], Resource]]:
    """Every resource named, with where it is kept."""
    ids = params.values("ResourceId")
    if not ids:
        raise EcsError(errors.MISSING_PARAMETER, name="ResourceId.1")
    if len(ids) > 50:
        raise EcsError(errors.TOO_MANY_RESOURCE_IDS, count=len(ids))
    kind = params.required("ResourceType")
    kinds: dict[str, Collection[Any]] = {
        "image": store.images,
        "snapshot": store.snapshots,
        "disk": store.disks,
        "instance": store.instances,
    }
    if kind not in kinds:
        raise EcsError(errors.BAD_RESOURCE_TYPE, value=kind, known=", ".join(kinds))
    return [(kinds[kind], _find(store, kinds[kind], kind, resource_id)) for resource_id in ids]


def _find(store: EcsStore, collection: Collection[Any], kind: str, resource_id: str) -> Resource:
    found: Resource | None = store.snapshot(resource_id) if kind == "snapshot" else collection.get(resource_id)
    if found is None:
        raise EcsError(errors.RESOURCE_NOT_FOUND, type=kind, id=resource_id)
    return found


def _resources(params: Params) -> list[str]:
    kind = params.required("ResourceType")
    return [f"{kind}/{resource_id}" for resource_id in params.values("ResourceId")]


ACTIONS = {
    "TagResources": ApiAction(tag_resources, "RegionId ResourceType ResourceId.# Tag.#.Key Tag.#.Value", _resources),
    "UntagResources": ApiAction(untag_resources, "RegionId ResourceType ResourceId.# TagKey.# All", _resources),
}
