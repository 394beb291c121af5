"""When automatic snapshot policies fire next: on whole hours of UTC+8, on the days that they name."""

from datetime import datetime, timedelta, timezone

from shared.domain.facts import SnapshotPolicy

CHINA = timezone(timedelta(hours=8))
"""API reference DescribeAutoSnapshotPolicyEx, TimePoints. China has no summer time."""
WEEK = 7 * 24


def next_firing(policy: SnapshotPolicy, after: datetime) -> datetime | None:
    """None for a policy that does not fire."""
    hour = after.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    coming = (hour + timedelta(hours=number) for number in range(1, WEEK + 2))
    return next((each.astimezone(timezone.utc) for each in coming if _fires(policy, each)), None)


def nearest_firing(policy: SnapshotPolicy, moment: datetime) -> datetime | None:
    """The one before or after that lies nearer."""
    hour = moment.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    around = [hour + timedelta(hours=number) for number in range(-WEEK, WEEK + 1)]
    fired = [each.astimezone(timezone.utc) for each in around if _fires(policy, each)]
    return min(fired, key=lambda each: abs(each - moment), default=None)


def _fires(policy: SnapshotPolicy, hour: datetime) -> bool:
    return policy.status != "Expire" and hour.hour in policy.hours and hour.isoweekday() in policy.weekdays
