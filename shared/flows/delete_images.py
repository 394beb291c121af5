"""Deletes what has been deprecated for as long as its plan says, each after all of its guards were read once more.

Its snapshots remember it first: with the image its own tags are gone, and a crash would leave snapshots that nobody knows.
"""

from shared.domain.errors import CloudError, Refused
from shared.domain.release import RELEASE, ReleaseNote
from shared.domain.retirement import Delete
from shared.domain.retirement_facts import Candidate
from shared.flows.retirement_run import DELETING, RetirementRun, confirm

GONE = "InvalidResourceId.NotFound"
"""API reference TagResources: a snapshot that is not there needs no note."""


def delete_images(run: RetirementRun) -> None:
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
    for snapshot_id, tag in tags.items():
        try:
            run.cloud.snapshots.tag([snapshot_id], {RELEASE: tag})
        except CloudError as trouble:
            if isinstance(trouble, Refused) and trouble.code == GONE:
                continue
            run.trouble(image.id, trouble.code, f"kept: {snapshot_id} cannot remember its release")
            return False
    return True
