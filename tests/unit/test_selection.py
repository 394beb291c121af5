"""Which plan a system disk belongs to, and when the disk itself must be asked for."""

from typing import Any

import pytest
from fakes.builders import plan, system_disk, system_snapshot

from shared.domain.facts import Disk
from shared.domain.plans import Plan
from shared.domain.selection import claims_disk, match_plan, needs_disk

SNAPSHOT = system_snapshot(tags={"role": "web", "stage": "live"})
DISK = system_disk(tags={"owner": "platform"})


def of(name: str = "web", enabled: bool = True, takes: str = "none", **source: Any) -> Plan:
    return plan(name, enabled=enabled, source=source, data_disks={"take": takes})


BY_DISK = of("by-disk", disks=["d-sys"])
BY_INSTANCE = of("by-instance", instances=["i-web"])
BY_TAG = of("by-tag", tags={"role": "web"})
EVERYTHING = of("everything")
OTHER = of("other", disks=["d-other"])
OFF = of("off", enabled=False, disks=["d-sys"])
COPIES = of("copies", disks=["d-sys"], snapshot_types=["copied"])


@pytest.mark.parametrize(
    ("source", "disk", "claimed"),
    [
        pytest.param({}, None, True, id="everything"),
        pytest.param({"disks": ["d-sys"]}, None, True, id="disk"),
        pytest.param({"disks": ["d-other"]}, DISK, False, id="another disk"),
        pytest.param({"instances": ["i-web"]}, DISK, True, id="instance"),
        pytest.param({"instances": ["i-web"]}, None, False, id="instance of a disk that is gone"),
        pytest.param({"instances": ["i-web"]}, system_disk(instance_id=None), False, id="instance it has left"),
        pytest.param({"tags": {"role": "web"}}, None, True, id="tag of the snapshot"),
        pytest.param({"tags": {"role": "web", "stage": "live"}}, None, True, id="two tags of the snapshot"),
        pytest.param({"tags": {"role": "web", "stage": "test"}}, DISK, False, id="one tag of two"),
        pytest.param({"tags": {"role": ""}}, DISK, False, id="another value"),
        pytest.param({"tags": {"owner": "platform"}}, DISK, True, id="tag of the disk"),
        pytest.param({"tags": {"owner": "platform"}}, None, False, id="tag of a disk that was not asked for"),
        pytest.param({"tags": {"role": "web", "owner": "platform"}}, DISK, True, id="tags of both together"),
        pytest.param({"disks": ["d-other"], "instances": ["i-web"]}, DISK, False, id="one filter of two"),
        pytest.param({"disks": ["d-sys"], "instances": ["i-web"]}, DISK, True, id="both filters"),
        pytest.param({"tags": {"role": ["db", "web"]}}, None, True, id="one of two values"),
        pytest.param({"except_disks": ["d-sys"]}, DISK, False, id="an excepted disk"),
        pytest.param({"except_tags": {"owner": "platform"}}, DISK, False, id="an excepted tag of the disk"),
        pytest.param({"except_names": ["auto2.0_*"]}, DISK, False, id="an excepted name"),
    ],
)
def test_a_plan_claims_a_disk_that_passes_every_filter(
    source: dict[str, Any], disk: Disk | None, claimed: bool
) -> None:
    assert claims_disk([of(**source)], SNAPSHOT, disk) is claimed


@pytest.mark.parametrize(
    ("plans", "kind", "expected"),
    [
        pytest.param([], "timer", None, id="no plan"),
        pytest.param([OTHER], "timer", None, id="none that matches"),
        pytest.param([OTHER, BY_TAG, BY_DISK], "timer", BY_TAG, id="the first that matches"),
        pytest.param([OFF, BY_DISK], "timer", BY_DISK, id="an enabled one before a disabled one"),
        pytest.param([OFF, OTHER], "timer", OFF, id="a disabled one before none"),
        pytest.param([COPIES, BY_DISK], "timer", BY_DISK, id="the first that takes the type"),
        pytest.param([BY_DISK, COPIES], "copied", COPIES, id="a copied snapshot"),
        pytest.param([COPIES], "timer", None, id="none that takes the type"),
        pytest.param([BY_INSTANCE, OTHER], "timer", BY_INSTANCE, id="by instance"),
        pytest.param([BY_INSTANCE, BY_DISK], "timer", BY_DISK, id="the one that the snapshot alone tells"),
    ],
)
def test_one_plan_counts_at_most(plans: list[Plan], kind: str, expected: Plan | None) -> None:
    assert match_plan(plans, SNAPSHOT, DISK, kind) == expected


@pytest.mark.parametrize(
    ("plans", "needed"),
    [
        pytest.param([BY_DISK], False, id="named by its disk"),
        pytest.param([BY_TAG], False, id="tags of the snapshot are enough"),
        pytest.param([EVERYTHING], False, id="everything"),
        pytest.param([OTHER], False, id="nothing that the disk could change"),
        pytest.param([BY_INSTANCE], True, id="an instance must be known"),
        pytest.param([of(tags={"owner": "platform"})], True, id="tags may be the disk's"),
        pytest.param([of(disks=["d-sys"], takes="attached")], True, id="data disks belong to an instance"),
        pytest.param([BY_DISK, BY_INSTANCE], False, id="a later plan does not count"),
        pytest.param([of(instances=["i-web"], snapshot_types=["user"])], False, id="another type"),
        pytest.param([of(instances=["i-web"], enabled=False)], False, id="a disabled plan"),
        pytest.param([BY_INSTANCE, BY_DISK], False, id="an earlier plan does not count where a later one is sure"),
    ],
)
def test_the_disk_is_asked_for_only_when_it_can_change_the_choice(plans: list[Plan], needed: bool) -> None:
    assert needs_disk(plans, SNAPSHOT, "timer") is needed
