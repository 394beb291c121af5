"""The track_images function over real HTTP: every image comes to its one end, whatever happens on the way."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, published, settings_for

from files import places
from localcloud.ecs.state import EcsStore
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.local.connection import connect_local
from ops.local.control import LocalControl
from ops.replay.here import replay_file
from ops.session import Account
from shared.domain.errors import Transient
from shared.domain.message import StatusMessage
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.create_image import create_images
from shared.flows.track_images import track_images
from shared.ports import Cloud, StatusQueue
from shared.wiring import open_cloud

PLANS = Plans.model_validate({
    "region": "cn-hangzhou",
    "plans": [{"name": "all", "image": {"check": False}, "overdue_after": "2h"}],
})  # fmt: skip
WITH_CHECK = Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "all", "image": {"family": "web"}}]})
EVENT = places.EVENTS / "user-snapshot.json"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


def make_image(cloud: LocalCloud, plans: Plans = PLANS) -> None:
    local: Account = connect_local(LocalControl(cloud.endpoint), plans)
    list(replay_file(EVENT, local))


def open_ports(cloud: LocalCloud) -> Cloud:
    return open_cloud(settings_for(cloud), CloudClock(cloud))


def sweep(cloud: LocalCloud, minutes: float, plans: Plans = PLANS) -> list[tuple[str, str]]:
    """Moves the clock, then looks: what was told."""
    cloud.clock.advance(minutes * 60)
    rules = rules_for("1234567890123456", "cn-hangzhou", plans)
    return [(status.state.value, status.reason.value) for status in track_images(rules, open_ports(cloud))]


def plant(cloud: LocalCloud, **fault: Any) -> None:
    cloud.faults.plant([PlantedFault.model_validate(fault)])


class KilledQueue:
    """The process ends after so many messages have been published."""

    def __init__(self, queue: StatusQueue, after: int) -> None:
        self._queue = queue
        self._left = after

    def publish(self, message: StatusMessage) -> None:
        if self._left == 0:
            raise SystemExit
        self._left -= 1
        self._queue.publish(message)


def test_an_image_in_the_making_is_nothing_new(cloud: LocalCloud) -> None:
    make_image(cloud)

    assert sweep(cloud, 1) == []


def test_an_image_that_is_usable_is_told_once(cloud: LocalCloud) -> None:
    make_image(cloud)

    assert [sweep(cloud, minutes) for minutes in (5, 1, 1)] == [[("available", "ImageAvailable")], [], []]


def test_the_message_tells_the_seconds_since_the_snapshot_ended_and_the_disks(cloud: LocalCloud) -> None:
    make_image(cloud)
    sweep(cloud, 5)

    fact = published(cloud)[-1]["data"]
    assert 43 * 60 <= fact["seconds_since_snapshot"] < 44 * 60
    assert fact["disks"] == [
        {"type": "system", "snapshot_id": "s-bp1buildsys", "disk_id": "d-bp1buildsys", "size_gib": 60, "device": None}
    ]


def test_a_failed_image_is_told_in_the_first_sweep_with_what_ecs_does_not_say(cloud: LocalCloud) -> None:
    plant(cloud, action="CreateImage", image="CreateFailed")
    make_image(cloud)

    assert sweep(cloud, 5) == [("failed", "ImageCreateFailed")]
    assert published(cloud)[-1]["data"]["explanation"].endswith("ended as CreateFailed; ECS gives no reason for it")


def test_an_unavailable_image_is_given_some_time(cloud: LocalCloud) -> None:
    plant(cloud, action="CreateImage", image="UnAvailable")
    make_image(cloud)

    assert [sweep(cloud, minutes) for minutes in (5, 10)] == [[], [("failed", "ImageCreateFailed")]]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("lose_disk", "missing data disk s-bp1webdata20 of 100 GiB"),
        ("wrong_size", "unexpected "),
    ],
)
def test_an_image_with_another_disk_map_than_intended_has_failed(fault: str, problem: str, cloud: LocalCloud) -> None:
    plans = MADE_UP_PLANS
    web = plans.plans[0].model_copy(update={"data_disks": plans.plans[0].data_disks.model_copy(update={"empty": ()})})
    plant(cloud, action="CreateImage", image=fault)
    local = connect_local(LocalControl(cloud.endpoint), plans.model_copy(update={"plans": (web,)}))
    list(replay_file(places.EVENTS / "timer-with-data-disk.json", local))

    assert sweep(cloud, 5, plans) == [("failed", "DiskMapMismatch")]
    assert problem in published(cloud)[-1]["data"]["explanation"]


def test_an_overdue_image_is_told_once_and_still_followed_to_its_end() -> None:
    world = MADE_UP_WORLD
    slow = world.model_copy(update={"progress": world.progress.model_copy(update={"seconds": 4 * 3600})})
    with LocalCloud(slow) as cloud:
        make_image(cloud)

        told = [sweep(cloud, minutes) for minutes in (119, 2, 60, 60)]
    assert told == [[], [("overdue", "ImageOverdue")], [], [("available", "ImageAvailable")]]


def test_the_check_is_told_after_the_image_and_only_then_the_image_leads_its_family(cloud: LocalCloud) -> None:
    make_image(cloud, WITH_CHECK)

    assert sweep(cloud, 3.1, WITH_CHECK) == [("available", "ImageAvailable")]
    assert cloud.journal.actions().count("ModifyImageAttribute") == 0
    assert sweep(cloud, 2, WITH_CHECK) == [
        ("checked", "ImageCheckPassed"),
        ("promoted", "ImagePromoted"),
    ]
    assert cloud.journal.actions().count("ModifyImageAttribute") == 1
    assert sweep(cloud, 2, WITH_CHECK) == []


def test_an_image_with_a_high_risk_does_not_lead_its_family() -> None:
    risk = {"name": "GUESTOS.Fstab", "risk_level": "High", "risk_code": "Fstab.DeviceNotFound"}
    world = MADE_UP_WORLD.model_dump() | {"check_items": [risk]}
    with LocalCloud(WorldFile.model_validate(world)) as cloud:
        make_image(cloud, WITH_CHECK)
        sweep(cloud, 3.1, WITH_CHECK)

        assert sweep(cloud, 2, WITH_CHECK) == [("checked", "ImageCheckFoundRisks")]
        assert "ModifyImageAttribute" not in cloud.journal.actions()
        assert published(cloud)[-1]["data"]["check"]["risks"] == [
            {"name": "GUESTOS.Fstab", "level": "High", "code": "Fstab.DeviceNotFound"}
        ]


def test_a_queue_that_is_down_costs_a_minute_and_no_fact(cloud: LocalCloud) -> None:
    make_image(cloud)
    plant(cloud, action="SendMessage", error={"status": 500, "code": "InternalError", "message": "broken"})

    with pytest.raises(Transient):
        sweep(cloud, 5)
    assert sweep(cloud, 1) == [("available", "ImageAvailable")]


def test_an_image_that_is_deleted_between_look_and_record_disturbs_no_other(cloud: LocalCloud) -> None:
    make_image(cloud)
    refusal = {"status": 404, "code": "InvalidResourceId.NotFound", "message": "gone"}
    plant(cloud, action="TagResources", error=refusal, times=1)

    assert sweep(cloud, 5) == [("available", "ImageAvailable")]


NEVER = -1
KILLS = [0, 1, 49, 50, 51, 333, NEVER, NEVER]
"""In each of eight minutes: how many messages are published before the process is killed."""


def thousand_images() -> WorldFile:
    disks = [{"id": f"d-{n}", "type": "system", "size_gib": 40} for n in range(1000)]
    snapshots = [
        {"id": f"s-{n}", "disk": f"d-{n}", "started": "2026-11-20T02:00:00Z", "ended": "2026-11-20T02:04:00Z"}
        for n in range(1000)
    ]
    progress = {"by": "clock", "seconds": 120}
    return WorldFile.model_validate({"detached_disks": disks, "snapshots": snapshots, "progress": progress})


def event_of(snapshot_id: str) -> dict[str, Any]:
    return {"id": snapshot_id, "type": "ecs:Snapshot:CreateSnapshotCompleted", "data": {"snapshotId": snapshot_id}}


class MemoryQueue:
    """Its messages cost no call, which are another test's business."""

    def __init__(self) -> None:
        self.facts: Counter[tuple[str, str, str]] = Counter()
        """Image, state and id."""

    def publish(self, message: StatusMessage) -> None:
        told = json.loads(message.to_json())
        self.facts[told["data"]["image_id"], told["data"]["state"], told["id"]] += 1


def multiply_image(store: EcsStore) -> None:
    """The image of the first snapshot, of every other as well: tags and all, with the other numbers in them."""
    (first,) = store.images.values()
    for n in range(1, 1000):
        tags = {key: re.sub(r"\b([sd])-0\b", rf"\1-{n}", text) for key, text in first.tags.items()}
        disks = tuple(replace(disk, snapshot_id=f"s-{n}") for disk in first.disks)
        store.images.add(replace(first, id=f"m-{n}", name=f"{first.name}-{n}", tags=tags, disks=disks))
        store.snapshots.retag(f"s-{n}", store.snapshots["s-0"].tags)


@pytest.fixture
def crowd() -> Iterator[LocalCloud]:
    """A thousand images in the making, the first made by the function itself."""
    with LocalCloud(thousand_images()) as cloud:
        rules = rules_for("1234567890123456", "cn-hangzhou", PLANS)
        create_images(json.dumps(event_of("s-0")).encode(), rules, open_ports(cloud))
        multiply_image(cloud.ecs.store)
        yield cloud


@pytest.mark.timeout(300)
def test_a_thousand_images_cost_ten_looks_a_minute_and_each_has_one_end_although_the_function_is_killed(
    crowd: LocalCloud,
) -> None:
    rules, queue = rules_for("1234567890123456", "cn-hangzhou", PLANS), MemoryQueue()
    before = crowd.journal.actions().count("DescribeImages")

    for published_before_the_kill in KILLS:
        crowd.clock.advance(60)
        with suppress(SystemExit):
            track_images(rules, replace(open_ports(crowd), queue=KilledQueue(queue, published_before_the_kill)))

    assert crowd.journal.actions().count("DescribeImages") - before <= 11 * len(KILLS)
    assert len({image for image, _, _ in queue.facts}) == len(queue.facts) == 1000
    assert {state for _, state, _ in queue.facts} == {"available"}
