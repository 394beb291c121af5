"""The calls of one image and nothing else: what the SDKs cost when no plan is read, nothing decided, nothing checked.

The same requests as create_image sends for a system-disk plan chosen by a disk's tag, a message of the same size, and,
as there, clients made for each event: a function whose credentials change cannot keep them.
"""

import json
import os
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from mns.account import Account
from mns.queue import Message, Queue

MESSAGE_SIZE = 1150
"""Characters of a `creating` message."""


def handler(event: bytes, context: object) -> dict[str, Any]:
    ecs, queue = open_ecs(), open_queue()
    content = json.loads(event)["data"]
    region, snapshot_id, disk_id = os.environ["FC_REGION"], content["snapshotId"], content["diskId"]
    ask_snapshots = models.DescribeSnapshotsRequest(
        region_id=region, max_results=100, snapshot_ids=json.dumps([snapshot_id])
    )
    size = ecs.describe_snapshots(ask_snapshots).body.snapshots.snapshot[0].source_disk_size
    ecs.describe_disks(models.DescribeDisksRequest(region_id=region, max_results=100, disk_ids=json.dumps([disk_id])))
    image_id = ecs.create_image(ask_for_image(region, snapshot_id, disk_id, int(size))).body.image_id
    queue.send_message(Message(json.dumps({"image": image_id}).ljust(MESSAGE_SIZE)))
    return {"state": "creating", "image_id": image_id}


def ask_for_image(region: str, snapshot_id: str, disk_id: str, size: int) -> models.CreateImageRequest:
    tags = {
        "snapimage:snapshot": snapshot_id,
        "snapimage:plan": "bare",
        "snapimage:state": "creating",
        "snapimage:open": "yes",
        "snapimage:about": f"disk={disk_id} on=i-bench end=1790000000 due=14400 check=1 skew=0",
        "snapimage:disks": f"{snapshot_id}/{size}/{disk_id}",
    }
    return models.CreateImageRequest(
        region_id=region,
        image_name=f"bare-{snapshot_id}",
        description=f"{snapshot_id} of {disk_id}, taken 2026-11-20T02:00:00Z",
        disk_device_mapping=[
            models.CreateImageRequestDiskDeviceMapping(disk_type="system", snapshot_id=snapshot_id, size=size)
        ],
        detection_strategy="Standard",
        tag=[models.CreateImageRequestTag(key=key, value=value) for key, value in tags.items()],
        client_token=f"bare-{snapshot_id}".ljust(64, "0")[:64],
    )


def open_ecs() -> Client:
    scheme, _, host = os.environ["SNAPIMAGE_ECS_ENDPOINT"].partition("://")
    config = Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        region_id=os.environ["FC_REGION"],
        endpoint=host,
        protocol=scheme,
        connect_timeout=5_000,
        read_timeout=20_000,
    )
    return Client(config)


def open_queue() -> Queue:
    account = Account(
        os.environ["SNAPIMAGE_MNS_ENDPOINT"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    )
    return account.get_queue(os.environ["SNAPIMAGE_STATUS_QUEUE"])
