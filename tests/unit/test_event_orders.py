"""Random fleets and event orders: the images are the same whatever came when and how often.

What holds in each history by itself, the simulation checks; here one history is told in several orders.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from random import Random

from fakes.builders import BEGUN, NOW, notice, payload, rules
from hypothesis import given, settings
from hypothesis import strategies as st
from support import SEARCH_SHARE

from shared.domain.facts import Disk, MappedDisk, Role, Snapshot
from shared.domain.image_tags import SNAPSHOT
from shared.domain.plans import Plan
from shared.domain.rules import rules_for
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from simulation.memory.cloud import MemoryCloud, memory_cloud

PLAN = Plan.model_validate({
    "name": "fleet",
    "data_disks": {"take": "attached", "within": "6h", "wait_for": "6h"},
})  # fmt: skip
PARTIAL = Plan.model_validate({
    "name": "fleet",
    "data_disks": {"take": "attached", "within": "6h", "wait_for": "6h", "on_missing": "leave_out"},
})  # fmt: skip


FATES = list(product(["accomplished"] * 4 + ["failed"], [("user", ""), ("timer", "a"), ("timer", "b")]))
"""What may become of a snapshot, and who made it."""


@dataclass(frozen=True)
class DrawnFleet:
    disks: tuple[Disk, ...]
    snapshots: tuple[Snapshot, ...]


def draw_fleet(chance: Random) -> DrawnFleet:
    """Up to three instances with up to three data disks; up to four snapshots of each disk in two days, many of them at one
    time. Drawn from one number: to draw each value by itself would cost as much as to decide."""
    disks, snapshots = [], []
    step = chance.choice((1, 60, 720))
    for instance in range(chance.randint(1, 3)):
        for number in range(chance.randint(1, 4)):
            role = Role.DATA if number else Role.SYSTEM
            disk = Disk(f"d-{instance}-{number}", role, 40 + number, f"i-{instance}")
            disks.append(disk)
            for minute in chance.sample(range(0, 2881, step), chance.randint(0, 4)):
                status, (kind, run) = chance.choice(FATES)
                snapshots.append(
                    Snapshot(
                        f"s-{instance}-{number}-{minute}", disk.id, role, disk.size_gib, status,
                        BEGUN - timedelta(days=3) + timedelta(minutes=minute), kind, f"auto2.0_20261118_sp-{run}",
                    )
                )  # fmt: skip
    return DrawnFleet(tuple(disks), tuple(snapshots))


def deliver(history: DrawnFleet, order: list[int], plan: Plan) -> tuple[MemoryCloud, list[object]]:
    """Every event in the given order, duplicates included: the cloud afterwards, and the answers."""
    cloud = memory_cloud(history.snapshots, history.disks, now=NOW)
    answers: list[object] = []
    deployed = rules(plan)
    for index in order:
        snapshot = history.snapshots[index]
        event = notice(
            f"event-{snapshot.id}",
            snapshotId=snapshot.id,
            diskId=snapshot.disk_id,
            result=snapshot.status,
            snapshotType=snapshot.kind,
            endTime=f"{snapshot.created + timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}",
        )
        answers += create_images(payload(event), deployed, cloud)
    return cloud, answers


def images_of(cloud: MemoryCloud) -> set[tuple[str, tuple[MappedDisk, ...]]]:
    return {(image.tags[SNAPSHOT], image.disks) for image in cloud.images.images.values()}


def draw_orders(chance: Random) -> tuple[DrawnFleet, list[int], list[int]]:
    """Of several orders one and another, the second with duplicates."""
    fleet = draw_fleet(chance)
    every = list(range(len(fleet.snapshots)))
    again = chance.choices(every, k=chance.randrange(6)) if every else []
    return fleet, chance.sample(every, len(every)), chance.sample(every + again, len(every + again))


SEEDS = st.integers(0, 2**32).map(Random)


@settings(max_examples=300 // SEARCH_SHARE, deadline=None)
@given(SEEDS, st.sampled_from([PLAN, PARTIAL]))
def test_whatever_the_order_and_the_duplicates_the_images_are_the_same(chance: Random, plan: Plan) -> None:
    history, one_order, another_order = draw_orders(chance)

    one, _ = deliver(history, one_order, plan)
    another, _ = deliver(history, another_order, plan)
    assert images_of(one) == images_of(another)


@settings(max_examples=200 // SEARCH_SHARE, deadline=None)
@given(SEEDS)
def test_after_one_sweep_every_snapshot_in_scope_has_its_image_or_its_reason_although_events_were_lost(
    chance: Random,
) -> None:
    history, everything, order = draw_orders(chance)
    arrived = [index for index in order if chance.random() >= 0.3]
    days = rules_for("1234567890123456", "cn-hangzhou", rules(PLAN).plans, timedelta(days=4))

    cloud, _ = deliver(history, arrived, PLAN)
    reconcile_snapshots(days, cloud)
    whole, _ = deliver(history, everything, PLAN)
    told = {message.data.snapshot_id for message in cloud.queue.messages}
    assert images_of(cloud) == images_of(whole)
    assert {each.id for each in history.snapshots if each.role is Role.SYSTEM} <= told
    counts = reconcile_snapshots(days, cloud)
    assert counts["looked_at"] == counts["done"]


@settings(max_examples=200 // SEARCH_SHARE, deadline=None)
@given(st.integers(0, 110), st.integers(0, 110), st.booleans())
def test_a_set_that_grows_while_events_come_is_made_by_the_last_of_them(
    system_minutes: int, data_minutes: int, data_first: bool
) -> None:
    """Both snapshots begin at the same time and end some time later; their events come at their ends, or swapped."""
    system = Snapshot("s-sys", "d-sys", Role.SYSTEM, 40, "progressing", BEGUN)
    data = Snapshot("s-data", "d-data", Role.DATA, 100, "progressing", BEGUN)
    cloud = memory_cloud(
        [system, data], [Disk("d-sys", Role.SYSTEM, 40, "i-1"), Disk("d-data", Role.DATA, 100, "i-1")], now=BEGUN
    )
    ends = sorted([(system_minutes, system), (data_minutes, data)], key=lambda end: (end[0], data_first))

    deployed = rules(PLAN)
    for minutes, snapshot in ends:
        cloud.clock.advance(BEGUN + timedelta(minutes=minutes) - cloud.clock.now())
        cloud.snapshots.put(replace(snapshot, status="accomplished"))
        event = notice(snapshot.id, snapshotId=snapshot.id, diskId=snapshot.disk_id, snapshotType="user")
        create_images(payload(event), deployed, cloud)
    assert [disks for _, disks in images_of(cloud)] == [
        (MappedDisk(Role.SYSTEM, "s-sys", 40), MappedDisk(Role.DATA, "s-data", 100))
    ]
