"""The staged packages on the local Function Compute, with the rights that are shipped: what is deployed is what is tested."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from command import COMMAND, run_command
from support import published

from localcloud.faults import Fault
from localcloud.ram import Policy
from localcloud.world import World
from ops import places
from ops.fleet import Fleet, open_fleet
from ops.invoke import Fc3, Where
from ops.local import LocalControl
from ops.ram import read_policy
from ops.replay_deployed import invoke_now
from ops.shift import shift_event, shift_world
from ops.yaml_model import read_model

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

INDEX = yaml.safe_load((places.EVENTS / "index.yaml").read_text())
EVENT = places.EVENTS / "timer-with-data-disk.json"
DEAD = "snapimage-dead-letters"
DOWN = {"status": 503, "code": "ServiceUnavailable", "message": "down"}


@pytest.fixture(scope="module")
def opened() -> Iterator[Fleet]:
    """With the same package once more as a function of FC 2.0."""
    with open_fleet(places.WORLD, places.PLANS) as fleet:
        (spec,) = [each.spec for each in fleet.cloud.fc.functions() if each.spec.name == "snapimage-create-image"]
        fleet.cloud.fc.deploy([spec.model_copy(update={"service": "snapimage", "event_patterns": []})])
        yield fleet


@pytest.fixture
def fleet(opened: Fleet) -> Fleet:
    """Nothing has happened yet; its functions' processes are warm from the test before."""
    opened.cloud.begin(shift_world(read_model(places.WORLD, World), opened.shifted_by))
    return opened


def run(fleet: Fleet, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **changes}
    return run_command(*arguments, "--endpoint", fleet.cloud.endpoint, environment=environment, timeout=100)


def plant(fleet: Fleet, **fault: Any) -> None:
    fleet.cloud.faults.plant([Fault.model_validate(fault)])


def reasons(fleet: Fleet) -> list[str]:
    return [message["data"]["reason"] for message in published(fleet.cloud)]


def dead_letters(fleet: Fleet) -> list[Any]:
    return [json.loads(message.body) for message in fleet.cloud.mns.queues.peek_all(DEAD)]


def fail_four_times(fleet: Fleet) -> None:
    """An event whose first run and three retries all meet an ECS that is down, as does every sweep meanwhile."""
    plant(fleet, action="DescribeSnapshots", error=DOWN, times=1000)
    fleet.deliver(EVENT.read_bytes())
    for _ in range(3):
        fleet.pass_time(1.5)
    fleet.cloud.faults.clear()


def test_an_event_becomes_an_image_and_two_messages_by_rule_and_timer_alone(fleet: Fleet) -> None:
    fleet.deliver(EVENT.read_bytes())
    fleet.pass_time(1)
    fleet.pass_time(2.1)

    told = [message["data"] for message in published(fleet.cloud)]
    mine = [each["state"] for each in told if each["snapshot_id"] == "s-bp1websys20"]
    assert (mine[0], mine[-1], set(mine)) == ("creating", "available", {"creating", "available"})


def test_a_lost_event_is_made_up_for_within_the_hour(fleet: Fleet) -> None:
    fleet.pass_time(60)

    assert {message["data"]["snapshot_id"] for message in published(fleet.cloud)} >= {"s-bp1websys20", "s-bp1goldsys"}


def test_an_event_of_another_type_calls_no_function(fleet: Fleet) -> None:
    before = [function.invocations for function in fleet.cloud.fc.functions()]

    fleet.deliver((places.EVENTS / "wrong-event-type.json").read_bytes())

    assert [function.invocations for function in fleet.cloud.fc.functions()] == before


def test_every_event_gets_the_same_states_from_the_package_as_from_the_source(fleet: Fleet) -> None:
    """On one cloud, one after the other: an image that an earlier event asked for is found instead."""
    ready = fleet.control.ready()
    where = Where(ready["endpoint"], ready["region"], ready["access_key_id"], ready["access_key_secret"])
    invoker = Fc3(where, "snapimage-create-image")

    answers = {}
    for name in sorted(INDEX):
        payload = shift_event((places.EVENTS / name).read_bytes(), fleet.shifted_by)
        outcome = invoke_now(name, payload, invoker)
        answers[name] = [answer["state"] for answer in outcome.answers] or ["retry"]
    expected = {name: [each["state"] for each in INDEX[name]["expect"]] for name in INDEX}
    assert answers == expected


@pytest.mark.parametrize("target", [("--to", "fc3"), ("--to", "fc2", "--service", "snapimage")])
def test_replay_invokes_a_deployed_function_of_either_generation(target: tuple[str, ...], fleet: Fleet) -> None:
    result = run(fleet, "replay", str(places.EVENTS / "no-plan.json"), "--json", *target)

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (0, "skipped", "NoPlan")
    assert outcome["request_id"]
    assert '"reason": "NoPlan"' in outcome["log"]


def test_a_function_that_fails_is_an_error_although_the_call_was_answered(fleet: Fleet) -> None:
    plant(fleet, action="DescribeSnapshots", error=DOWN)
    result = run(fleet, "replay", str(EVENT), "--json", "--to", "fc3")

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (1, "error", "UnhandledInvocationError")
    assert outcome["explanation"].startswith("Transient: ServiceUnavailable")


def test_an_event_that_is_left_to_the_sweep_is_no_error(fleet: Fleet) -> None:
    result = run(fleet, "replay", str(places.EVENTS / "snapshot-not-ready.json"), "--json", "--to", "fc3")

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (0, "left", "SnapshotNotReady")


def test_a_function_that_is_not_there_is_named(fleet: Fleet) -> None:
    result = run(fleet, "replay", str(EVENT), "--to", "fc3", "--function", "nobody")

    assert result.returncode == 1
    assert "FunctionNotFound" in result.stdout


def test_a_wrong_key_is_refused(fleet: Fleet) -> None:
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": fleet.cloud.access_key_id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}

    result = run(fleet, "replay", str(EVENT), "--to", "fc3", **keys)
    assert result.returncode == 1
    assert "SignatureNotMatch" in result.stdout


@pytest.mark.parametrize("target", [("--to", "fc3"), ("--to", "fc2", "--service", "snapimage")])
def test_an_asynchronous_replay_is_taken_once(target: tuple[str, ...], fleet: Fleet) -> None:
    first, second = (
        json.loads(run(fleet, "replay", str(EVENT), "--json", "--async", *target).stdout) for _ in range(2)
    )

    fleet.control.pump()
    assert (first["reason"], second["reason"]) == ("TaskSubmitted", "AlreadySubmitted")
    assert first["task_id"] == second["task_id"]
    assert first["state"] == "Enqueued"
    assert reasons(fleet) == ["ImageRequested"]


def test_what_fails_for_good_becomes_a_dead_letter_with_its_event_whole(fleet: Fleet) -> None:
    fail_four_times(fleet)

    (letter,) = dead_letters(fleet)
    sent = shift_event(EVENT.read_bytes(), fleet.shifted_by)
    assert json.loads(letter["requestPayload"]) == json.loads(sent)
    assert letter["requestContext"]["approximateInvokeCount"] == 4
    assert reasons(fleet) == []


def test_a_dead_letter_that_is_replayed_makes_the_image_and_leaves_the_queue(fleet: Fleet) -> None:
    fail_four_times(fleet)

    result = run(fleet, "replay", "--from-dead-letters", "--to", "fc3", "--json")
    assert (result.returncode, json.loads(result.stdout)["reason"]) == (0, "ImageRequested")
    assert dead_letters(fleet) == []
    assert len(fleet.cloud.ecs.store.images) == 1


def test_a_dead_letter_whose_event_fails_again_stays(fleet: Fleet) -> None:
    fail_four_times(fleet)
    plant(fleet, action="DescribeSnapshots", error=DOWN)

    result = run(fleet, "replay", "--from-dead-letters", "--to", "fc3", "--max", "1")
    fleet.control.advance(120)
    assert result.returncode == 1
    assert len(dead_letters(fleet)) == 1


def test_a_local_cloud_with_functions_answers_an_event_that_is_posted_to_it() -> None:
    process = subprocess.Popen([COMMAND, "localcloud", "--functions"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    endpoint = json.loads(process.stdout.readline())["endpoint"]
    control = LocalControl(endpoint)

    control.publish((places.EVENTS / "no-plan.json").read_bytes())
    shown = run_command("watch", "--endpoint", endpoint, "--max", "1")
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
    assert json.loads(shown.stdout)["data"]["reason"] == "NoPlan"


def test_no_secret_of_a_function_is_in_its_log(fleet: Fleet) -> None:
    fleet.deliver(EVENT.read_bytes())
    fleet.deliver((places.EVENTS / "snapshot-not-ready.json").read_bytes())

    logs = "".join(function.log_tail() for function in fleet.cloud.fc.functions())
    secrets = [each.spec.credentials.access_key_secret.get_secret_value() for each in fleet.cloud.fc.functions()]
    assert "ImageRequested" in logs
    assert [secret for secret in secrets if secret in logs] == []


ROLES = {"invoker": "LTAIinvoker", "subscriber": "LTAIsubscriber"}
USES = [
    ("invoker", "fc:InvokeFunction", ("replay", str(EVENT), "--to", "fc3")),
    ("invoker", "fc:InvokeFunction", ("replay", str(EVENT), "--to", "fc2", "--service", "snapimage")),
    ("invoker", "fc:GetAsyncTask", ("replay", str(EVENT), "--to", "fc3", "--async")),
    (
        "invoker",
        "fc:GetStatefulAsyncInvocation",
        ("replay", str(EVENT), "--to", "fc2", "--service", "snapimage", "--async"),
    ),
    ("invoker", "mns:ReceiveMessage", ("replay", "--from-dead-letters", "--to", "fc3")),
    ("invoker", "mns:DeleteMessage", ("replay", "--from-dead-letters", "--to", "fc3")),
    ("subscriber", "mns:ReceiveMessage", ("watch", "--drain", "--wait", "0")),
    ("subscriber", "mns:DeleteMessage", ("watch", "--drain", "--wait", "0")),
    ("subscriber", "mns:BatchPeekMessage", ("watch", "--once")),
]


def act_as(fleet: Fleet, role: str, without: str = "") -> dict[str, str]:
    """A key with the shipped policy of this role, one action left out."""
    policy = read_policy(role, "cn-hangzhou", "1234567890123456")
    for statement in policy["Statement"]:
        actions = statement["Action"]
        kept = [action for action in ([actions] if isinstance(actions, str) else actions) if action != without]
        statement["Action"] = kept or ["none:None"]
    fleet.cloud.keys.add(ROLES[role], "a-secret", Policy.model_validate(policy))
    return {"ALIBABA_CLOUD_ACCESS_KEY_ID": ROLES[role], "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret"}


def prepare(fleet: Fleet) -> None:
    """A dead letter and a status message are there to be read."""
    fleet.cloud.mns.queues.send(DEAD, json.dumps({"requestPayload": EVENT.read_text()}))
    fleet.deliver((places.EVENTS / "no-plan.json").read_bytes())


@pytest.mark.parametrize(("role", "action", "command"), USES)
def test_the_shipped_policy_of_people_is_enough_and_no_action_in_it_too_much(
    role: str, action: str, command: tuple[str, ...], fleet: Fleet
) -> None:
    prepare(fleet)

    without = run(fleet, *command, **act_as(fleet, role, without=action))
    fleet.cloud.clock.advance(120)
    allowed = run(fleet, *command, **act_as(fleet, role))
    assert (without.returncode != 0 or "AccessDenied" in without.stdout, allowed.returncode) == (True, 0)
    assert "AccessDenied" not in allowed.stdout + allowed.stderr
