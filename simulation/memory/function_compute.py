"""Function Compute's asynchronous side, for every simulation: what becomes of an event when its turn comes, and when its function failed.

FC help, "Configure a retry mechanism": an invocation that finds no free instance is tried again after 0.5, 1, 2, 4 ...
seconds, for up to 5 hours; one that fails is tried again as often as is configured. How far apart, and how an event is
called that found no instance in all the time, no page says.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Terms:
    """What the platform does without being asked. Assumptions: `retry_after`, `cold_start` (both seconds)."""

    first_backoff: float = 0.5
    longest_backoff: float = float("inf")
    gives_up_after: float = 5 * 3600
    retry_after: float = 60
    cold_start: float = 2

    def wait_after(self, refusals: int) -> float:
        """Seconds until one that found no free instance so often before is tried again."""
        return float(min(self.first_backoff * 2**refusals, self.longest_backoff))


@dataclass(frozen=True)
class Deployed:
    """A function as s.yaml declares it."""

    name: str
    concurrency: int
    timeout: int
    retries: int
    max_age: int
    memory_gib: float
    vcpu: float
    has_dead_letters: bool = True


@dataclass(frozen=True)
class QueuedEvent:
    payload: bytes
    submitted: datetime
    runs: int = 0
    refusals: int = 0
    """How often it found no free instance, since when it is waiting for one."""
    refused_since: datetime | None = None


@dataclass(frozen=True)
class Later:
    """Its turn comes again."""

    event: QueuedEvent
    due: datetime


@dataclass(frozen=True)
class DeadLetter:
    payload: bytes
    condition: str
    runs: int


def take_turn(
    event: QueuedEvent, deployed: Deployed, terms: Terms, now: datetime, is_free: bool
) -> Later | DeadLetter | None:
    """None: it runs now. `is_free` is whether there is an instance for it."""
    if now - event.submitted > timedelta(seconds=deployed.max_age):
        return DeadLetter(event.payload, "Expired", event.runs)
    if is_free:
        return None
    since = event.refused_since or now
    last = since + timedelta(seconds=terms.gives_up_after)
    if now >= last:
        return DeadLetter(event.payload, "NoInstance", event.runs)
    due = now + timedelta(seconds=terms.wait_after(event.refusals))
    return Later(replace(event, refusals=event.refusals + 1, refused_since=since), min(due, last))


def after_failure(event: QueuedEvent, deployed: Deployed, terms: Terms, now: datetime) -> Later | DeadLetter:
    runs = event.runs + 1
    if runs > deployed.retries:
        return DeadLetter(event.payload, "UnhandledInvocationError", runs)
    tried = replace(event, runs=runs, refusals=0, refused_since=None)
    return Later(tried, now + timedelta(seconds=terms.retry_after))
