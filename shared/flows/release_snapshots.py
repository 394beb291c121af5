"""Tells of images that were deleted, and gives back or deletes the snapshots that they had kept past their time."""

from collections.abc import Sequence

from shared.domain.errors import CloudError, Refused
from shared.domain.message_fields import Reason
from shared.domain.release import (
    RELEASE,
    DeleteSnapshot,
    GiveBack,
    LetWait,
    ReleaseNote,
    ReleaseStep,
    judge_snapshot,
    read_note,
)
from shared.domain.retirement_facts import StoredSnapshot, Users
from shared.flows.open_images import MOST_TAGGED
from shared.flows.retirement_run import DELETING, RetirementRun, retired

AT_ONCE = 50
"""API reference UntagResources."""


def release_snapshots(run: RetirementRun) -> None:
    """Until all are seen: ECS shows 1,000 with a tag, and those that are done make room for others."""
    while not run.is_over():
        found = run.estate.tagged_snapshots(RELEASE)
        settled = _settle(found, run)
        if len(found) < MOST_TAGGED or not settled:
            return


def _settle(snapshots: Sequence[StoredSnapshot], run: RetirementRun) -> bool:
    """Whether any carries the tag no longer."""
    free: list[str] = []
    told: dict[str, list[str]] = {}
    settled = False
    for snapshot in snapshots:
        note, step = _next(snapshot, run)
        if isinstance(step, DeleteSnapshot):
            step = _delete(snapshot, run)
        match step:
            case GiveBack():
                free.append(snapshot.id)
            case DeleteSnapshot():
                settled = True
            case LetWait():
                run.counts["snapshots_waiting"] += 1
                if note and note.to_tag() != snapshot.tags.get(RELEASE):
                    told.setdefault(note.to_tag(), []).append(snapshot.id)
    for tag, ids in told.items():
        _remember(ids, tag, run)
    for start in range(0, len(free), AT_ONCE):
        settled |= _untag(free[start : start + AT_ONCE], run)
    return settled


def _next(snapshot: StoredSnapshot, run: RetirementRun) -> tuple[ReleaseNote | None, ReleaseStep]:
    """The note as it is to be from now on, and the step."""
    note = read_note(snapshot.tags)
    if note is None:
        return None, GiveBack("somebody altered its note")
    if snapshot.id in run.uncertain:
        return note, LetWait("nobody knows yet whether its image is gone")
    if note.image_id:
        try:
            entries = run.estate.images_of_disk(snapshot.disk_id)
        except CloudError as trouble:
            return note, LetWait(f"cannot be read: the images of its disk ({trouble.code})")
        if note.image_id in {entry.image.id for entry in entries}:
            return note, GiveBack("its image is still there")
        _tell(snapshot, note, run)
        note = ReleaseNote("", note.plan, note.since)
    return note, _judge(snapshot, note, run.view.users, frozenset(), run)


def _judge(
    snapshot: StoredSnapshot, note: ReleaseNote, users: Users, locked: frozenset[str], run: RetirementRun
) -> ReleaseStep:
    plan = run.view.wanted.get(note.plan)
    if plan is None or plan.mode not in DELETING or plan.snapshots != "release":
        return GiveBack("its plan leaves snapshots alone")
    in_images = [snapshot.id] if run.view.inventory.held[snapshot.id] > 0 else []
    return judge_snapshot(snapshot, note, in_images, users, locked, run.cloud.clock.now())


def _tell(snapshot: StoredSnapshot, note: ReleaseNote, run: RetirementRun) -> None:
    text = f"{note.image_id} is deleted: it was deprecated for as long as its plan says"
    status = retired(
        run, Reason.IMAGE_RETIRED, text, note.image_id, snapshot_id=snapshot.id, disk_id=snapshot.disk_id or None,
        plan=note.plan,
    )  # fmt: skip
    run.tell([status])


def _delete(snapshot: StoredSnapshot, run: RetirementRun) -> ReleaseStep:
    """After everything was read again. What ECS refuses waits for the next run."""
    try:
        found = next(iter(run.estate.snapshots([snapshot.id])), None)
        note = read_note(found.tags) if found else None
        if found is None or note is None:
            return LetWait("changed meanwhile")
        locked = run.estate.locked_snapshots([found.id])
        step = _judge(found, note, run.view.reader.read(), locked, run)
        if isinstance(step, DeleteSnapshot):
            run.estate.delete_snapshot(found.id)
            run.counts["snapshots_deleted"] += 1
    except CloudError as trouble:
        run.trouble(snapshot.id, trouble.code, f"snapshot not deleted: {trouble.message}")
        return LetWait(trouble.code)
    return step


def _untag(ids: Sequence[str], run: RetirementRun) -> bool:
    """Whether any carries it no longer. All in one call; each by itself where one of them is gone."""
    try:
        run.estate.untag_snapshots(ids, RELEASE)
    except Refused as refusal:
        if len(ids) > 1:
            found = [_untag([each], run) for each in ids]
            return any(found)
        run.trouble(ids[0], refusal.code, "the note of its release is not taken off")
        return False
    except CloudError as trouble:
        run.trouble(f"{len(ids)} snapshots", trouble.code, "the notes of their release are not taken off")
        return False
    return True


def _remember(ids: Sequence[str], tag: str, run: RetirementRun) -> None:
    try:
        run.cloud.snapshots.tag(ids, {RELEASE: tag})
    except CloudError as trouble:
        run.trouble(f"{len(ids)} snapshots", trouble.code, "that it was told is not remembered; it is told again")
