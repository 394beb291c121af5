"""Launch templates, scaling configurations, pipelines, locks and sharing: what the local cloud shows and refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from ecs_calls import REGION, call, client
from fakes.old_world import world_of
from support import CloudClock, settings_for

from bench.old_images import DAY, NOW, old_image
from localcloud.server import LocalCloud
from shared.domain.errors import CloudError, OutcomeUnknown
from shared.domain.retirement_facts import Naming
from shared.flows.image_users import ImageUsers
from shared.retirement_ports import LaunchTemplate, Retirement
from shared.wiring import open_cloud, open_retirement

ESS = "2022-02-22"
TEMPLATES = [
    {"id": f"lt-{number:03}", "versions": [{"image": "m-0", "snapshots": ["s-0"]}, {}]} for number in range(60)
]
CONFIGURATIONS = [
    {"id": "asc-1", "image": "m-0", "image_name": "name", "snapshots": ["s-0"]},
    {"id": "asc-2", "image": "m-1", "state": "Inactive"},
]
PIPELINES = [{"id": "ip-1", "base": "m-0"}, {"id": "ip-2", "base": "web", "base_type": "IMAGE_FAMILY"}]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    images = (
        old_image(0, family="web"), old_image(1, family="web"), old_image(2, public=True), old_image(3, task="copying"),
        old_image(4, task="importing"), old_image(5, task="exporting"), old_image(6, status="Deprecated"),
    )  # fmt: skip
    parts = {"launch_templates": TEMPLATES, "scaling_configurations": CONFIGURATIONS, "image_pipelines": PIPELINES}
    with LocalCloud(world_of(*images, snapshots={"locked_until": NOW + DAY}, **parts)) as started:
        yield started


@pytest.fixture
def estate(cloud: LocalCloud) -> Retirement:
    settings = settings_for(cloud)
    return open_retirement(settings, open_cloud(settings, CloudClock(cloud)))


def refused(cloud: LocalCloud, action: str, query: dict[str, str], version: str = "2014-05-26") -> tuple[int, str]:
    with pytest.raises(AlibabaCloudException) as caught:
        call(cloud, action, query, version)
    return caught.value.status_code, caught.value.code


def test_every_template_is_listed_and_each_of_its_versions(estate: Retirement) -> None:
    found = estate.launch_templates()

    assert [each.id for each in found] == [each["id"] for each in TEMPLATES]
    assert estate.versions("lt-007") == [
        Naming("launch template lt-007 version 2", ""),
        Naming("launch template lt-007 version 1", "m-0", "", ("s-0",)),
    ]


def test_a_new_version_gives_a_template_another_edition(estate: Retirement, cloud: LocalCloud) -> None:
    before = estate.launch_templates()[0]
    known = cloud.ecs.store.templates["lt-000"]
    cloud.ecs.store.templates["lt-000"] = known.model_copy(update={"versions": (*known.versions, known.versions[0])})
    after = estate.launch_templates()[0]
    cloud.ecs.store.templates["lt-000"] = known

    assert isinstance(after, LaunchTemplate)
    assert after.edition != before.edition


def test_without_the_detail_flag_a_version_names_no_image(cloud: LocalCloud) -> None:
    answer = call(cloud, "DescribeLaunchTemplateVersions", {"RegionId": REGION, "LaunchTemplateId": "lt-001"})

    sets = answer["body"]["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"]
    assert ["LaunchTemplateData" in each for each in sets] == [False, False]


def test_only_active_scaling_configurations_name_an_image(estate: Retirement) -> None:
    assert estate.scaling_configurations() == [Naming("scaling configuration asc-1", "m-0", "name", ("s-0",))]


def test_a_pipeline_that_begins_with_a_family_names_no_image(estate: Retirement) -> None:
    assert estate.image_pipelines() == [Naming("image pipeline ip-1", "m-0"), Naming("image pipeline ip-2", "")]


def test_a_lock_is_shown_until_it_is_over(estate: Retirement, cloud: LocalCloud) -> None:
    snapshot = cloud.ecs.store.snapshots["s-1"]
    snapshot.locked_until = cloud.clock.now() - 1

    assert estate.locked_snapshots(("s-0", "s-1", "s-none")) == {"s-0"}


@pytest.mark.parametrize(
    ("action", "query", "answer"),
    [
        ("DeleteImage", {"RegionId": REGION, "ImageId": "m-2"}, (403, "ImageIsPublic")),
        ("DeleteImage", {"RegionId": REGION, "ImageId": "m-3"}, (403, "OperationDenied.ImageCopying")),
        ("DeleteImage", {"RegionId": REGION, "ImageId": "m-4"}, (403, "ImageIsImporting")),
        ("DeleteImage", {"RegionId": REGION, "ImageId": "m-5"}, (403, "ImageIsExporting")),
        ("DeleteSnapshot", {"SnapshotId": "s-0"}, (403, "SnapshotCreatedImage")),
        ("DescribeLaunchTemplateVersions", {"RegionId": REGION, "LaunchTemplateId": "lt-x"}, (404, "InvalidLaunchTemplate.NotFound")),
        ("DescribeLaunchTemplates", {"RegionId": REGION, "PageSize": "51"}, (400, "InvalidParameter.PageSize")),
        ("DescribeLockedSnapshots", {"RegionId": REGION}, (400, "InvalidParameter.SnapshotIds")),
        ("ModifyImageSharePermission", {"RegionId": REGION, "ImageId": "m-6", "AddAccount.1": "1"}, (403, "OperationDenied.InvalidImageStatus")),
        ("ModifyImageSharePermission", {"RegionId": REGION, "ImageId": "m-0", "AddAccount.1": "1234567890123456"}, (400, "InvalidAccount.Forbbiden")),
    ],
)  # fmt: skip
def test_documented_refusals_are_played(cloud: LocalCloud, action: str, query: dict[str, str], answer: Any) -> None:
    assert refused(cloud, action, query) == answer


def test_a_locked_snapshot_is_not_deleted() -> None:
    world = world_of(snapshots={}, instances=[])
    locked = {"id": "s-1", "disk": "d-1", "started": NOW, "ended": NOW, "size_gib": 1, "source_disk_type": "system"}
    with LocalCloud(
        type(world).model_validate({"now": NOW, "snapshots": [locked | {"locked_until": NOW + DAY}]})
    ) as cloud:
        assert refused(cloud, "DeleteSnapshot", {"SnapshotId": "s-1"}) == (403, "OperationDenied.SnapshotLocked")


def test_a_shared_image_is_neither_deprecated_nor_deleted_until_it_is_shared_no_longer(cloud: LocalCloud) -> None:
    share = {"RegionId": REGION, "ImageId": "m-1"}
    call(cloud, "ModifyImageSharePermission", share | {"AddAccount.1": "6543210987654321"})
    refusals = [
        refused(cloud, "ModifyImageAttribute", share | {"Status": "Deprecated"}),
        refused(cloud, "DeleteImage", share),
    ]
    call(cloud, "ModifyImageSharePermission", share | {"RemoveAccount.1": "6543210987654321"})

    assert refusals == [(403, "ImageUseShared")] * 2
    assert not cloud.ecs.store.images["m-1"].shared


def test_a_family_means_its_available_image_that_was_created_last(cloud: LocalCloud) -> None:
    request = models.DescribeImageFromFamilyRequest(region_id=REGION, image_family="web")

    assert client(cloud).describe_image_from_family(request).body.image.image_id == "m-0"


@pytest.mark.parametrize(
    ("action", "query", "answer"),
    [
        ("DescribeScalingGroups", {"RegionId": REGION}, (404, "InvalidAction.NotFound")),
        ("DescribeScalingConfigurations", {}, (400, "MissingParameter")),
        ("DescribeScalingConfigurations", {"RegionId": "cn-x"}, (404, "InvalidRegionId.NotFound")),
        ("DescribeScalingConfigurations", {"RegionId": REGION, "PageSize": "51"}, (400, "InvalidParameter.PageSize")),
        ("DescribeScalingConfigurations", {"RegionId": REGION, "Colour": "red"}, (400, "LocalCloud.UnknownParameter")),
        ("DescribeScalingConfigurations", {"RegionId": REGION, "ScalingGroupId": "asg-1"}, (400, "LocalCloud.UnknownParameter")),
    ],
)  # fmt: skip
def test_auto_scaling_is_as_loud_as_the_rest(
    cloud: LocalCloud, action: str, query: dict[str, str], answer: Any
) -> None:
    assert refused(cloud, action, query, ESS) == answer


def test_a_listing_that_ends_early_is_no_listing(estate: Retirement, cloud: LocalCloud) -> None:
    """A part of it would guard a part of the images."""
    fault = {"action": "DescribeScalingConfigurations", "reply": "not_json"}
    cloud.faults.plant([_fault(fault)])

    with pytest.raises(OutcomeUnknown):
        estate.scaling_configurations()


def test_what_auto_scaling_refuses_has_its_code(estate: Retirement, cloud: LocalCloud) -> None:
    error = {"status": 403, "code": "Forbidden.Unauthorized", "message": "no"}
    cloud.faults.plant([_fault({"action": "DescribeScalingConfigurations", "error": error})])

    with pytest.raises(CloudError) as caught:
        estate.scaling_configurations()
    assert caught.value.code == "Forbidden.Unauthorized"


def _fault(fault: dict[str, Any]) -> Any:
    from localcloud.faults import PlantedFault

    return PlantedFault.model_validate(fault)


def test_an_image_is_brought_back_and_deprecated_again(estate: Retirement, cloud: LocalCloud) -> None:
    deprecated = cloud.ecs.store.images["m-6"]

    estate.bring_back("m-6")
    brought_back = deprecated.status(cloud.clock.now())
    estate.deprecate("m-6")
    assert (brought_back, deprecated.status(cloud.clock.now())) == ("Available", "Deprecated")


class Templates:
    """Launch templates whose versions are counted as they are read; nothing else names an image."""

    def __init__(self) -> None:
        self.editions = {"lt-1": "1", "lt-2": "1"}
        self.read: list[str] = []

    def launch_templates(self) -> list[LaunchTemplate]:
        return [LaunchTemplate(*each) for each in self.editions.items()]

    def versions(self, template_id: str) -> list[Naming]:
        self.read.append(template_id)
        return [Naming(template_id, f"m-{template_id}-{self.editions[template_id]}")]

    def scaling_configurations(self) -> list[Naming]:
        return []

    image_pipelines = scaling_configurations


def test_the_versions_of_a_template_are_read_again_only_where_there_is_a_new_one() -> None:
    templates: Any = Templates()
    users = ImageUsers(templates)

    first = users.read()
    templates.editions["lt-2"] = "2"
    second = users.read()
    assert (list(first.images), list(second.images)) == (["m-lt-1-1", "m-lt-2-1"], ["m-lt-1-1", "m-lt-2-2"])
    assert templates.read == ["lt-1", "lt-2", "lt-2"]
