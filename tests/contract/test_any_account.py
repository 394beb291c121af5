"""What the adapters rely on in any account: held to the local cloud here, and by `make live` to a real one.

Nothing here looks into the local cloud. What is made is made by `account.create`, of the one snapshot that is given.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from live.account import EMPTY, SNAPSHOT, LiveAccount, open_live_account
from live.own import make_queue, remove_all, remove_queue, tagged
from support import environment_of, settings_for
from world_files import TWO_MACHINES

from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.queues.subscriber import receive
from shared.adapters.mns_queue import MnsQueue
from shared.domain.errors import AlreadyExists, TokenTaken
from shared.domain.facts import Image, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject

QUICK: dict[str, Any] = TWO_MACHINES | {"progress": {"by": "look", "looks": 2}}
UNKNOWN = "000000000000000000"


@pytest.fixture(scope="module")
def account() -> Iterator[LiveAccount]:
    """The one that `make live` found in the environment, else a local cloud that is asked in the same way."""
    if run := os.environ.get("LIVE"):
        assert os.environ.get("CONFIRM") == "yes", "make live asks first"
        opened = open_live_account(os.environ, run)
        yield opened
        assert remove_all(opened) == []
        return
    with LocalCloud(WorldFile.model_validate(QUICK)) as cloud, pytest.MonkeyPatch.context() as patch:
        for name, text in environment_of(settings_for(cloud)).items():
            patch.setenv(name, text)
        patch.setenv("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
        patch.setenv(SNAPSHOT, "s-web1sys")
        yield open_live_account(os.environ, "here")


@pytest.fixture(scope="module")
def source(account: LiveAccount) -> Snapshot:
    return account.source()


@pytest.fixture(scope="module")
def request_made(account: LiveAccount, source: Snapshot) -> ImageRequest:
    return account.request(source, "shared", EMPTY)


@pytest.fixture(scope="module")
def image_id(account: LiveAccount, request_made: ImageRequest) -> str:
    """One image for all tests that only look at it."""
    return account.create(request_made)


def shown(account: LiveAccount, look: Callable[[], list[Image]], image_id: str) -> bool:
    return bool(account.wait_for(lambda: [image for image in look() if image.id == image_id]))


def test_the_snapshot_of_a_system_disk_says_what_it_is(source: Snapshot) -> None:
    assert (source.role, source.status, source.id[:2], source.disk_id[:2]) == (Role.SYSTEM, "accomplished", "s-", "d-")
    assert source.size_gib >= 1


def test_a_snapshot_that_is_not_there_is_just_not_found(account: LiveAccount) -> None:
    assert account.snapshots.find([f"s-{UNKNOWN}"]) == []


def test_a_disk_that_is_gone_is_just_not_found(account: LiveAccount) -> None:
    assert account.disks.find([f"d-{UNKNOWN}"]) == []


def test_the_snapshots_of_a_disk_are_among_those_of_the_region(account: LiveAccount, source: Snapshot) -> None:
    of_disk = {each.id for each in account.snapshots.of_disk(source.disk_id, source.created)}

    assert source.id in of_disk
    assert of_disk <= {each.id for page in account.snapshots.of_system_disks(source.created) for each in page}


def test_an_image_is_found_by_its_tag_while_it_is_made(account: LiveAccount, image_id: str) -> None:
    assert shown(account, lambda: tagged(account), image_id)


def test_an_image_is_found_by_its_system_snapshot(account: LiveAccount, source: Snapshot, image_id: str) -> None:
    assert shown(account, lambda: account.images.of_snapshot(source.id), image_id)


def test_only_the_whole_name_counts(account: LiveAccount, request_made: ImageRequest, image_id: str) -> None:
    assert shown(account, lambda: account.images.named(request_made.name), image_id)
    assert account.images.named(request_made.name[:-1]) == []


def test_the_same_request_again_gives_the_same_image(
    account: LiveAccount, request_made: ImageRequest, image_id: str
) -> None:
    assert account.create(request_made) == image_id


def test_another_request_with_the_same_token_asks_for_a_look(
    account: LiveAccount, source: Snapshot, request_made: ImageRequest, image_id: str
) -> None:
    with pytest.raises(TokenTaken):
        account.create(account.request(source, f"not {image_id}", token=request_made.client_token))


@pytest.mark.usefixtures("image_id")
def test_a_taken_name_asks_for_a_look(account: LiveAccount, source: Snapshot) -> None:
    with pytest.raises(AlreadyExists) as refusal:
        account.create(account.request(source, "shared", token=f"another of {account.run}"))
    assert refusal.value.code == "InvalidImageName.Duplicated"


def test_tags_of_an_image_are_read_back(account: LiveAccount, image_id: str) -> None:
    account.images.tag([image_id], {"state": "available"})

    assert account.wait_for(lambda: [each for each in tagged(account) if each.tags.get("state") == "available"])


def test_a_family_is_set_on_an_image_that_is_usable(account: LiveAccount, image_id: str) -> None:
    assert account.wait_for(lambda: [each for each in tagged(account) if each.status == "Available"])

    account.images.set_family(image_id, f"snapimage-live-{account.run}")


def test_a_message_is_received_as_it_was_sent(account: LiveAccount) -> None:
    known = account.settings
    subject = Subject(account_id=known.account_id, region_id=known.region_id, snapshot_id="s-1", plan="网站")
    status = subject.answer(State.SKIPPED, Reason.NO_PLAN, "no plan names disk d-1")
    message = envelope(status, "create_image", datetime(2026, 3, 1, tzinfo=timezone.utc))
    make_queue(account)
    try:
        MnsQueue(known).publish(message)
        received = account.wait_for(lambda: receive(account.queue, 1))
    finally:
        remove_queue(account)

    assert received
    assert received.event
    assert received.event["id"] == message.id
