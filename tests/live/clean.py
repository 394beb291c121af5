"""Removes what broken runs have left: what carries the tag of a run, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

from files.errors import CommandError
from live.account import PREFIX, LiveAccount
from live.own import TAG, OwnThings, images_of_any_run, remove_all, remove_queue


def clean(account: LiveAccount, named: str | None, is_confirmed: bool, say: Callable[[str], None]) -> int:
    """A queue has no tag: its name is that of a run whose images are there, or of the one that RUN has `named`."""
    found = list(images_of_any_run(account))
    runs = sorted({image.tags[TAG] for image in found} | ({named, f"{named}c"} if named else set()))
    for image in found:
        say(f"{image.id}  {image.name}  {TAG}={image.tags[TAG]}")
    queues = ", ".join(f"{PREFIX}-{run}" for run in runs)
    say(
        f"images: {len(found)}; queues, where they are there: {queues or 'none, as no run is known: RUN=... names one'}"
    )
    if not is_confirmed:
        raise CommandError("nothing was removed; to do it, say so: CONFIRM=yes")
    left: list[str] = []
    for run in runs:
        ours = of_run(account, run)
        ours.own.images.update(image.id for image in found if image.tags[TAG] == run)
        remove_queue(ours)
        left += remove_all(ours)
    say(f"left behind: {'; '.join(left) or 'nothing'}")
    return 1 if left else 0


def of_run(account: LiveAccount, run: str) -> LiveAccount:
    settings = replace(account.settings, status_queue=f"{PREFIX}-{run}")
    return replace(account, run=run, settings=settings, own=OwnThings())
