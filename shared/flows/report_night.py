"""Reads what a night is judged by, says what could not be read, and tells it in one message: every night, also a quiet one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from shared.domain.coverage import cover
from shared.domain.errors import CloudError, Transient
from shared.domain.report import FleetFacts, KeptSnapshot, NightFacts, count_images, count_pinned, report
from shared.domain.report_envelope import envelope_report
from shared.domain.report_message import NightReport
from shared.domain.rules import Rules
from shared.fleet_reader import ReportReader
from shared.flows.inventory import read_inventory
from shared.flows.log import log
from shared.ports import Clock, RefusalLog, ReportQueue

T = TypeVar("T")
FUNCTION = "report_night"
SHORTEST_RETENTION = timedelta(days=1)
"""Of an automatic snapshot (API reference CreateAutoSnapshotPolicy): a younger one is not past it."""
MARGIN = timedelta(seconds=60)
"""Left for the message when reading takes long: a report that lacks a number is better than none."""


@dataclass(frozen=True)
class ReportSources:
    """What a report is made from. Nothing in it can change anything but the queue."""

    reader: ReportReader
    clock: Clock
    calls: RefusalLog
    deadline: datetime | None = None


def report_night(rules: Rules, sources: ReportSources, queue: ReportQueue) -> NightReport:
    """Raises Transient when the queue does not take it: the platform tries again."""
    made = make_report(rules, sources)
    queue.publish(envelope_report(made, FUNCTION, sources.clock.now()))
    log(
        function=FUNCTION,
        state="reported",
        verdict=made.verdict.value,
        reasons=[reason.value for reason in made.reasons] or None,
        counts=made.counts.to_plain() if made.counts else None,
        ecs_calls=made.calls,
        waited_seconds=made.waited_seconds or None,
    )
    return made


def make_report(rules: Rules, sources: ReportSources) -> NightReport:
    """Without telling anybody."""
    now, reader, calls = sources.clock.now(), sources.reader, sources.calls
    troubles: list[str] = []
    mark, refused = calls.mark(), len(calls.refusals)
    fleet = _try(lambda: _read_fleet(rules, reader, now), "machines not read", troubles)
    pinned = _try(lambda: count_pinned(_kept(sources, now), now), "pinned snapshots not counted", troubles)
    quota = _try(reader.image_quota, "image quota not known", troubles)
    return report(
        NightFacts(
            rules.account_id, rules.region_id, now, fleet, pinned, quota, troubles,
            calls.refusals[refused:], len(calls.since(mark)), calls.waited(mark),
        )
    )  # fmt: skip


def _read_fleet(rules: Rules, reader: ReportReader, now: datetime) -> FleetFacts:
    inventory = read_inventory(reader, rules, now)
    return FleetFacts(cover(inventory, rules, now), count_images(inventory))


def _try(read: Callable[[], T], text: str, troubles: list[str]) -> T | None:
    """None, and a word of why, when the cloud does not answer in full."""
    try:
        return read()
    except CloudError as trouble:
        troubles.append(f"{text}: {trouble.code}: {trouble.message}"[:250])
    return None


def _kept(sources: ReportSources, now: datetime) -> Iterator[Sequence[KeptSnapshot]]:
    for page in sources.reader.kept_snapshots(now - SHORTEST_RETENTION):
        if sources.deadline and sources.clock.now() > sources.deadline - MARGIN:
            raise Transient("TimeOver", "there are more than the function has time for")
        yield page
