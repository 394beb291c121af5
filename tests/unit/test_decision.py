"""What an event alone decides, before anything is asked."""

import pytest
from fakes.builders import (
    ACCOUNT,
    completed,
    rules,
)

from shared.domain.decision import refuse_event
from shared.domain.events import SnapshotCompleted
from shared.domain.message_fields import Reason


@pytest.mark.parametrize(
    ("event", "skip"),
    [
        pytest.param(completed(), None, id="ours"),
        pytest.param(completed(account_ids=frozenset()), None, id="of no account"),
        pytest.param(completed(account_ids=frozenset({ACCOUNT, "99"})), Reason.WRONG_ACCOUNT, id="one of two accounts"),
        pytest.param(completed(region_ids=frozenset({"cn-beijing"})), Reason.WRONG_REGION, id="another region"),
        pytest.param(completed(kind="copied"), Reason.SNAPSHOT_TYPE_EXCLUDED, id="a type that no plan takes"),
        pytest.param(completed(kind=None), None, id="of no type"),
        pytest.param(completed(result="failed"), None, id="failed, which ECS is asked about"),
    ],
)
def test_an_event_alone_decides_what_is_not_for_us(event: SnapshotCompleted, skip: Reason | None) -> None:
    found = refuse_event(event, rules())

    assert (found.reason if found else None) == skip
