"""Who names images and what locks snapshots, where replies come by pages, leave something out or are odd."""

from contextlib import nullcontext
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from ecs_calls import REGION

from bench.big_region import BigRegion
from shared.adapters.ecs_image_users import EcsImageUsers
from shared.adapters.ecs_retirement import EcsRetirement
from shared.domain.errors import Curable, OutcomeUnknown
from shared.domain.facts import Image
from shared.domain.retirement_facts import ImageEntry, Naming, StoredSnapshot
from shared.retirement_ports import LaunchTemplate

NOT_ASKED: Any = None


class Listing(BigRegion):
    """Shows what it is given, page by page, and then nothing."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        super().__init__(1)
        self.pages = list(pages)
        self.calls = 0

    def __getattribute__(self, name: str) -> Any:
        return self.show if name.startswith("Describe") else super().__getattribute__(name)

    def show(self, _: Any) -> dict[str, Any]:
        self.calls += 1
        return self.pages.pop(0) if self.pages else {"TotalCount": 60, "LaunchTemplateSets": {"LaunchTemplateSet": []}}


def test_templates_of_which_a_page_comes_back_empty_are_no_answer() -> None:
    one = {"LaunchTemplateId": "lt-1", "LatestVersionNumber": 1, "ModifiedTime": "2026-03-01T00:00Z"}
    calls = Listing({"TotalCount": 60, "LaunchTemplateSets": {"LaunchTemplateSet": [one]}})

    with pytest.raises(OutcomeUnknown, match="it shows 1 and says there are more"):
        EcsImageUsers(calls, NOT_ASKED).launch_templates()
    assert calls.calls == 2


def versions_of(*entries: dict[str, Any], total: object) -> Listing:
    return Listing({"TotalCount": total, "LaunchTemplateVersionSets": {"LaunchTemplateVersionSet": [*entries]}})


def scaling_of(*entries: dict[str, Any], total: object) -> Any:
    answer = {"TotalCount": total, "ScalingConfigurations": [*entries]}
    return SimpleNamespace(region_id=REGION, call=lambda action, query: answer)


def test_the_number_of_all_entries_comes_as_text_as_well() -> None:
    template = {"LaunchTemplateId": "lt-1", "LatestVersionNumber": 1, "ModifiedTime": "2026-03-01T00:00Z"}
    templates = Listing({"TotalCount": "1", "LaunchTemplateSets": {"LaunchTemplateSet": [template]}})
    versions = versions_of({"LaunchTemplateId": "lt-1", "VersionNumber": 1}, total="1")
    scaling = scaling_of({"ScalingConfigurationId": "asc-1"}, total="1")

    assert EcsImageUsers(templates, NOT_ASKED).launch_templates() == [LaunchTemplate("lt-1", "1 2026-03-01T00:00Z")]
    assert EcsImageUsers(versions, NOT_ASKED).versions("lt-1") == [Naming("launch template lt-1 version 1", "")]
    assert EcsImageUsers(NOT_ASKED, scaling).scaling_configurations() == [Naming("scaling configuration asc-1", "")]


def test_a_version_names_what_its_data_names_and_nothing_for_what_that_leaves_out() -> None:
    datas = [{}, {"ImageId": "m-1"}, {"DataDisks": {"DataDisk": [{"SnapshotId": "s-1"}, {}]}}]
    entries = [{"LaunchTemplateId": "lt-1", "VersionNumber": 1, "LaunchTemplateData": data} for data in datas]

    found = EcsImageUsers(versions_of(*entries, total=3), NOT_ASKED).versions("lt-1")
    assert [(each.image_id, each.snapshot_ids) for each in found] == [("", ()), ("m-1", ()), ("", ("s-1",))]


NAMED = [("m-1", ("s-1",))]


@pytest.mark.parametrize(("state", "names"), [(None, NAMED), ("Active", NAMED), ("New", NAMED), ("INACTIVE", [])])
def test_only_what_is_plainly_inactive_names_no_image(state: str | None, names: object) -> None:
    disks = [{"SnapshotId": "s-1"}, {"Size": 20}]
    scaling = scaling_of({"LifecycleState": state, "ImageId": "m-1", "DataDisks": disks}, total=1)

    found = EcsImageUsers(NOT_ASKED, scaling).scaling_configurations()
    assert [(each.image_id, each.snapshot_ids) for each in found] == names


@pytest.mark.parametrize(("kind", "image"), [(None, "m-1"), ("IMAGE", "m-1"), ("New", "m-1"), ("image_family", "")])
def test_a_pipeline_names_an_image_unless_it_says_that_it_begins_with_a_family(kind: str | None, image: str) -> None:
    entry = {"ImagePipelineId": "ip-1", "BaseImage": "m-1", "BaseImageType": kind}

    found = EcsImageUsers(Listing({"ImagePipeline": {"ImagePipelineSet": [entry]}}), NOT_ASKED).image_pipelines()
    assert found == [Naming("image pipeline ip-1", image)]


def test_a_name_or_an_id_that_is_none_is_no_answer() -> None:
    pipelines = Listing({"ImagePipeline": {"ImagePipelineSet": [{"ImagePipelineId": "ip-1", "BaseImage": 7}]}})
    scaling = scaling_of({"DataDisks": [{"SnapshotId": 7}]}, total=1)
    templates = Listing({"TotalCount": 1, "LaunchTemplateSets": {"LaunchTemplateSet": [{"LaunchTemplateId": "lt 1"}]}})

    with pytest.raises(OutcomeUnknown):
        EcsImageUsers(templates, NOT_ASKED).launch_templates()
    with pytest.raises(OutcomeUnknown):
        EcsImageUsers(pipelines, NOT_ASKED).image_pipelines()
    with pytest.raises(OutcomeUnknown):
        EcsImageUsers(NOT_ASKED, scaling).scaling_configurations()


def test_a_lock_that_cannot_be_read_is_no_answer() -> None:
    calls = Listing({"LockedSnapshotsInfo": [{"SnapshotId": "s-ü", "LockStatus": "compliance"}]})

    with pytest.raises(OutcomeUnknown):
        EcsRetirement(calls, NOT_ASKED).locked_snapshots(["s-1"])


def test_a_lock_of_no_status_is_a_lock() -> None:
    calls = Listing({"LockedSnapshotsInfo": [{"SnapshotId": "s-1"}, {"SnapshotId": "s-2", "LockStatus": "Expired"}]})

    assert EcsRetirement(calls, NOT_ASKED).locked_snapshots(["s-1", "s-2"]) == {"s-1"}


class Refusing(BigRegion):
    """Refuses everything with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(1)
        self.code = code

    def ask(self, action: str, request: Any) -> Any:
        raise Curable(self.code, f"{action}: no", 404)


def test_what_is_gone_already_counts_as_deleted() -> None:
    image, snapshot = Refusing("InvalidImageId.NotFound"), Refusing("InvalidSnapshotId.NotFound")

    EcsRetirement(image, NOT_ASKED).delete_image("m-1")
    EcsRetirement(snapshot, NOT_ASKED).delete_snapshot("s-1")
    assert (image.actions, snapshot.actions) == (["DeleteImage"], ["DeleteSnapshot"])


def test_no_other_refusal_counts_as_deleted() -> None:
    with pytest.raises(Curable):
        EcsRetirement(Refusing("InvalidSnapshotId.NotFound"), NOT_ASKED).delete_image("m-1")
    with pytest.raises(Curable):
        EcsRetirement(Refusing("InvalidImageId.NotFound"), NOT_ASKED).delete_snapshot("s-1")


SNAPSHOT = {"SnapshotId": "s-1", "CreationTime": "2026-03-01T01:00:00Z"}
CREATED = datetime(2026, 3, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, StoredSnapshot("s-1", "", CREATED, None, "", "", {})),
        ({"RetentionDays": "7", "SourceDiskId": "d-1"}, StoredSnapshot("s-1", "d-1", CREATED, 7, "", "", {})),
        ({"Usage": "Image", "Status": "Accomplished"}, StoredSnapshot("s-1", "", CREATED, None, "image", "accomplished", {})),
    ],
)  # fmt: skip
def test_a_stored_snapshot_says_of_itself_what_ecs_says(told: dict[str, Any], found: StoredSnapshot) -> None:
    calls = Listing({"Snapshots": {"Snapshot": [SNAPSHOT | told]}})

    assert EcsRetirement(calls, NOT_ASKED).snapshots(["s-1"]) == [found]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, ("", "", False, False)),
        ({"ImageFamily": "web", "Usage": "Instance"}, ("web", "instance", False, False)),
        ({"IsSelfShared": "True", "IsPublic": True}, ("", "", True, True)),
        ({"IsSelfShared": "false", "IsPublic": False}, ("", "", False, False)),
    ],
)
def test_an_image_says_of_its_use_what_ecs_says(told: dict[str, Any], found: tuple[str, str, bool, bool]) -> None:
    calls = Listing({"TotalCount": 1, "Images": {"Image": [{"ImageId": "m-1"} | told]}})

    assert EcsRetirement(calls, NOT_ASKED).images_of_family("web") == [ImageEntry(Image("m-1", "", ""), *found)]


@pytest.mark.parametrize(
    "odd", [{"SnapshotId": "s 1"}, {"SourceDiskId": "d 1"}, {"RetentionDays": "many"}, {"Usage": 7}]
)
def test_a_stored_snapshot_that_cannot_be_read_is_no_answer(odd: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        EcsRetirement(Listing({"Snapshots": {"Snapshot": [SNAPSHOT | odd]}}), NOT_ASKED).snapshots(["s-1"])


@pytest.mark.parametrize(("count", "is_answer"), [(999, True), (1000, False)])
def test_as_many_images_as_a_query_by_tag_shows_are_no_answer(count: int, is_answer: bool) -> None:
    pages = [
        {
            "TotalCount": count,
            "Images": {"Image": [{"ImageId": f"m-{number}"} for number in range(start, min(count, start + 100))]},
        }
        for start in range(0, count, 100)
    ]

    with nullcontext() if is_answer else pytest.raises(OutcomeUnknown):
        assert len(EcsRetirement(Listing(*pages), NOT_ASKED).images_of_disk("d-1")) == count
