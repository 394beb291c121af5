"""The night's report is made and sent whatever the cloud refuses, and it never says OK of what it could not read."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import ACCOUNT, NOW, REGION
from fakes.fleet import DAY, HOUR, PLANS, MemoryFleet, image_of, machine, snapshot, system

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError, Curable, OutcomeUnknown, Throttled, Transient
from shared.domain.plans import Plans
from shared.domain.report import KeptSnapshot
from shared.domain.report_envelope import ReportMessage
from shared.domain.report_message import ImageQuota, NightReport, PinnedSnapshots
from shared.domain.rules import rules_for
from shared.flows.report_night import ReportSources, report_night

RULES = rules_for(ACCOUNT, REGION, Plans.model_validate(PLANS | {"plans": PLANS["plans"][:1]}))
FRESH = snapshot("fresh", 5 * HOUR, usage="image")
FORBIDDEN = Curable("Forbidden.RAM", "no")
PARTS = ("instances", "disks", "policies", "snapshots", "find_snapshots", "images")


class StillClock:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def sleep(self, span: timedelta) -> None:
        self.moment += span


@dataclass(frozen=True)
class NightlyFleet(MemoryFleet):
    """A ReportReader in which one question is refused."""

    calls: CallRecord = field(default_factory=lambda: CallRecord(Throttling(StillClock(), None)))
    refused: str = ""
    refusal: CloudError = FORBIDDEN

    def __getattribute__(self, name: str) -> Any:
        get = super().__getattribute__
        if name not in {*PARTS, "kept_snapshots", "image_quota"}:
            return get(name)
        return lambda *given: get("calls").once(name, lambda: get("answer")(name, *given))

    def answer(self, name: str, *given: Any) -> Any:
        if name == self.refused:
            raise self.refusal
        return getattr(super(), name)(*given) if name in PARTS else getattr(self, f"read_{name}")(*given)

    def read_kept_snapshots(self, until: datetime) -> Iterator[list[KeptSnapshot]]:
        yield [KeptSnapshot(40, NOW - 9 * DAY, 7)]
        yield [KeptSnapshot(60, NOW - 8 * DAY, 7), KeptSnapshot(60, NOW - 2 * DAY, 7)]

    def read_image_quota(self) -> ImageQuota:
        return ImageQuota(100, 1)


class ListQueue:
    def __init__(self) -> None:
        self.messages: list[ReportMessage] = []

    def publish(self, message: ReportMessage) -> None:
        self.messages.append(message)


def fleet(**changes: Any) -> NightlyFleet:
    return NightlyFleet((machine("fresh"),), (system("fresh"),), (FRESH,), (image_of(FRESH, "fresh"),), **changes)


def sources(reader: NightlyFleet, deadline: datetime | None = None) -> ReportSources:
    return ReportSources(reader, StillClock(), reader.calls, deadline)


def tell(reader: NightlyFleet, deadline: datetime | None = None) -> NightReport:
    """What was put on the queue, once."""
    queue = ListQueue()
    report_night(RULES, sources(reader, deadline), queue)
    (message,) = queue.messages
    return message.data


class KeptForADay(NightlyFleet):
    def read_kept_snapshots(self, until: datetime) -> Iterator[list[KeptSnapshot]]:
        yield [KeptSnapshot(40, until - HOUR, 1)]


def test_the_shortest_retention_is_not_missed() -> None:
    told = tell(KeptForADay((machine("fresh"),), (system("fresh"),), (FRESH,), ()))

    assert told.pinned == PinnedSnapshots(1, 40)


def test_a_quiet_night_is_told() -> None:
    told = tell(fleet())

    assert (told.verdict.value, told.reasons, told.refusals) == ("OK", (), ())
    assert told.pinned is not None
    assert (told.pinned.snapshots, told.pinned.gib) == (2, 100)


@pytest.mark.parametrize("question", PARTS)
@pytest.mark.parametrize("refusal", [FORBIDDEN, OutcomeUnknown("NoReply", "cut"), Throttled("Throttling", "slow")])
def test_a_listing_that_is_forbidden_cut_or_throttled_is_told_and_never_ok(question: str, refusal: CloudError) -> None:
    """The image's snapshot is older than the listing, so that it is looked for by its id."""
    old = snapshot("fresh", 3 * DAY, usage="image")
    reader = NightlyFleet(
        (machine("fresh"),), (system("fresh"),), (old,), (image_of(old, "fresh"),), refused=question, refusal=refusal
    )
    told = tell(reader)

    assert (told.verdict.value, told.counts) == ("FAILED", None)
    assert refusal.code in told.explanation
    assert [(each.action, each.code) for each in told.refusals] == [(question, refusal.code)]


@pytest.mark.parametrize(("question", "reason"), [("kept_snapshots", "PinnedUnknown"), ("image_quota", "QuotaUnknown")])
def test_a_number_that_is_not_known_is_said_to_be_unknown(question: str, reason: str) -> None:
    told = tell(fleet(refused=question))

    assert (told.verdict.value, [each.value for each in told.reasons]) == ("PARTIAL", [reason])


@pytest.mark.parametrize(("seconds", "reasons"), [(59, ["PinnedUnknown"]), (60, [])])
def test_a_report_comes_before_the_time_is_over(seconds: int, reasons: list[str]) -> None:
    told = tell(fleet(), deadline=NOW + timedelta(seconds=seconds))

    assert ([each.value for each in told.reasons], told.pinned is None) == (reasons, bool(reasons))


def test_a_night_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "snapimage")

    for reader in (fleet(), fleet(refused="instances")):
        tell(reader)
    quiet, bad = (json.loads(message) for message in caplog.messages)
    standings = {"failing": 0, "never": 0, "stale": 0, "waiting": 0, "unplanned": 0, "fresh": 1}
    told = {"function": "report_night", "state": "reported"}
    assert quiet == told | {"verdict": "OK", "counts": standings, "ecs_calls": 7}
    assert bad == told | {"verdict": "FAILED", "reasons": ["MachinesUnknown"], "ecs_calls": 3}


class FullQueue:
    def publish(self, message: ReportMessage) -> None:
        raise Transient("MNS.Busy", "no")


def test_a_report_that_the_queue_does_not_take_is_tried_again_by_the_platform() -> None:
    with pytest.raises(Transient):
        report_night(RULES, sources(fleet()), FullQueue())


def test_the_words_of_a_trouble_are_cut() -> None:
    told = tell(fleet(refused="instances", refusal=Transient("c" * 100, "w" * 300)))

    assert f"machines not read: {'c' * 100}: " in told.explanation
    assert told.explanation.count("w") == 250 - len("machines not read: ") - 100 - len(": ")
