"""snapimage watch, in a process of its own, with everything that a queue and its server can do to it."""

import base64
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from command import StartedCommand, run_command
from support import settings_for

from deploy.policies import read_policy
from files import places
from localcloud.faults import PlantedFault
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from shared.adapters.mns_queue import MnsQueue
from shared.domain.message import StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject

SENTINEL = "sentinel-secret-5f2b"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def cloud(world: WorldFile) -> Iterator[LocalCloud]:
    with LocalCloud(world, access_key_secret=SENTINEL, idle_timeout=0.2) as started:
        yield started


def environment(cloud: LocalCloud, **changes: str) -> dict[str, str]:
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SENTINEL}
    return {**os.environ, **keys, **changes}


def watch(cloud: LocalCloud, *options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return run_command("watch", "--endpoint", cloud.endpoint, *options, environment=environment(cloud, **changes))


def start(cloud: LocalCloud, *options: str) -> StartedCommand:
    return StartedCommand("watch", "--endpoint", cloud.endpoint, *options, environment=environment(cloud))


def message(snapshot_id: str) -> StatusMessage:
    subject = Subject(account_id="1234567890123456", region_id="cn-hangzhou", snapshot_id=snapshot_id)
    return envelope(subject.answer(State.SKIPPED, Reason.NO_PLAN, "no plan"), "create_image", NOON)


def tell(cloud: LocalCloud, state: State, reason: Reason, **about: Any) -> None:
    subject = Subject(account_id="1234567890123456", region_id="cn-hangzhou", **about)
    MnsQueue(settings_for(cloud)).publish(envelope(subject.answer(state, reason, "why"), "create_image", NOON))


def publish(cloud: LocalCloud, *snapshot_ids: str) -> None:
    for snapshot_id in snapshot_ids:
        MnsQueue(settings_for(cloud)).publish(message(snapshot_id))


def put(cloud: LocalCloud, body: str) -> None:
    cloud.mns.queues.send("snapimage-status", body)


def left(cloud: LocalCloud) -> int:
    cloud.clock.advance(60)
    return len(cloud.mns.queues.peek_all("snapimage-status"))


def lines(output: str) -> list[Any]:
    return [json.loads(line) for line in output.splitlines()]


def wait_for_start(process: StartedCommand, cloud: LocalCloud) -> None:
    """A message that is printed shows that the process is up; its next poll follows at once."""
    publish(cloud, "s-start")
    assert json.loads(process.stdout.readline())["subject"] == "s-start"
    time.sleep(0.3)


def test_an_empty_queue_is_no_trouble(cloud: LocalCloud) -> None:
    result = watch(cloud, "--drain", "--wait", "0")

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_every_message_is_printed_as_it_came_and_then_deleted(cloud: LocalCloud) -> None:
    publish(cloud, "s-1", "s-2")

    result = watch(cloud, "--drain", "--wait", "0")
    assert lines(result.stdout) == [json.loads(message(name).to_json()) for name in ("s-1", "s-2")]
    assert left(cloud) == 0


def test_a_fact_that_comes_twice_is_printed_once_and_both_are_deleted(cloud: LocalCloud) -> None:
    publish(cloud, "s-1", "s-1")

    result = watch(cloud, "--drain", "--wait", "0")
    assert len(lines(result.stdout)) == 1
    assert left(cloud) == 0


def test_it_stops_after_as_many_facts_as_were_asked_for(cloud: LocalCloud) -> None:
    publish(cloud, "s-1", "s-2")

    result = watch(cloud, "--take", "--max", "1")
    assert [event["subject"] for event in lines(result.stdout)] == ["s-1"]
    assert left(cloud) == 1


def test_it_takes_nothing_unless_it_is_asked_to(cloud: LocalCloud) -> None:
    publish(cloud, "s-1", "s-2")

    result = watch(cloud, "--once")
    assert len(lines(result.stdout)) == 2
    assert left(cloud) == 2


def test_a_look_that_cannot_reach_every_message_says_so(cloud: LocalCloud) -> None:
    publish(cloud, *(f"s-{number}" for number in range(19)))

    result = watch(cloud, "--once")
    assert len(lines(result.stdout)) == 16
    assert result.stderr == "16 of 19: MNS shows no others until these are taken (--take, --drain)\n"


def test_a_reader_who_may_not_count_is_told_that_there_may_be_more(world: WorldFile) -> None:
    policy = read_policy("subscriber", "cn-hangzhou", "1234567890123456")
    policy["Statement"] = [each for each in policy["Statement"] if each["Action"] != "mns:GetQueueAttributes"]
    with LocalCloud(world, access_key_secret=SENTINEL) as cloud:
        cloud.keys.add("LTAIreader", SENTINEL, Policy.model_validate(policy))
        publish(cloud, *(f"s-{number}" for number in range(19)))
        result = watch(cloud, "--once", ALIBABA_CLOUD_ACCESS_KEY_ID="LTAIreader")

    assert result.stderr == "16, perhaps of more: MNS shows no others until these are taken (--take, --drain)\n"


FILTERS = [
    (("--state", "failed"), ["s-3"]),
    (("--state", "failed", "--state", "waiting"), ["s-2", "s-3"]),
    (("--plan", "web"), ["s-1", "s-2"]),
    (("--instance", "i-2"), ["s-2", "s-3"]),
    (("--plan", "web", "--instance", "i-2"), ["s-2"]),
]


def publish_three(cloud: LocalCloud) -> None:
    tell(cloud, State.SKIPPED, Reason.PLAN_DISABLED, snapshot_id="s-1", plan="web", instance_id="i-1")
    tell(cloud, State.WAITING, Reason.DATA_DISK_SNAPSHOT_PENDING, snapshot_id="s-2", plan="web", instance_id="i-2")
    tell(cloud, State.FAILED, Reason.SNAPSHOT_FAILED, snapshot_id="s-3", plan="db", instance_id="i-2")
    put(cloud, "no message of ours")


@pytest.mark.parametrize(("options", "shown"), FILTERS)
def test_it_shows_only_what_is_asked_for(options: tuple[str, ...], shown: list[str], cloud: LocalCloud) -> None:
    publish_three(cloud)

    assert [event["subject"] for event in lines(watch(cloud, "--once", *options).stdout)] == shown


def test_the_nights_report_is_a_line_like_any_other_and_passes_no_filter(cloud: LocalCloud) -> None:
    told = (places.ROOT / "schema" / "examples" / "report-partial.json").read_text()
    put(cloud, base64.b64encode(told.encode()).decode())
    publish(cloud, "s-1")

    assert lines(watch(cloud, "--once").stdout) == [json.loads(told), json.loads(message("s-1").to_json())]
    assert [event["subject"] for event in lines(watch(cloud, "--once", "--state", "skipped").stdout)] == ["s-1"]


def test_what_a_filter_hides_is_not_taken(cloud: LocalCloud) -> None:
    publish_three(cloud)

    result = watch(cloud, "--drain", "--wait", "0", "--plan", "web")
    assert [event["subject"] for event in lines(result.stdout)] == ["s-1", "s-2"]
    assert left(cloud) == 2


def test_a_look_and_a_drain_are_two_things(cloud: LocalCloud) -> None:
    result = watch(cloud, "--once", "--drain")

    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


POISON = [
    ("<xml>hello</xml>", "not base64"),
    (base64.b64encode(b"{nope").decode(), "not JSON"),
    (base64.b64encode(b"\xff\xfe").decode(), "not JSON"),
    (base64.b64encode(b'{"hello": "world"}').decode(), "not a CloudEvent"),
    (
        base64.b64encode(b'{"specversion": "1.0", "id": "1", "type": "other", "data": {}}').decode(),
        "another schema",
    ),
]


@pytest.mark.parametrize(("body", "poison"), POISON)
def test_a_poison_message_is_shown_as_such_and_does_not_stop_it(body: str, poison: str, cloud: LocalCloud) -> None:
    put(cloud, body)
    publish(cloud, "s-1")

    result = watch(cloud, "--drain", "--wait", "0")
    shown = lines(result.stdout)
    assert shown[0] == {"poison": poison, "message_id": shown[0]["message_id"], "body": body}
    assert shown[1]["subject"] == "s-1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_long_poll_ends_it_at_once_and_cleanly(number: signal.Signals, cloud: LocalCloud) -> None:
    process = start(cloud, "--take", "--wait", "30")
    wait_for_start(process, cloud)

    process.send_signal(number)
    assert process.end(timeout=20) == (0, "", "")


def test_it_survives_a_restart_of_the_server(world: WorldFile) -> None:
    with LocalCloud(world, access_key_id="LTAIfixed", access_key_secret=SENTINEL) as first:
        process = start(first, "--take", "--wait", "1", "--max", "2")
        wait_for_start(process, first)
        port = int(first.endpoint.rpartition(":")[2])
    process.wait_until_told("trying again")
    with LocalCloud(world, port, access_key_id="LTAIfixed", access_key_secret=SENTINEL) as second:
        publish(second, "s-after")
        code, out, _ = process.end()

    assert code == 0
    assert json.loads(out)["subject"] == "s-after"


def test_it_backs_off_when_the_server_asks_for_it(cloud: LocalCloud) -> None:
    error = {"status": 429, "code": "TooManyRequests", "message": "too many"}
    cloud.faults.plant([PlantedFault.model_validate({"action": "ReceiveMessage", "error": error, "times": 2})])
    publish(cloud, "s-1")

    result = watch(cloud, "--take", "--max", "1")
    assert len(lines(result.stdout)) == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["TooManyRequests"] * 2


WRONG = [
    ((), {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAInobody"}, "snapimage: InvalidAccessKeyId: "),
    ((), {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}, "snapimage: SignatureDoesNotMatch: "),
    (("--queue", "no-such-queue"), {}, "snapimage: QueueNotExist: "),
]


@pytest.mark.parametrize(("options", "changes", "says"), WRONG)
def test_what_no_retry_can_help_ends_it_with_one_clear_line(
    options: tuple[str, ...], changes: dict[str, str], says: str, cloud: LocalCloud
) -> None:
    result = watch(cloud, *options, **changes)

    assert result.returncode == 2
    assert result.stderr.startswith(says)
    assert result.stderr.count("\n") == 1
    assert SENTINEL not in result.stdout + result.stderr
