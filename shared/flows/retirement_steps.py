"""Deprecates what a plan keeps no longer, and deletes what has been deprecated for as long as its plan says.

An image remembers since when it is deprecated once that was told: without that mark its grace has not begun, whoever
deprecated it and wherever a run came to its end. Before it is deleted its snapshots remember it: with the image its own tags
are gone, and a crash would leave snapshots that nobody knows.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from shared.domain.errors import CloudError, Refused
from shared.domain.image_marks import read_marks
from shared.domain.image_tags import STATE
from shared.domain.message import ImageStatus
from shared.domain.message_fields import Reason
from shared.domain.release import RELEASE, ReleaseNote, read_note
from shared.domain.retirement import Delete, Deprecate, find_first_gone
from shared.domain.retirement_facts import Candidate
from shared.flows.publish import tag_each
from shared.flows.retirement_run import DELETING, DEPRECATING, FUNCTION, RetirementRun, confirm, retired

AT_ONCE = 20
"""Images that are told before they are marked: the most that a crash can repeat, and the longest that a mark lags."""


def deprecate_images(run: RetirementRun) -> None:
    images = run.planned(Deprecate, DEPRECATING)
    for start in range(0, len(images), AT_ONCE):
        done = []
        for image in images[start : start + AT_ONCE]:
            if run.is_over():
                break
            if found := _deprecate(image, run):
                done.append(found)
        run.tell([_status(image, run) for image in done])
        _mark(done, run)
        run.counts["deprecated"] += len(done)


def remember_gone(run: RetirementRun) -> None:
    """When a disk was first seen to be gone stands on its last image: ECS tells of no disk when it went."""
    now = run.cloud.clock.now()
    for key, images in run.view.inventory.groups.items():
        if run.view.wanted[key[0]].mode not in DEPRECATING:
            continue
        found = find_first_gone(run.view.disk_images(key), now)
        if found is None:
            continue
        image = next(each for each in images if each.id == found[0])
        if image.is_open:
            continue
        try:
            again = next((each for each in run.estate.images_of_disk(key[1]) if each.image.id == image.id), None)
            if again:  # what an operator wrote meanwhile stays
                run.mark(image.id, replace(read_marks(again.image.tags), gone=found[1]).to_tag())
        except CloudError as trouble:
            run.trouble(image.id, trouble.code, "that its disk is gone is not remembered")


def _deprecate(image: Candidate, run: RetirementRun) -> Candidate | None:
    """An old mark is taken off first: the grace of a second time must not have begun with the first."""
    found = confirm(image, Deprecate, run)
    if found is None:
        return None
    try:
        if found.marks.retiring:
            run.mark(found.id, replace(found.marks, retiring=None).to_tag())
        if found.status != "Deprecated":
            run.estate.deprecate(found.id)
    except CloudError as trouble:
        run.trouble(image.id, trouble.code, f"not deprecated: {trouble.message}")
        return None
    return found


def _status(image: Candidate, run: RetirementRun) -> ImageStatus:
    grace = run.view.wanted[image.plan].grace
    text = f"{image.id} is deprecated: its plan keeps it no longer. It can be used for at least {grace.days} days more"
    return retired(
        run, Reason.IMAGE_DEPRECATED, text, image.id, image_name=image.name, image_status="Deprecated",
        snapshot_id=image.snapshot_id, disk_id=image.disk_id, plan=image.plan,
    )  # fmt: skip


def _mark(images: Sequence[Candidate], run: RetirementRun) -> None:
    """Equal marks in one call. What cannot be marked is marked, and told once more, by the next run."""
    now = run.cloud.clock.now()
    groups: dict[str, list[str]] = defaultdict(list)
    for image in images:
        groups[replace(image.marks, retiring=now).to_tag()].append(image.id)
    for tag, image_ids in groups.items():
        try:
            tag_each(image_ids, {STATE: tag}, run.cloud.images, FUNCTION)
        except CloudError as trouble:
            run.trouble(f"{len(image_ids)} images", trouble.code, "deprecated, and not marked")


GONE = "InvalidResourceId.NotFound"
"""API reference TagResources: a snapshot that is not there needs no note."""


def delete_images(run: RetirementRun) -> None:
    """Each after all of its guards were read once more."""
    for image in run.planned(Delete, DELETING):
        if run.is_over():
            return
        found = confirm(image, Delete, run)
        if found is None or not _note(found, run):
            continue
        try:
            run.estate.delete_image(found.id)
        except CloudError as trouble:
            run.trouble(found.id, trouble.code, f"not deleted: {trouble.message}")
            if not isinstance(trouble, Refused):
                run.uncertain.update(found.snapshot_ids)
            continue
        run.view.inventory.forget(found)
        run.counts["deleted"] += 1


def _note(image: Candidate, run: RetirementRun) -> bool:
    """Whether every snapshot that is to be released knows it, and the system disk's who is to be told of."""
    now, plan = run.cloud.clock.now(), run.view.wanted[image.plan]
    note = ReleaseNote(image.id, image.plan, now)
    others = [each for each in image.snapshot_ids if each != image.snapshot_id] if plan.snapshots == "release" else []
    tags = {image.snapshot_id: note.to_tag()} | dict.fromkeys(others, ReleaseNote("", image.plan, now).to_tag())
    if not _has_room(image, list(tags), run):
        return False
    for snapshot_id, tag in tags.items():
        try:
            run.cloud.snapshots.tag([snapshot_id], {RELEASE: tag})
        except CloudError as trouble:
            if isinstance(trouble, Refused) and trouble.code == GONE:
                continue
            run.trouble(image.id, trouble.code, f"kept: {snapshot_id} cannot remember its release")
            return False
    return True


def _has_room(image: Candidate, snapshot_ids: Sequence[str], run: RetirementRun) -> bool:
    """Whether none of them still remembers another image that is gone or may be: it is told of when snapshots are released,
    and a snapshot has one note."""
    try:
        found = run.estate.snapshots(snapshot_ids)
    except CloudError as trouble:
        run.trouble(image.id, trouble.code, f"kept: the notes on its snapshots cannot be read: {trouble.message}")
        return False
    for snapshot in found:
        note = read_note(snapshot.tags)
        if note is None or note.image_id in {"", image.id}:
            continue
        if snapshot.id in run.uncertain or note.image_id not in run.view.inventory.image_ids:
            run.trouble(
                image.id, "NotYetTold", f"kept until the next run: {snapshot.id} still tells of {note.image_id}"
            )
            return False
    return True
