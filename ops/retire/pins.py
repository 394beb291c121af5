"""What an operator says about single images: keep it whatever the rules say, no longer, or bring it back."""

from collections.abc import Callable
from dataclasses import replace

from ops.session import Account
from shared.adapters.ecs_client import untag_resources
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_retirement import read_entry
from shared.domain.errors import Refused
from shared.domain.image_marks import PIN
from shared.domain.image_tags import STATE
from shared.domain.retirement_facts import Candidate, candidate_of
from shared.flows.publish import HOPELESS
from shared.wiring import open_retirement

Say = Callable[[str], None]


def keep_images(image_ids: list[str], account: Account, say: Say) -> bool:
    """Whether all that were named are pinned now. The pin comes first: what follows may fail, and is repeated."""

    def keep(image: Candidate) -> str:
        _pin(image, account)
        if image.status != "Deprecated":
            return "kept"
        _bring_back(image, account)
        return "kept, and available again"

    return _each(image_ids, keep, account, say)


def release_images(image_ids: list[str], account: Account, say: Say) -> bool:
    """Whether all that were named are left to the rules of their plan again."""

    def release(image: Candidate) -> str:
        untag_resources(account.calls(), "image", [image.id], [PIN])
        if image.marks.is_pinned:
            account.cloud.images.tag([image.id], {STATE: replace(image.marks, is_pinned=False).to_tag()})
        return f"left to the rules of plan {image.plan}" if image.is_pinned else "was not pinned"

    return _each(image_ids, release, account, say)


def undo_retirement(image_ids: list[str], account: Account, say: Say) -> bool:
    """Whether all that were named are available now."""

    def undo(image: Candidate) -> str:
        if image.status != "Deprecated":
            return f"is {image.status}; there is nothing to undo"
        _bring_back(image, account)
        keep = f"snapimage keep {image.id}"
        return f"available again. The next run deprecates it anew, unless its plan keeps it or: {keep}"

    return _each(image_ids, undo, account, say)


def _each(image_ids: list[str], change: Callable[[Candidate], str], account: Account, say: Say) -> bool:
    """Whether all of them were found."""
    found = [(image_id, _find(image_id, account, say)) for image_id in image_ids]
    for image_id, image in found:
        if image:
            say(f"{image_id}: {change(image)}")
    return all(image for _, image in found)


def _find(image_id: str, account: Account, say: Say) -> Candidate | None:
    entries = [entry for page in EcsImages(account.calls()).pages(image_id=image_id) for entry in page]
    image = candidate_of(read_entry(entries[0])) if entries else None
    if image is None:
        say(f"{image_id}: " + ("not an image of snapimage; nothing here retires it" if entries else "not there"))
    return image


def _pin(image: Candidate, account: Account) -> None:
    """A tag of its own; a word in another where all tags are taken."""
    try:
        account.cloud.images.tag([image.id], {PIN: "yes"})
    except Refused as refusal:
        if refusal.code not in HOPELESS:
            raise
        account.cloud.images.tag([image.id], {STATE: replace(image.marks, is_pinned=True).to_tag()})


def _bring_back(image: Candidate, account: Account) -> None:
    open_retirement(account.settings, account.cloud).bring_back(image.id)
    entries = [entry for page in EcsImages(account.calls()).pages(image_id=image.id) for entry in page]
    again = candidate_of(read_entry(entries[0])) if entries else None
    if again and again.marks.retiring:
        account.cloud.images.tag([image.id], {STATE: replace(again.marks, retiring=None).to_tag()})
