"""`snapimage init` against the local cloud: what it shows, asks and writes, and that it only reads."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from files.errors import CommandError
from localcloud.server import LocalCloud
from ops.init.choice import Choice
from ops.init.show import next_commands
from ops.init.write import Ask, FirstPlan, begin_plans, list_machines
from ops.keys import KEY, SECRET, TOKEN
from ops.plans.check import check_plans, read_plans
from ops.session import REGION, open_session

Serve = Callable[..., LocalCloud]
MACHINES: list[dict[str, Any]] = [
    {
        "id": "i-web1",
        "name": "web-1",
        "tags": {"stage": "live", "debug": "no"},
        "disks": [
            {"id": "d-web1sys", "type": "system", "size_gib": 40, "policy": "sp-night"},
            {"id": "d-web1data", "type": "data", "size_gib": 100},
        ],
    },
    {
        "id": "i-web2",
        "name": "web-2",
        "status": "Stopped",
        "tags": {"stage": "live"},
        "disks": [{"id": "d-web2sys", "type": "system", "size_gib": 40}],
    },
    {"id": "i-bare"},
]
NOBODY = Choice()
NOTHING: dict[str, Any] = {
    "detached_disks": [],
    "snapshots": [],
    "groups": [],
    "images": [],
    "now": "2026-11-20T02:10:00Z",
}


@pytest.fixture
def cloud(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    for name in (KEY, SECRET, TOKEN, REGION):
        monkeypatch.delenv(name, raising=False)
    return serve(instances=MACHINES, **NOTHING)


def init(
    cloud: LocalCloud, file: Path, choice: Choice = NOBODY, ask: Ask | None = None, force: bool = False
) -> list[str]:
    said: list[str] = []
    begin_plans(open_session(cloud.endpoint, None), FirstPlan(choice, file, force), ask, said.append)
    return said


def answering(*answers: str) -> Ask:
    left = list(answers)
    return lambda question, default: left.pop(0) or default


def test_the_machines_tags_and_policies_of_the_region_are_shown(cloud: LocalCloud, tmp_path: Path) -> None:
    said = init(cloud, tmp_path / "plans.yaml", Choice(instances=("i-web1",)))

    assert said[:7] == [
        "3 machines in cn-hangzhou, account 1234567890123456",
        "machine  name   status   data disks  snapshot policy  tags",
        "i-bare          Running  0           no system disk",
        "i-web1   web-1  Running  1           sp-night         debug=no stage=live",
        "i-web2   web-2  Stopped  0           none             stage=live",
        "tags of machines: stage=live (2), debug=no (1)",
        "snapshot policies, by disks: sp-night (1)",
    ]


def test_the_plan_begins_now_and_passes_its_check(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    before = cloud.clock.utc().replace(microsecond=0)

    init(cloud, file, Choice(instances=("i-web1",)))

    (plan,) = read_plans(file).plans
    assert check_plans(file) == f"{file}: 1 plan for cn-hangzhou"
    assert (plan.name, plan.enabled, plan.source.instances, plan.data_disks.take) == (
        "web-1", True, frozenset({"i-web1"}), "attached",
    )  # fmt: skip
    assert plan.since is not None
    assert before <= plan.since <= cloud.clock.utc()


def test_every_key_has_its_comment(cloud: LocalCloud, tmp_path: Path) -> None:
    init(cloud, tmp_path / "plans.yaml", Choice(instance_tags={"stage": "live"}))

    lines = (tmp_path / "plans.yaml").read_text().splitlines()
    sections = {"plans:", "    data_disks:", "    image:", ""}
    assert [line for line in lines if "#" not in line and line not in sections] == []


def test_a_tag_that_yaml_would_take_for_something_else_stays_text(cloud: LocalCloud, tmp_path: Path) -> None:
    init(cloud, tmp_path / "plans.yaml", Choice(instance_tags={"debug": "no"}))

    (plan,) = read_plans(tmp_path / "plans.yaml").plans
    assert plan.source.instance_tags == {"debug": ("no",)}


def test_what_no_option_says_is_asked(cloud: LocalCloud, tmp_path: Path) -> None:
    init(cloud, tmp_path / "plans.yaml", ask=answering("stage=live", "none", ""))

    (plan,) = read_plans(tmp_path / "plans.yaml").plans
    assert (plan.name, plan.source.instance_tags, plan.data_disks.take) == ("live", {"stage": ("live",)}, "none")


def test_where_nobody_can_answer_it_shows_and_asks_for_options(cloud: LocalCloud, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="give --instance i-"):
        init(cloud, tmp_path / "plans.yaml")

    assert not (tmp_path / "plans.yaml").exists()


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(instances=("i-web3",)), "i-web3: no such instance in cn-hangzhou; did you mean `i-web2`"),
        (Choice(instance_tags={"stage": "gone"}), "no machine in cn-hangzhou is tagged stage=gone"),
        (Choice(instances=("i-web1",), name="7"), "'7' is no name for a plan"),
    ],
)
def test_what_means_no_machine_is_refused(cloud: LocalCloud, tmp_path: Path, choice: Choice, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        init(cloud, tmp_path / "plans.yaml", choice)


def test_a_file_that_is_there_is_overwritten_by_force_only(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text("mine")

    with pytest.raises(CommandError, match="is there already; --force overwrites it"):
        init(cloud, file, Choice(instances=("i-web1",)))
    assert file.read_text() == "mine"

    init(cloud, file, Choice(instances=("i-web1",)), force=True)
    assert [plan.name for plan in read_plans(file).plans] == ["web-1"]


def test_what_will_keep_a_machine_from_an_image_is_noted(cloud: LocalCloud, tmp_path: Path) -> None:
    said = init(cloud, tmp_path / "plans.yaml", Choice(instance_tags={"stage": "live"}))

    assert [line.partition(":")[0] + ":" + line.partition(":")[2] for line in said if line.startswith("note")] == [
        "note: no snapshot policy on the system disk of i-web2: no image until one is applied, or a snapshot taken",
        "note: no snapshot policy on the data disk d-web1data: an image would wait for its snapshot, and then fail",
    ]


def test_the_next_commands_are_printed_as_they_are_typed(cloud: LocalCloud, tmp_path: Path) -> None:
    said = init(cloud, tmp_path / "plans.yaml", Choice(instances=("i-web1",)))

    assert said[said.index("next:") + 1 :] == [
        f"  snapimage plans check {tmp_path / 'plans.yaml'}",
        f"  snapimage preview --endpoint {cloud.endpoint} --plans {tmp_path / 'plans.yaml'}",
        "  export ACCOUNT=1234567890123456 SNAPIMAGE_REGION=cn-hangzhou",
        "  export SNAPIMAGE_MNS_ENDPOINT=http://$ACCOUNT.mns.$SNAPIMAGE_REGION-internal.aliyuncs.com",
        f"  snapimage setup --endpoint {cloud.endpoint} --out policies",
        "  snapimage build --deploy",
        f"  snapimage doctor --endpoint {cloud.endpoint}",
    ]


def test_for_an_account_the_roles_and_the_deployment_are_among_them() -> None:
    commands = next_commands("cn-hangzhou", "1234567890123456", Path("plans.yaml"))

    assert commands[-5:] == [
        "snapimage setup --endpoint https://$ACCOUNT.mns.$SNAPIMAGE_REGION.aliyuncs.com --out policies",
        "# now the roles: step 5 of README.md",
        "snapimage build --deploy",
        "s deploy",
        "snapimage doctor",
    ]


def test_the_machines_are_listed_for_programs(cloud: LocalCloud) -> None:
    said: list[str] = []

    list_machines(open_session(cloud.endpoint, None), said.append)

    (told,) = [json.loads(text) for text in said]
    assert (told["region"], told["account_id"], len(told["machines"])) == ("cn-hangzhou", "1234567890123456", 3)
    assert told["machines"][1] == {
        "id": "i-web1",
        "name": "web-1",
        "status": "Running",
        "tags": {"stage": "live", "debug": "no"},
        "system_disk": "d-web1sys",
        "data_disks": ["d-web1data"],
        "policies": ["sp-night"],
    }


def test_nothing_is_written_on_the_wire(cloud: LocalCloud, tmp_path: Path) -> None:
    init(cloud, tmp_path / "plans.yaml", Choice(instances=("i-web1",)))

    assert {call.action for call in cloud.journal.calls()} == {
        "GetCallerIdentity",
        "DescribeDisks",
        "DescribeInstances",
    }


def test_a_region_of_many_pages_is_listed_whole(serve: Serve, tmp_path: Path) -> None:
    many = [{"id": f"i-{number}", "tags": {"stage": "live"}} for number in range(230)]
    cloud = serve(instances=many, **NOTHING)

    said = init(cloud, tmp_path / "plans.yaml", Choice(instance_tags={"stage": "live"}))

    assert (said[0], said[-10]) == ("230 machines in cn-hangzhou, account 1234567890123456", f"\n{tmp_path}/plans.yaml: plan live of 230 machines, from now on")  # fmt: skip
