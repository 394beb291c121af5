"""Puts each fact that a decision asked for into a line."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.fleet_view.words import write_time
from shared.domain.decision import Kind, Question
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup

MOST = 8
"""Entries of one answer that are written out."""


def say_facts(asked: Mapping[Question, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_line(question, answer) for question, answer in asked.items()))


def _line(question: Question, answer: object) -> str:
    if isinstance(answer, CloudError):
        return f"{question.kind.value}, {question.id}: ECS refuses to tell ({answer})"
    if question.kind in {Kind.SNAPSHOT, Kind.DISK, Kind.INSTANCE}:
        return (
            describe(answer) if answer else f"{question.kind.value.removeprefix('by id: ')} {question.id} is not there"
        )
    since = f" since {write_time(question.since)}" if question.since else ""
    return f"{question.kind.value} ({question.id}){since}: {_several(answer)}"


def _several(answer: object) -> str:
    entries: Sequence[object] = answer if isinstance(answer, tuple) else ()
    more = [f"and {len(entries) - MOST} more"] if len(entries) > MOST else []
    return "; ".join([*map(describe, entries[:MOST]), *more]) or "none"


def describe(fact: object) -> str:
    match fact:
        case Snapshot():
            made = f"policy {fact.policy}" if fact.policy else fact.kind
            tags = f", tags {_tags(fact.tags)}" if fact.tags else ""
            return (
                f"snapshot {fact.id} of {fact.role.value} disk {fact.disk_id}: {fact.status}, by {made},"
                f" begun {write_time(fact.created)}, {fact.size_gib} GiB{tags}"
            )
        case Disk():
            where = f"on {fact.instance_id} as {fact.role.value} disk" if fact.instance_id else "attached to nothing"
            since = f" since {write_time(fact.attached)}" if fact.attached and fact.instance_id else ""
            left = f", taken off {write_time(fact.detached)}" if fact.detached else ""
            policies = f", under {' '.join(sorted(fact.policies))}" if fact.policies else ", under no snapshot policy"
            tags = f", tags {_tags(fact.tags)}" if fact.tags else ""
            return f"disk {fact.id} {where}{since}{left}{policies}{tags}"
        case Instance():
            return f"machine {fact.id}: tags {_tags(fact.tags)}"
        case Image():
            return f"image {fact.id}: {fact.status}, made {write_time(fact.created)} of {fact.system_snapshot_id}"
        case SnapshotGroup():
            return f"group {fact.id} of {len(fact.snapshot_ids)} snapshots"
        case _:
            return str(fact)


def _tags(tags: Any) -> str:
    return ", ".join(f"{key}={tags[key]}" for key in sorted(tags)) or "none"
