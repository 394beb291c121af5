"""The identity of an image: equal facts ask for an equal image, other facts never do."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.builders import ACCOUNT, BEGUN, ENDED, REGION, disk_set, image_request, plan, system_disk, system_snapshot

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_request import ImageRequest
from shared.domain.memory import recall_about

SYSTEM, DATA, EMPTY = disk_set().disks
LATER = timedelta(seconds=1)


def with_image(**parts: Any) -> ImageRequest:
    return image_request(plan=plan(image=parts))


def test_a_request_says_all_that_is_known() -> None:
    asked = image_request(
        plan=plan(image={"tags": {"owner": "platform"}, "resource_group": "rg-web", "check": False}, overdue_after="1h")
    )

    assert asked == ImageRequest(
        account_id=ACCOUNT,
        region_id=REGION,
        name="snapimage-s-sys",
        description="s-sys of d-sys, taken 2026-11-20T02:00:00Z",
        disk_set=disk_set(),
        tags={
            "owner": "platform",
            "snapimage:snapshot": "s-sys",
            "snapimage:plan": "web",
            "snapimage:state": "creating",
            "snapimage:open": "yes",
            "snapimage:about": "disk=d-sys on=i-web end=1795140240 due=3600 skew=5",
            "snapimage:disks": "s-sys/40/d-sys s-data/100/d-data +5",
        },
        resource_group="rg-web",
        check=False,
    )


def test_the_token_fits_what_ecs_takes() -> None:
    token = image_request(plan=plan(image={"name": "镜像-{snapshot_id}"})).client_token

    assert (len(token), token.isascii(), token.isalnum()) == (64, True, True)


def test_equal_facts_give_an_equal_token() -> None:
    assert image_request().client_token == image_request().client_token


def test_the_order_of_tags_does_not_count() -> None:
    one, other = with_image(tags={"a": "1", "b": "2"}), with_image(tags={"b": "2", "a": "1"})

    assert one.client_token == other.client_token


def test_a_moment_counts_whatever_its_zone() -> None:
    local = BEGUN.astimezone(timezone(timedelta(hours=8)))

    assert image_request(snapshot=system_snapshot(created=local)) == image_request()


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "99"},
        {"region_id": "cn-beijing"},
        {"name": "other"},
        {"description": "other"},
        {"disk_set": disk_set(system=replace(SYSTEM, size_gib=41))},
        {"disk_set": disk_set(data=(DATA,))},
        {"disk_set": disk_set(data=(EMPTY, DATA))},
        {"disk_set": disk_set(data=(replace(DATA, snapshot_id="s-other"), EMPTY))},
        {"disk_set": disk_set(left_out=("d-logs",))},
        {"tags": {}},
        {"resource_group": "rg-other"},
        {"check": False},
    ],
)
def test_any_other_fact_gives_another_token(changes: dict[str, Any]) -> None:
    assert replace(image_request(), **changes).client_token != image_request().client_token


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "99"},
        {"region_id": "cn-beijing"},
        {"snapshot": system_snapshot("s-other")},
        {"snapshot": system_snapshot(created=BEGUN + LATER)},
        {"disk": system_disk(instance_id="i-other")},
        {"plan": plan("other")},
        {"plan": plan(overdue_after="5h")},
        {"ended": ENDED + LATER},
    ],
)
def test_any_other_origin_gives_another_token(changes: dict[str, Any]) -> None:
    assert image_request(**changes).client_token != image_request().client_token


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


def test_a_name_does_not_depend_on_where_the_disk_is() -> None:
    assert image_request(disk=None).name == image_request().name


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

    asked = image_request(plan=told, disk=None, snapshot=system_snapshot(name=""))

    assert asked.description == "unnamed of no instance"


def test_a_description_is_cut_where_ecs_would_refuse_it() -> None:
    told = plan(image={"description": "{snapshot_name}" * 3})

    assert image_request(plan=told, snapshot=system_snapshot(name="n" * 128)).description == "n" * 256


def test_a_request_without_the_time_of_its_event_leaves_it_out() -> None:
    about = image_request(ended=None).tags["snapimage:about"]

    assert about == "disk=d-sys on=i-web due=14400 check=1 skew=5"


def test_an_end_that_cannot_be_true_does_not_cost_the_memory() -> None:
    about = image_request(ended=datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)).tags["snapimage:about"]

    assert "end=-" not in about


def test_an_end_that_lies_far_ahead_does_not_cost_the_memory() -> None:
    tags = image_request(ended=datetime(2287, 1, 1, tzinfo=timezone.utc)).tags

    assert recall_about(tags) is not None


def test_a_disk_set_without_data_disks_is_asked_for_as_it_is() -> None:
    alone = DiskSet(MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys"))

    assert image_request(alone).disk_set == alone
