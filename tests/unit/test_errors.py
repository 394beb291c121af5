"""A refusal keeps what the cloud said."""

from datetime import timedelta

import pytest

from shared.domain.errors import CloudError, Curable, OutcomeUnknown, Throttled


def test_a_refusal_says_its_code_and_its_words() -> None:
    refusal = Curable("QuotaExceed.Image", "too many images", 400, "request-1")

    assert str(refusal) == "QuotaExceed.Image: too many images"
    assert (refusal.code, refusal.message) == ("QuotaExceed.Image", "too many images")
    assert (refusal.http_status, refusal.request_id) == (400, "request-1")


def test_a_throttled_call_says_the_same_and_when_to_come_again() -> None:
    refusal = Throttled("Throttling.User", "later", 429, "request-1", timedelta(seconds=9))

    assert (str(refusal), refusal.code, refusal.message) == ("Throttling.User: later", "Throttling.User", "later")
    assert (refusal.http_status, refusal.request_id, refusal.retry_after) == (429, "request-1", timedelta(seconds=9))


@pytest.mark.parametrize("kind", [OutcomeUnknown, Throttled])
def test_what_came_without_a_reply_has_no_status(kind: type[CloudError]) -> None:
    assert kind("Timeout", "no reply").http_status == 0
