"""Which plan a system snapshot belongs to, what a skip says, and what is asked to find out."""

from typing import Any

import pytest
from fakes.builders import BEGUN, instance, plan, system_disk, system_snapshot
from fakes.world import World, world

from shared.domain.facts import Role, Snapshot
from shared.domain.message_fields import Reason
from shared.domain.plans import Plan
from shared.domain.rules import Skip
from shared.domain.selection import MachineUnknown, Origin, choose_plan

SNAPSHOT = system_snapshot(tags={"role": "web", "stage": "live"})
DISK = system_disk(tags={"owner": "platform"})
MACHINE = instance("i-web", fleet="front", zone="h")
DETACHED = system_disk(instance_id=None, tags={"owner": "platform"})


def of(name: str = "web", enabled: bool = True, **source: Any) -> Plan:
    return plan(name, enabled=enabled, source=source)


def chosen(*plans: Plan, among: World | None = None, snapshot: Snapshot = SNAPSHOT, kind: str = "timer") -> Any:
    there = world(DISK, MACHINE) if among is None else among
    return there.view(lambda view: choose_plan(plans, kind, Origin(snapshot, view)))


BY_DISK = of("by-disk", disks=["d-sys"])
BY_INSTANCE = of("by-instance", instances=["i-web"])
BY_TAG = of("by-tag", tags={"role": "web"})
BY_DISK_TAG = of("by-disk-tag", tags={"owner": "platform"})
BY_FLEET = of("by-fleet", instance_tags={"fleet": "front"})
EVERYTHING = of("everything")
OTHER = of("other", disks=["d-other"])
OFF = of("off", enabled=False, disks=["d-sys"])
COPIES = of("copies", disks=["d-sys"], snapshot_types=["copied"])


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({}, id="everything"),
        pytest.param({"disks": ["d-other", "d-sys"]}, id="one of two disks"),
        pytest.param({"instances": ["i-other", "i-web"]}, id="one of two instances"),
        pytest.param({"tags": {"role": "web"}}, id="tag of the snapshot"),
        pytest.param({"tags": {"role": ["db", "web"]}}, id="one of two values"),
        pytest.param({"tags": {"owner": "platform"}}, id="tag of the disk"),
        pytest.param({"tags": {"role": "web", "stage": "live"}}, id="two tags"),
        pytest.param({"instance_tags": {"fleet": "front"}}, id="tag of the instance"),
        pytest.param({"instance_tags": {"fleet": ["back", "front"], "zone": "h"}}, id="two tags of the instance"),
        pytest.param({"disks": ["d-sys"], "instances": ["i-web"], "tags": {"role": "web"}}, id="three filters"),
        pytest.param({"except_disks": ["d-other"]}, id="another disk excepted"),
        pytest.param({"except_tags": {"stage": "test"}}, id="another value excepted"),
        pytest.param({"except_names": ["backup-*"]}, id="another name excepted"),
    ],
)
def test_a_plan_wants_what_passes_every_filter(source: dict[str, Any]) -> None:
    wanting = of(**source)

    assert chosen(wanting) == wanting


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"disks": ["d-other"]}, id="another disk"),
        pytest.param({"instances": ["i-other"]}, id="another instance"),
        pytest.param({"tags": {"role": "db"}}, id="another value"),
        pytest.param({"tags": {"role": ""}}, id="an empty value"),
        pytest.param({"tags": {"role": "web", "stage": "test"}}, id="one tag of two"),
        pytest.param({"instance_tags": {"fleet": "back"}}, id="another tag of the instance"),
        pytest.param({"instance_tags": {"role": "web"}}, id="the snapshot's tag is not the instance's"),
        pytest.param({"tags": {"fleet": "front"}}, id="the instance's tag is not the disk's"),
        pytest.param({"disks": ["d-other"], "instances": ["i-web"]}, id="the disk of two filters"),
        pytest.param({"disks": ["d-sys"], "instances": ["i-other"]}, id="the instance of two filters"),
        pytest.param({"instances": ["i-other"], "tags": {"role": "web"}}, id="the instance beside a tag"),
    ],
)
def test_a_plan_does_not_want_what_fails_one_filter(source: dict[str, Any]) -> None:
    found = chosen(of(**source))

    assert (type(found), found.reason) == (Skip, Reason.NO_PLAN)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"except_disks": ["d-sys"]}, id="an excepted disk"),
        pytest.param({"except_tags": {"stage": "live"}}, id="an excepted tag of the snapshot"),
        pytest.param({"except_tags": {"owner": ["x", "platform"]}}, id="an excepted tag of the disk"),
        pytest.param({"except_names": ["auto2.0_*"]}, id="an excepted name"),
        pytest.param({"disks": ["d-sys"], "except_disks": ["d-sys"]}, id="wanted and excepted"),
    ],
)
def test_a_plan_that_leaves_a_snapshot_aside_says_so(source: dict[str, Any]) -> None:
    aside = of(**source)

    assert chosen(aside) == Skip(Reason.SNAPSHOT_EXCLUDED, "plan web leaves s-sys of d-sys aside", aside)


def test_a_plan_that_leaves_a_snapshot_aside_is_known_by_the_disk_that_was_asked_for() -> None:
    of_another = of("of-another", tags={"owner": "nobody"})
    aside = of("aside", tags={"owner": "platform"}, except_names=["auto2.0_*"])

    assert chosen(of_another, aside) == Skip(Reason.SNAPSHOT_EXCLUDED, "plan aside leaves s-sys of d-sys aside", aside)
    assert chosen(aside).reason is Reason.NO_PLAN


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param(of(enabled=False, except_names=["auto2.0_*"]), id="disabled"),
        pytest.param(of(disks=["d-other"], except_names=["auto2.0_*"]), id="of another disk"),
        pytest.param(of(disks=["d-other"]), id="without exceptions"),
    ],
)
def test_a_plan_that_would_not_take_a_snapshot_anyway_leaves_none_aside(beside: Plan) -> None:
    assert chosen(beside).reason is Reason.NO_PLAN


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        pytest.param([OTHER, BY_TAG, BY_DISK], BY_TAG, id="the first that wants it"),
        pytest.param([OFF, BY_DISK], BY_DISK, id="an enabled one before a disabled one"),
        pytest.param([COPIES, BY_DISK], BY_DISK, id="the first that takes the type"),
        pytest.param([BY_INSTANCE, BY_DISK], BY_DISK, id="the one that the snapshot alone tells"),
        pytest.param([BY_DISK_TAG, BY_TAG], BY_TAG, id="the snapshot's own tag before the disk's"),
        pytest.param([BY_FLEET, BY_INSTANCE], BY_FLEET, id="the first of two that need the machine"),
    ],
)
def test_one_plan_counts_at_most(plans: list[Plan], expected: Plan) -> None:
    assert chosen(*plans) == expected


@pytest.mark.parametrize(
    ("plans", "actions"),
    [
        pytest.param([BY_DISK], [], id="named by its disk"),
        pytest.param([BY_TAG], [], id="tags of the snapshot are enough"),
        pytest.param([EVERYTHING], [], id="everything"),
        pytest.param([OTHER], [], id="nothing that the disk could change"),
        pytest.param([BY_INSTANCE, BY_DISK], [], id="a later plan is sure"),
        pytest.param([BY_INSTANCE], ["DescribeDisks"], id="the machine must be known"),
        pytest.param([BY_DISK_TAG], ["DescribeDisks"], id="the tag may be the disk's"),
        pytest.param([BY_FLEET], ["DescribeDisks", "DescribeInstances"], id="the tag is the machine's"),
        pytest.param([of(disks=["d-other"], instance_tags={"a": "b"})], [], id="another disk spares the rest"),
        pytest.param([of(enabled=False, instances=["i-web"])], [], id="a disabled plan is worth no call"),
        pytest.param([of(instances=["i-web"], snapshot_types=["user"])], [], id="another type is worth none"),
        pytest.param([of(instances=["i-web"], except_disks=["d-sys"])], [], id="what is left aside is worth none"),
    ],
)
def test_nothing_is_asked_that_cannot_change_the_choice(plans: list[Plan], actions: list[str]) -> None:
    there = world(DISK, MACHINE)

    chosen(*plans, among=there)
    assert there.actions == actions


def test_a_disabled_plan_that_wants_it_is_named() -> None:
    assert chosen(OFF) == Skip(Reason.PLAN_DISABLED, "plan off is disabled", OFF)


def test_a_disabled_plan_is_named_by_what_is_known_already() -> None:
    off = of("off", enabled=False, instances=["i-web"])

    assert chosen(of("other", instances=["i-other"]), off) == Skip(Reason.PLAN_DISABLED, "plan off is disabled", off)


def test_a_plan_for_other_types_is_told_as_such() -> None:
    assert chosen(COPIES) == Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, "no plan takes timer snapshots of disk d-sys")


def test_a_plan_for_other_types_is_known_by_the_disk_that_was_asked_for() -> None:
    of_another = of("of-another", tags={"owner": "nobody"})
    copies_of_this = of("copies-of-this", tags={"owner": "platform"}, snapshot_types=["copied"])

    assert chosen(of_another, copies_of_this).reason is Reason.SNAPSHOT_TYPE_EXCLUDED
    assert chosen(copies_of_this).reason is Reason.NO_PLAN


def test_a_skip_names_no_more_than_was_asked() -> None:
    assert chosen(OTHER) == Skip(Reason.NO_PLAN, "no plan wants disk d-sys")


def test_a_skip_names_the_tags_and_the_machine_that_were_found() -> None:
    text = (
        "no plan wants disk d-sys; machine i-web; tags owner=platform, role=web, stage=live; looked for role=db (web)"
    )

    assert chosen(of(tags={"role": "db"})) == Skip(Reason.NO_PLAN, text)


def test_a_skip_names_five_tags_at_the_most() -> None:
    many = {f"key{number}": "x" for number in range(9)}

    found = chosen(of(tags={"role": "db"}), snapshot=system_snapshot(tags=many))
    assert found.explanation.endswith("tags key0=x, key1=x, key2=x, key3=x, key4=x; looked for role=db (web)")


def test_a_skip_says_that_there_are_no_tags() -> None:
    found = chosen(of(tags={"role": "db"}), among=world(system_disk()), snapshot=system_snapshot())

    assert found.explanation == "no plan wants disk d-sys; machine i-web; tags none; looked for role=db (web)"


def test_a_skip_says_why_there_is_no_machine() -> None:
    found = chosen(of(tags={"role": "db"}), among=world(DETACHED), snapshot=system_snapshot())

    unknown = "no machine (d-sys is attached to no instance any more)"
    assert found.explanation == f"no plan wants disk d-sys; {unknown}; tags owner=platform; looked for role=db (web)"


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (world(DETACHED), "d-sys is attached to no instance any more"),
        (world(), "d-sys is gone"),
        (
            world(system_disk(instance_id="i-web", role=Role.DATA, attached=BEGUN)),
            "d-sys hangs on i-web as a data disk",
        ),
    ],
    ids=["taken off", "gone", "a data disk of the very machine"],
)
@pytest.mark.parametrize("needy", [BY_INSTANCE, BY_FLEET])
def test_a_plan_that_needs_a_machine_that_nobody_knows_is_named(there: World, why: str, needy: Plan) -> None:
    assert chosen(OTHER, needy, among=there) == MachineUnknown(needy, why)


@pytest.mark.parametrize(
    "sure",
    [
        pytest.param(BY_DISK, id="by disk"),
        pytest.param(BY_TAG, id="by the snapshot's tag"),
        pytest.param(BY_DISK_TAG, id="by the disk's tag"),
    ],
)
def test_a_machine_that_nobody_knows_does_not_matter_to_a_plan_that_needs_none(sure: Plan) -> None:
    assert chosen(BY_INSTANCE, sure, among=world(DETACHED)) == sure


@pytest.mark.parametrize(
    "plans",
    [
        pytest.param([of(disks=["d-other"], instances=["i-web"])], id="another disk"),
        pytest.param([of(instances=["i-web"], except_disks=["d-sys"])], id="an excepted disk"),
        pytest.param([of(instances=["i-web"], tags={"role": "db"})], id="another tag"),
        pytest.param([of(instances=["i-web"], snapshot_types=["user"])], id="another type"),
    ],
)
def test_a_machine_that_nobody_knows_does_not_matter_to_a_plan_that_wants_another(plans: list[Plan]) -> None:
    found = chosen(*plans, among=world(DETACHED))

    assert isinstance(found, Skip)


def test_a_disabled_plan_does_not_ask_for_the_machine() -> None:
    found = chosen(of(enabled=False, instances=["i-web"]), among=world(DETACHED))

    assert isinstance(found, Skip)


def test_a_machine_that_is_gone_tells_no_tags() -> None:
    assert chosen(BY_FLEET, among=world(DISK)) == MachineUnknown(BY_FLEET, "i-web is gone, or may not be looked at")
