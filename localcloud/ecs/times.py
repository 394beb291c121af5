"""How ECS writes points in time: ISO 8601 in UTC, to the second."""

from datetime import datetime, timezone


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
