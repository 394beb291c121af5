"""From what was seen to an answer for each open question that one run can settle. Pure."""

from dataclasses import dataclass

from live.observations import FirstImage, Observations, QueueStory, Said, Seconds
from shared.domain.errors import AlreadyExists, CloudError, Curable, Final, TokenTaken
from shared.domain.facts import MappedDisk

SOON = 600.0
"""Seconds in which a change must be shown: what takes longer is followed later than the pages say."""
EXPECTED = {
    "an unknown snapshot": Curable,
    "two system disks": Final,
    "no system disk": Final,
    "a malformed name": Curable,
    "another request with a token": TokenTaken,
    "a name that is taken": AlreadyExists,
}
"""What each refusal asks of the code, by its own table."""


@dataclass(frozen=True)
class LiveAnswer:
    """`agrees`: with what the code assumes; None where this run could not ask."""

    says: str
    agrees: bool | None


def judge(seen: Observations) -> dict[str, LiveAnswer]:
    """By the number of the question in docs/real-account.md."""
    return {
        **_of_image(seen.image),
        "Q13": _refusals(seen),
        **_of_listings(seen),
        "Q31": _oversized(seen.queue),
    }


def _of_image(image: FirstImage | CloudError) -> dict[str, LiveAnswer]:
    if isinstance(image, CloudError):
        refused = LiveAnswer(f"no image was made: {image}", False)
        return dict.fromkeys(("Q5", "Q6", "Q7", "Q8", "Q9", "Q10", "Q17"), refused)
    return {
        "Q5": _token(image),
        "Q6": LiveAnswer(
            ", ".join(f"by {kind} {_after(span)}" for kind, span in image.listed.items()),
            all(span is not None and span < SOON for span in image.listed.values()),
        ),
        "Q7": _usage(image),
        "Q8": LiveAnswer(f"the name again: {_code(image.same_name)}", isinstance(image.same_name, AlreadyExists)),
        "Q9": _disks(image),
        "Q10": LiveAnswer(f"taken: {image.status}", True) if image.source.encrypted else _unasked("not encrypted"),
        "Q17": LiveAnswer(f"beside our tag: {', '.join(sorted(image.unasked_tags)) or 'none'}", True),
    }


def _token(image: FirstImage) -> LiveAnswer:
    """After the deletion anything but the first image alive is foreseen: `forget` takes another token."""
    afterwards = "the same id" if image.token_afterwards == image.id else _code(image.token_afterwards)
    says = f"again at once: {_same(image)}; after its deletion: {afterwards}"
    return LiveAnswer(says, image.same_token == image.id)


def _same(image: FirstImage) -> str:
    return "the same image" if image.same_token == image.id else _code(image.same_token)


def _usage(image: FirstImage) -> LiveAnswer:
    if image.source.has_image:
        return _unasked("others have made images of the snapshot")
    says = f"`image` {_after(image.used)}; back {_after(image.unused)} of the deletion"
    return LiveAnswer(says, image.used is not None and image.used < SOON)


def _disks(image: FirstImage) -> LiveAnswer:
    asked, got = ([_in_words(disk) for disk in disks] for disks in (image.asked, image.disks))
    return LiveAnswer(f"{image.status} after {image.ready:.0f} s with {', '.join(got)}", asked == got)


def _in_words(disk: MappedDisk) -> str:
    return f"{disk.role.value} {disk.size_gib} GiB {disk.snapshot_id or 'empty'}"


def _refusals(seen: Observations) -> LiveAnswer:
    said: dict[str, Said] = dict(seen.refusals)
    if isinstance(seen.image, FirstImage):
        said["another request with a token"] = seen.image.other_request
        said["a name that is taken"] = seen.image.same_name
    says = "; ".join(f"{what}: {_code(each)}" for what, each in said.items())
    return LiveAnswer(says, all(type(each) is EXPECTED[what] for what, each in said.items()))


def _of_listings(seen: Observations) -> dict[str, LiveAnswer]:
    listings = seen.listings
    if isinstance(listings, CloudError):
        return dict.fromkeys(("Q19", "Q20"), LiveAnswer(f"refused: {listings}", False))
    counts = ", ".join(f"{action}: {_found(each)}" for action, each in listings.unknown.items())
    order = "the same" if listings.is_stable else "another"
    repeats = ", an entry comes twice" if listings.has_repeats else ""
    return {
        "Q19": LiveAnswer(counts, all(each == 0 for each in listings.unknown.values())),
        "Q20": LiveAnswer(f"listed twice: {order} order{repeats}", listings.is_stable and not listings.has_repeats),
    }


def _oversized(queue: QueueStory | str) -> LiveAnswer:
    if isinstance(queue, str):
        return LiveAnswer(f"no queue: {queue}", False)
    says = f"too large: {queue.oversized or 'taken'}; no such queue: {queue.missing or 'taken'}"
    return LiveAnswer(says, queue.arrived_whole and bool(queue.oversized) and queue.missing == "QueueNotExist")


def _unasked(why: str) -> LiveAnswer:
    return LiveAnswer(f"not asked: {why}", None)


def _after(span: Seconds) -> str:
    return "not in ten minutes" if span is None else f"within {span:.1f} s"


def _code(said: Said) -> str:
    return f"{said.code} ({said.http_status})" if isinstance(said, CloudError) else f"taken: {said}"


def _found(counted: int | CloudError) -> str:
    return _code(counted) if isinstance(counted, CloudError) else f"{counted} entries"
