"""One line of log for each answer, and one for each trouble."""

import json
import logging
from datetime import timedelta

import pytest
from fakes.builders import system_disk, system_snapshot
from fakes.invocations import event
from fakes.world import world

from shared.domain.errors import Transient
from shared.flows.log import log_postponed, log_trouble


class NoCalls:
    """A log of calls of which none was made and some five seconds were waited."""

    def mark(self) -> int:
        return 0

    def since(self, mark: int) -> list[str]:
        return ["CreateImage"][mark:]

    def waited(self, mark: int) -> timedelta:
        return timedelta(seconds=5.4 - mark)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(message) for message in caplog.messages]


def test_an_answer_is_one_line_of_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "snapimage")
    there = world(system_snapshot(), system_disk())

    event(there)
    line = json.loads(caplog.messages[0])
    assert (len(caplog.messages), line["state"], line["image"], line["ecs_calls"]) == (
        1, "creating", "m-1", len(there.actions),
    )  # fmt: skip


def test_what_is_postponed_is_one_line_of_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "snapimage"):
        log_postponed("event-1", "s-sys", "create-image", Transient("x" * 129, "no", 503, "r-1"), NoCalls(), 0)

    assert lines(caplog) == [
        {
            "function": "create-image", "event": "event-1", "snapshot": "s-sys", "state": "postponed", "code": "x" * 128,
            "request": "r-1", "ecs_calls": 1, "waited_seconds": 5,
        }
    ]  # fmt: skip


def test_a_line_of_log_says_nothing_of_what_is_unknown_or_was_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "snapimage"):
        log_postponed(None, None, "create-image", Transient("Busy", "no"), NoCalls(), 5)

    assert lines(caplog) == [{"function": "create-image", "state": "postponed", "code": "Busy", "ecs_calls": 0}]


def test_trouble_is_one_line_of_log_of_a_bounded_length(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "snapimage"):
        log_trouble("track-images", "m-1", "x" * 129, "a\nb" + "y" * 200)

    assert lines(caplog) == [
        {
            "function": "track-images",
            "subject": "m-1",
            "state": "trouble",
            "code": "x" * 128,
            "text": "a\nb" + "y" * 197,
        }
    ]
    assert "\n" not in caplog.messages[0]
