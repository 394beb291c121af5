"""What was decided, in the words that subscribers read."""

from fakes.builders import ACCOUNT, REGION

from shared.domain.answers import Subject
from shared.domain.message_fields import Reason, State

SUBJECT = Subject(
    account_id=ACCOUNT,
    region_id=REGION,
    event_id="event-1",
    snapshot_id="s-sys",
    disk_id="d-sys",
    instance_id="i-web",
    plan="web",
    seconds_since_snapshot=360,
)


WIDE = "\U0001f4be"
"""One character, four bytes."""


def test_a_longer_explanation_is_cut() -> None:
    answer = SUBJECT.answer(State.FAILED, Reason.ECS_REFUSED, WIDE * 2000)

    assert answer.explanation == WIDE * 600
