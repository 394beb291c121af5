"""The actions of the ECS OpenAPI 2014-05-26 that are played."""

from collections.abc import Mapping

from localcloud.ecs import (
    change_images,
    create_image,
    delete_snapshot,
    describe_disks,
    describe_images,
    describe_snapshot_groups,
    describe_snapshot_policies,
    describe_snapshots,
    describe_templates,
    instances,
    lock_snapshots,
    move_disks,
    release,
    share_images,
    tag_resources,
)
from localcloud.ecs.action import ApiAction

ACTIONS: Mapping[str, ApiAction] = {
    **create_image.ACTIONS,
    **describe_images.ACTIONS,
    **change_images.ACTIONS,
    **share_images.ACTIONS,
    **describe_snapshots.ACTIONS,
    **describe_snapshot_groups.ACTIONS,
    **describe_snapshot_policies.ACTIONS,
    **lock_snapshots.ACTIONS,
    **delete_snapshot.ACTIONS,
    **describe_disks.ACTIONS,
    **move_disks.ACTIONS,
    **release.ACTIONS,
    **instances.ACTIONS,
    **describe_templates.ACTIONS,
    **tag_resources.ACTIONS,
}
