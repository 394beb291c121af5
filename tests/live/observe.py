"""Asks the account, one thing after another; judges nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from files.errors import CommandError
from live.account import EMPTY, LiveAccount
from live.observations import FirstImage, Listings, Observations, QueueStory, Said, Seconds
from live.own import IN_WORK, LONG_AGO, LONGEST, make_queue, remove_all, remove_queue, tagged
from ops.queues.subscriber import delete, plain_text, receive
from shared.adapters.mns_queue import QueueError, call_queue
from shared.domain.disk_set import DiskSet
from shared.domain.errors import CloudError
from shared.domain.facts import Image, Snapshot
from shared.domain.image_request import ImageRequest

T = TypeVar("T")
UNKNOWN = "000000000000000000"
"""As long as an id is, and nobody's."""
TOO_MUCH = 65536
"""Characters: in base64 a third more than a message may have (MNS help, "Limits": 64 KiB)."""


def observe(account: LiveAccount, source: Snapshot, say: Callable[[str], None]) -> Observations:
    try:
        say("asking for what is not there")
        listings = attempt(lambda: look_at_listings(account))
        say("asking for what cannot be made")
        refusals = look_at_refusals(account, source)
        say("making an image and following it")
        image = attempt(lambda: follow_image(account, source))
        say("using a queue")
        queue = look_at_queue(account)
    finally:
        left = remove_all(account)
    return Observations(image, refusals, listings, queue, left)


def attempt(ask: Callable[[], T]) -> T | CloudError:
    try:
        return ask()
    except CloudError as error:
        return error


def ask_for(account: LiveAccount, request: ImageRequest) -> Said:
    return attempt(lambda: account.create(request))


def look_at_listings(account: LiveAccount) -> Listings:
    counts = {
        "DescribeSnapshots": attempt(lambda: len(account.snapshots.find([f"s-{UNKNOWN}"]))),
        "DescribeDisks": attempt(lambda: len(account.disks.find([f"d-{UNKNOWN}"]))),
        "DescribeImages": attempt(lambda: len(account.images.of_snapshot(f"s-{UNKNOWN}"))),
    }
    first, second = (
        [each.id for page in account.snapshots.of_system_disks(LONG_AGO) for each in page] for _ in range(2)
    )
    return Listings(counts, first == second, len(first) != len(set(first)))


def look_at_refusals(account: LiveAccount, source: Snapshot) -> dict[str, Said]:
    """None of these requests can be granted; should one be, its image is ours and goes with the others."""
    good = account.request(source, "refused")
    system = good.disk_set.system
    nowhere = replace(system, snapshot_id=f"s-{UNKNOWN}")
    requests = {
        "an unknown snapshot": replace(good, disk_set=DiskSet(nowhere)),
        "two system disks": replace(good, disk_set=DiskSet(system, (system,))),
        "no system disk": replace(good, disk_set=DiskSet(EMPTY)),
        "a malformed name": replace(good, name="-"),
    }
    return {
        what: ask_for(account, replace(each, client_token=f"{account.run} {what}")) for what, each in requests.items()
    }


def follow_image(account: LiveAccount, source: Snapshot) -> FirstImage:
    request = account.request(source, "first", EMPTY)
    image_id, began = account.create(request), monotonic()
    listed = see_in_listings(account, source, image_id)
    used = seconds(account, began, lambda: is_used(account, source))
    same_token = ask_for(account, request)
    other_request = ask_for(account, replace(request, description="another request"))
    same_name = ask_for(account, replace(request, client_token=f"{account.run} name"))
    image = account.wait_for(lambda: finished(account, image_id), LONGEST)
    ready = monotonic() - began
    if image is None:
        raise CloudError("InTheMaking", f"{image_id} is not finished after {LONGEST}")
    return FirstImage(
        source, image_id, listed, used, image.status, ready, request.disk_set.disks, image.disks,
        {key: text for key, text in image.tags.items() if key not in request.tags},
        same_token, other_request, same_name, *see_it_go(account, source, request, image_id),
    )  # fmt: skip


def see_in_listings(account: LiveAccount, source: Snapshot, image_id: str) -> dict[str, Seconds]:
    """Each kind of query that the functions use."""
    began = monotonic()
    queries: dict[str, Callable[[], list[Image]]] = {
        "tag": lambda: tagged(account),
        "snapshot": lambda: account.images.of_snapshot(source.id),
        "name": lambda: account.images.named(account.request(source, "first").name),
        "time": lambda: [each for page in account.images.made_since(source.created) for each in page],
    }
    return {
        kind: seconds(account, began, partial(shows, look=look, image_id=image_id)) for kind, look in queries.items()
    }


def shows(look: Callable[[], list[Image]], image_id: str) -> bool:
    return any(image.id == image_id for image in look())


def seconds(account: LiveAccount, began: float, look: Callable[[], bool]) -> Seconds:
    return monotonic() - began if account.wait_for(look) else None


def finished(account: LiveAccount, image_id: str) -> Image | None:
    return next((each for each in tagged(account) if each.id == image_id and each.status not in IN_WORK), None)


def see_it_go(account: LiveAccount, source: Snapshot, request: ImageRequest, image_id: str) -> tuple[Seconds, Said]:
    """When Usage turned back, and what the token gives then. Where others made images of it, Usage has no reason to."""
    remove_all(account)
    gone = monotonic()
    unused = None if source.has_image else seconds(account, gone, lambda: not is_used(account, source))
    said = ask_for(account, request)
    if said == image_id:  # the id of what is gone: there is nothing to remove
        account.own.images.discard(image_id)
    return unused, said


def is_used(account: LiveAccount, source: Snapshot) -> bool:
    return account.snapshots.find([source.id])[0].has_image


def look_at_queue(account: LiveAccount) -> QueueStory | str:
    missing = send(account, "nobody reads this")
    try:
        make_queue(account)
        try:
            return QueueStory(carry(account, "ein Schnappschuss, 快照"), missing, send(account, "x" * TOO_MUCH))
        finally:
            remove_queue(account)
    except (CommandError, QueueError) as error:
        return str(error)


def send(account: LiveAccount, text: str) -> str:
    """The code of the refusal; empty when it was taken."""
    from mns.queue import Message

    try:
        call_queue(account.queue, lambda queue: queue.send_message(Message(text)))
    except QueueError as error:
        return error.code
    return ""


def carry(account: LiveAccount, text: str) -> bool:
    send(account, text)
    letter = account.wait_for(lambda: receive(account.queue, 0), timedelta(minutes=1))
    if letter is None:
        return False
    delete(account.queue, letter)
    return plain_text(letter.text) == text
