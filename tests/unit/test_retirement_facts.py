"""Which images retirement decides about, and what it knows of them."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.builders import NOW
from fakes.fleet import HOUR, image_of, snapshot

from shared.domain.facts import Image, ImageCheck, MappedDisk, Risk, Role
from shared.domain.image_marks import PIN, Marks
from shared.domain.image_tags import OPEN, STATE
from shared.domain.retirement_facts import Candidate, ImageEntry, Naming, StoredSnapshot, candidate_of, users_of

TAKEN = snapshot("one", HOUR)
KNOWN = image_of(TAKEN, "one")
OTHER = MappedDisk(Role.DATA, "s-other", 100, "d-other")


def of(image: Image) -> Candidate:
    found = candidate_of(ImageEntry(image))
    assert found
    return found


def tagged(**tags: str) -> Image:
    return replace(KNOWN, tags={**KNOWN.tags, **tags})


def without(key: str) -> Image:
    return replace(KNOWN, tags={name: value for name, value in KNOWN.tags.items() if name != key})


def test_an_image_without_our_tags_is_no_candidate() -> None:
    stranger = Image("m-1", "x", "Available", datetime(2026, 11, 27, tzinfo=timezone.utc))

    assert candidate_of(ImageEntry(stranger)) is None


def test_of_an_image_of_ours_is_known_what_retirement_needs() -> None:
    assert of(KNOWN) == Candidate(
        KNOWN.id, KNOWN.name, "Available", "nightly", "d-one", TAKEN.id, (TAKEN.id,), TAKEN.created + timedelta(minutes=15),
        "", "", False, False, True, False, False, Marks("available"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "image",
    [*(without(key) for key in KNOWN.tags if key not in {OPEN, STATE}), replace(KNOWN, created=None), replace(KNOWN, is_copy=True)],
    ids=str,
)  # fmt: skip
def test_an_image_whose_tags_were_altered_or_copied_is_no_candidate(image: Image) -> None:
    assert candidate_of(ImageEntry(image)) is None


@pytest.mark.parametrize("status", ["Available", "Deprecated"])
@pytest.mark.parametrize("told", ["available", "checked"])
@pytest.mark.parametrize("check", [None, ImageCheck(True, (Risk("GUESTOS.Nvme", "Medium", "x"),))])
def test_a_usable_whole_image_that_was_told_is_good(status: str, told: str, check: ImageCheck | None) -> None:
    assert of(replace(tagged(**{STATE: told}), status=status, check=check)).is_good


@pytest.mark.parametrize(
    "image",
    [
        replace(KNOWN, status="Creating"),
        replace(KNOWN, check=ImageCheck(True, (Risk("GUESTOS.Fstab", "High", "x"),))),
        replace(KNOWN, disks=()),
        replace(KNOWN, disks=(*KNOWN.disks, OTHER)),
        tagged(**{STATE: "overdue"}),
        tagged(**{OPEN: "yes"}),
        without(OPEN),
        tagged(**{"snapimage:left-out": "d-lost"}),
    ],
    ids=["being made", "a high risk", "no disk", "a disk too many", "not told", "followed", "may be followed", "a disk left out"],
)  # fmt: skip
def test_an_image_of_which_anything_is_amiss_is_not_good(image: Image) -> None:
    assert not of(image).is_good


@pytest.mark.parametrize("image", [tagged(**{PIN: ""}), tagged(**{STATE: "available pinned"})], ids=["tag", "mark"])
def test_an_image_is_pinned_by_a_tag_or_by_its_mark(image: Image) -> None:
    assert of(image).is_pinned


def test_each_snapshot_of_an_image_is_known_once_and_an_empty_disk_has_none() -> None:
    disks = (*KNOWN.disks, OTHER, replace(OTHER, disk_id="d-more"), replace(OTHER, snapshot_id=None))

    assert of(replace(KNOWN, disks=disks)).snapshot_ids == (TAKEN.id, "s-other")


@pytest.mark.parametrize(("days", "expires"), [(1, NOW + timedelta(days=1)), (0, None), (-1, None), (None, None)])
def test_a_snapshot_without_a_retention_is_kept_for_ever(days: int | None, expires: Any) -> None:
    assert StoredSnapshot("s-1", "d-1", NOW, days, "none", "accomplished", {}).expires == expires


def test_who_names_a_thing_first_is_said() -> None:
    found = users_of(
        [Naming("one", "m-1", "name", ("s-1",)), Naming("two", "m-1", "name", ("s-1", "s-2")), Naming("three")]
    )

    assert (found.images, found.names, found.unread) == ({"m-1": "one"}, {"name": "one"}, ())
    assert found.snapshots == {"s-1": "one", "s-2": "two"}
