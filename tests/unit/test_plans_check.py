"""What the operator is told of plans and settings that cannot work: the file, the line, the plan, the key and what to write."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from files.errors import CommandError
from files.places import ROOT
from ops.plans.before_deployment import check_deployment
from ops.plans.check import check_plans

ENDPOINT = "http://1234567890123456.mns.cn-hangzhou-internal.aliyuncs.com"
ENVIRONMENT = {"SNAPIMAGE_REGION": "cn-hangzhou", "SNAPIMAGE_MNS_ENDPOINT": ENDPOINT}
NOW = datetime(2026, 11, 27, 6, 30, tzinfo=timezone.utc)


def write(folder: Path, *plans: str, region: str = "cn-hangzhou") -> Path:
    """A file with the plans from line 3 on."""
    file = folder / "plans.yaml"
    file.write_text(f"region: {region}\nplans:\n" + "".join(f"  - {plan}\n" for plan in plans))
    return file


def refusal(file: Path) -> list[str]:
    with pytest.raises(CommandError) as refused:
        check_plans(file)
    return str(refused.value).replace(str(file), "plans.yaml").splitlines()


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("{name: web, retire: {keep: {}}}", "retire.keep: keeps nothing; give at least one of last, daily, weekly, monthly, within"),
        ("{name: web, retire: {keep: {last: 0}}}", "retire.keep: keeps nothing; give at least one of last, daily, weekly, monthly, within"),
        ("{name: web, retire: {mode: report}}", "retire.keep: is missing"),
        ("{name: web, retire: {kep: {last: 1}, keep: {last: 1}}}", "retire.kep: unknown key; did you mean `keep`?"),
        ("{name: web, retire: {mode: destroy, keep: {last: 1}}}", "retire.mode: write 'off', 'report', 'deprecate' or 'delete'"),
        ("{name: web, retire: {keep: {daily: 7d}}}", "retire.keep.daily: write a whole number"),
        ("{name: web, retire: {keep: {within: 3}}}", "retire.keep.within: `within: 3`: write a span as 90s, 30m, 6h or 2d"),
        ("{name: web, retire: {keep: {last: 1}, grace: 1h}}", "retire.grace: at least 1d: whoever wants an image back must have had time to see it go"),
        ("{name: web, retire: {keep: {last: 1}, at_most: some}}", "retire.at_most: `at_most: some`: write a share as 10% or a number of images"),
        ("{name: web, retire: {keep: {last: 1}, time_zone: ../etc}}", "retire.time_zone: a time zone looks like Asia/Shanghai or UTC"),
        ("{name: web, retire: {keep: {last: 1}, time_zone: Asia/Shanghay}}", "retire.time_zone: no time zone Asia/Shanghay is known; did you mean `Asia/Shanghai`?"),
        ("{name: web, sorce: {}}", "sorce: unknown key; did you mean `source`?"),
        ("{name: web, source: {instance_tag: {a: b}}}", "source.instance_tag: unknown key; did you mean `instance_tags`?"),
        ("{name: web, data_disks: {empty: [{size: 5}]}}", "data_disks.empty.0.size: unknown key; did you mean `size_gib`?"),
        ("{name: web, colour: red}", "colour: unknown key"),
        ("{name: web, data_disks: {within: 6 hours}}", "data_disks.within: `within: 6 hours`: write a span as 90s, 30m, 6h or 2d"),
        ("{name: web, overdue_after: 4}", "overdue_after: `overdue_after: 4`: write a span as 90s, 30m, 6h or 2d"),
        ("{name: web, since: 2026-11-20}", "since: `since: 2026-11-20`: write a moment with its zone, as in 2026-11-20T00:00:00Z"),
        ("{name: web, since: yesterday}", "since: write a moment with its zone, as in 2026-11-20T00:00:00Z"),
        ("{name: web, enabled: maybe}", "enabled: write true or false"),
        ("{name: web, source: {disks: d-1}}", "source.disks: write a list, as in [a, b]"),
        ("{name: web, source: {disks: [i-1]}}", "source.disks.0: a disk's id looks like d-bp1..."),
        ("{name: web, source: [d-1]}", "source: write keys and their values below it"),
        ("{name: web, source: {tags: {a: 1}}}", "source.tags.a: write a value or a list of them, in quotes where YAML reads numbers or yes and no"),
        ("{name: web, image: {tags: {a: yes}}}", "image.tags.a: write text, in quotes where YAML would read a number, a date or yes and no"),
        ("{name: web, data_disks: {take: all}}", "data_disks.take: write none, attached or a list of disk ids"),
        ("{name: web, data_disks: {take: [x]}}", "data_disks.take.0: a disk's id looks like d-bp1..."),
        ("{name: web, data_disks: {on_missing: skip}}", "data_disks.on_missing: write 'fail' or 'leave_out'"),
        ("{name: web, data_disks: {empty: [{size_gib: 1}]}}", "data_disks.empty.0.size_gib: at least 5"),
        ("{name: web, image: {description: x}}", "image.description: at least 2 characters"),
        ("{name: w, image: {description: '{plan}'}}", "image.description: gives one character, and ECS wants 2 to 256"),
        ("{name: web, image: {tags: {a: 'acs:b'}}}", "image.tags: tag 'a': ECS refuses aliyun, acs: and http(s)://, and snapimage: is ours"),
        ("{name: web, source: {disks: []}}", "source.disks: is empty; leave it out, or say which"),
        ("{name: web, source: {except_tags: {}}}", "source.except_tags: is empty; leave it out, or say which"),
        ("{name: web, source: {disks: [d-1], except_disks: [d-1]}}", "source.except_disks: d-1 is listed under `disks`, too"),
        ("{name: web, data_disks: {take: [d-1], except: [d-1]}}", "data_disks.except: d-1 is listed under `take`, too"),
        ("{name: web, data_disks: {except: [d-1]}}", "data_disks.except: excepts nothing beside `take: none`, which takes no disk"),
        ("{name: web, data_disks: {take: none, except_names: [a]}}", "data_disks.except_names: excepts nothing beside `take: none`, which takes no disk"),
        ("{name: web, source: {instances: [i-example0web]}}", "source.instances: i-example0web is the example's id; write your own"),
        ("{name: web, data_disks: {snapshots: [s-example1]}}", "data_disks.snapshots: s-example1 is the example's id; write your own"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_plan_and_key(plan: str, says: str, tmp_path: Path) -> None:
    assert refusal(write(tmp_path, plan)) == [f"plans.yaml:3: plan {'w' if 'name: w,' in plan else 'web'}: {says}"]


def test_a_plan_without_a_name_is_told_by_its_place(tmp_path: Path) -> None:
    file = write(tmp_path, "{name: web, source: {disks: [d-1]}}", "{source: {disks: [d-2]}}")

    assert refusal(file) == ["plans.yaml:4: plans.1.name: is missing"]


def test_a_region_that_is_none_is_told_with_the_nearest(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "{name: web}", region="cn-hangzou")) == [
        "plans.yaml:1: region: `cn-hangzou` is no region of Alibaba Cloud; did you mean `cn-hangzhou`?"
    ]


def test_every_id_of_the_starter_must_be_replaced() -> None:
    with pytest.raises(CommandError, match="i-example0web is the example's id"):
        check_plans(ROOT / "plans.example.yaml")


CLASHES = [
    ("{disks: [d-1, d-2]}", "{disks: [d-2, d-3]}", "d-2"),
    ("{instances: [i-1]}", "{instances: [i-1], tags: {a: b}}", "i-1"),
    ("{tags: {a: [b, c]}}", "{tags: {a: [c, d], e: f}}", "a=c"),
    ("{instance_tags: {a: b}}", "{instance_tags: {a: b}}", "a=b"),
    ("{}", "{disks: [d-1]}", "some disks: one of them names no instances, disks or tags and so takes all"),
]


@pytest.mark.parametrize(("one", "other", "both"), CLASHES)
def test_plans_that_claim_the_same_disk_for_sure_are_refused(one: str, other: str, both: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"{{name: a, source: {one}}}", f"{{name: b, source: {other}}}")

    assert refusal(file) == [f"plans.yaml:4: plan b: plans a and b both claim {both}"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("{disks: [d-1]}", "{disks: [d-2]}", id="other disks"),
        pytest.param("{instances: [i-1]}", "{tags: {a: b}}", id="filters of two kinds"),
        pytest.param("{instances: [i-1], tags: {a: b}}", "{instances: [i-1], disks: [d-1]}", id="each one of its own"),
        pytest.param("{tags: {a: b}}", "{tags: {a: c}}", id="another value"),
        pytest.param("{tags: {a: b}}", "{tags: {c: d}}", id="another key"),
        pytest.param("{except_tags: {a: b}}", "{tags: {a: b}}", id="what one leaves to the other by tag"),
        pytest.param("{except_disks: [d-1]}", "{disks: [d-1]}", id="what one leaves to the other by disk"),
        pytest.param("{snapshot_types: [user]}", "{snapshot_types: [timer]}", id="other snapshots"),
    ],
)
def test_plans_that_need_not_meet_may_stand_beside_each_other(one: str, other: str, tmp_path: Path) -> None:
    file = write(tmp_path, f"{{name: a, source: {one}}}", f"{{name: b, source: {other}}}")

    assert check_plans(file).endswith("2 plans for cn-hangzhou")


def deployment_refusal(file: Path, **environment: str) -> str:
    with pytest.raises(CommandError) as refused:
        check_deployment(file, ENVIRONMENT | environment, NOW)
    return str(refused.value).replace(str(file), "plans.yaml")


DATED = "{name: web, since: 2026-11-20T00:00:00Z}"


def test_plans_that_are_dated_and_settings_that_fit_are_deployed(tmp_path: Path) -> None:
    check_deployment(write(tmp_path, DATED, "{name: later, source: {disks: [d-1]}, enabled: false}"), ENVIRONMENT, NOW)


def test_an_enabled_plan_that_is_not_dated_is_not_deployed_and_the_line_to_add_is_shown(tmp_path: Path) -> None:
    file = write(tmp_path, "name: web\n    source: {disks: [d-1]}")

    assert deployment_refusal(file) == (
        "plans.yaml:3: plan web: since: an enabled plan says since when; snapshots that began earlier are left to you. "
        "Add the line\n    since: 2026-11-27T06:30:00Z"
    )


def test_the_line_to_add_makes_the_plan_deployable(tmp_path: Path) -> None:
    file = write(tmp_path, "name: web\n    source: {disks: [d-1]}")
    line = deployment_refusal(file).splitlines()[-1]

    file.write_text(file.read_text() + line + "\n")
    check_deployment(file, ENVIRONMENT, NOW)


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("http://ACCOUNT.mns.cn-hangzhou-internal.aliyuncs.com", "write your account's number where the README has ACCOUNT"),
        ("https://1.mns.cn-beijing.aliyuncs.com", "a queue in cn-beijing, but the functions are for cn-hangzhou"),
        ("http://1.mns.cn-beijing-internal-vpc.aliyuncs.com/", "a queue in cn-beijing, but the functions are for cn-hangzhou"),
        ("http://me.mns.cn-hangzhou.aliyuncs.com", "not of the form http(s)://ACCOUNT.mns.cn-hangzhou-internal.aliyuncs.com, with your account's number"),
        ("http://127.0.0.1:8080", "a function cannot reach your own machine"),
        ("1.mns.cn-hangzhou.aliyuncs.com", "not of the form http(s)://HOST"),
    ],
)  # fmt: skip
def test_an_endpoint_that_cannot_work_is_not_deployed(endpoint: str, says: str, tmp_path: Path) -> None:
    said = deployment_refusal(write(tmp_path, DATED), SNAPIMAGE_MNS_ENDPOINT=endpoint)

    assert said == f"SNAPIMAGE_MNS_ENDPOINT: {says}"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://1.mns.cn-hangzhou.aliyuncs.com",
        "http://1.mns.cn-hangzhou-internal-vpc.aliyuncs.com",
        "http://queue.lan",
    ],
)
def test_an_endpoint_of_the_region_or_of_ones_own_network_is_deployed(endpoint: str, tmp_path: Path) -> None:
    check_deployment(write(tmp_path, DATED), ENVIRONMENT | {"SNAPIMAGE_MNS_ENDPOINT": endpoint}, NOW)


def test_functions_in_another_region_than_the_plans_are_not_deployed(tmp_path: Path) -> None:
    said = deployment_refusal(write(tmp_path, DATED), SNAPIMAGE_REGION="cn-beijing")

    assert said == "SNAPIMAGE_REGION is cn-beijing, the plans are for cn-hangzhou"


def test_what_is_not_set_is_named(tmp_path: Path) -> None:
    said = deployment_refusal(write(tmp_path, DATED), SNAPIMAGE_MNS_ENDPOINT="")

    assert said == "s.yaml: environment variable not set: SNAPIMAGE_MNS_ENDPOINT"
