"""DescribeInstances, StartInstance, StopInstance and ReplaceSystemDisk: the machines."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.listing import Listing, Test, given, tagged
from localcloud.ecs.paging import either_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.resources import SYSTEM_DEVICE, Attachment, EcsDisk, EcsImage, EcsInstance
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso

_OWNERS = "OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId"
DESCRIBE_PARAMETERS = accepted(
    """RegionId InstanceIds InstanceName ImageId Status Tag.#.Key Tag.#.Value
    MaxResults NextToken PageNumber PageSize""",
    f"""AdditionalAttributes.# DeviceAvailable DryRun EipAddresses Filter.#.Key Filter.#.Value HpcClusterId HttpEndpoint
    HttpPutResponseHopLimit HttpTokens InnerIpAddresses InstanceChargeType InstanceNetworkType InstanceType
    InstanceTypeFamily InternetChargeType IoOptimized Ipv6Address.# KeyPairName LockReason NeedSaleCycle
    PrivateIpAddresses PublicIpAddresses RdmaIpAddresses ResourceGroupId SecurityGroupId VSwitchId VpcId ZoneId
    {_OWNERS}""",
)
START_PARAMETERS = accepted("InstanceId", f"DryRun InitLocalDisk {_OWNERS}")
STOP_PARAMETERS = accepted("InstanceId ForceStop", f"ConfirmStop DryRun Hibernate StoppedMode {_OWNERS}")
REPLACE_PARAMETERS = accepted(
    "InstanceId ImageId SystemDisk.Size",
    f"""Architecture Arn.#.AssumeRoleFor Arn.#.RoleType Arn.#.Rolearn ClientToken DiskId EncryptAlgorithm Encrypted
    KMSKeyId KeyPairName Password PasswordInherit Platform SecurityEnhancementStrategy UseAdditionalService {_OWNERS}""",
)
_STATUSES = ("Pending", "Running", "Starting", "Stopping", "Stopped")
_SMALLEST_GIB = 40


def describe_instances(store: EcsStore, params: Params) -> dict[str, Any]:
    """At most 100 ids, and an unknown one is not an error. No disks are told: DescribeDisks does that."""
    ids = params.id_list("InstanceIds", errors.BAD_PARAMETER)
    narrowed = tagged(params, store.instances)
    if narrowed is None and ids is not None:
        narrowed = store.instances.in_order(ids)
    tests = given(None if ids is None else lambda one: one.id in ids, *_by_text(params))
    listing = Listing(store.instances, tests, narrowed)
    page, facts = either_page(params, listing, params.integer("MaxResults", 1, 100) or 10)
    return {"Instances": {"Instance": [_answer(instance, store) for instance in page]}, **facts}


def start_instance(store: EcsStore, params: Params) -> dict[str, Any]:
    """It takes a while; here it is done at once, as is stopping."""
    _named(store, params, "Stopped").status = "Running"
    return {}


def stop_instance(store: EcsStore, params: Params) -> dict[str, Any]:
    params.boolean("ForceStop")
    _named(store, params, "Running").status = "Stopped"
    return {}


def replace_system_disk(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference ReplaceSystemDisk: the old disk is released, its snapshots stay, the new one has another id.

    Its category stays. That it has no snapshot policy until one is applied to it is assumed.
    """
    instance = _named(store, params, "Stopped")
    image_id = params.required("ImageId")
    image = store.images.get(image_id)
    if image is None or image.status(store.clock.now()) not in ("Available", "Deprecated"):
        raise EcsError(errors.IMAGE_NOT_FOUND, id=image_id)
    size = _size(params, image)
    old = next((disk for disk in store.disks.attached(instance.id) if disk.type == "system"), None)
    if old is not None:
        store.disks.remove(old.id)
    new = EcsDisk(store.new_id("d", store.disks), "", "system", size, old.category if old else "cloud_essd", False, {})
    new.origin, new.bootable, new.image_id = instance.id, True, image.id
    store.disks.add(new)
    store.disks.attach(new, instance.id, Attachment(SYSTEM_DEVICE, store.clock.now()))
    store.instances.set_image(instance, image.id)
    return {"DiskId": new.id}


def _size(params: Params, image: EcsImage) -> int:
    """SDK 7.11.8, SystemDisk.Size: by default 40 GiB or the image's size, whichever is more."""
    least = next((disk.size_gib for disk in image.disks if disk.type == "system"), 0)
    size = params.integer("SystemDisk.Size", 1, 2048) or max(_SMALLEST_GIB, least)
    if size < least:
        raise EcsError(errors.BAD_SYSTEM_DISK_SIZE)
    return size


def _named(store: EcsStore, params: Params, status: str) -> EcsInstance:
    instance_id = params.required("InstanceId")
    instance = store.instances.get(instance_id)
    if instance is None:
        raise EcsError(errors.INSTANCE_NOT_FOUND, id=instance_id)
    if instance.status != status:
        raise EcsError(errors.WRONG_INSTANCE_STATUS)
    return instance


def _by_text(params: Params) -> list[Test[EcsInstance] | None]:
    name, image_id = params.text("InstanceName"), params.text("ImageId")
    status = params.choice("Status", _STATUSES, errors.BAD_PARAMETER)
    return [
        None if name is None else lambda one: one.name == name,
        None if image_id is None else lambda one: one.image_id == image_id,
        None if status is None else lambda one: one.status == status,
    ]


def _answer(instance: EcsInstance, store: EcsStore) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "Description": "",
        "Status": instance.status,
        "CreationTime": iso(instance.created)[:-4] + "Z",  # without seconds, as the API reference shows it
        "ImageId": instance.image_id,
        "InstanceType": "ecs.g7.large",
        "InstanceChargeType": "PostPaid",
        "OSType": "linux",
        "RegionId": store.world.region,
        "ZoneId": f"{store.world.region}-h",
        "OperationLocks": {"LockReason": []},
        "Tags": tag_list(instance.tags),
    }
