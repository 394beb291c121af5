"""Keeps a final refusal on the snapshot itself, so that nothing takes it up again behind the subscribers' backs."""

from shared.domain.bounds import TAG_LIMIT
from shared.domain.errors import Permanent
from shared.domain.reasons import State
from shared.domain.refusal import ANSWER
from shared.domain.status import ImageStatus
from shared.flows.log import log_trouble
from shared.ports import Snapshots


def remember_refusal(status: ImageStatus, function: str, snapshots: Snapshots) -> None:
    """After it was published. Only of a snapshot that a plan wanted: the others are nobody's, and nobody looks again."""
    is_final = status.state is State.FAILED and status.terminal and status.image_id is None
    if not is_final or status.plan is None or status.snapshot_id is None:
        return
    try:
        code = f" {status.cause.code}" if status.cause else ""
        snapshots.record(status.snapshot_id, {ANSWER: f"{status.reason.value}{code}"[:TAG_LIMIT]})
    except Permanent as refusal:
        log_trouble(function, status.snapshot_id, refusal.code, "refusal not remembered")
