"""snapimage setup, in a process of its own, against queues of every kind."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from command import run_command, start_command

from deploy.policies import DEAD_LETTER_QUEUE, FUNCTIONS, STATUS_QUEUE, read_policy
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from localcloud.world import WorldFile

SENTINEL = "sentinel-secret-77aa"
QUEUES = (STATUS_QUEUE, DEAD_LETTER_QUEUE)
SIZES = "VisibilityTimeout 60, MaximumMessageSize 65536, MessageRetentionPeriod 604800"
OURS = {"visibility_timeout": 60, "maximum_message_size": 65536, "message_retention_period": 604800}
REST = {"delay_seconds": 0, "polling_wait_seconds": 0, "logging_enabled": False}


@pytest.fixture
def cloud(world: WorldFile) -> Iterator[LocalCloud]:
    """Without the queues that a local cloud has from its start."""
    with LocalCloud(world, access_key_secret=SENTINEL) as started:
        for name in QUEUES:
            started.mns.queues.delete(name)
        yield started


def environment(cloud: LocalCloud, **changes: str | None) -> dict[str, str]:
    given = {
        **os.environ,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SENTINEL,
        "SNAPIMAGE_MNS_ENDPOINT": cloud.endpoint,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def setup(cloud: LocalCloud, *options: str, **changes: str | None) -> "CompletedProcess[str]":
    """Run in a folder where nobody has written plans."""
    result = run_command("setup", *options, environment=environment(cloud, **changes), cwd=Path(__file__).parent)
    assert SENTINEL not in result.stdout + result.stderr
    return result


def attributes(cloud: LocalCloud, queue: str) -> dict[str, Any]:
    return asdict(cloud.mns.queues.status(queue).attributes)


def done(result: "CompletedProcess[str]") -> list[str]:
    """What it says about the queues."""
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.partition("\n\n")[0].splitlines()


def test_both_queues_are_made_with_every_attribute(cloud: LocalCloud) -> None:
    assert done(setup(cloud)) == [f"{queue}: created with {SIZES}" for queue in QUEUES]
    assert [attributes(cloud, queue) for queue in QUEUES] == [OURS | REST] * 2


def test_a_second_run_changes_nothing_and_says_so(cloud: LocalCloud) -> None:
    setup(cloud)
    before = len(cloud.journal.calls())

    assert done(setup(cloud)) == [f"{queue}: exists and is large enough; left as it is" for queue in QUEUES]
    assert cloud.journal.actions()[before:] == ["GetQueueAttributes"] * 2


def test_a_smaller_queue_is_raised_only_where_it_is_too_small(cloud: LocalCloud) -> None:
    cloud.mns.queues.create(
        STATUS_QUEUE, visibility_timeout=300, maximum_message_size=2048, delay_seconds=7, logging_enabled=True
    )

    assert done(setup(cloud))[0] == (
        f"{STATUS_QUEUE}: changed: MaximumMessageSize from 2048 to 65536, MessageRetentionPeriod from 345600 to 604800"
    )
    assert attributes(cloud, STATUS_QUEUE) == OURS | REST | {
        "visibility_timeout": 300,
        "delay_seconds": 7,
        "logging_enabled": True,
    }


def test_a_larger_queue_is_not_shrunk(cloud: LocalCloud) -> None:
    larger = OURS | {"visibility_timeout": 43200, "polling_wait_seconds": 30}
    cloud.mns.queues.create(STATUS_QUEUE, **larger)

    assert done(setup(cloud))[0] == f"{STATUS_QUEUE}: exists and is large enough; left as it is"
    assert attributes(cloud, STATUS_QUEUE) == REST | larger


def test_messages_stay_in_a_queue_that_is_widened(cloud: LocalCloud) -> None:
    cloud.mns.queues.create(STATUS_QUEUE)
    cloud.mns.queues.send(STATUS_QUEUE, "kept")
    setup(cloud)

    assert [message.body for message in cloud.mns.queues.peek_all(STATUS_QUEUE)] == ["kept"]


def test_a_dry_run_says_what_it_would_do_and_only_looks(cloud: LocalCloud) -> None:
    cloud.mns.queues.create(DEAD_LETTER_QUEUE)

    assert done(setup(cloud, "--dry-run")) == [
        f"{STATUS_QUEUE}: would be created with {SIZES}",
        f"{DEAD_LETTER_QUEUE}: would be changed: VisibilityTimeout from 30 to 60, "
        "MessageRetentionPeriod from 345600 to 604800",
    ]
    assert cloud.journal.actions() == ["GetQueueAttributes"] * 2
    assert cloud.mns.queues.names() == [DEAD_LETTER_QUEUE]


def test_the_policies_are_printed_filled_in(cloud: LocalCloud) -> None:
    blocks = setup(cloud, "--dry-run").stdout.split("\n\n")[1:]

    assert [block.partition("\n")[0] for block in blocks] == [
        "Trust policy of the functions' role:",
        *(f"Permission policy of {function}:" for function in FUNCTIONS),
        "Permission policy of whoever runs snapimage watch:",
        "Permission policy of whoever runs snapimage replay --to:",
        "Permission policy of whoever runs snapimage forget, make, pause and resume:",
        "Permission policy of whoever runs snapimage init and doctor:",
        "Permission policy of whoever runs snapimage coverage, images, explain, preview and report:",
    ]
    assert [json.loads(block.partition("\n")[2]) for block in blocks] == [
        read_policy(name, "cn-hangzhou", "1234567890123456")
        for name in ("trust", *FUNCTIONS, "subscriber", "invoker", "operator", "doctor", "reader")
    ]


def test_plans_that_go_by_tags_of_instances_ask_for_one_more_action(cloud: LocalCloud, tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text("region: cn-hangzhou\nplans:\n  - {name: a, source: {instance_tags: {stage: live}}}\n")

    only_who_looks, also_who_decides = (
        setup(cloud, *words).stdout.count("ecs:DescribeInstances") for words in ([], ["--plans", str(file)])
    )

    assert (only_who_looks, also_who_decides) == (3, 6)


KEYLESS: dict[str, Any] = {"ALIBABA_CLOUD_ACCESS_KEY_ID": None, "SNAPIMAGE_MNS_ENDPOINT": None}
REMOTE = ("--endpoint", "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com")
TOLD = ("--region", "cn-hangzhou", "--account", "1234567890123456")


@pytest.mark.parametrize("options", [REMOTE, TOLD])
def test_a_dry_run_needs_no_keys_for_the_policies(options: tuple[str, ...], cloud: LocalCloud) -> None:
    result = setup(cloud, "--dry-run", *options, **KEYLESS)

    assert done(result) == ["queues: not looked at, for want of an endpoint or of keys in the environment"]
    assert result.stdout.count("olicy of ") == 11
    assert cloud.journal.actions() == []


def test_the_policies_are_written_to_files_one_for_each_role(cloud: LocalCloud, tmp_path: Path) -> None:
    out = tmp_path / "new" / "policies"

    result = setup(cloud, "--dry-run", "--out", str(out))
    assert result.returncode == 0
    assert {path.name: json.loads(path.read_text()) for path in out.iterdir()} == {
        "trust.json": read_policy("trust", "cn-hangzhou", "1234567890123456"),
        "snapimage-create-image.json": read_policy("create_image", "cn-hangzhou", "1234567890123456"),
        "snapimage-reconcile-snapshots.json": read_policy("reconcile_snapshots", "cn-hangzhou", "1234567890123456"),
        "snapimage-report-night.json": read_policy("report_night", "cn-hangzhou", "1234567890123456"),
        "snapimage-retire-images.json": read_policy("retire_images", "cn-hangzhou", "1234567890123456"),
        "snapimage-track-images.json": read_policy("track_images", "cn-hangzhou", "1234567890123456"),
        "subscriber.json": read_policy("subscriber", "cn-hangzhou", "1234567890123456"),
        "invoker.json": read_policy("invoker", "cn-hangzhou", "1234567890123456"),
        "operator.json": read_policy("operator", "cn-hangzhou", "1234567890123456"),
        "doctor.json": read_policy("doctor", "cn-hangzhou", "1234567890123456"),
        "reader.json": read_policy("reader", "cn-hangzhou", "1234567890123456"),
    }
    assert f"{out / 'trust.json'}: trust policy of the functions' role" in result.stdout


def test_a_folder_that_cannot_be_made_is_named(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    result = setup(cloud, "--dry-run", "--out", str(tmp_path / "taken"))
    assert (result.returncode, result.stderr) == (2, f"snapimage: {tmp_path / 'taken'}: File exists\n")


def test_a_local_cloud_hands_out_its_own_keys(cloud: LocalCloud) -> None:
    nobody: dict[str, Any] = {"ALIBABA_CLOUD_ACCESS_KEY_ID": None, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": None}

    result = setup(cloud, "--endpoint", cloud.endpoint, SNAPIMAGE_MNS_ENDPOINT=None, **nobody)
    assert len(done(result)) == 2


WRONG = [
    ((), {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAInobody"}, f"{STATUS_QUEUE}: InvalidAccessKeyId: "),
    ((), {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}, f"{STATUS_QUEUE}: SignatureDoesNotMatch: "),
    ((), {"SNAPIMAGE_MNS_ENDPOINT": None}, "no endpoint: give --endpoint, or set SNAPIMAGE_MNS_ENDPOINT"),
    (
        ("--endpoint", "http://123.mns.cn-hangzhou.aliyuncs.com"),
        {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": None},
        "no keys: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    ),
    (("--endpoint", "http://127.0.0.1:1"), {}, "no local cloud answers at http://127.0.0.1:1: "),
    (("--region", "cn-beijing"), {}, "--region cn-beijing: the endpoint "),
]


@pytest.mark.parametrize(("options", "changes", "says"), WRONG)
def test_what_cannot_work_is_one_clear_line(
    options: tuple[str, ...], changes: dict[str, Any], says: str, cloud: LocalCloud
) -> None:
    result = setup(cloud, *options, **changes)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"snapimage: {says}")
    assert result.stderr.count("\n") == 1
    assert cloud.mns.queues.names() == []


def test_a_server_that_hangs_up_is_named(cloud: LocalCloud) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "GetQueueAttributes", "reply": "refused", "times": 3})])

    result = setup(cloud)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"snapimage: {cloud.endpoint}: NetWorkException: ")


def test_it_is_silent_about_secrets_with_the_old_client_too(cloud: LocalCloud) -> None:
    old = Path(sys.executable).parent.parent / "aliyun-mns"

    result = start_command("setup", environment=environment(cloud, PYTHONPATH=str(old)), cwd=Path(__file__).parent)
    assert SENTINEL not in result.stdout + result.stderr
    assert done(result) == [f"{queue}: created with {SIZES}" for queue in QUEUES]
    assert [attributes(cloud, queue) for queue in QUEUES] == [OURS | REST] * 2
