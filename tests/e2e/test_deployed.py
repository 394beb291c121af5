"""The staged packages on the local Function Compute, with the rights that are shipped: what is deployed is what is tested."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from command import run_command
from support import published

from deploy.policies import read_policy
from files import places
from localcloud.faults import PlantedFault
from localcloud.ram import Policy
from ops.invoke import Fc3, FunctionPlace
from ops.local.product import LocalProduct
from ops.replay.deployed import invoke_now

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

INDEX = yaml.safe_load((places.EVENTS / "index.yaml").read_text())
EVENT = places.EVENTS / "timer-with-data-disk.json"
DEAD = "snapimage-dead-letters"
DOWN = {"status": 503, "code": "ServiceUnavailable", "message": "down"}


@pytest.fixture(scope="module")
def opened(opened: LocalProduct) -> Iterator[LocalProduct]:
    """With the same package once more as a function of FC 2.0."""
    functions = opened.cloud.fc
    (spec,) = [each.spec for each in functions.functions() if each.spec.name == "snapimage-create-image"]
    older = spec.model_copy(update={"service": "snapimage", "event_patterns": []})
    functions.deploy([older])
    yield opened
    functions.remove(older.key)


def run(product: LocalProduct, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **changes}
    return run_command(*arguments, "--endpoint", product.cloud.endpoint, environment=environment, timeout=100)


def plant(product: LocalProduct, **fault: Any) -> None:
    product.cloud.faults.plant([PlantedFault.model_validate(fault)])


def reasons(product: LocalProduct) -> list[str]:
    return [message["data"]["reason"] for message in published(product.cloud)]


def dead_letters(product: LocalProduct) -> list[Any]:
    return [json.loads(message.body) for message in product.cloud.mns.queues.peek_all(DEAD)]


def fail_four_times(product: LocalProduct) -> None:
    """An event whose first run and three retries all meet an ECS that is down, as does every sweep meanwhile."""
    plant(product, action="DescribeSnapshots", error=DOWN, times=1000)
    product.deliver(EVENT.read_bytes())
    for _ in range(3):
        product.pass_time(1.5)
    product.cloud.faults.clear()


def test_an_event_becomes_an_image_and_two_messages_by_rule_and_timer_alone(product: LocalProduct) -> None:
    product.deliver(EVENT.read_bytes())
    product.pass_time(1)
    product.pass_time(2.1)

    told = [message["data"] for message in published(product.cloud)]
    mine = [each["state"] for each in told if each["snapshot_id"] == "s-bp1websys20"]
    assert (mine[0], mine[-1], set(mine)) == ("creating", "available", {"creating", "available"})


def test_a_lost_event_is_made_up_for_within_the_hour(product: LocalProduct) -> None:
    product.pass_time(60)

    assert {message["data"]["snapshot_id"] for message in published(product.cloud)} >= {"s-bp1websys20", "s-bp1goldsys"}


def test_an_hour_that_is_pushed_forward_passes_for_the_functions_too(product: LocalProduct) -> None:
    plant(product, action="CreateImage", error={"status": 403, "code": "Strange.Thing", "message": "no"})
    product.deliver(EVENT.read_bytes())
    product.pass_time(61)

    told = [message["data"] for message in published(product.cloud)]
    mine = [each["reason"] for each in told if each["snapshot_id"] == "s-bp1websys20"]
    assert mine[:2] == ["EcsRefused", "ImageRequested"]


def test_an_event_of_another_type_calls_no_function(product: LocalProduct) -> None:
    before = [function.invocations for function in product.cloud.fc.functions()]

    product.deliver((places.EVENTS / "wrong-event-type.json").read_bytes())

    assert [function.invocations for function in product.cloud.fc.functions()] == before


def test_every_event_gets_the_same_states_from_the_package_as_from_the_source(product: LocalProduct) -> None:
    """On one cloud, one after the other: an image that an earlier event asked for is found instead."""
    ready = product.control.ready()
    where = FunctionPlace(ready["endpoint"], ready["region"], ready["access_key_id"], ready["access_key_secret"])
    invoker = Fc3(where, "snapimage-create-image")

    answers = {}
    for name in sorted(INDEX):
        payload = (places.EVENTS / name).read_bytes()
        outcome = invoke_now(name, payload, invoker)
        answers[name] = [answer["state"] for answer in outcome.answers] or ["retry"]
    expected = {name: [each["state"] for each in INDEX[name]["expect"]] for name in INDEX}
    assert answers == expected


@pytest.mark.parametrize("target", [("--to", "fc3"), ("--to", "fc2", "--service", "snapimage")])
def test_replay_invokes_a_deployed_function_of_either_generation(
    target: tuple[str, ...], product: LocalProduct
) -> None:
    result = run(product, "replay", str(places.EVENTS / "no-plan.json"), "--json", *target)

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (0, "skipped", "NoPlan")
    assert outcome["request_id"]
    assert '"reason": "NoPlan"' in outcome["log"]


def test_a_function_that_fails_is_an_error_although_the_call_was_answered(product: LocalProduct) -> None:
    plant(product, action="DescribeSnapshots", error=DOWN)
    result = run(product, "replay", str(EVENT), "--json", "--to", "fc3")

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (1, "error", "UnhandledInvocationError")
    assert outcome["explanation"].startswith("Transient: ServiceUnavailable")


def test_an_event_that_is_left_to_the_sweep_is_no_error(product: LocalProduct) -> None:
    result = run(product, "replay", str(places.EVENTS / "snapshot-not-ready.json"), "--json", "--to", "fc3")

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["state"], outcome["reason"]) == (0, "left", "SnapshotNotReady")


def test_a_function_that_is_not_there_is_named(product: LocalProduct) -> None:
    result = run(product, "replay", str(EVENT), "--to", "fc3", "--function", "nobody")

    assert result.returncode == 1
    assert "FunctionNotFound" in result.stdout


def test_a_wrong_key_is_refused(product: LocalProduct) -> None:
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": product.cloud.access_key_id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}

    result = run(product, "replay", str(EVENT), "--to", "fc3", **keys)
    assert result.returncode == 1
    assert "SignatureNotMatch" in result.stdout


@pytest.mark.parametrize("target", [("--to", "fc3"), ("--to", "fc2", "--service", "snapimage")])
def test_an_asynchronous_replay_is_taken_once(target: tuple[str, ...], product: LocalProduct) -> None:
    first, second = (
        json.loads(run(product, "replay", str(EVENT), "--json", "--async", *target).stdout) for _ in range(2)
    )

    product.control.pump()
    assert (first["reason"], second["reason"]) == ("TaskSubmitted", "AlreadySubmitted")
    assert first["task_id"] == second["task_id"]
    assert first["state"] == "Enqueued"
    assert reasons(product) == ["ImageRequested"]


def test_what_fails_for_good_becomes_a_dead_letter_with_its_event_whole(product: LocalProduct) -> None:
    fail_four_times(product)

    (letter,) = dead_letters(product)
    sent = EVENT.read_bytes()
    assert json.loads(letter["requestPayload"]) == json.loads(sent)
    assert letter["requestContext"]["approximateInvokeCount"] == 4
    assert reasons(product) == []


def test_a_dead_letter_that_is_replayed_makes_the_image_and_leaves_the_queue(product: LocalProduct) -> None:
    fail_four_times(product)

    result = run(product, "replay", "--from-dead-letters", "--to", "fc3", "--json")
    assert (result.returncode, json.loads(result.stdout)["reason"]) == (0, "ImageRequested")
    assert dead_letters(product) == []
    assert len(product.cloud.ecs.store.images) == 1


def test_a_queue_without_dead_letters_is_said_to_be_so(product: LocalProduct) -> None:
    result = run(product, "replay", "--from-dead-letters", "--to", "fc3")

    assert (result.returncode, result.stdout) == (0, "no dead letters\n")


def test_a_dead_letter_whose_event_fails_again_stays(product: LocalProduct) -> None:
    fail_four_times(product)
    plant(product, action="DescribeSnapshots", error=DOWN)

    result = run(product, "replay", "--from-dead-letters", "--to", "fc3", "--max", "1")
    product.control.advance(120)
    assert result.returncode == 1
    assert len(dead_letters(product)) == 1


def test_no_secret_of_a_function_is_in_its_log(product: LocalProduct) -> None:
    product.deliver(EVENT.read_bytes())
    product.deliver((places.EVENTS / "snapshot-not-ready.json").read_bytes())

    logs = "".join(function.log()[-4096:] for function in product.cloud.fc.functions())
    secrets = [each.spec.credentials.access_key_secret.get_secret_value() for each in product.cloud.fc.functions()]
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


def act_as(product: LocalProduct, role: str, without: str = "") -> dict[str, str]:
    """A key with the shipped policy of this role, one action left out."""
    policy = read_policy(role, "cn-hangzhou", "1234567890123456")
    for statement in policy["Statement"]:
        actions = statement["Action"]
        kept = [action for action in ([actions] if isinstance(actions, str) else actions) if action != without]
        statement["Action"] = kept or ["none:None"]
    product.cloud.keys.add(ROLES[role], "a-secret", Policy.model_validate(policy))
    return {"ALIBABA_CLOUD_ACCESS_KEY_ID": ROLES[role], "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret"}


def prepare(product: LocalProduct) -> None:
    """A dead letter and a status message are there to be read."""
    product.cloud.mns.queues.send(DEAD, json.dumps({"requestPayload": EVENT.read_text()}))
    product.deliver((places.EVENTS / "no-plan.json").read_bytes())


@pytest.mark.parametrize(("role", "action", "command"), USES)
def test_the_shipped_policy_of_people_is_enough_and_no_action_in_it_too_much(
    role: str, action: str, command: tuple[str, ...], product: LocalProduct
) -> None:
    prepare(product)

    without = run(product, *command, **act_as(product, role, without=action))
    product.cloud.clock.advance(120)
    allowed = run(product, *command, **act_as(product, role))
    assert (without.returncode != 0 or "AccessDenied" in without.stdout, allowed.returncode) == (True, 0)
    assert "AccessDenied" not in allowed.stdout + allowed.stderr
