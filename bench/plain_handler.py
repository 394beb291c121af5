"""The plain handler of the bench: the same job in one file, as one would write it with the same packages.

Everything is imported at the top; the clients are made in the handler, because the credentials of a function change.
It looks whether the image exists and tells a queue, but has neither plans nor data disks nor a memory. Never deployed.
"""

import json
import os
from datetime import datetime
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from mns.account import Account
from mns.queue import Message, Queue
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"


class SnapshotContent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    result: str
    snapshot_id: str = Field(pattern="^s-")
    snapshot_name: str
    snapshot_type: str
    disk_id: str
    start_time: datetime
    end_time: datetime


class SnapshotEvent(BaseModel):
    id: str
    source: str
    type: str
    time: datetime
    account_id: str = Field(alias="aliyunaccountid")
    region_id: str = Field(alias="aliyunregionid")
    data: SnapshotContent


class PlainMessage(BaseModel):
    state: str
    reason: str
    event_id: str
    snapshot_id: str
    image_id: str | None = None


def handler(event: bytes, context: object) -> dict[str, Any]:
    completed = SnapshotEvent.model_validate_json(event)
    status = answer(completed)
    open_queue().send_message(Message(status.model_dump_json()))
    return status.model_dump()


def answer(completed: SnapshotEvent) -> PlainMessage:
    region, snapshot_id = os.environ["FC_REGION"], completed.data.snapshot_id
    if completed.region_id != region:
        return tell(completed, "skipped", "WrongRegion")
    ecs = open_ecs(region)
    snapshot = find_snapshot(ecs, region, snapshot_id)
    if snapshot is None or snapshot.source_disk_type != "system":
        return tell(completed, "skipped", "NotSystemDisk")
    instance_id = find_instance(ecs, region, snapshot.source_disk_id)
    image_id = find_image(ecs, region, snapshot_id)
    if image_id is not None:
        return tell(completed, "creating", "ImageAdopted", image_id)
    return tell(completed, "creating", "ImageRequested", create_image(ecs, region, snapshot_id, instance_id))


def find_snapshot(ecs: Client, region: str, snapshot_id: str) -> Any:
    request = models.DescribeSnapshotsRequest(region_id=region, snapshot_ids=json.dumps([snapshot_id]))
    found = ecs.describe_snapshots(request).body.snapshots.snapshot
    return found[0] if found else None


def find_instance(ecs: Client, region: str, disk_id: str) -> str:
    request = models.DescribeDisksRequest(region_id=region, disk_ids=json.dumps([disk_id]))
    found = ecs.describe_disks(request).body.disks.disk
    return str(found[0].instance_id) if found else ""


def find_image(ecs: Client, region: str, snapshot_id: str) -> str | None:
    request = models.DescribeImagesRequest(
        region_id=region,
        status=STATUSES,
        image_owner_alias="self",
        tag=[models.DescribeImagesRequestTag(key="snapshot", value=snapshot_id)],
    )
    found = ecs.describe_images(request).body.images.image
    return str(found[0].image_id) if found else None


def create_image(ecs: Client, region: str, snapshot_id: str, instance_id: str) -> str:
    request = models.CreateImageRequest(
        region_id=region,
        snapshot_id=snapshot_id,
        image_name=f"plain-{snapshot_id}",
        description=f"{instance_id} at {snapshot_id}",
        tag=[models.CreateImageRequestTag(key="snapshot", value=snapshot_id)],
        client_token=f"plain-{snapshot_id}",
    )
    return str(ecs.create_image(request).body.image_id)


def tell(completed: SnapshotEvent, state: str, reason: str, image_id: str | None = None) -> PlainMessage:
    return PlainMessage(
        state=state, reason=reason, event_id=completed.id, snapshot_id=completed.data.snapshot_id, image_id=image_id
    )


def open_ecs(region: str) -> Client:
    config = Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        security_token=os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN"),
        region_id=region,
    )
    if endpoint := os.environ.get("SNAPIMAGE_ECS_ENDPOINT"):
        config.protocol, _, config.endpoint = endpoint.partition("://")
    return Client(config)


def open_queue() -> Queue:
    account = Account(
        os.environ["SNAPIMAGE_MNS_ENDPOINT"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
    )
    return account.get_queue(os.environ["SNAPIMAGE_STATUS_QUEUE"])
