"""What is taken in of an account's images, page by page."""

from datetime import datetime, timedelta, timezone

from shared.domain.account_images import AccountImages
from shared.domain.disk_set import DiskSet
from shared.domain.facts import Image, MappedDisk, Role
from shared.domain.image_tags import OPEN, OPEN_NO, STATE, OurTags, describe_image
from shared.domain.retirement_facts import ImageEntry

NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)
DISK = MappedDisk(Role.SYSTEM, "s-1", 40, "d-1")
TAGS = describe_image(OurTags("s-1", "web", "d-1", overdue_after=60), DiskSet(DISK)) | {OPEN: OPEN_NO, STATE: "checked"}


def entry(name: str, minutes: int = 0, status: str = "Available", family: str = "") -> ImageEntry:
    return ImageEntry(Image(name, name, status, NOW + timedelta(minutes=minutes), (DISK,), TAGS), family)


def test_an_image_that_two_pages_show_is_one() -> None:
    images = AccountImages()
    images.take([entry("m-1")], {"web": None})
    images.take([entry("m-1")], {"web": None})

    assert [image.id for image in images.candidates] == ["m-1"]
    assert images.held["s-1"] == 1


def test_images_of_other_plans_and_of_others_are_counted_and_left_alone() -> None:
    images = AccountImages()
    stranger = ImageEntry(Image("m-2", "x", "Available", NOW))
    images.take([entry("m-1"), stranger], {"db": None})

    assert images.candidates == []
    assert images.left_alone == {"of no plan that retires images": 1, "not an image of snapimage": 1}


def test_the_newest_of_a_family_is_the_available_one_that_was_created_last() -> None:
    images = AccountImages()
    images.take(
        [
            entry("m-1", 5, family="web"),
            entry("m-2", 9, "Deprecated", "web"),
            entry("m-4", 4, family="web"),
            entry("m-3", 1, family="db"),
            entry("m-5", 2, family="db"),
        ],
        {"web": None},
    )

    assert images.families.heads == {"m-1", "m-5"}


def test_of_two_that_were_created_at_one_moment_each_may_be_the_newest() -> None:
    images = AccountImages()
    images.take([entry("m-1", family="web"), entry("m-2", family="web")], {"web": None})

    assert images.families.heads == {"m-1", "m-2"}


def test_what_a_deleted_image_held_is_held_no_longer() -> None:
    images = AccountImages()
    images.take([entry("m-1")], {"web": None})
    images.forget(images.candidates[0])

    assert (images.held["s-1"], images.image_ids) == (0, set())
