"""Finds what decisions need in what a run has listed, else asks ECS: never for more, many at a time, and each only once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.domain.decision import Kind, NotGathered, Question, View
from shared.domain.errors import CloudError
from shared.domain.facts import Image
from shared.domain.image_tags import ABOUT, DISK, DISKS, PLAN, SNAPSHOT, STATE
from shared.flows.region import FEW, Region
from shared.ports import Cloud, do_each

T = TypeVar("T")
R = TypeVar("R")
BY_ID = frozenset({Kind.SNAPSHOT, Kind.DISK, Kind.INSTANCE})
EVIDENCE = timedelta(hours=26)
"""How far back a listing looks for the last image of a machine: a daily schedule, and some."""
MOST_EVIDENCE = 200
"""Pages of images in one listing. Beyond, disks that left before the first look are not looked for in last images."""


def gather(
    matters: Sequence[T], decide: Callable[[T, View], R], view: View, cloud: Cloud, region: Region
) -> list[R | CloudError]:
    """A decision for each matter, or what ECS said instead of a fact that it needs.

    Decides as if everything were known, asks for what was missing, and decides anew.
    """
    results: dict[int, R | CloudError] = {}
    while len(results) < len(matters):
        questions: dict[tuple[Kind, str], Question] = {}
        for number in [number for number in range(len(matters)) if number not in results]:
            try:
                results[number] = decide(matters[number], view)
            except NotGathered as lack:
                _note(lack.question, questions)
            except CloudError as refusal:
                results[number] = refusal
        if questions:
            _ask_all(list(questions.values()), view, cloud, region)
    return [results[number] for number in range(len(matters))]


def _note(question: Question, questions: dict[tuple[Kind, str], Question]) -> None:
    """Of two that differ in their beginning only, the one that goes back further answers both."""
    known = questions.setdefault((question.kind, question.id), question)
    if question.since and known.since and question.since < known.since:
        questions[question.kind, question.id] = question


def _ask_all(questions: Sequence[Question], view: View, cloud: Cloud, region: Region) -> None:
    try:
        answers = look_up_all(questions, cloud, region)
    except CloudError as refusal:
        answers = dict.fromkeys((question for question in questions if question.kind not in BY_ID), refusal)
    for question, answer in answers.items():
        view.add(question, answer)
    by_kind: dict[Kind, list[Question]] = defaultdict(list)
    for question in questions:
        if question not in answers:
            by_kind[question.kind].append(question)
    for kind, some in by_kind.items():
        if kind in BY_ID:
            _ask_by_id(kind, some, view, cloud)
        else:
            do_each(some, lambda question: view.add(question, _answer(question, cloud)), cloud)


def look_up_all(questions: Sequence[Question], cloud: Cloud, region: Region) -> dict[Question, object]:
    """Those of the questions that listings answer; raises what ECS says instead of a page."""
    if not region.may_list:
        return {}
    machines = {each.id for each in questions if each.kind in {Kind.SNAPSHOTS_OF_INSTANCE, Kind.DISKS_OF_INSTANCE}}
    disks = {each.id for each in questions if each.kind is Kind.IMAGES_OF_DISK}
    if machines:
        region.list_machines([each for each in questions if each.since], 2 * len(machines), cloud)
    if region.images is None and len(disks) > FEW:
        region.images = _list_last_images(2 * len(disks), cloud)
    answers = ((question, region.look_up(question)) for question in questions)
    return {question: found for question, found in answers if found is not None}


def _list_last_images(budget: int, cloud: Cloud) -> dict[str, list[Image]]:
    """As far as they are listed: what is not found is no evidence, which is what it was without a listing."""
    last: dict[str, list[Image]] = defaultdict(list)
    since = cloud.clock.now() - EVIDENCE
    for number, page in enumerate(cloud.images.made_since(since), 1):
        for image in page:
            if disk_id := image.tags.get(DISK):
                last[disk_id].append(_cut(image))
        if number >= min(budget, MOST_EVIDENCE):
            break
    return last


def _cut(image: Image) -> Image:
    """Without what is of no use for the next set: tens of thousands of them are kept for a run."""
    needed = {SNAPSHOT, DISK, PLAN, ABOUT, STATE}
    return replace(image, tags={key: image.tags[key] for key in image.tags if key in needed or key.startswith(DISKS)})


def _ask_by_id(kind: Kind, questions: Sequence[Question], view: View, cloud: Cloud) -> None:
    disks = cloud.disks.find if kind is Kind.DISK else cloud.disks.instances
    find: Callable[[Sequence[str]], Sequence[Any]] = cloud.snapshots.find if kind is Kind.SNAPSHOT else disks
    ids = [question.id for question in questions]
    try:
        found: dict[str, object] = {each.id: each for each in find(ids)}
    except CloudError as refusal:
        found = dict.fromkeys(ids, refusal)
    for question in questions:
        view.add(question, found.get(question.id))


def _answer(question: Question, cloud: Cloud) -> object:
    """What the one call for it returns, or why it returned nothing."""
    try:
        return tuple(_list(question, cloud))
    except CloudError as refusal:
        return refusal


def _list(question: Question, cloud: Cloud) -> Sequence[object]:
    match question.kind, question.since:
        case Kind.SNAPSHOTS_OF_DISK, datetime() as since:
            return cloud.snapshots.of_disk(question.id, since)
        case Kind.SNAPSHOTS_OF_INSTANCE, datetime() as since:
            return cloud.snapshots.of_instance(question.id, since)
        case Kind.DISKS_OF_INSTANCE, _:
            return cloud.disks.of_instance(question.id)
        case Kind.GROUPS_OF_INSTANCE, _:
            return cloud.snapshots.groups_of_instance(question.id)
        case Kind.IMAGES_OF_DISK, _:
            return cloud.images.tagged({DISK: question.id})
        case Kind.IMAGES_OF_SNAPSHOT, _:
            return cloud.images.of_snapshot(question.id)
    raise ValueError(f"no such question: {question}")
