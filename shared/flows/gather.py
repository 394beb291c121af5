"""Asks ECS for what decisions need: never more, many at a time, and each only once."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from shared.domain.decision import Decided
from shared.domain.errors import CloudError
from shared.domain.image_tags import DISK
from shared.domain.view import Kind, NotGathered, Question, View
from shared.flows.region import Region
from shared.ports import AT_ONCE, Cloud, take_each

T = TypeVar("T")
BY_ID = frozenset({Kind.SNAPSHOT, Kind.DISK, Kind.INSTANCE})


def gather(
    matters: Sequence[T], decide: Callable[[T, View], Decided], view: View, cloud: Cloud, region: Region
) -> list[Decided | CloudError]:
    """A decision for each matter, or what ECS said instead of a fact that it needs.

    Decides as if everything were known, asks for what was missing, and decides anew.
    """
    results: dict[int, Decided | CloudError] = {}
    while len(results) < len(matters):
        questions: dict[tuple[Kind, str], Question] = {}
        for number, matter in enumerate(matters):
            if number in results:
                continue
            try:
                results[number] = decide(matter, view)
            except NotGathered as lack:
                _note(lack.question, questions)
            except CloudError as refusal:
                results[number] = refusal
        _ask_all(list(questions.values()), view, cloud, region)
    return [results[number] for number in range(len(matters))]


def _note(question: Question, questions: dict[tuple[Kind, str], Question]) -> None:
    """Of two that differ in their beginning only, the one that goes back further answers both."""
    known = questions.setdefault((question.kind, question.id), question)
    if question.since and known.since and question.since < known.since:
        questions[question.kind, question.id] = question


def _ask_all(questions: Sequence[Question], view: View, cloud: Cloud, region: Region) -> None:
    answers = _ask_region(questions, cloud, region)
    for question, answer in answers.items():
        view.add(question, answer)
    _ask_each([question for question in questions if question not in answers], view, cloud)


def _ask_region(questions: Sequence[Question], cloud: Cloud, region: Region) -> Mapping[Question, object]:
    try:
        return region.answer(questions, cloud)
    except CloudError as refusal:
        return dict.fromkeys((question for question in questions if question.kind not in BY_ID), refusal)


def _ask_each(questions: Sequence[Question], view: View, cloud: Cloud) -> None:
    by_kind: dict[Kind, list[Question]] = defaultdict(list)
    for question in questions:
        by_kind[question.kind].append(question)
    for kind, some in by_kind.items():
        if kind in BY_ID:
            _ask_by_id(kind, some, view, cloud)
        else:
            _ask_one_by_one(some, view, cloud)


def _ask_one_by_one(questions: Sequence[Question], view: View, cloud: Cloud) -> None:
    left = deque(questions)

    def ask() -> None:
        for question in take_each(left):
            view.add(question, _answer(question, cloud))

    cloud.together(ask, min(AT_ONCE, len(left)))


def _ask_by_id(kind: Kind, questions: Sequence[Question], view: View, cloud: Cloud) -> None:
    ids = [question.id for question in questions]
    try:
        match kind:
            case Kind.SNAPSHOT:
                found: dict[str, object] = {each.id: each for each in cloud.snapshots.find(ids)}
            case Kind.DISK:
                found = {each.id: each for each in cloud.disks.find(ids)}
            case _:
                found = {each.id: each for each in cloud.disks.instances(ids)}
    except CloudError as refusal:
        for question in questions:
            view.add(question, refusal)
        return
    for question in questions:
        view.add(question, found.get(question.id))


def _answer(question: Question, cloud: Cloud) -> object:
    """What the one call for it returns, or why it returned nothing."""
    try:
        return tuple(_list(question, cloud))
    except CloudError as refusal:
        return refusal


def _list(question: Question, cloud: Cloud) -> Sequence[object]:
    match question:
        case Question(Kind.SNAPSHOTS_OF_DISK, disk_id, since) if since:
            return cloud.snapshots.of_disk(disk_id, since)
        case Question(Kind.SNAPSHOTS_OF_INSTANCE, instance_id, since) if since:
            return cloud.snapshots.of_instance(instance_id, since)
        case Question(Kind.DISKS_OF_INSTANCE, instance_id):
            return cloud.disks.of_instance(instance_id)
        case Question(Kind.GROUPS_OF_INSTANCE, instance_id):
            return cloud.snapshots.groups_of_instance(instance_id)
        case Question(Kind.IMAGES_OF_DISK, disk_id):
            return cloud.images.tagged({DISK: disk_id})
        case Question(Kind.IMAGES_OF_SNAPSHOT, snapshot_id):
            return cloud.images.of_snapshot(snapshot_id)
        case _:
            raise ValueError(f"no such question: {question}")
