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
WINDOW = timedelta(days=4)
"""All that is drawn lies in it."""


FATES = list(product(["accomplished"] * 4 + ["failed"], [("user", ""), ("timer", "a"), ("timer", "b")]))
"""What may become of a snapshot, and who made it: drawn at once, since to draw costs as much as to decide."""


@dataclass(frozen=True)
class DrawnFleet:
    disks: tuple[Disk, ...]
    snapshots: tuple[Snapshot, ...]


@st.composite
def histories(draw: st.DrawFn) -> DrawnFleet:
    """Up to three instances with up to three data disks; up to four snapshots of each disk in two days."""
    disks, snapshots = [], []
    for instance in range(draw(st.integers(1, 3))):
        for number in range(draw(st.integers(1, 4))):
            role = Role.DATA if number else Role.SYSTEM
            disk = Disk(f"d-{instance}-{number}", role, 40 + number, f"i-{instance}")
            disks.append(disk)
            for minute in draw(st.lists(st.integers(0, 2880), max_size=4, unique=True)):
                status, (kind, run) = draw(st.sampled_from(FATES))
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
    deployed = rules(plan, lookback=WINDOW)
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


@st.composite
def orders(draw: st.DrawFn) -> tuple[DrawnFleet, list[int], list[int]]:
    """Of several orders one and another, the second with duplicates."""
    history, chance = draw(histories()), Random(draw(st.integers(0, 2**32)))
    every = list(range(len(history.snapshots)))
    again = chance.choices(every, k=chance.randrange(6)) if every else []
    return history, chance.sample(every, len(every)), chance.sample(every + again, len(every + again))


@settings(max_examples=300 // SEARCH_SHARE, deadline=None)
@given(orders(), st.sampled_from([PLAN, PARTIAL]))
def test_whatever_the_order_and_the_duplicates_the_images_are_the_same(
    case: tuple[DrawnFleet, list[int], list[int]], plan: Plan
) -> None:
    history, one_order, another_order = case

    one, _ = deliver(history, one_order, plan)
    another, _ = deliver(history, another_order, plan)
    assert images_of(one) == images_of(another)


@settings(max_examples=200 // SEARCH_SHARE, deadline=None)
@given(orders(), st.integers(0, 2**32).map(Random))
def test_after_one_sweep_every_snapshot_in_scope_has_its_image_or_its_reason_although_events_were_lost(
    case: tuple[DrawnFleet, list[int], list[int]], chance: Random
) -> None:
    history, everything, order = case
    arrived = [index for index in order if chance.random() >= 0.3]
    days = rules(PLAN, lookback=WINDOW)

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
