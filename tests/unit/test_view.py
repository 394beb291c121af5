"""A view answers what was gathered, and asks for what was not."""

from datetime import timedelta

import pytest
from fakes.builders import BEGUN, data_snapshot, system_snapshot

from shared.domain.errors import Curable
from shared.domain.view import Kind, NotGathered, Question, View


def test_what_nobody_asked_for_is_asked_for() -> None:
    with pytest.raises(NotGathered) as lack:
        View().snapshot("s-sys")

    assert lack.value.question == Question(Kind.SNAPSHOT, "s-sys")


def test_what_was_listed_need_not_be_asked_for_by_its_id() -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-sys", BEGUN), (system_snapshot(),))

    assert view.snapshot("s-sys") == system_snapshot()


def test_a_listing_that_begins_later_does_not_answer() -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-data", BEGUN), (data_snapshot(),))

    with pytest.raises(NotGathered):
        view.snapshots_of_disk("d-data", BEGUN - timedelta(hours=1))


def test_a_refused_question_raises_its_refusal() -> None:
    view, refusal = View(), Curable("Forbidden.RAM", "no", 403)
    view.add(Question(Kind.DISK, "d-sys"), refusal)

    with pytest.raises(Curable) as raised:
        view.disk("d-sys")

    assert raised.value is refusal
