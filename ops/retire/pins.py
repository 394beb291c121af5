"""What an operator says about single images: keep it whatever the rules say, no longer, or bring it back."""

from collections.abc import Callable
from dataclasses import replace

from ops.account import Account
from shared.adapters.ecs_client import EcsCalls, untag_resources
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
    found = [(image_id, _find(image_id, account, say)) for image_id in image_ids]
    for image_id, image in found:
        if image:
            _pin(image, account)
            if image.status == "Deprecated":
                _bring_back(image, account)
            say(f"{image_id}: kept" + (", and available again" if image.status == "Deprecated" else ""))
    return all(image for _, image in found)


def release_images(image_ids: list[str], account: Account, say: Say) -> bool:
    """Whether all that were named are left to the rules of their plan again."""
    found = [(image_id, _find(image_id, account, say)) for image_id in image_ids]
    for image_id, image in found:
        if image:
            _untag_image(account.calls(), image_id, PIN)
            if image.marks.is_pinned:
                account.cloud.images.tag([image_id], {STATE: replace(image.marks, is_pinned=False).to_tag()})
            say(
                f"{image_id}: left to the rules of plan {image.plan}"
                if image.is_pinned
                else f"{image_id}: was not pinned"
            )
    return all(image for _, image in found)


def undo_retirement(image_ids: list[str], account: Account, say: Say) -> bool:
    """Whether all that were named are available now."""
    found = [(image_id, _find(image_id, account, say)) for image_id in image_ids]
    for image_id, image in found:
        if image is None:
            continue
        if image.status != "Deprecated":
            say(f"{image_id}: is {image.status}; there is nothing to undo")
            continue
        _bring_back(image, account)
        say(
            f"{image_id}: available again. The next run deprecates it anew, unless its plan keeps it or: snapimage keep {image_id}"
        )
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


def _untag_image(calls: EcsCalls, image_id: str, key: str) -> None:
    untag_resources(calls, "image", [image_id], [key])
