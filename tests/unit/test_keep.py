"""Which images survive: restic's documented rules, and the same answer as an implementation that shares nothing with ours."""

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from shared.domain.keep import Dated, choose_survivors, newest
from shared.domain.retire import KeepRules

UTC = timezone.utc
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
ZONES = tuple(
    map(ZoneInfo, ("Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"))
)
LISTS = int(os.environ.get("LISTS", "10000"))
"""More on demand: LISTS=100000 pytest tests/unit/test_keep.py"""


def survivors(rules: KeepRules, *days_ago: float, zone: str = "UTC") -> list[str]:
    """Images named after how many days ago they began, with their reasons."""
    images = [Dated(f"{days:g}", NOW - timedelta(days=days)) for days in days_ago]
    kept = choose_survivors(images, rules, ZoneInfo(zone), NOW)
    return [f"{image_id}: {', '.join(reasons)}" for image_id, reasons in kept.items()]


def test_the_last_ones_survive() -> None:
    assert survivors(KeepRules(last=2), 0, 1, 2) == ["0: last", "1: last"]


def test_the_newest_of_each_day_stands_for_it() -> None:
    assert survivors(KeepRules(daily=2), 0.05, 0.01, 1, 2) == ["0.01: daily 2026-11-27", "1: daily 2026-11-26"]


def test_only_days_that_have_an_image_count() -> None:
    assert survivors(KeepRules(daily=2), 0, 30, 60) == ["0: daily 2026-11-27", "30: daily 2026-10-28"]


def test_days_are_those_of_the_time_zone() -> None:
    """03:00 in UTC is 22:00 of the day before in New York; three hours and a half earlier it is the same day there."""
    apart = (0, 3.5 / 24)

    assert survivors(KeepRules(daily=1), *apart, zone="America/New_York") == ["0: daily 2026-11-26"]
    assert len(survivors(KeepRules(daily=2), *apart)) == 2


def test_a_week_that_two_years_share_is_one() -> None:
    rules = KeepRules(weekly=2)
    images = [
        Dated(day, datetime.fromisoformat(day).replace(tzinfo=UTC))
        for day in ("2021-01-03", "2020-12-28", "2020-12-27")
    ]

    assert choose_survivors(images, rules, UTC, NOW) == {
        "2021-01-03": ("weekly 2020-W53",),
        "2020-12-27": ("weekly 2020-W52",),
    }


def test_within_counts_back_from_the_newest_image_and_not_from_now() -> None:
    assert survivors(KeepRules(within=timedelta(days=3)), 100, 102, 104) == ["100: within 3d", "102: within 3d"]


def test_the_oldest_is_kept_while_a_rule_has_counts_left() -> None:
    assert survivors(KeepRules(monthly=6), 0, 1, 2) == ["0: monthly 2026-11", "2: oldest monthly"]


def test_what_begins_in_the_future_is_kept_and_counts_for_nothing() -> None:
    assert survivors(KeepRules(last=1), -1, 0, 1) == ["-1: begins later than now", "0: last"]


def test_of_two_that_began_at_one_moment_the_greater_id_is_the_newer() -> None:
    images = [Dated("m-b", NOW), Dated("m-a", NOW)]

    assert set(choose_survivors(images, KeepRules(last=1), UTC, NOW)) == {"m-b"}
    assert newest(images) == "m-b"


def test_what_several_rules_keep_has_several_reasons() -> None:
    rules = KeepRules(last=1, daily=1, weekly=1, monthly=1, within=timedelta(hours=6))

    assert survivors(rules, 0, 40) == ["0: within 6h, last, daily 2026-11-27, weekly 2026-W48, monthly 2026-11"]


def brute_force(images: Sequence[Dated], rules: KeepRules, zone: ZoneInfo, now: datetime) -> dict[str, set[str]]:
    """Period by period: makes every calendar period that has images, orders the periods, and takes the newest of each."""
    kept: dict[str, set[str]] = defaultdict(set)
    counted = [image for image in images if image.began <= now]
    for image in images:
        if image.began > now:
            kept[image.id].add("begins")
    if not counted:
        return kept
    latest = max(image.began for image in counted)
    for image in counted:
        if rules.within and (latest - image.began) <= rules.within:
            kept[image.id].add("within")
        if sum((other.began, other.id) > (image.began, image.id) for other in counted) < rules.last:
            kept[image.id].add("last")
    periods: dict[str, tuple[int, Callable[[datetime], object]]] = {
        "daily": (rules.daily, lambda moment: moment.toordinal()),
        "weekly": (rules.weekly, lambda moment: (moment.toordinal() - 1) // 7),
        "monthly": (rules.monthly, lambda moment: moment.year * 12 + moment.month),
    }
    for word, (count, number_of) in periods.items():
        for image_id, is_oldest in _newest_of_periods(counted, count, zone, number_of):
            kept[image_id].add("oldest" if is_oldest else word)
    return kept


def _newest_of_periods(
    images: Sequence[Dated], count: int, zone: ZoneInfo, number_of: Callable[[datetime], object]
) -> Iterable[tuple[str, bool]]:
    champions: dict[object, Dated] = {}
    for image in images:
        period = number_of(image.began.astimezone(zone))
        best = champions.get(period, image)
        champions[period] = max(best, image, key=lambda each: (each.began, each.id))
    ranked = sorted(champions.values(), key=lambda each: (each.began, each.id))[::-1]
    yield from ((each.id, False) for each in ranked[:count])
    oldest = min(images, key=lambda each: (each.began, each.id))
    if count > len(ranked) and oldest.id not in {each.id for each in ranked}:
        yield oldest.id, True


ANCHORS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00",  # clocks are changed
        "2020-12-31T16:00", "2021-01-03T23:59", "2026-12-31T16:00", "2027-01-03T18:15",  # years of 53 weeks
        "2011-12-30T10:00",  # Apia has no 30 December 2011
        "2024-02-29T00:00",
    )
)  # fmt: skip
STEPS = (
    timedelta(0),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(days=7),
    timedelta(days=31),
)


def draw_list(draw: random.Random) -> tuple[list[Dated], KeepRules, ZoneInfo, datetime]:
    moment, step = draw.choice(ANCHORS), draw.choice(STEPS)
    size = draw.randrange(14)
    images = []
    for number in range(size):
        images.append(Dated(f"m-{draw.randrange(100):02}-{number}", moment))
        moment += draw.choice((step, -step, draw.choice(STEPS), timedelta(seconds=draw.randrange(-90_000, 90_000))))
    last, daily, weekly, monthly = (draw.choice((0, 0, 1, 2, 5)) for _ in range(4))
    within = draw.choice((timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=40)))
    rules = KeepRules(last=last, daily=daily, weekly=weekly, monthly=monthly, within=within)
    now = draw.choice((moment, draw.choice(ANCHORS), NOW))
    return images, rules, draw.choice(ZONES), now


def test_another_implementation_agrees_on_every_random_list() -> None:
    draw = random.Random(16)

    for number in range(LISTS):
        images, rules, zone, now = draw_list(draw)
        kept = choose_survivors(images, rules, zone, now)
        words = {image_id: {reason.split()[0] for reason in reasons} for image_id, reasons in kept.items()}
        assert words == brute_force(images, rules, zone, now), f"list {number}"


def test_lists_are_of_every_kind() -> None:
    """Equal times, future times, changed clocks and long years: or agreement would mean little."""
    draw = random.Random(16)
    drawn = [draw_list(draw) for _ in range(2_000)]

    assert sum(len({image.began for image in images}) < len(images) for images, *_ in drawn) > 100
    assert sum(any(image.began > now for image in images) for images, _, _, now in drawn) > 100
    assert sum(any(image.began.isocalendar()[1] == 53 for image in images) for images, *_ in drawn) > 100


@pytest.mark.parametrize("rules", [KeepRules(last=1), KeepRules(within=timedelta(days=1)), KeepRules(monthly=1)])
def test_any_rule_keeps_the_newest(rules: KeepRules) -> None:
    assert "0" in choose_survivors([Dated("0", NOW), Dated("9", NOW - timedelta(days=9))], rules, UTC, NOW)
