"""Finds the images of which more is to be told, with as few calls as their number allows."""

from collections.abc import Iterator
from datetime import timedelta

from shared.domain.facts import Image
from shared.domain.image_tags import OPEN, OPEN_CHECK, OPEN_LATE, OPEN_YES
from shared.flows.remember import tag_each
from shared.ports import Cloud

MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""
LATELY = timedelta(minutes=20)
"""Twice the time in which most images are made."""


def open_images(cloud: Cloud, function: str) -> Iterator[tuple[list[Image], bool]]:
    """Images of which more is to be told, page by page, and whether these are all: by tag while ECS shows all that carry
    it, else those made lately by their creation, and older ones by a tag of their own."""
    images = cloud.images.tagged({OPEN: OPEN_YES})
    if len(images) < MOST_TAGGED:
        yield images, True
    else:
        now = cloud.clock.now()
        for page in cloud.images.made_since(now - LATELY):
            mine = [image for image in page if image.tags.get(OPEN) == OPEN_YES]
            older = [image.id for image in mine if image.created and now - image.created > LATELY / 2]
            if older:
                tag_each(older, {OPEN: OPEN_LATE}, cloud.images, function)
            yield mine, False
    for word in (OPEN_LATE, OPEN_CHECK):
        yield cloud.images.tagged({OPEN: word}), True
