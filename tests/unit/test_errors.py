"""A refusal keeps what the cloud said."""

from shared.domain.errors import Curable


def test_a_refusal_says_its_code_and_its_words() -> None:
    refusal = Curable("QuotaExceed.Image", "too many images", 400, "request-1")

    assert str(refusal) == "QuotaExceed.Image: too many images"
    assert (refusal.code, refusal.http_status, refusal.request_id) == ("QuotaExceed.Image", 400, "request-1")
