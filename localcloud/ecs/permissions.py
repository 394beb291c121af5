"""Which resources each ECS action must be allowed on (ECS API reference, "RAM authorization")."""

from collections.abc import Callable, Mapping

from localcloud.ecs.errors import EcsError, EcsRefusal
from localcloud.ecs.params import Params
from localcloud.ram import find_refused
from localcloud.world import WorldFile

# The API reference has the code and, in every action's list, nothing but a general wording; the detail is ours.
FORBIDDEN = EcsRefusal(
    403, "Forbidden.RAM", "User not authorized to operate on the specified resource: {action} on {resource}."
)


def _all(kind: str) -> Callable[[Params], list[str]]:
    return lambda params: [f"{kind}/*"]


def _named(*names: str) -> Callable[[Params], list[str]]:
    """The one resource of each kind that a call names, as `disk` is named by DiskId."""
    return lambda params: [f"{name.lower()}/{params.required(name + 'Id')}" for name in names]


def _tagged(params: Params) -> list[str]:
    kind = params.required("ResourceType")
    return [f"{kind}/{resource_id}" for resource_id in params.values("ResourceId")]


def _image_and_snapshots(params: Params) -> list[str]:
    """Whether tags in the call ask for ecs:TagResources as well is not documented; here they do not."""
    mapped = [entry.get("SnapshotId") for entry in params.items("DiskDeviceMapping")]
    named = filter(None, dict.fromkeys([params.text("SnapshotId"), *mapped]))
    return ["image/*", *(f"snapshot/{snapshot_id}" for snapshot_id in named)]


_RESOURCES: Mapping[str, Callable[[Params], list[str]]] = {
    "CreateImage": _image_and_snapshots,
    "DescribeImages": _all("image"),
    "DescribeSnapshots": _all("snapshot"),
    "DescribeDisks": _all("disk"),
    "DescribeSnapshotGroups": _all("snapshotgroup"),
    "DescribeAutoSnapshotPolicyEx": _all("snapshotpolicy"),
    "ModifyImageAttribute": _named("Image"),
    "DeleteImage": _named("Image"),
    "ModifyImageSharePermission": _named("Image"),
    "DescribeImageFromFamily": _all("image"),
    "DescribeLaunchTemplates": _all("launchtemplate"),
    "DescribeLaunchTemplateVersions": lambda params: [f"launchtemplate/{params.required('LaunchTemplateId')}"],
    "DescribeImagePipelines": _all("imagepipeline"),
    "DescribeLockedSnapshots": _all("snapshot"),
    "DescribeInstances": _all("instance"),
    "StartInstance": _named("Instance"),
    "StopInstance": _named("Instance"),
    "AttachDisk": _named("Instance", "Disk"),
    "DetachDisk": _named("Instance", "Disk"),
    "ReplaceSystemDisk": _named("Instance", "Image"),
    "DeleteSnapshot": _named("Snapshot"),
    "TagResources": _tagged,
    "UntagResources": _tagged,
}


def check_permission(keys: Mapping[str, str], key_id: str, params: Params, world: WorldFile) -> None:
    owner = f"acs:ecs:{world.region}:{world.account_id}:"
    action = f"ecs:{params.action}"
    refused = find_refused(keys, key_id, action, [owner + name for name in _RESOURCES[params.action](params)])
    if refused is not None:
        raise EcsError(FORBIDDEN, action=action, resource=refused)
