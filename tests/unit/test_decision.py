"""What is known of a matter and of its answer, whatever became of it."""

from datetime import timedelta

import pytest
from fakes.builders import BEGUN, completed, data_snapshot, system_snapshot

from shared.domain.answers import Answer
from shared.domain.decision import Decided, Kind, Matter, NotGathered, Question, TryLater, View
from shared.domain.errors import Curable, Transient
from shared.domain.facts import Snapshot


@pytest.mark.parametrize(
    ("matter", "event_id", "snapshot_id"),
    [
        (Matter(completed(event_id="e-1", snapshot_id="s-data")), "e-1", "s-data"),
        (Matter(snapshot=system_snapshot("s-sys")), None, "s-sys"),
        (Matter(completed(event_id="e-1", snapshot_id="s-data"), system_snapshot("s-sys")), "e-1", "s-sys"),
        (Matter(), None, None),
    ],
)
def test_a_matter_is_named_by_its_snapshot_or_by_its_event(
    matter: Matter, event_id: str | None, snapshot_id: str | None
) -> None:
    assert (matter.event_id, matter.snapshot_id) == (event_id, snapshot_id)


def test_of_an_answer_with_a_trouble_nothing_is_known() -> None:
    assert Answer(Matter(), trouble=Transient("Busy", "no")).known == Decided(TryLater("", ""))


def test_what_nobody_asked_for_is_asked_for() -> None:
    with pytest.raises(NotGathered) as lack:
        View().snapshot("s-sys")

    assert lack.value.question == Question(Kind.SNAPSHOT, "s-sys")


def test_what_was_listed_need_not_be_asked_for_by_its_id() -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-sys", BEGUN), (system_snapshot(),))

    assert view.snapshot("s-sys") == system_snapshot()


def test_what_a_run_has_listed_answers_at_once_and_with_all_that_it_holds() -> None:
    listed = {Question(Kind.SNAPSHOTS_OF_DISK, "d-sys", BEGUN): (system_snapshot(),)}
    view = View(listed.get)

    assert view.snapshots_of_disk("d-sys", BEGUN) == (system_snapshot(),)
    assert view.snapshot("s-sys") == system_snapshot()


def test_what_a_run_has_not_listed_is_asked_for() -> None:
    with pytest.raises(NotGathered):
        View(lambda _: None).disk("d-sys")


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1)])
def test_a_listing_answers_for_what_began_no_earlier(later: timedelta) -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-data", BEGUN), (data_snapshot(),))

    assert view.snapshots_of_disk("d-data", BEGUN + later) == (data_snapshot(),)


@pytest.mark.parametrize("listed", [(data_snapshot(),), ()])
def test_a_listing_that_begins_later_does_not_answer(listed: tuple[Snapshot, ...]) -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-data", BEGUN), listed)

    with pytest.raises(NotGathered):
        view.snapshots_of_disk("d-data", BEGUN - timedelta(hours=1))


def test_a_refused_question_raises_its_refusal() -> None:
    view, refusal = View(), Curable("Forbidden.RAM", "no", 403)
    view.add(Question(Kind.DISK, "d-sys"), refusal)

    with pytest.raises(Curable) as raised:
        view.disk("d-sys")

    assert raised.value is refusal
