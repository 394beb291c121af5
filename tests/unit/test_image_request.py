"""The identity of an image: the same snapshot always asks for the same image, whatever a plan says by then."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.builders import BEGUN, ENDED, REGION, disk_set, image_request, plan, system_snapshot

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_request import ImageRequest, image_name
from shared.domain.image_tags import recall_about
from shared.domain.outcome import ATTEMPT

LATER = timedelta(seconds=1)
AGAIN = system_snapshot(tags={ATTEMPT: "2"})


def with_image(**parts: Any) -> ImageRequest:
    return image_request(plan=plan(image=parts))


def test_a_request_says_all_that_is_known() -> None:
    asked = image_request(
        plan=plan(image={"tags": {"owner": "platform"}, "resource_group": "rg-web", "check": False}, overdue_after="1h")
    )

    assert asked == ImageRequest(
        region_id=REGION,
        client_token=image_request().client_token,
        name="snapimage-s-sys",
        description="s-sys of d-sys, taken 2026-11-20T02:00:00Z",
        disk_set=disk_set(),
        tags={
            "owner": "platform",
            "snapimage:snapshot": "s-sys",
            "snapimage:disk": "d-sys",
            "snapimage:plan": "web",
            "snapimage:state": "creating",
            "snapimage:open": "yes",
            "snapimage:about": "on=i-web end=1795140240 due=3600 skew=5",
            "snapimage:disks": "s-sys/40/d-sys/ s-data/100/d-data/ +5",
        },
        resource_group="rg-web",
        check=False,
    )


def test_the_token_fits_what_ecs_takes() -> None:
    token = with_image(name="镜像-{snapshot_id}").client_token

    assert (len(token), token.isascii(), token.isalnum()) == (64, True, True)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"plan": plan("renamed")}, id="another plan"),
        pytest.param({"plan": plan(image={"name": "{plan}-{snapshot_id}", "check": False})}, id="another name"),
        pytest.param({"plan": plan(data_disks={"take": "attached"})}, id="other data disks"),
        pytest.param({"disks": disk_set(data=(), left_out=("d-data",))}, id="another set"),
        pytest.param({"instance_id": None}, id="the machine is gone"),
        pytest.param({"ended": ENDED + LATER}, id="another end"),
        pytest.param({"ended": None}, id="by a sweep"),
        pytest.param({"snapshot": system_snapshot(name="", size_gib=41, created=BEGUN + LATER)}, id="read otherwise"),
        pytest.param({"snapshot": system_snapshot(tags={"owner": "platform"})}, id="other tags of the snapshot"),
    ],
)
def test_the_token_is_of_the_snapshot_whatever_else_has_changed(changes: dict[str, Any]) -> None:
    assert image_request(**changes).client_token == image_request().client_token


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "99"},
        {"region_id": "cn-beijing"},
        {"snapshot": system_snapshot("s-other")},
        {"snapshot": AGAIN},
    ],
    ids=["account", "region", "snapshot", "attempt"],
)
def test_another_account_region_snapshot_or_attempt_has_another_token(changes: dict[str, Any]) -> None:
    assert image_request(**changes).client_token != image_request().client_token


def test_another_attempt_has_a_name_of_its_own() -> None:
    assert image_request(snapshot=AGAIN).name == "snapimage-s-sys-2"


def test_another_attempt_is_remembered() -> None:
    about = recall_about(image_request(snapshot=AGAIN).tags)

    assert about is not None
    assert about.attempt == 2


def test_the_default_name_does_not_depend_on_the_plan() -> None:
    assert image_request(plan=plan("other")).name == image_request().name


def test_a_moment_is_told_in_utc() -> None:
    local = BEGUN.astimezone(timezone(timedelta(hours=8)))

    assert image_request(snapshot=system_snapshot(created=local)) == image_request()


@pytest.mark.parametrize(("takes", "is_of_machine"), [("attached", True), (["d-data"], False), ("none", False)])
def test_only_a_set_of_what_was_attached_is_evidence_for_the_next(takes: Any, is_of_machine: bool) -> None:
    about = recall_about(image_request(plan=plan(data_disks={"take": takes})).tags)

    assert about is not None
    assert about.of_machine is is_of_machine


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{plan}-{snapshot_id}", "web-s-sys"),
        ("{snapshot_id}", "s-sys"),
        ("{disk_id}.{snapshot_id}", "d-sys.s-sys"),
        ("镜像-{snapshot_id}", "镜像-s-sys"),
    ],
)
def test_a_name_is_filled_from_what_the_snapshot_keeps(template: str, name: str) -> None:
    assert with_image(name=template).name == name


@pytest.mark.parametrize(
    ("template", "description"),
    [
        ("{instance_id} at {snapshot_time}", "i-web at 2026-11-20T02:00:00Z"),
        ("{snapshot_name} in {region}", "auto2.0_20261120_sp-night in cn-hangzhou"),
        ("{plan}, {disk_id}, {snapshot_id}", "web, d-sys, s-sys"),
        ("made by hand", "made by hand"),
    ],
)
def test_a_description_is_filled_from_all_that_is_known(template: str, description: str) -> None:
    assert with_image(description=template).description == description


def test_a_description_says_what_is_not_known() -> None:
    told = plan(image={"description": "{snapshot_name} of {instance_id}"})

    asked = image_request(plan=told, instance_id=None, snapshot=system_snapshot(name=""))

    assert asked.description == "unnamed of no instance"


def test_a_description_is_cut_where_ecs_would_refuse_it() -> None:
    told = plan(image={"description": "{snapshot_name}" * 3})

    assert image_request(plan=told, snapshot=system_snapshot(name="n" * 128)).description == "n" * 256


def test_a_request_without_the_time_of_its_event_leaves_it_out() -> None:
    about = image_request(ended=None).tags["snapimage:about"]

    assert about == "on=i-web due=14400 check=1 skew=5"


def test_an_end_that_cannot_be_true_does_not_cost_the_memory() -> None:
    about = image_request(ended=datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)).tags["snapimage:about"]

    assert "end=-" not in about


def test_an_end_that_lies_far_ahead_does_not_cost_the_memory() -> None:
    tags = image_request(ended=datetime(2287, 1, 1, tzinfo=timezone.utc)).tags

    assert recall_about(tags) is not None


def test_a_disk_set_without_data_disks_is_asked_for_as_it_is() -> None:
    alone = DiskSet(MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys"))

    assert image_request(alone).disk_set == alone


def test_a_request_carries_no_more_tags_than_ecs_takes() -> None:
    lacking = disk_set(left_out=tuple(f"d-{number:060}" for number in range(64)))
    owned = plan(image={"tags": {f"owner-{number}": "platform" for number in range(5)}})

    assert len(image_request(lacking, plan=owned).tags) == 20


def test_a_request_names_the_snapshot_of_its_system_disk() -> None:
    assert image_request().snapshot_id == "s-sys"


def test_the_longest_name_that_a_plan_may_have_leaves_room_for_every_attempt() -> None:
    longest = plan(image={"name": "x" * 99 + "{snapshot_id}"})

    assert len(image_name(longest, system_snapshot("s-" + "y" * 22, tags={ATTEMPT: "9999"}))) == 128
