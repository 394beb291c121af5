"""Replies that are not what ECS documents: every one is a clear error in our words, soon, and of bounded length."""

import gzip
import json
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hostile_server import Misbehave, chunked, endless, hostile, raw, reply

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_session import LARGEST_REPLY, BoundedSession, UnboundedReply
from shared.adapters.ecs_snapshots import EcsSnapshots
from shared.adapters.patience import Patience
from shared.adapters.system_clock import SystemClock
from shared.domain.disk_set import DiskSet
from shared.domain.errors import AlreadyExists, CloudError, OutcomeUnknown, Refused, Transient
from shared.domain.facts import Disk, Image, MappedDisk, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.settings import Settings

LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
WANTED = ImageRequest("cn-hangzhou", "token", "web", "", DiskSet(MappedDisk(Role.SYSTEM, "s-1", 40)), {})
KEY, SECRET, TOKEN = "sentinel-key-id", "sentinel-secret/+=", "sentinel-token/+="

Call = Callable[[EcsCalls], object]
CALLS: dict[str, Call] = {
    "CreateImage": lambda calls: EcsImages(calls).create(WANTED),
    "DescribeImages": lambda calls: EcsImages(calls).named("web"),
    "DescribeSnapshots": lambda calls: EcsSnapshots(calls).find(["s-1"]),
    "DescribeDisks": lambda calls: EcsDisks(calls).find(["d-1"]),
    "DescribeInstances": lambda calls: EcsDisks(calls).instances(["i-1"]),
    "DescribeSnapshotGroups": lambda calls: EcsSnapshots(calls).groups_of_instance("i-1"),
    "TagResources": lambda calls: EcsSnapshots(calls).tag(["s-1"], {"k": "v"}),
    "UntagResources": lambda calls: EcsSnapshots(calls).untag(["s-1"], ["k"]),
    "ModifyImageAttribute": lambda calls: EcsImages(calls).set_family("m-1", "web"),
}
DEEP = b"[" * 100_000
BOMB = gzip.compress(bytes(64 * 1024 * 1024))
LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b0 "' + b"ha" * 50 + b'">'
    + b"".join(b'<!ENTITY b%d "%s">' % (n + 1, b"&b%d;" % n * 20) for n in range(9)) + b"]><Error>&b9;</Error>"
)  # fmt: skip

NO_REPLY_AT_ALL: dict[str, Misbehave] = {
    "nothing": raw(),
    "not HTTP": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "half a head": raw(b"HTTP/1.1 200 OK\r\ncontent-le"),
    "empty": reply(b""),
    "no content": reply(b"", 204),
    "malformed": reply(b'{"Images": {"Image": ['),
    "not UTF-8": reply(b'{"RequestId": "\xff\xfe\xfa"}'),
    "HTML": reply(b"<html><body>It works!</body></html>", content_type="text/html"),
    "HTML that refuses": reply(b"<html>" + b"no " * 10_000 + b"</html>", 403, content_type="text/html"),
    "HTML of a gateway": reply(b"<html>Bad gateway</html>", 502, content_type="text/html"),
    "XML of 20 to the 9th entities": reply(LAUGHS, 400, content_type="text/xml;charset=utf-8"),
    "XML that is none": reply(b"<Error", 400, content_type="text/xml;charset=utf-8"),
    "deep": reply(DEEP),
    "deep and whole": reply(DEEP + b"]" * len(DEEP)),
    "deep refusal": reply(DEEP, 400),
    "shorter than it says": reply(b'{"RequestId": "1"}', length=1_000_000),
    "longer than it says": reply(b'{"RequestId": "1"}', length=3),
    "a length that is no number": reply(b"", length="many"),
    "without end": endless(b" " * 65_536),
    "chunks without end": chunked(b" " * 65_536),
    "a refusal without end": endless(b" " * 65_536, 500),
    "a chunk that is none": raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "a gzip bomb": reply(BOMB, content_encoding="gzip"),
    "no gzip": reply(b"{}", content_encoding="gzip"),
    "a list": reply(b'["x"]'),
    "a text": reply(b'"x"'),
    "a number": reply(b"17"),
    "null": reply(b"null"),
    "a refusal that is a list": reply(b"[]", 400),
    "a refusal that is null": reply(b"null", 500),
    "a refusal without a code": reply(b'{"Message": "no"}', 400),
    "a refusal whose code is an object": reply(b'{"Code": {"a": 1}, "Message": "no"}', 400),
    "a refusal whose code has lines": reply(b'{"Code": "a\\nFAKE LINE", "Message": "no"}', 403),
    "a refusal with a code of 100 kB": reply(json.dumps({"Code": "x" * 100_000}).encode(), 403),
}


def settings(endpoint: str) -> Settings:
    return Settings(
        account_id="1", region_id="cn-hangzhou", access_key_id=KEY, access_key_secret=SECRET, security_token=TOKEN,
        mns_endpoint=endpoint, status_queue="status", plans_file="none", ecs_endpoint=endpoint,
    )  # fmt: skip


def ecs_calls(known: Settings) -> EcsCalls:
    """One that waits for nothing."""
    return EcsCalls(known, Patience(SystemClock(), None))


def outcome(call: Call, answer: Misbehave) -> object:
    """What the adapter returns, or what it raises of our own errors."""
    with hostile(answer) as server:
        try:
            return call(ecs_calls(settings(server.endpoint)))
        except CloudError as error:
            return error


def shown(error: CloudError) -> str:
    """What a platform that prints tracebacks would print."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name", NO_REPLY_AT_ALL)
@pytest.mark.parametrize("action", ["CreateImage", "DescribeSnapshots", "TagResources"])
def test_what_is_no_reply_is_a_call_of_unknown_outcome(action: str, name: str) -> None:
    error = outcome(CALLS[action], NO_REPLY_AT_ALL[name])

    assert type(error) is OutcomeUnknown
    assert (error.code, str(error).startswith(f"NoReply: {action}: no usable reply from ECS (")) == ("NoReply", True)
    assert len(shown(error)) < 4_096
    assert str(error).isprintable()


@pytest.mark.parametrize("action", CALLS)
def test_every_action_has_the_same_guard(action: str) -> None:
    errors = [outcome(CALLS[action], NO_REPLY_AT_ALL[name]) for name in ("HTML", "a list", "deep and whole")]

    assert {(type(error), str(error).partition(" (")[0]) for error in errors} == {
        (OutcomeUnknown, f"NoReply: {action}: no usable reply from ECS")
    }


LISTINGS = {
    "DescribeImages": ("Images", "Image", "ImageId"),
    "DescribeSnapshots": ("Snapshots", "Snapshot", "SnapshotId"),
    "DescribeDisks": ("Disks", "Disk", "DiskId"),
    "DescribeInstances": ("Instances", "Instance", "InstanceId"),
}
ENTRIES: dict[str, object] = {
    "no listing at all": {},
    "null for the listing": None,
    "a number for the listing": 17,
    "a list for the listing": [1],
    "a text for the entries": {"": "abc"},
    "a number for the entries": {"": 5},
    "an object for the entries": {"": {"a": {}}},
    "null for the only entry": {"": [None]},
    "a list for the only entry": {"": [["x"]]},
    "a number for the only entry": {"": [5]},
    "an entry without an id": {"": [{}]},
    "an id that is a number": {"": [{"Id": 5}]},
    "an id that is an object": {"": [{"Id": {"a": 1}}]},
    "an id with quotes and lines": {"": [{"Id": "x'\"\n"}]},
    "an id of 10 kB": {"": [{"Id": "x" * 10_000}]},
    "an id in another script": {"": [{"Id": "снимок"}]},
}


def spelled(entries: object, plural: str, singular: str, own_id: str) -> bytes:
    """The case as JSON of one action: `""` stands for the name of its entries, `Id` for that of their id."""
    if isinstance(entries, dict) and not entries:
        return b'{"RequestId": "1"}'
    text = json.dumps({plural: entries, "TotalCount": 1, "RequestId": "1"})
    return text.replace('"": ', f'"{singular}": ').replace('"Id": ', f'"{own_id}": ').encode()


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("action", LISTINGS)
def test_a_listing_that_cannot_be_read_is_not_an_empty_one(action: str, name: str) -> None:
    error = outcome(CALLS[action], reply(spelled(ENTRIES[name], *LISTINGS[action])))

    assert type(error) is OutcomeUnknown
    assert str(error).startswith(f"NoReply: {action}: no usable reply from ECS (")
    assert len(shown(error)) < 4_096
    assert str(error).isprintable()


def test_a_reply_without_groups_leaves_their_listing_out() -> None:
    """Seen: ECS sends no `SnapshotGroups` where there are none."""
    assert outcome(CALLS["DescribeSnapshotGroups"], reply(b'{"RequestId": "1"}')) == []


SNAPSHOT = {
    "SnapshotId": "s-1", "SourceDiskId": "d-1", "SourceDiskType": "system", "SourceDiskSize": "40",
    "Status": "accomplished", "CreationTime": "2026-03-01T01:00:00Z", "SnapshotType": "user", "SnapshotName": "n",
    "Category": "standard", "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
}  # fmt: skip
IMAGE = {
    "ImageId": "m-1", "ImageName": "web", "Status": "Available", "CreationTime": "2026-03-01T01:00:00Z",
    "DiskDeviceMappings": {"DiskDeviceMapping": [{"Type": "system", "SnapshotId": "s-1", "Size": "40"}]},
    "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
    "DetectionOptions": {"Status": "Finished", "Items": {"Item": [{"Name": "a", "RiskLevel": "High", "RiskCode": "b"}]}},
}  # fmt: skip
WRONG: list[object] = [5, -1, 1e300, True, "", "x" * 10_000, "\n\"'\u2028", "снимок", [], ["x"], {}, {"a": {}}, None]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", SNAPSHOT)
def test_one_field_of_a_snapshot_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT | {key: value}, SNAPSHOT | {"SnapshotId": "s-2"}]}}

    found = outcome(CALLS["DescribeSnapshots"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_snapshot, found))  # type: ignore[call-overload]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", IMAGE)
def test_one_field_of_an_image_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Images": {"Image": [IMAGE | {key: value}, IMAGE | {"ImageId": "m-2"}]}, "TotalCount": 2}

    found = outcome(CALLS["DescribeImages"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_image, found))  # type: ignore[call-overload]


DISK = {
    "DiskId": "d-1", "DiskName": "n", "Type": "data", "Size": 40, "Category": "cloud_essd", "InstanceId": "i-1",
    "Device": "/dev/xvdb", "AttachedTime": "2026-03-01T01:00:00Z", "DetachedTime": "", "AutoSnapshotPolicyId": "sp-1",
    "Attachments": {"Attachment": [{"InstanceId": "i-1", "Device": "/dev/xvdb", "AttachedTime": "2026-03-01T01:00:00Z"}]},
    "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
}  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", DISK)
def test_one_field_of_a_disk_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Disks": {"Disk": [DISK | {key: value}, DISK | {"DiskId": "d-2"}]}}

    found = outcome(CALLS["DescribeDisks"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_disk, found))  # type: ignore[call-overload]


def is_sound_disk(found: Disk) -> bool:
    texts = [found.id, found.device, found.name, found.category, found.instance_id or "", *found.policies]
    return are_short_texts([*texts, *found.tags.items()]) and isinstance(found.size_gib, int)


def is_sound_snapshot(found: Snapshot) -> bool:
    texts = [found.id, found.disk_id, found.status, found.kind, found.name, found.category, *found.tags.items()]
    return are_short_texts(texts) and isinstance(found.size_gib, int) and isinstance(found.created, datetime)


def is_sound_image(found: Image) -> bool:
    sizes = [disk.size_gib for disk in found.disks]
    risks = [text for risk in (found.check.risks if found.check else ()) for text in (risk.name, risk.level, risk.code)]
    return are_short_texts([found.id, found.name, found.status, *risks]) and all(0 <= size < 10**8 for size in sizes)


def are_short_texts(values: list[Any]) -> bool:
    flat = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return all(isinstance(text, str) and len(text) <= 128 for text in flat)


@pytest.mark.parametrize("image_id", [None, "", 5, ["m-1"], {"a": 1}, "x" * 10_000, "m 1", "m-1\nm-2"])
def test_an_image_without_a_usable_id_may_exist_all_the_same(image_id: object) -> None:
    error = outcome(CALLS["CreateImage"], reply(json.dumps({"ImageId": image_id}).encode()))

    assert type(error) is OutcomeUnknown


def test_a_listing_whose_pages_repeat_comes_to_an_end() -> None:
    body = json.dumps({"Snapshots": {"Snapshot": [SNAPSHOT]}, "NextToken": "again"}).encode()

    error = outcome(CALLS["DescribeSnapshots"], reply(body))
    assert str(error) == "NoReply: DescribeSnapshots: no usable reply from ECS (it has no end after 2 pages)"


def test_a_reply_without_end_is_left_after_its_bound() -> None:
    with hostile(endless(b" " * 65_536)) as server, pytest.raises(Transient):
        EcsSnapshots(ecs_calls(settings(server.endpoint))).find(["s-1"])
    (conversation,) = server.conversations

    assert conversation.sent < LARGEST_REPLY + 32 * 1024 * 1024  # what the sockets in between hold


def test_a_reply_that_trickles_is_left_after_its_time() -> None:
    with hostile(endless(b" ", pause=0.02)) as server:
        response = _get(server.endpoint, BoundedSession(seconds=0.2))
        with pytest.raises(UnboundedReply):
            len(response.content)


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    with hostile(reply(b"{}")) as elsewhere:
        error = outcome(CALLS["DescribeImages"], reply(b"", 302, location=elsewhere.endpoint + "/?a=b"))

    assert type(error) is OutcomeUnknown
    assert elsewhere.conversations == []


def test_an_error_of_any_length_is_told_in_bounded_length() -> None:
    body = {"Code": "QuotaExceed.Image", "Message": "so many\n" * 100_000, "RequestId": "r" * 100_000}

    error = outcome(CALLS["CreateImage"], reply(json.dumps(body).encode(), 403))
    assert isinstance(error, Refused)
    assert (len(error.message), len(error.request_id or ""), error.message.isprintable()) == (600, 64, True)
    assert len(shown(error)) < 4_096


ECHOED = {
    "the key is not known": ("InvalidAccessKeyId.NotFound", f"Specified access key {KEY} is not found."),
    "what was signed": ("SignatureDoesNotMatch", f"server string to sign is:\nx-acs-security-token:{TOKEN}\n{KEY}"),
    "what was signed, encoded": ("SignatureDoesNotMatch", "GET&%2F&SecurityToken%3Dsentinel-token%252F%252B%253D"),
    "what was signed, encoded once": ("SignatureDoesNotMatch", "SecurityToken=sentinel-token%2F%2B%3D"),
    "at the cut": ("InvalidParameter", "x" * (600 - len("CreateImage: ") - 9) + SECRET),
    "as a code": ("Forbidden." + KEY, "no"),
    "as a transient code": ("Throttling." + KEY, "no"),
}


@pytest.mark.parametrize("name", ECHOED)
def test_a_credential_that_ecs_repeats_is_not_repeated_by_us(name: str) -> None:
    code, message = ECHOED[name]
    body = json.dumps({"Code": code, "Message": message, "RequestId": KEY}).encode()

    error = outcome(CALLS["CreateImage"], reply(body, 403))
    assert isinstance(error, CloudError)
    assert "sentinel" not in shown(error) + str(error.request_id) + error.code + error.message


def test_a_token_that_is_no_header_is_not_quoted() -> None:
    with hostile(reply(b"{}")) as server:
        odd = ecs_calls(replace(settings(server.endpoint), security_token=TOKEN + "\n"))
        with pytest.raises(Transient) as trouble:
            EcsSnapshots(odd).find(["s-1"])

    assert "header" in str(trouble.value)
    assert "sentinel" not in shown(trouble.value)


def test_an_image_that_exists_is_known_by_the_code_even_if_the_rest_is_nonsense() -> None:
    error = outcome(CALLS["CreateImage"], reply(b'{"Code": "InvalidImageName.Duplicated", "Message": [1]}', 400))

    assert isinstance(error, AlreadyExists)
    assert error.message == "CreateImage: [1]"


def _get(endpoint: str, session: BoundedSession) -> Any:
    from requests import Request

    return session.send(Request("GET", endpoint).prepare(), timeout=5)


def test_the_body_of_a_redirect_is_not_read_beyond_the_bound() -> None:
    answer = reply(b" " * (4 * LARGEST_REPLY), 302, location="http://127.0.0.1:9/")

    with hostile(answer) as server, pytest.raises(Transient):
        EcsSnapshots(ecs_calls(settings(server.endpoint))).find(["s-1"])
    (conversation,) = server.conversations

    assert conversation.sent == 0  # its one piece was never taken whole


def test_a_disk_that_cannot_be_read_is_not_left_out_of_the_set() -> None:
    """Found by a review: the image would have lacked the disk and been called complete."""
    good = {"DiskId": "d-1", "Type": "data", "Size": 40}
    body = {"Disks": {"Disk": [good, good | {"DiskId": "d-2", "AttachedTime": "2026-11-01 00:00"}]}}

    with hostile(reply(json.dumps(body).encode())) as server, pytest.raises(OutcomeUnknown):
        EcsDisks(ecs_calls(settings(server.endpoint))).of_instance("i-1")


def test_a_snapshot_that_cannot_be_read_ends_no_sweep_over_the_region() -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT, SNAPSHOT | {"SnapshotId": "s-2", "CreationTime": "yesterday"}]}}

    with hostile(reply(json.dumps(body).encode())) as server:
        pages = list(EcsSnapshots(ecs_calls(settings(server.endpoint))).of_system_disks(LONG_AGO))
    assert [[snapshot.id for snapshot in page] for page in pages] == [[SNAPSHOT["SnapshotId"]]]


def test_a_short_page_of_images_is_not_the_last_while_there_are_more() -> None:
    answers = iter([reply(images_page("m-1", total=2)), reply(images_page("m-2", total=2))])

    pages = outcome(lambda calls: EcsImages(calls).tagged({"a": "b"}), lambda talk: next(answers)(talk))
    assert [image.id for image in pages] == ["m-1", "m-2"]  # type: ignore[attr-defined]


def images_page(image_id: str, total: int) -> bytes:
    return json.dumps({"Images": {"Image": [IMAGE | {"ImageId": image_id}]}, "TotalCount": total}).encode()


def test_a_listing_of_images_that_does_not_say_how_many_there_are_is_read_to_its_end() -> None:
    full = {"Images": {"Image": [IMAGE | {"ImageId": f"m-{number}"} for number in range(100)]}}

    with hostile(reply(json.dumps(full).encode())) as server, pytest.raises(Transient, match="it has no end"):
        EcsImages(ecs_calls(settings(server.endpoint))).tagged({"a": "b"})


def image_found(**changes: object) -> Image:
    body = {"Images": {"Image": [IMAGE | changes]}, "TotalCount": 1}
    with hostile(reply(json.dumps(body).encode())) as server:
        (found,) = EcsImages(ecs_calls(settings(server.endpoint))).named("web")
    return found


@pytest.mark.parametrize(("told", "is_copy"), [(True, True), (False, False), (None, False)])
def test_a_copied_image_is_known_as_one(told: object, is_copy: bool) -> None:
    assert image_found(IsCopied=told).is_copy is is_copy


def test_a_disk_map_without_types_is_read_by_device() -> None:
    """Older replies have no Type; their order is not documented."""
    disks = [
        {"Device": "/dev/vdb", "SnapshotId": "s-2", "Size": "100"},
        {"Device": "/dev/vda", "SnapshotId": "s-1", "Size": "40"},
    ]

    found = image_found(DiskDeviceMappings={"DiskDeviceMapping": disks})
    assert found.disks == (MappedDisk(Role.DATA, "s-2", 100), MappedDisk(Role.SYSTEM, "s-1", 40))
    assert found.system_snapshot_id == "s-1"


def test_a_disk_map_without_types_and_devices_begins_with_the_system_disk() -> None:
    disks = [{"SnapshotId": "s-1", "Size": "40"}, {"SnapshotId": "s-2", "Size": "100"}]

    found = image_found(DiskDeviceMappings={"DiskDeviceMapping": disks})
    assert [disk.role for disk in found.disks] == [Role.SYSTEM, Role.DATA]


def test_an_automatic_snapshot_is_a_timers_whichever_word_ecs_has_for_it() -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT | {"SnapshotType": kind} for kind in ("auto", "timer", "Auto")]}}

    found = outcome(CALLS["DescribeSnapshots"], reply(json.dumps(body).encode()))
    assert [snapshot.kind for snapshot in found] == ["timer"] * 3  # type: ignore[attr-defined]
