"""What ECS sends, read without a guess, and repeated without our credentials."""

import logging
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest

from shared.adapters import replies
from shared.domain.errors import OutcomeUnknown
from shared.domain.facts import Role


@dataclass(frozen=True)
class Keys:
    access_key_id: str = ""
    access_key_secret: str = ""
    security_token: str = ""


@pytest.mark.parametrize(
    ("number", "value"),
    [("40", 40), ("40.9", 40), (40, 40), ("40.0", 40), (None, 0), ("", 0), (0, 0), (10_000_000, 10_000_000)],
)
def test_a_size_comes_as_text_or_as_a_number(number: object, value: int) -> None:
    assert replies.whole(number) == value


@pytest.mark.parametrize("number", [-1, "-1", 10_000_001, "many", "inf", "nan", [40]])
def test_what_is_no_size_is_not_guessed(number: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        replies.whole(number)


def test_a_text_is_cut_where_its_room_ends() -> None:
    assert (replies.words("x" * 129), replies.words("abc", 2), replies.words(None)) == ("x" * 128, "ab", "")


@pytest.mark.parametrize("value", [5, ["x"], [], b"x", False])
def test_what_is_no_text_is_not_made_one(value: object) -> None:
    with pytest.raises(TypeError):
        replies.words(value)


@pytest.mark.parametrize("value", ["", None, 5, "s 1", "s" * 65, "s-ü"])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="no id"):
        replies.resource_id(value)


def test_an_id_that_may_be_left_out_is_one_where_it_is_not() -> None:
    with pytest.raises(ValueError, match="no id"):
        replies.resource_id_or_none("s 1")


def test_an_id_of_64_characters_is_one() -> None:
    assert replies.resource_id("s" * 64) == "s" * 64


@pytest.mark.parametrize("value", ["", None])
def test_an_id_that_is_left_out_is_none(value: object) -> None:
    assert replies.resource_id_or_none(value) is None


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T02:10:00Z", "2026-11-20T02:10Z", "2026-11-20T02:10:00.000Z", "2026-11-20T10:10:00+08:00"],
)
def test_a_time_is_read_in_each_spelling(text: str) -> None:
    assert replies.parse_time(text) == datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)


def test_a_time_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="no time"):
        replies.parse_time("2026-11-20T02:10:00")


@pytest.mark.parametrize(
    ("text", "role"), [("system", Role.SYSTEM), ("System", Role.SYSTEM), ("data", Role.DATA), (None, Role.DATA)]
)
def test_only_a_system_disk_passes_as_one(text: object, role: Role) -> None:
    assert replies.role(text) is role


def test_one_odd_entry_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "snapimage"):
        found = replies.read_all("DescribeDisks", ["1", "one", "3"], int)

    assert found == [1, 3]
    assert [record.name for record in caplog.records] == ["snapimage"]
    assert caplog.messages == [
        '{"state": "trouble", "code": "NotReadable", "text": "1 of 3 entries of DescribeDisks left out: '
        "ValueError: invalid literal for int() with base 10: 'one'\"}"
    ]


def test_a_listing_of_odd_entries_alone_is_no_reply() -> None:
    with pytest.raises(OutcomeUnknown, match=r"DescribeDisks: no usable reply .*ValueError"):
        replies.read_all("DescribeDisks", ["one"], int)


def test_an_empty_listing_is_one(caplog: pytest.LogCaptureFixture) -> None:
    assert replies.read_all("DescribeDisks", [], int) == []
    assert caplog.messages == []


def test_a_reply_without_its_listing_is_not_an_empty_one() -> None:
    with pytest.raises(OutcomeUnknown, match="it holds no listing"):
        replies.listed("DescribeDisks", lambda: None)


def test_a_reply_of_another_shape_is_no_reply() -> None:
    with pytest.raises(OutcomeUnknown, match="KeyError while reading it"):
        replies.understand("DescribeDisks", lambda: dict[str, int]()["Disks"])


def test_a_credential_is_hidden_in_each_spelling_in_which_it_comes_back() -> None:
    secrets = replies.credentials(Keys("id/123", "secret and-more", "short"))

    assert set(secrets) == {"id%252F123", "id%2F123", "and-more", "id/123", "secret"}
    assert replies.redact("id/123 id%2F123 id%252F123 secret\nand-more short", secrets) == (
        "(hidden) (hidden) (hidden) (hidden) (hidden) short"
    )


def test_a_credential_that_holds_another_is_hidden_whole() -> None:
    assert replies.hide("secret-token", replies.credentials(Keys("secret", "secret-token"))) == "(hidden)"


def test_what_is_not_printable_is_a_space_and_the_rest_is_cut() -> None:
    assert replies.redact("a\x00b" + "x" * 700, ()) == "a b" + "x" * 597


def test_a_credential_at_the_cut_leaves_no_half_behind() -> None:
    assert replies.redact("x" * 598 + "secret", ("secret",)) == "x" * 598 + "(h"


@dataclass
class Entry:
    tag_key: object
    tag_value: object


@dataclass
class Tags:
    tag: list[Entry] | None


@pytest.mark.parametrize("odd", [Entry(7, "v"), Entry("k", 7)])
def test_a_tag_that_is_no_text_is_not_made_one(odd: Entry) -> None:
    with pytest.raises(TypeError):
        replies.tag_map(Tags([odd]))


def test_tags_without_a_key_are_left_aside() -> None:
    assert replies.tag_map(Tags([Entry("k", "v"), Entry("", "x"), Entry("empty", None)])) == {"k": "v", "empty": ""}
    assert replies.tag_map(Tags(None)) == replies.tag_map(None) == {}


def test_the_words_of_an_error_are_redacted_as_a_text_is() -> None:
    assert replies.redact(ValueError("no secret"), ("secret",)) == "no (hidden)"
