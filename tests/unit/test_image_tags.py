"""What an image remembers about itself: written, read again, within ECS's limits, and altered by somebody."""

import random
from typing import Any

import pytest
from fakes.builders import disk_set, image, image_request, plan, system_snapshot
from hypothesis import given
from hypothesis import strategies as st
from properties import drawn

from shared.domain.disk_set import DiskSet
from shared.domain.facts import Image, MappedDisk, Role
from shared.domain.image_tags import (
    ABOUT,
    DISK,
    DISKS,
    LEFT_OUT,
    NEVER_OVERDUE,
    OPEN_CHECK,
    OPEN_LATE,
    OPEN_NO,
    OPEN_YES,
    OWED,
    PLAN,
    SNAPSHOT,
    STATE,
    OurTags,
    describe_image,
    is_image_of,
    made_of,
    made_surely_of,
    recall_about,
    recall_disks,
    recall_owed,
)
from shared.domain.message_fields import Reason
from shared.domain.outcome import Outcome, Word
from shared.domain.plans import OWN_TAGS

PROPERTY = drawn(300)
MOST_TAGS, LONGEST_VALUE = 20, 128
"""API reference CreateImage, Tag.N."""
TAGS = image_request().tags
RNG = random.Random(1)


def some_id(prefix: str) -> str:
    """Of 20 to 22 characters."""
    return f"{prefix}{RNG.randrange(16 ** RNG.randint(1, 22)):020x}"


def some_disk(number: int) -> MappedDisk:
    """Of a snapshot, pinned, or empty; its size and its device have every length."""
    size, device = RNG.randint(1, 10 ** RNG.randint(1, 4)), RNG.choice(["/dev/xvdb", "/dev/vdc", "/dev/xvdaa", None])
    kinds = [
        MappedDisk(Role.DATA, some_id("s-"), size, RNG.choice([some_id("d-"), None]), device),
        MappedDisk(Role.DATA, some_id("s-"), size, some_id("d-"), None, is_pinned=True),
        MappedDisk(Role.DATA, None, size),
    ]
    return kinds[number % 3]


def ids(prefix: str) -> st.SearchStrategy[str]:
    return st.sampled_from([some_id(prefix) for _ in range(200)])


SETS = st.builds(
    DiskSet,
    st.sampled_from(
        [
            MappedDisk(Role.SYSTEM, some_id("s-"), size, disk_id, device)
            for size in (1, 40, 32768)
            for disk_id in (some_id("d-"), None)
            for device in ("/dev/xvda", None)
        ]
    ),
    st.lists(st.sampled_from([some_disk(number) for number in range(600)]), max_size=16).map(tuple),
    st.lists(ids("d-"), max_size=8).map(tuple),
    st.lists(ids("d-"), max_size=8).map(tuple),
    st.integers(0, 366 * 86400),
    st.none() | ids("ssg-"),
)
"""Drawn from disks that are made once: to draw each of their characters took most of the time."""
ABOUTS = st.builds(
    OurTags,
    ids("s-"),
    st.text("abcXYZ-_", min_size=1, max_size=40),
    ids("d-") | st.none(),
    ids("i-") | st.none(),
    st.integers(0, 366 * 86400),
    st.none() | st.integers(1, 9_999_999_999),
    st.booleans(),
    st.booleans(),
    st.integers(1, 9999),
)


@PROPERTY
@given(ABOUTS, SETS)
def test_what_was_written_is_read(about: OurTags, disks: DiskSet) -> None:
    tags = describe_image(about, disks, room=30)

    assert (recall_about(tags), recall_disks(tags)) == (about, disks)


@PROPERTY
@given(ABOUTS, SETS)
def test_tags_are_within_the_limits_of_ecs_with_and_without_the_operators_beside_them(
    about: OurTags, disks: DiskSet
) -> None:
    alone, beside = (describe_image(about, disks, room) for room in (MOST_TAGS, MOST_TAGS - OWN_TAGS))

    assert (len(alone) <= MOST_TAGS, len(beside) <= MOST_TAGS - OWN_TAGS) == (True, True)
    assert max(len(text) for tags in (alone, beside) for text in [*tags, *tags.values()]) <= LONGEST_VALUE


def longest(prefix: str, number: int = 0) -> str:
    """Two characters longer than today's ids."""
    return f"{prefix}{number:022}"


def longest_set(**changes: Any) -> DiskSet:
    """17 disks with the longest ids, sizes and devices."""
    data = [
        MappedDisk(Role.DATA, longest("s-", number), 32768, longest("d-", number), "/dev/xvdaa") for number in range(16)
    ]
    system = MappedDisk(Role.SYSTEM, longest("s-", 99), 32768, longest("d-", 99), "/dev/xvda")
    return disk_set(**({"system": system, "data": tuple(data), "skew_seconds": 366 * 86400} | changes))


LONGEST = OurTags(
    longest("s-"), "w" * 40, longest("d-"), longest("i-"), 366 * 86400, 1795140240, checked=True, of_machine=True
)


def test_seventeen_disks_leave_room_for_the_operators_tags() -> None:
    tags = describe_image(LONGEST, longest_set(), MOST_TAGS - OWN_TAGS)

    assert len(tags) <= MOST_TAGS - OWN_TAGS
    assert recall_disks(tags) == longest_set()


def test_names_of_what_is_left_out_give_way_to_the_disks() -> None:
    crowded = longest_set(left_out=tuple(longest("d-", number) for number in range(100, 140)))

    tags = describe_image(LONGEST, crowded, MOST_TAGS - OWN_TAGS)
    known = recall_disks(tags)
    assert known is not None
    assert (len(tags), known.disks) == (MOST_TAGS - OWN_TAGS, crowded.disks)


def test_facts_with_a_group_and_longer_ids_than_today_fit_one_tag() -> None:
    usual = OurTags(
        longest("s-"), "web", longest("d-"), longest("i-"), 14400, 1795140240, checked=True, of_machine=True, attempt=12
    )

    tags = describe_image(usual, longest_set(group_id=longest("ssg-"), skew_seconds=1))
    assert len(tags[ABOUT]) <= LONGEST_VALUE
    assert recall_about(tags) == usual


def test_the_longest_facts_fit_one_tag() -> None:
    tags = describe_image(LONGEST, longest_set(group_id=longest("ssg-")))

    assert len(tags[ABOUT]) <= LONGEST_VALUE


def test_what_is_not_in_the_image_is_told_apart_by_why() -> None:
    tags = describe_image(LONGEST, disk_set(left_out=("d-logs",), without_snapshots=("d-local",)))

    known = recall_disks(tags)
    assert known is not None
    assert (known.left_out, known.without_snapshots) == (("d-logs",), ("d-local",))
    assert tags["snapimage:left-out"] == "d-logs -d-local"


def test_the_tags_can_be_read_by_people() -> None:
    system = MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys", "/dev/xvda")
    data = (
        MappedDisk(Role.DATA, "s-data", 100, "d-data", "/dev/xvdb"),
        MappedDisk(Role.DATA, "s-pin", 20, "d-pin", is_pinned=True),
        MappedDisk(Role.DATA, None, 5),
    )
    about = OurTags("s-sys", "web", "d-sys", "i-web", 14400, 1795140240, checked=True, of_machine=True, attempt=2)
    disks = disk_set(system=system, data=data, group_id="ssg-1")

    tags = describe_image(about, disks)
    assert (recall_about(tags), recall_disks(tags)) == (about, disks)
    assert tags == {
        "snapimage:snapshot": "s-sys",
        "snapimage:disk": "d-sys",
        "snapimage:plan": "web",
        "snapimage:state": "creating",
        "snapimage:open": "yes",
        "snapimage:about": "on=i-web end=1795140240 due=14400 check=1 at=1 try=2 skew=5 group=ssg-1",
        "snapimage:disks": "s-sys/40/d-sys/xvda s-data/100/d-data/xvdb s-pin/20/d-pin/! +5",
    }


def test_what_is_not_known_is_left_off_and_a_deadline_of_no_time_is_not() -> None:
    about, disks = (
        OurTags("s-sys", "web", overdue_after=0),
        disk_set(system=MappedDisk(Role.SYSTEM, "s-sys", 40), data=()),
    )

    tags = describe_image(about, disks)
    assert (recall_about(tags), recall_disks(tags)) == (about, disks)
    assert tags == {
        "snapimage:snapshot": "s-sys",
        "snapimage:plan": "web",
        "snapimage:state": "creating",
        "snapimage:open": "yes",
        "snapimage:about": "due=0 skew=5",
        "snapimage:disks": "s-sys/40//",
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({ABOUT: ""}, id="nothing"),
        pytest.param({ABOUT: "hello"}, id="something else"),
        pytest.param({ABOUT: "on=i-web"}, id="no deadline"),
        pytest.param({SNAPSHOT: "s 1"}, id="an id with a space"),
        pytest.param({DISK: "d-ü"}, id="an id that is none"),
        pytest.param({ABOUT: "due=1 on=i-ü"}, id="a machine that is no id"),
        pytest.param({ABOUT: "due=4h"}, id="a deadline that is no number"),
        pytest.param({ABOUT: "due=14400 end=-1"}, id="an end that is no number"),
        pytest.param({ABOUT: "due=99999999999999"}, id="a deadline beyond all time"),
        pytest.param({ABOUT: "due=14400 end=999999999999"}, id="an end beyond all time"),
        pytest.param({ABOUT: "due=14400 try=x"}, id="an attempt that is no number"),
    ],
)
def test_altered_facts_are_no_facts(changes: dict[str, str]) -> None:
    assert recall_about({**TAGS, **changes}) is None


def test_what_somebody_added_to_the_facts_is_left_aside() -> None:
    assert recall_about({**TAGS, ABOUT: f"{TAGS[ABOUT]} note=a=b hello"}) == recall_about(TAGS)


@pytest.mark.parametrize("lost", [SNAPSHOT, PLAN, ABOUT])
def test_facts_without_their_tag_are_no_facts(lost: str) -> None:
    assert recall_about({key: value for key, value in TAGS.items() if key != lost}) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("+40 s-data/100/d-data/", id="an empty system disk"),
        pytest.param("s-sys/40/d-sys", id="a part missing"),
        pytest.param("s-sys/40/d-sys/xvda/x", id="a part too many"),
        pytest.param("s-sys/big/d-sys/", id="a size that is no number"),
        pytest.param("s-sys/40/d-ü/", id="a disk that is no id"),
        pytest.param("s-sys/-40/d-sys/", id="a size below nothing"),
        pytest.param("s-sys/40/d-sys/ +", id="an empty disk without a size"),
        pytest.param("s-sys/40/d-sys/ hello", id="a word that is no disk"),
        pytest.param("/40/d-sys/", id="a disk without its snapshot"),
        pytest.param("s-sys/40/d-sys/ " + "+1 " * 17, id="more disks than an image has"),
    ],
)
def test_an_altered_disk_set_is_no_disk_set(text: str) -> None:
    assert recall_disks({**TAGS, DISKS: text}) is None


@pytest.mark.parametrize(
    "altered",
    [{LEFT_OUT: "d-ü"}, {LEFT_OUT: " ".join(["d-1"] * 65)}, {ABOUT: f"{TAGS[ABOUT]} group=ü"}],
    ids=["no id", "more than are remembered", "no group"],
)
def test_what_is_altered_beside_a_disk_set_makes_it_none(altered: dict[str, str]) -> None:
    assert recall_disks({**TAGS, **altered}) is None


def test_a_sign_without_a_disk_behind_it_names_none() -> None:
    found = recall_disks({**TAGS, LEFT_OUT: "- -x d-logs"})

    assert found is not None
    assert (found.left_out, found.without_snapshots) == (("d-logs",), ("x",))


@pytest.mark.parametrize(
    ("tags", "owed"),
    [
        ({STATE: "owed failed EcsRefused"}, Outcome(Word.FAILED, Reason.ECS_REFUSED)),
        ({STATE: "available"}, None),
        ({STATE: "failed EcsRefused"}, None),
        ({}, None),
    ],
)
def test_an_end_that_the_snapshot_could_not_remember_is_owed(tags: dict[str, str], owed: Outcome | None) -> None:
    assert recall_owed(tags) == owed


def test_as_much_as_is_remembered_is_read() -> None:
    left_out = tuple(f"d-{number}" for number in range(64))
    found = recall_disks({DISKS: "s-sys/40/d-sys/ " + "+1 " * 16, LEFT_OUT: " ".join(left_out)})

    assert found is not None
    assert (len(found.disks), found.left_out) == (17, left_out)


def test_a_disk_set_without_its_tag_is_no_disk_set() -> None:
    assert recall_disks({key: value for key, value in TAGS.items() if key != DISKS}) is None


def test_a_disk_set_survives_the_loss_of_the_facts_beside_it() -> None:
    assert recall_disks({DISKS: TAGS[DISKS], ABOUT: "skew=much"}) == disk_set(skew_seconds=0)


def test_a_device_that_is_none_is_left_aside() -> None:
    known = recall_disks({**TAGS, DISKS: "s-sys/40/d-sys/sda1"})

    assert known is not None
    assert known.system.device is None


@pytest.mark.parametrize(
    ("changes", "is_ours"),
    [
        pytest.param({}, True, id="ours"),
        pytest.param({"disks": ()}, True, id="without a disk map, while it is made"),
        pytest.param({"is_copy": True}, False, id="a copy"),
        pytest.param({"tags": {}}, False, id="without tags"),
        pytest.param({"tags": {SNAPSHOT: "s-other"}}, False, id="of another snapshot"),
        pytest.param(
            {"disks": (MappedDisk(Role.SYSTEM, "s-copied", 40),)}, False, id="with our tags, made of another snapshot"
        ),
    ],
)
def test_an_image_is_of_a_snapshot_by_its_tag_and_its_disks(changes: dict[str, Any], is_ours: bool) -> None:
    assert is_image_of(image(**changes), "s-sys") is is_ours


@pytest.mark.parametrize(
    ("found", "attempt", "name", "is_ours"),
    [
        pytest.param(image(), 1, None, True, id="by its tags"),
        pytest.param(image(tags={}), 1, "snapimage-s-sys", True, id="by its name, should the tags be gone"),
        pytest.param(image(tags={}), 1, None, False, id="without tags, by no name"),
        pytest.param(image(tags={}), 1, "web-s-sys", False, id="without tags, of another name"),
        pytest.param(image(), 2, "snapimage-s-sys", False, id="of an earlier attempt"),
        pytest.param(image(tags={**TAGS, ABOUT: "due=1 try=2"}), 2, None, True, id="of this attempt"),
        pytest.param(image(tags={**TAGS, ABOUT: "due=1 try=3"}), 2, None, True, id="of a later attempt"),
    ],
)
def test_an_image_of_a_snapshot_is_of_its_attempt(found: Image, attempt: int, name: str | None, is_ours: bool) -> None:
    snapshot = system_snapshot(tags={"snapimage:attempt": str(attempt)})

    assert made_of([found], snapshot, name) == ([found] if is_ours else [])


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        pytest.param([image("m-1", tags={}), image("m-2")], ["m-2"], id="the one with our tags"),
        pytest.param(
            [image(tags={}), image("m-2", tags={}, name="web")], ["m-1"], id="else the one that is named by it"
        ),
        pytest.param([image(tags={}, is_copy=True)], [], id="no copy"),
    ],
)
def test_a_snapshot_that_has_an_image_knows_it_by_its_tags_or_by_its_name(
    images: list[Image], expected: list[str]
) -> None:
    assert [each.id for each in made_surely_of(images, system_snapshot())] == expected


def test_a_snapshot_does_not_know_the_image_of_an_attempt_that_was_forgotten() -> None:
    assert made_surely_of([image()], system_snapshot(tags={"snapimage:attempt": "2"})) == []


def test_a_later_deployment_finds_images_by_the_words_that_an_earlier_one_wrote() -> None:
    assert (OPEN_YES, OPEN_LATE, OPEN_CHECK, OPEN_NO, OWED) == ("yes", "late", "check", "no", "owed")


def test_the_tags_of_a_request_are_the_plans_and_ours() -> None:
    request = image_request(plan=plan(image={"tags": {"owner": "platform"}}))

    assert request.tags["owner"] == "platform"
    assert recall_disks(request.tags) == request.disk_set


def test_of_an_image_whose_tags_were_lost_the_least_is_assumed() -> None:
    assert OurTags("s-sys", "web") == OurTags("s-sys", "web", None, None, NEVER_OVERDUE, None, False, False, 1)
