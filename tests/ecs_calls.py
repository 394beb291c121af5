"""How the contract tests ask the ECS stand-in: by the unmodified SDK, or its generic call for any parameters."""

import re
from typing import Any, get_args, get_origin, get_type_hints

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from sdk_calls import Refusal, sdk_config

from localcloud.server import LocalCloud

REGION = "cn-hangzhou"
SYSTEM = {"snapshot_id": "s-web1sys"}
DATA = {"snapshot_id": "s-web1data"}


def client(cloud: LocalCloud, **changes: Any) -> Client:
    return Client(sdk_config(cloud, region_id=REGION, **changes))


def disks(*entries: dict[str, Any]) -> list[Any]:
    return [models.CreateImageRequestDiskDeviceMapping(**entry) for entry in entries]


def tags(**pairs: str) -> list[Any]:
    return [models.CreateImageRequestTag(key=key, value=value) for key, value in pairs.items()]


def create_image(cloud: LocalCloud, **parameters: Any) -> str:
    request = models.CreateImageRequest(region_id=REGION, **parameters)
    return str(client(cloud).create_image(request).body.image_id)


def find_images(cloud: LocalCloud, **filters: Any) -> Any:
    return client(cloud).describe_images(models.DescribeImagesRequest(region_id=REGION, **filters)).body


def image(cloud: LocalCloud, image_id: str) -> Any:
    (found,) = find_images(cloud, image_id=image_id, status="ALL").images.image
    return found


def disk_map(cloud: LocalCloud, image_id: str) -> list[tuple[str, str, str, str]]:
    mappings = image(cloud, image_id).disk_device_mappings.disk_device_mapping
    return [(disk.device, disk.type, disk.size, disk.snapshot_id) for disk in mappings]


def image_ids(cloud: LocalCloud, **filters: Any) -> list[str]:
    return [found.image_id for found in find_images(cloud, **filters).images.image]


def find_snapshots(cloud: LocalCloud, **filters: Any) -> Any:
    return client(cloud).describe_snapshots(models.DescribeSnapshotsRequest(region_id=REGION, **filters)).body


def snapshot_ids(cloud: LocalCloud, **filters: Any) -> list[str]:
    return [found.snapshot_id for found in find_snapshots(cloud, **filters).snapshots.snapshot]


def find_disks(cloud: LocalCloud, **filters: Any) -> Any:
    return client(cloud).describe_disks(models.DescribeDisksRequest(region_id=REGION, **filters)).body


def disk_ids(cloud: LocalCloud, **filters: Any) -> list[str]:
    return [found.disk_id for found in find_disks(cloud, **filters).disks.disk]


def find_groups(cloud: LocalCloud, **filters: Any) -> list[Any]:
    request = models.DescribeSnapshotGroupsRequest(region_id=REGION, **filters)
    found: list[Any] = client(cloud).describe_snapshot_groups(request).body.snapshot_groups.snapshot_group
    return found


def call(cloud: LocalCloud, action: str, query: dict[str, str], version: str = "2014-05-26", **request: Any) -> Any:
    """Any action with any parameters, signed by the SDK."""
    params = Params(
        action=action,
        version=version,
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    return client(cloud).call_api(params, OpenApiRequest(query=query, **request), RuntimeOptions())


def refusal(error: AlibabaCloudException) -> Refusal:
    return Refusal(error.status_code, error.code)


def sendable_parameters(model: type) -> set[str]:
    """What the SDK sends when every field of a request is set, with # for numbers."""
    sent = Utils.query(_filled(model).to_map())
    return {re.sub(r"\.1(?=\.|$)", ".#", name) for name in sent}


def _filled(kind: Any) -> Any:
    simple = {str: "x", int: 1, bool: True}
    if kind in simple:
        return simple[kind]
    if get_origin(kind) is list:
        return [_filled(get_args(kind)[0])]
    if get_args(kind):  # on Python 3.10 a default of None makes the hint Optional
        return _filled(get_args(kind)[0])
    fields = get_type_hints(kind.__init__)
    return kind(**{name: _filled(field) for name, field in fields.items() if name != "return"})
