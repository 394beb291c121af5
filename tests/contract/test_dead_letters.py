"""Dead letters on the wire of the queue: which of them a replay takes off it."""

import json
from dataclasses import dataclass

import pytest
from fakes.builders import notice

from localcloud.server import LocalCloud
from ops.invoke import FunctionReply
from ops.replay.deployed import replay_dead_letters
from shared.adapters.mns_queue import QueueAccess

DEAD = "snapimage-dead-letters"
SKIPPED = {"state": "skipped", "reason": "NoPlan"}
LEFT = {"state": "left", "reason": "Throttling.User"}


@dataclass(frozen=True)
class Answering:
    """A function that says the same of every invocation."""

    answers: tuple[dict[str, str], ...]

    def invoke(self, payload: bytes, task_id: str | None) -> FunctionReply:
        return FunctionReply(json.dumps({"answers": self.answers}).encode(), "request-1", None, "")

    def task_state(self, task_id: str) -> str:
        raise NotImplementedError


def replay(cloud: LocalCloud, *answers: dict[str, str]) -> tuple[list[str], int]:
    """How one letter is told of, and how many are left on the queue."""
    ready = cloud.ready()
    access = QueueAccess(ready["endpoint"], ready["access_key_id"], ready["access_key_secret"], "", DEAD)
    cloud.mns.queues.send(DEAD, json.dumps({"requestPayload": json.dumps([notice()] * len(answers))}))
    told = [outcome.state for outcome in replay_dead_letters(access, Answering(answers), None)]
    return told, len(cloud.mns.queues.peek_all(DEAD))


def test_a_letter_whose_events_all_got_an_answer_leaves_the_queue(cloud: LocalCloud) -> None:
    assert replay(cloud, SKIPPED, SKIPPED) == (["skipped"], 0)


@pytest.mark.parametrize("answers", [(LEFT,), (LEFT, SKIPPED), (SKIPPED, LEFT)])
def test_a_letter_with_an_event_that_was_left_to_the_sweep_stays(
    answers: tuple[dict[str, str], ...], cloud: LocalCloud
) -> None:
    """It may be of an old night, to which no sweep looks back."""
    assert replay(cloud, *answers) == (["left"], 1)
