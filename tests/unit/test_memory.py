"""What an image remembers in its tags, and what is made of tags that somebody touched."""

from typing import Any

import pytest
from fakes.builders import disk_set, image_request
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.memory import (
    ABOUT,
    DISKS,
    LEFT_OUT,
    OPEN,
    PLAN,
    SNAPSHOT,
    STATE,
    OurTags,
    describe_image,
    recall_about,
    recall_disks,
)

OURS = OurTags(
    snapshot_id="s-sys",
    plan="web",
    disk_id="d-sys",
    instance_id="i-web",
    overdue_after=14400,
    ended=1795140240,
    checked=True,
)
TAGS = describe_image(OURS, disk_set())
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def ids(prefix: str) -> st.SearchStrategy[str]:
    """Ids of ECS: 22 characters today, fewer in older regions."""
    return st.text(LETTERS, min_size=8, max_size=22 - len(prefix)).map(prefix.__add__)


def longest(prefix: str, number: int = 0) -> str:
    return prefix + f"{number:x}".rjust(22 - len(prefix), "x")


SIZES = st.integers(1, 32768)
EMPTY = st.builds(MappedDisk, st.just(Role.DATA), st.none(), SIZES)
TAKEN = st.builds(MappedDisk, st.just(Role.DATA), ids("s-"), SIZES, ids("d-"))
SETS = st.integers(0, 16).flatmap(
    lambda left_out: st.builds(
        DiskSet,
        system=st.builds(MappedDisk, st.just(Role.SYSTEM), ids("s-"), SIZES, ids("d-")),
        data=st.lists(TAKEN | EMPTY, max_size=16 - left_out).map(tuple),
        left_out=st.lists(ids("d-"), min_size=left_out, max_size=left_out).map(tuple),
        skew_seconds=st.integers(0, 366 * 86400),
        group_id=st.none() | ids("ssg-"),
    )
)
ABOUTS = st.builds(
    OurTags,
    snapshot_id=ids("s-"),
    plan=st.text(LETTERS, min_size=1, max_size=40),
    disk_id=ids("d-"),
    instance_id=st.none() | ids("i-"),
    overdue_after=st.integers(0, 366 * 86400),
    ended=st.none() | st.integers(1, 4_000_000_000),
    checked=st.booleans(),
)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=300, database=None)


def test_an_image_remembers_whose_it_is_and_what_it_should_hold() -> None:
    assert TAGS == {
        SNAPSHOT: "s-sys",
        PLAN: "web",
        STATE: "creating",
        OPEN: "yes",
        ABOUT: "disk=d-sys on=i-web end=1795140240 due=14400 check=1 skew=5",
        DISKS: "s-sys/40/d-sys s-data/100/d-data +5",
    }


def test_what_is_not_known_is_not_written() -> None:
    bare = OurTags("s-sys", "web", "d-sys", None, 14400)

    assert describe_image(bare, disk_set())[ABOUT] == "disk=d-sys due=14400 skew=5"


def test_disks_that_are_missing_on_purpose_are_written() -> None:
    tags = describe_image(OURS, disk_set(left_out=("d-logs", "s-pin")))

    assert tags[LEFT_OUT] == "d-logs s-pin"


@PROPERTY
@given(ABOUTS, SETS)
def test_what_is_written_is_what_is_read(about: OurTags, disks: DiskSet) -> None:
    tags = describe_image(about, disks)

    assert recall_about(tags) == about
    assert recall_disks(tags) == disks


@PROPERTY
@given(ABOUTS, SETS)
def test_memory_of_an_image_leaves_room_for_the_operators_tags(about: OurTags, disks: DiskSet) -> None:
    tags = describe_image(about, disks)

    assert len(tags) <= 20 - 6
    assert max(map(len, tags)) <= 128


@PROPERTY
@given(ABOUTS, SETS.map(lambda disks: disk_set(system=disks.system, data=disks.data, left_out=disks.left_out)))
def test_no_tag_is_longer_than_ecs_allows(about: OurTags, disks: DiskSet) -> None:
    assert max(map(len, describe_image(about, disks).values())) <= 128


def longest_about() -> OurTags:
    return OurTags(longest("s-"), "w" * 40, longest("d-"), longest("i-"), 366 * 86400, ended=1795140240, checked=True)


def longest_set(**changes: Any) -> DiskSet:
    """17 disks with ids of 22 characters and sizes of five digits."""
    data = [MappedDisk(Role.DATA, longest("s-", number), 32768, longest("d-", number)) for number in range(16)]
    return disk_set(
        **({"system": MappedDisk(Role.SYSTEM, longest("s-"), 32768, longest("d-")), "data": tuple(data)} | changes)
    )


def test_seventeen_disks_take_fourteen_tags() -> None:
    tags = describe_image(longest_about(), longest_set(skew_seconds=366 * 86400))

    assert len(tags) == 14
    assert max(map(len, tags.values())) <= 128
    assert recall_disks(tags) == longest_set(skew_seconds=366 * 86400)


def test_an_image_of_a_consistent_group_has_no_tag_longer_than_ecs_allows() -> None:
    usual = OurTags(longest("s-"), "web", longest("d-"), longest("i-"), 14400, 1795140240, checked=True)

    tags = describe_image(usual, longest_set(group_id=longest("ssg-"), skew_seconds=1))

    assert max(map(len, tags.values())) <= 128


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({ABOUT: ""}, id="nothing"),
        pytest.param({ABOUT: "hello"}, id="something else"),
        pytest.param({ABOUT: "disk=d-sys"}, id="no deadline"),
        pytest.param({SNAPSHOT: "s 1"}, id="an id with a space"),
        pytest.param({ABOUT: "disk=d-sys due=4h"}, id="a deadline that is no number"),
        pytest.param({ABOUT: "disk=d-sys due=14400 end=-1"}, id="an end that is no number"),
        pytest.param(
            {ABOUT: "disk=d-sys due=99999999999999"},
            id="a deadline beyond all time",
        ),
        pytest.param(
            {ABOUT: "disk=d-sys due=14400 end=999999999999"},
            id="an end beyond all time",
        ),
    ],
)
def test_altered_facts_are_no_facts(changes: dict[str, str]) -> None:
    assert recall_about({**TAGS, **changes}) is None


@pytest.mark.parametrize("lost", [SNAPSHOT, PLAN, ABOUT])
def test_facts_without_their_tag_are_no_facts(lost: str) -> None:
    assert recall_about({key: value for key, value in TAGS.items() if key != lost}) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+40 s-data/100/d-data", id="an empty system disk"),
        pytest.param("s-sys/40", id="a part missing"),
        pytest.param("s-sys/40/d-sys/x", id="a part too many"),
        pytest.param("s-sys/big/d-sys", id="a size that is no number"),
        pytest.param("s-sys/-40/d-sys", id="a size below nothing"),
        pytest.param("s-sys/40/d-sys +", id="an empty disk without a size"),
        pytest.param("s-sys/40/d-sys hello", id="a word that is no disk"),
        pytest.param(
            "/40/d-sys",
            id="a disk without its snapshot",
        ),
    ],
)
def test_an_altered_disk_set_is_no_disk_set(text: str) -> None:
    assert recall_disks({**TAGS, DISKS: text}) is None


def test_a_disk_set_without_its_tag_is_no_disk_set() -> None:
    assert recall_disks({key: value for key, value in TAGS.items() if key != DISKS}) is None


def test_a_disk_set_survives_the_loss_of_the_facts_beside_it() -> None:
    assert recall_disks({DISKS: TAGS[DISKS], ABOUT: "skew=much"}) == disk_set(skew_seconds=0)


def test_the_tags_of_a_request_are_the_plans_and_ours() -> None:
    request = image_request()

    assert recall_disks(request.tags) == request.disk_set
