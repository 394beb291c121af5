"""Stops the deployed functions and starts them again, without losing a snapshot.

What becomes of events while a function is stopped is not documented: whether EventBridge and the asynchronous queue keep
them, try them again, or drop them (pages DisableFunctionInvocation and "Asynchronous invocation": neither says). So nothing
here depends on it. Every snapshot stays in ECS, and a sweep after the start goes as far back as it would have gone at the
moment of the pause. An event that was kept and comes later finds its snapshot answered.
"""

from collections.abc import Callable
from datetime import datetime, timezone

from deploy.serverless import declared_timeout, function_names
from files.errors import CommandError
from ops.invoke import FunctionPlace, InvokeError
from ops.moments import write_moment
from ops.operate.make import MakeResult, make_images
from ops.operate.switch import PauseMark, Switch
from ops.session import Account
from shared.domain.message_fields import State
from shared.domain.moments import read_moment
from shared.flows.sweep import is_unsettled

SWEEP = "reconcile_snapshots"
NEVER_STOPPED = frozenset({"report_night"})
"""It makes nothing, and a night without a report would look like a fault."""
MARGIN_SECONDS = 100
"""Beyond the timeout of the sweep itself, for its reply."""
REASON = "snapimage pause "
MOST_LINES = 20
Say = Callable[[str], None]


def pause_functions(where: FunctionPlace, account: Account, dry_run: bool, say: Say) -> None:
    """All but the report: what follows images, too, which would otherwise tell of what nobody made."""
    now = account.cloud.clock.now()
    for name in stopped_names():
        switch = Switch(where, name)
        if known := switch.restriction():
            say(
                f"{name}: stopped already, since {write_moment(paused_at(known))} ({known.reason or 'no reason given'})"
            )
        elif dry_run:
            say(f"{name}: would be stopped")
        else:
            switch.disable(REASON + write_moment(now))
            say(f"{name}: stopped")
    show_waiting(account, now, say)
    say("start them again with: snapimage resume")


def resume_functions(where: FunctionPlace, account: Account, since: datetime | None, dry_run: bool, say: Say) -> bool:
    """Whether everything was started and the sweep went to its end. Also what somebody else has stopped is started."""
    switches = {name: Switch(where, name) for name in function_names().values()}
    stopped = {name: known for name, switch in switches.items() if (known := switch.restriction())}
    since = since or min((paused_at(stopped[name]) for name in stopped_names() if name in stopped), default=None)
    if not stopped and since is None:
        say("no function is stopped")
    if dry_run and since:
        show_waiting(account, since, say)
    if dry_run:
        return True
    for name in stopped:
        switches[name].enable()
        say(f"{name}: started")
    return _sweep(where, since, account, say) if since else True


def stopped_names() -> list[str]:
    return [deployed for name, deployed in function_names().items() if name not in NEVER_STOPPED]


def paused_at(known: PauseMark) -> datetime:
    """As we wrote it down; of a stop by somebody else, when it was made."""
    text = known.reason.removeprefix(REASON) if known.reason.startswith(REASON) else known.modified
    try:
        return read_moment(text).astimezone(timezone.utc)
    except ValueError:
        raise CommandError("a function was stopped by somebody else: say since when, --since TIME") from None


def show_waiting(account: Account, since: datetime, say: Say) -> None:
    """What the sweep would answer now."""
    waiting = list_waiting(account, since)
    say(f"{len(waiting)} snapshots wait for an answer" + (":" if waiting else ""))
    for result in waiting[:MOST_LINES]:
        answer, request = result.answer, result.request
        reason = answer.status.reason.value if answer.status else answer.trouble.code if answer.trouble else ""
        say(f"  {answer.matter.snapshot_id}  {'an image: ' + request.name if request else reason}")
    if len(waiting) > MOST_LINES:
        say(f"  and {len(waiting) - MOST_LINES} more")


def list_waiting(account: Account, since: datetime) -> list[MakeResult]:
    """Those that a plan wants, and that no end was told of."""
    now, lookback = account.cloud.clock.now(), account.rules.lookback
    found: list[MakeResult] = []
    for page in account.cloud.snapshots.of_system_disks(since - lookback):
        unsettled = [each for each in page if is_unsettled(each, now)]
        found += make_images(unsettled, account.plans, account, dry_run=True, is_forced=False)
    return [each for each in found if each.answer.status is None or each.answer.status.state is not State.SKIPPED]


def _sweep(where: FunctionPlace, since: datetime, account: Account, say: Say) -> bool:
    """In the function, whose clock, plans and rights are those of every sweep."""
    again = f"once more with: snapimage resume --since {write_moment(since)}"
    sweep = Switch(where, function_names()[SWEEP], read_seconds=declared_timeout(SWEEP) + MARGIN_SECONDS)
    say(f"sweeping from {write_moment(since)} on; this may take minutes")
    try:
        counts = sweep.call({"since": write_moment(since)}).get("counts", {})
    except InvokeError as error:
        say(f"the sweep did not come to its end ({error}); {again}")
        return False
    say("swept: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    left = list_out_of_sight(account, since) if counts.get("postponed") else []
    if left:
        say(f"{len(left)} are too old for the sweeps to come and have no end yet; {again}")
    return not left


def list_out_of_sight(account: Account, since: datetime) -> list[MakeResult]:
    """Of those that wait, the ones that an ordinary sweep does not look at."""
    oldest = account.cloud.clock.now() - account.rules.lookback
    waiting = list_waiting(account, since)
    return [each for each in waiting if (found := each.answer.matter.snapshot) and found.created < oldest]
