"""Whether the timers' functions ran lately, as CloudMonitor counts their invocations by the minute.

Function Compute itself tells of no last invocation (FC 3.0 API: no operation does; ListAsyncTasks knows asynchronous tasks
only, and a sweep is none).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ops.doctor.declared import Declared
from ops.doctor.facts import DeployedFunction, Deployment, LastRuns
from ops.doctor.finding import Finding, Unread, fine, unknown, wrong
from ops.moments import write_moment

LATE = timedelta(minutes=10)
"""A sweep is due every minute, and CloudMonitor is some minutes behind."""


def check_sweeps(found: Deployment, declared: Declared, now: datetime) -> Iterator[Finding]:
    for function, runs in found.runs.items():
        logs = f"s {function} logs --tail"
        yield _check_sweep(f"last run of {declared.name(function)}", found.functions[function], runs, now, logs)


def _check_sweep(
    check: str, function: DeployedFunction | Unread | None, runs: LastRuns | Unread, now: datetime, logs: str
) -> Finding:
    if function is None:
        return unknown(check, "the function is not deployed")
    if isinstance(runs, Unread):
        return unknown(check, runs)
    if runs.invoked is not None and runs.failed is not None and runs.failed >= runs.invoked:
        return wrong(check, f"failed at {write_moment(runs.failed)}", logs)
    if runs.invoked is not None and now - runs.invoked <= LATE:
        return fine(check, f"at {write_moment(runs.invoked)}, by CloudMonitor")
    is_new = isinstance(function, DeployedFunction) and function.modified and now - function.modified <= LATE
    if is_new:
        return unknown(check, "deployed a moment ago; look again in ten minutes", "snapimage doctor")
    told = f"at {write_moment(runs.invoked)}" if runs.invoked else "not within two hours"
    return wrong(check, f"{told}, though one is due every minute", "s deploy")
