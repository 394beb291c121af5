"""What is known of a matter and of its answer, whatever became of it."""

import pytest
from fakes.builders import completed, system_snapshot

from shared.domain.decision import Answer, Decided, Matter, TryLater
from shared.domain.errors import Transient


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
