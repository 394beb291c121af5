"""Which images retirement decides about."""

from datetime import datetime, timezone

from shared.domain.facts import Image
from shared.domain.retirement_facts import ImageEntry, candidate_of


def test_an_image_without_our_tags_is_no_candidate() -> None:
    stranger = Image("m-1", "x", "Available", datetime(2026, 11, 27, tzinfo=timezone.utc))

    assert candidate_of(ImageEntry(stranger)) is None
