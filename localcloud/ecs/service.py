"""The ECS OpenAPI 2014-05-26 of one region: authenticates a request, routes it by x-acs-action, answers in JSON."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.acs_signature import SignatureRefused
from localcloud.clock import MovableClock
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
    errors,
    instances,
    lock_snapshots,
    move_disks,
    share_images,
    tag_resources,
)
from localcloud.ecs.errors import EcsError
from localcloud.ecs.first_state import store_of
from localcloud.ecs.params import Accepted, Params
from localcloud.ecs.permissions import check_permission
from localcloud.ecs.state import EcsStore
from localcloud.faults import ImageFault
from localcloud.signatures import Signatures
from localcloud.wire import Request, Response
from localcloud.world import WorldFile

VERSION = "2014-05-26"
Answer = Callable[[EcsStore, Params], dict[str, Any]]

ACTIONS: Mapping[str, tuple[Answer, Accepted]] = {
    "CreateImage": (create_image.create_image, create_image.PARAMETERS),
    "DescribeImages": (describe_images.describe_images, describe_images.PARAMETERS),
    "DescribeSnapshots": (describe_snapshots.describe_snapshots, describe_snapshots.PARAMETERS),
    "DescribeDisks": (describe_disks.describe_disks, describe_disks.PARAMETERS),
    "DescribeSnapshotGroups": (describe_snapshot_groups.describe_snapshot_groups, describe_snapshot_groups.PARAMETERS),
    "DescribeAutoSnapshotPolicyEx": (
        describe_snapshot_policies.describe_snapshot_policies,
        describe_snapshot_policies.PARAMETERS,
    ),
    "ModifyImageAttribute": (change_images.modify_image_attribute, change_images.MODIFY_PARAMETERS),
    "DeleteImage": (change_images.delete_image, change_images.DELETE_PARAMETERS),
    "ModifyImageSharePermission": (share_images.modify_image_share_permission, share_images.SHARE_PARAMETERS),
    "DescribeImageFromFamily": (share_images.describe_image_from_family, share_images.FAMILY_PARAMETERS),
    "DescribeLaunchTemplates": (describe_templates.describe_launch_templates, describe_templates.TEMPLATE_PARAMETERS),
    "DescribeLaunchTemplateVersions": (
        describe_templates.describe_launch_template_versions,
        describe_templates.VERSION_PARAMETERS,
    ),
    "DescribeImagePipelines": (describe_templates.describe_image_pipelines, describe_templates.PIPELINE_PARAMETERS),
    "DescribeLockedSnapshots": (lock_snapshots.describe_locked_snapshots, lock_snapshots.PARAMETERS),
    "DeleteSnapshot": (delete_snapshot.delete_snapshot, delete_snapshot.PARAMETERS),
    "AttachDisk": (move_disks.attach_disk, move_disks.ATTACH_PARAMETERS),
    "DetachDisk": (move_disks.detach_disk, move_disks.DETACH_PARAMETERS),
    "ReplaceSystemDisk": (instances.replace_system_disk, instances.REPLACE_PARAMETERS),
    "DescribeInstances": (instances.describe_instances, instances.DESCRIBE_PARAMETERS),
    "StartInstance": (instances.start_instance, instances.START_PARAMETERS),
    "StopInstance": (instances.stop_instance, instances.STOP_PARAMETERS),
    "TagResources": (tag_resources.tag_resources, tag_resources.TAG_PARAMETERS),
    "UntagResources": (tag_resources.untag_resources, tag_resources.UNTAG_PARAMETERS),
}

_HEADERS = {
    "x-acs-action",
    "x-acs-version",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-content-sha256",
    "x-acs-credentials-provider",
    "x-acs-accesskey-id",
    "x-acs-security-token",
    "x-acs-retry-attempts",
    "x-acs-retry-delay",
}


class EcsService:
    def __init__(self, world: WorldFile, clock: MovableClock, keys: Mapping[str, str]) -> None:
        self._clock = clock
        self.store = store_of(world, clock)
        self._keys = keys
        self._signatures = Signatures(keys)

    def begin(self, world: WorldFile) -> None:
        """Another world instead."""
        self.store = store_of(world, self._clock)

    def action_of(self, request: Request) -> str:
        return request.headers.get("x-acs-action", "")

    def handle(self, request: Request, image_fault: ImageFault | None = None) -> Response:
        try:
            body = self._answer(request, image_fault)
        except EcsError as error:
            return self.error(error.status, error.code, error.message, request)
        except SignatureRefused as refused:
            return self.error(refused.status, refused.code, refused.message, request)
        return _json(200, {**body, "RequestId": _request_id()})

    def error(self, status: int, code: str, message: str, request: Request | None = None) -> Response:
        request_id = _request_id()
        body = {
            "RequestId": request_id,
            "HostId": request.headers.get("host", "") if request else "127.0.0.1",
            "Code": code,
            "Message": message,
            "Recommend": f"https://api.aliyun.com/troubleshoot?q={code}&product=Ecs&requestId={request_id}",
        }
        return _json(status, body)

    def _answer(self, request: Request, image_fault: ImageFault | None) -> dict[str, Any]:
        action = self.action_of(request)
        _check_envelope(request, action)
        key_id = self._signatures.verify(request, now=time.time())
        answer, names = ACTIONS[action]
        params = Params(action, request.query, names)
        with self.store.lock:
            if "RegionId" in names.implemented:
                _check_region(params, self.store.world.region)
            check_permission(self._keys, key_id, params, self.store.world)
            if image_fault is not None:
                return create_image.create_image(self.store, params, image_fault)
            return answer(self.store, params)


def _check_envelope(request: Request, action: str) -> None:
    version = request.headers.get("x-acs-version", "")
    if version != VERSION:
        raise EcsError(errors.BAD_VERSION, value=version)
    if action not in ACTIONS:
        raise EcsError(errors.NO_SUCH_ACTION, value=action)
    if request.body:
        raise EcsError(errors.BODY_GIVEN, action=action)
    for name in request.headers:
        if name.startswith("x-acs-") and name not in _HEADERS:
            raise EcsError(errors.UNKNOWN_HEADER, name=name)


def _check_region(params: Params, region: str) -> None:
    """One endpoint serves one region, and an action that has a RegionId requires it."""
    given = params.required("RegionId")
    if given != region:
        raise EcsError(errors.NO_SUCH_REGION, region=region, value=given)


def _request_id() -> str:
    return str(uuid.uuid4()).upper()


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(
        status, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json;charset=utf-8"}
    )
