"""Outcomes as people like to read them."""

from ops.fleet_view.words import indented
from ops.replay.deployed import DeployedOutcome
from ops.replay.here import ReplayOutcome


def show_outcome(outcome: ReplayOutcome) -> str:
    lines = [
        f"{outcome.event}: {outcome.state}/{outcome.reason}" + (f"  {outcome.image_id}" if outcome.image_id else ""),
        f"    {outcome.explanation}",
        f"    ECS calls: {', '.join(outcome.calls) or 'none'}",
    ]
    lines += [f"    message: {message['type']} {message['id']}" for message in outcome.messages]
    if outcome.request is not None:
        lines += ["    CreateImage:", *indented(outcome.request)]
    return "\n".join(lines)


def show_deployed(outcome: DeployedOutcome) -> str:
    lines = [f"{outcome.event}: {outcome.state}/{outcome.reason}", f"    {outcome.explanation}"]
    if outcome.request_id:
        lines.append(f"    request id: {outcome.request_id}")
    lines += ["    | " + line for line in outcome.log.splitlines()]
    return "\n".join(lines)
