"""What an operator may write, what is refused and in which words, and what is filled in."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fakes.builders import data_disks, plan
from pydantic import ValidationError

from files import places
from files.yaml_model import read_model
from shared.domain.plans import DataDisks, EmptyDisk, ImageSettings, Notify, Plan, Plans, Source

SNAPSHOT = "{snapshot_id}"


def refusal(**parts: Any) -> str:
    """What is said about a plan with these parts."""
    with pytest.raises(ValidationError) as refused:
        plan(**parts)
    return str(refused.value)


def plans_refusal(**parts: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "web"}]} | parts)
    return str(refused.value)


def test_a_plan_that_says_nothing_takes_every_system_disk_alone() -> None:
    assert Plan.model_validate({"name": "all"}) == Plan(
        name="all",
        enabled=True,
        source=Source(snapshot_types=frozenset({"timer", "user"})),
        data_disks=DataDisks(take="none", within=timedelta(hours=6), wait_for=timedelta(hours=2), on_missing="fail"),
        image=ImageSettings(
            name="snapimage-{snapshot_id}",
            description="{snapshot_id} of {disk_id}, taken {snapshot_time}",
            check_=True,
        ),
        overdue_after=timedelta(hours=4),
        rpo=timedelta(hours=26),
        notify=Notify(skipped=True),
    )


def test_an_empty_disk_is_5_gib_unless_it_says_more() -> None:
    sizes = data_disks(empty=[{}, {"size_gib": 20}])

    assert sizes.empty == (EmptyDisk(size_gib=5), EmptyDisk(size_gib=20))


@pytest.mark.parametrize(
    ("parts", "place", "message"),
    [
        ({"name": "1web"}, "name", "String should match pattern"),
        ({"name": "w" * 41}, "name", "String should match pattern"),
        ({"name": "web server"}, "name", "String should match pattern"),
        ({"enabld": True}, "enabld", "Extra inputs are not permitted"),
        ({"source": {"instance": ["i-1"]}}, "source.instance", "Extra inputs are not permitted"),
        ({"source": {"instances": ["web1"]}}, "source.instances.0", "String should match pattern"),
        ({"source": {"disks": ["s-1"]}}, "source.disks.0", "String should match pattern"),
        ({"source": {"tags": {"": "x"}}}, "source.tags..[key]", "at least 1 character"),
        ({"source": {"tags": {"role": "a\nb"}}}, "source.tags.role.0", "String should match pattern"),
        ({"source": {"snapshot_types": ["manual"]}}, "source.snapshot_types.0", "Input should be 'timer', 'user'"),
        ({"data_disks": {"take": "all"}}, "data_disks.take", "write none, attached or a list of disk ids"),
        ({"data_disks": {"take": ["i-1"]}}, "data_disks.take", "String should match pattern"),
        ({"data_disks": {"except": ["x"]}}, "data_disks.except.0", "String should match pattern"),
        ({"data_disks": {"snapshots": ["d-1"]}}, "data_disks.snapshots.0", "String should match pattern"),
        ({"data_disks": {"empty": [{"size_gib": 4}]}}, "data_disks.empty.0.size_gib", "greater than or equal to 5"),
        ({"data_disks": {"empty": [{"size_gib": 32769}]}}, "data_disks.empty.0.size_gib", "less than or equal to 32768"),
        ({"data_disks": {"on_missing": "ignore"}}, "data_disks.on_missing", "Input should be 'fail' or 'leave_out'"),
        ({"data_disks": {"take": ["d-1", "d-1"]}}, "data_disks", "a disk or snapshot is named twice"),
        ({"data_disks": {"snapshots": ["s-1", "s-1"]}}, "data_disks", "a disk or snapshot is named twice"),
        ({"data_disks": {"empty": [{}] * 17}}, "data_disks", "an image holds at most 16 data disks"),
        (
            {"data_disks": {"take": ["d-1"], "snapshots": ["s-1"], "empty": [{}] * 15}},
            "data_disks",
            "an image holds at most 16 data disks",
        ),
        (
            {"image": {"name": "{plan}-latest"}},
            "image.name",
            "must contain {snapshot_id}: the name is what keeps an image from being made twice",
        ),
        (
            {"image": {"name": "{instance_id}-{snapshot_id}"}},
            "image.name",
            "unknown placeholder ['instance_id']; known are ['disk_id', 'plan', 'snapshot_id']",
        ),
        ({"image": {"name": "{snapshot_id}{}"}}, "image.name", "unknown placeholder ['']"),
        ({"image": {"name": "{plan.enabled}-{snapshot_id}"}}, "image.name", "unknown placeholder ['plan.enabled']"),
        ({"image": {"name": "{snapshot_id}{"}}, "image.name", "Single '{' encountered in format string"),
        (
            {"image": {"description": "{instance} at {snapshot_time}"}},
            "image.description",
            "unknown placeholder ['instance']; known are ['disk_id', 'instance_id', 'plan', 'region', 'snapshot_id',",
        ),
        ({"image": {"description": "x"}}, "image.description", "at least 2 characters"),
        ({"image": {"family": "acs:web"}}, "image.family", "ECS refuses it: 2 to 128 letters"),
        ({"image": {"tags": {"owner": "acs:me"}}}, "image.tags", "tag 'owner': ECS refuses"),
        ({"since": "2026-11-20T00:00:00"}, "since", "Input should have timezone info"),
        ({"since": datetime(2026, 11, 20)}, "since", "write a moment with its zone, as in 2026-11-20T00:00:00Z"),
        ({"since": date(2026, 11, 20)}, "since", "write a moment with its zone, as in 2026-11-20T00:00:00Z"),
        ({"since": 1795132800}, "since", "write a moment with its zone, as in 2026-11-20T00:00:00Z"),
        ({"source": {"tags": {"role": []}}}, "source.tags.role", "at least 1 item"),
        ({"source": {"instance_tags": {"role": [1]}}}, "source.instance_tags.role.0", "valid string"),
        ({"source": {"except_disks": ["i-1"]}}, "source.except_disks.0", "String should match pattern"),
        ({"source": {"except_names": [""]}}, "source.except_names.0", "at least 1 character"),
        ({"data_disks": {"except_names": "csi-*"}}, "data_disks.except_names", "valid tuple"),
        ({"image": {"description": "x" * 201}}, "image.description", "at most 200 characters"),
        ({"image": {"description": "http://x"}}, "image.description", "must not start with http:// or https://"),
        ({"image": {"description": "https://x"}}, "image.description", "must not start with http:// or https://"),
        ({"image": {"family": "1st"}}, "image.family", "ECS refuses it: 2 to 128 letters"),
        ({"image": {"resource_group": "mine"}}, "image.resource_group", "String should match pattern"),
        ({"image": {"tags": {f"k{n}": "v" for n in range(6)}}}, "image.tags", "at most 5 items"),
        ({"image": {"tags": {"aliyun-x": "v"}}}, "image.tags", "tag 'aliyun-x': ECS refuses aliyun, acs: and http(s)://"),
        ({"image": {"tags": {"acs:x": "v"}}}, "image.tags", "tag 'acs:x': ECS refuses"),
        ({"image": {"tags": {"snapimage:plan": "v"}}}, "image.tags", "and snapimage: is ours"),
        ({"image": {"tags": {"site": "http://x"}}}, "image.tags", "tag 'site': ECS refuses"),
        ({"image": {"tags": {"site": "https://x"}}}, "image.tags", "tag 'site': ECS refuses"),
        ({"notify": {"skip": False}}, "notify.skip", "Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_where_it_stands(parts: dict[str, Any], place: str, message: str) -> None:
    said = refusal(**parts)

    assert said.splitlines()[1].startswith(place)
    assert message in said


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("{snapshot_id} of {plan}", id="a space"),
        pytest.param("9-{snapshot_id}", id="a digit at the beginning"),
        pytest.param("acs:{snapshot_id}", id="a word that is Alibaba's at the beginning"),
        pytest.param("aliyun-{snapshot_id}", id="the vendor's name at the beginning"),
        pytest.param("http://{snapshot_id}", id="an address"),
        pytest.param("{{snapshot_id}}", id="a placeholder that is none"),
        pytest.param("x" * 100 + SNAPSHOT, id="129 characters at the last attempt"),
    ],
)
def test_a_name_that_ecs_would_refuse_is_refused_here(name: str) -> None:
    assert "which ECS refuses as an image name" in refusal(image={"name": name})


@pytest.mark.parametrize("name", ["镜像-{snapshot_id}", "a:b.c_d-{snapshot_id}", "x" * 99 + SNAPSHOT])
def test_a_name_within_the_rules_of_ecs_is_kept(name: str) -> None:
    assert plan(image={"name": name}).image.name == name


def test_a_description_that_cannot_be_filled_is_refused() -> None:
    assert "description" in refusal(image={"description": "{snapshot_id:d} of {disk_id}"})


def test_the_words_of_a_refusal_do_not_repeat_what_was_written() -> None:
    assert "sesame" not in refusal(image={"family": "open sesame"})


@pytest.mark.parametrize(
    ("parts", "place", "message"),
    [
        ({"region": "Hangzhou"}, "region", "String should match pattern"),
        ({"plans": []}, "plans", "no plan at all"),
        ({"plans": [{"name": "web"}, {"name": "db"}, {"name": "web"}]}, "plans", "plan name used twice: web"),
        ({"plan": []}, "plan", "Extra inputs are not permitted"),
        ({"plans": [{"name": "web"}, {"name": "d b"}]}, "plans.1.name", "String should match pattern"),
    ],
)
def test_a_mistake_in_the_file_is_refused_where_it_stands(parts: dict[str, Any], place: str, message: str) -> None:
    said = plans_refusal(**parts)

    assert said.splitlines()[1] == place
    assert message in said


@pytest.mark.parametrize(
    ("source", "everything"),
    [
        ({}, True),
        ({"snapshot_types": ["user"]}, True),
        ({"instances": ["i-1"]}, False),
        ({"disks": ["d-1"]}, False),
        ({"tags": {"role": "web"}}, False),
        ({"instance_tags": {"role": "web"}}, False),
        ({"except_disks": ["d-1"]}, True),
    ],
)
def test_a_source_without_names_is_every_system_disk(source: dict[str, Any], everything: bool) -> None:
    assert plan(source=source).source.is_everything is everything


@pytest.mark.parametrize(
    ("parts", "needed"),
    [
        ({}, False),
        ({"data_disks": {"snapshots": ["s-1"], "empty": [{}]}}, False),
        ({"data_disks": {"take": "attached"}}, True),
        ({"data_disks": {"take": ["d-1"]}}, True),
        ({"image": {"description": "{instance_id} at {snapshot_time}"}}, True),
    ],
)
def test_a_plan_needs_the_instance_when_it_speaks_of_it(parts: dict[str, Any], needed: bool) -> None:
    assert plan(**parts).needs_instance is needed


@pytest.mark.parametrize(
    ("source", "needed"),
    [({}, False), ({"disks": ["d-1"]}, False), ({"instances": ["i-1"]}, True), ({"instance_tags": {"a": "b"}}, True)],
)
def test_a_source_needs_the_instance_when_it_goes_by_it(source: dict[str, Any], needed: bool) -> None:
    assert plan(source=source).source.needs_instance is needed


@pytest.mark.parametrize("enabled", [True, False])
def test_plans_ask_for_the_tags_of_instances_when_one_goes_by_them(enabled: bool) -> None:
    by_machine = plan("machines", enabled=enabled, source={"instance_tags": {"role": "web"}})

    assert Plans(region="cn-hangzhou", plans=(plan(), by_machine)).asks_instance_tags
    assert not Plans(region="cn-hangzhou", plans=(plan(),)).asks_instance_tags


def test_a_tag_may_have_one_of_several_values() -> None:
    source = plan(source={"tags": {"role": ["web", "app"], "stage": "live"}}).source

    assert source.tags == {"role": ("web", "app"), "stage": ("live",)}


def test_a_description_that_may_become_one_character_is_refused() -> None:
    assert "gives one character, and ECS wants 2 to 256" in refusal(name="w", image={"description": "{plan}"})


def test_plans_survive_being_written_and_read() -> None:
    plans = read_model(places.PLANS, Plans)

    assert Plans.model_validate_json(plans.model_dump_json(by_alias=True)) == plans


def test_plans_are_written_in_the_words_of_the_file() -> None:
    written = plan(data_disks={"except": ["d-1"]}, image={"check": False}).model_dump_json(by_alias=True)

    assert re.findall(r'"(except_?|check_?)":', written) == ["except", "check"]
