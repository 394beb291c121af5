"""How ECS writes points in time: ISO 8601 in UTC, to the second."""

from datetime import datetime, timezone


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_minutes(text: str) -> float | None:
    """The seconds of a yyyy-MM-ddTHH:mmZ, as query filters want it."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None
