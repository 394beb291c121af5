"""Decides about one system snapshot and makes its image, or finds the one that an earlier attempt made."""

from datetime import datetime, timedelta

from shared.domain.answers import failed, waiting
from shared.domain.decision import Adopt, Decision, Make, Wait, decide_image, refuse_again
from shared.domain.disk_set import Wanted
from shared.domain.errors import AlreadyExists, OutcomeUnknown, Permanent, Transient
from shared.domain.facts import Image, Role
from shared.domain.image_answers import found, requested
from shared.domain.image_request import ImageRequest, Origin
from shared.domain.memory import SNAPSHOT, recall_about
from shared.domain.progress import judge_image
from shared.domain.refusal import Fail
from shared.domain.status import ImageStatus, Subject
from shared.flows.gather import find_data_disks, find_images
from shared.ports import Cloud, Images


def decide(origin: Origin, cloud: Cloud) -> Decision:
    """Looks for an image first: the data disks of one that exists do not matter any more."""
    images = find_images(origin, cloud.images)
    if not images and (refusal := refuse_again(origin.snapshot)):
        return refusal
    wanted = Wanted() if images else find_data_disks(origin, cloud.snapshots)
    return decide_image(origin, images, wanted, cloud.clock.now())


def apply(decision: Decision, subject: Subject, cloud: Cloud) -> ImageStatus:
    """Every case of a decision; one that is forgotten is a missing return to mypy."""
    match decision:
        case Fail():
            return failed(subject, decision)
        case Wait(waiting_for):
            return waiting(subject, waiting_for)
        case Adopt(image):
            return tell_image(image, subject, cloud.clock.now())
        case Make(request):
            return make_or_adopt(request, subject, cloud)


def make_or_adopt(request: ImageRequest, subject: Subject, cloud: Cloud) -> ImageStatus:
    """After a lost reply, a taken name or a token conflict, the image may exist: look before anything else."""
    try:
        return requested(subject, request, cloud.images.create(request))
    except (OutcomeUnknown, AlreadyExists) as trouble:
        image = look_again(request, trouble, cloud.images)
    return tell_image(image, subject, cloud.clock.now())


def look_again(request: ImageRequest, trouble: OutcomeUnknown | AlreadyExists, images: Images) -> Image:
    """The image that an earlier attempt made. If there is none the trouble itself says what to do.

    By tag, then by snapshot (tags may have been taken off, or not be searchable yet), then by name.
    """
    system_id = request.disk_set.system.snapshot_id or ""
    for image in (
        *images.tagged({SNAPSHOT: request.tags[SNAPSHOT]}),
        *_same_name(request, images.of_snapshot(system_id)),
    ):
        return image
    if isinstance(trouble, OutcomeUnknown):
        raise trouble
    for image in images.named(request.name):
        if _is_made_of(image, system_id):  # listed only since the looks before
            return image
        text = f"image name {request.name} is taken by {image.id}, which was not made from {system_id}"
        raise Permanent(trouble.code, text, trouble.http_status, trouble.request_id) from trouble
    raise Transient("ImageNotVisibleYet", f"{trouble}; no such image is listed yet", trouble.http_status) from trouble


def tell_image(image: Image, subject: Subject, now: datetime) -> ImageStatus:
    """The state of an image that was made before this event came."""
    about = recall_about(image.tags)
    overdue_after = timedelta(seconds=about.overdue_after) if about else timedelta.max
    return found(subject, image, judge_image(image, overdue_after, now))


def _same_name(request: ImageRequest, candidates: list[Image]) -> list[Image]:
    return [image for image in candidates if image.name == request.name]


def _is_made_of(image: Image, snapshot_id: str) -> bool:
    return any(disk.role is Role.SYSTEM and disk.snapshot_id == snapshot_id for disk in image.disks)
