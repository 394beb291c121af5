"""Compares what an operator would be told of each snapshot with what the functions told of it."""

from collections import defaultdict
from collections.abc import Iterator

from shared.domain.decision import Make, View
from shared.domain.facts import Role
from shared.domain.message_fields import State
from shared.flows.explain import answer_of_sweep
from simulation.histories.excuses import could_not_remember
from simulation.histories.execution import Execution


def explained(execution: Execution) -> Iterator[str]:
    """What `snapimage explain` says of a snapshot afterwards is what the functions told of it, and asks for nothing new."""
    ends: dict[str, set[State]] = defaultdict(set)
    for said in execution.world.told:
        if said.message.data.terminal and said.message.data.state is not State.SKIPPED:
            ends[said.message.data.snapshot_id or ""].add(said.message.data.state)
    for taken in execution.history.snapshots:
        known = execution.world.cloud.snapshots.known(taken.id)
        if known is None or taken.role is not Role.SYSTEM or could_not_remember(taken, execution.world):
            continue
        answer = answer_of_sweep(known, View(), execution.rules, execution.world.cloud)
        status, decision = answer.status, answer.known.decision
        end = {status.state} if status and status.terminal and status.state is not State.SKIPPED else set()
        if isinstance(decision, Make) or bool(end) != bool(ends[taken.id]) or not end <= ends[taken.id]:
            yield f"{taken.id} is explained as {end or decision}, and was told {ends[taken.id] or 'nothing'}"
