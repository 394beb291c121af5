"""Coverage for programs and for a terminal."""

from collections.abc import Iterator
from typing import Any

from ops.counts import count
from ops.fleet_view.words import printable, table, write_age, write_time
from shared.domain.coverage import Coverage, MachineCover, PlanCover
from shared.domain.recovery_points import RecoveryPoint

Plain = dict[str, Any]


def to_plain(coverage: Coverage, region_id: str, account_id: str | None) -> Plain:
    """Every field always; null where nobody knows."""
    return {
        "time": write_time(coverage.moment),
        "region_id": region_id,
        "account_id": account_id,
        "late": coverage.is_late,
        "counts": coverage.counts,
        "listed_since": write_time(coverage.since),
        "machines": [machine_to_plain(each) for each in coverage.machines],
        "plans": [_plan(each) for each in coverage.plans],
    }


def machine_to_plain(machine: MachineCover) -> Plain:
    plan = machine.plan
    return {
        "instance_id": machine.instance.id,
        "name": machine.instance.name,
        "status": machine.instance.status,
        "system_disk_id": machine.system_disk_id,
        "state": machine.standing.value,
        "late": machine.is_late,
        "plan": plan.name if plan else None,
        "rpo_seconds": int(plan.rpo.total_seconds()) if plan else None,
        "age_seconds": int(machine.age.total_seconds()) if machine.age is not None else None,
        "reason": machine.reason.value if machine.reason else None,
        "why": machine.why,
        "warnings": list(machine.warnings),
        "policies": list(machine.policies),
        "image": _image(machine.newest) if machine.newest else None,
        "history": [point_to_plain(each) for each in machine.points],
    }


def _image(point: RecoveryPoint) -> Plain | None:
    image = point.image
    if image is None:
        return None
    return {
        "image_id": image.id,
        "name": image.name,
        "snapshot_id": point.snapshot_id,
        "taken": write_time(point.taken),
        "created": write_time(image.created),
        "partial": bool(point.left_out),
        "left_out": list(point.left_out),
    }


def point_to_plain(point: RecoveryPoint) -> Plain:
    return {
        "snapshot_id": point.snapshot_id,
        "began": write_time(point.began),
        "state": point.state.value,
        "reason": point.reason.value if point.reason else None,
        "code": point.code,
        "image_id": point.image.id if point.image else None,
        "created": write_time(point.image.created) if point.image else None,
        "gib": point.gib,
    }


def _plan(cover: PlanCover) -> Plain:
    return {
        "name": cover.plan.name,
        "enabled": cover.plan.enabled,
        "rpo_seconds": int(cover.plan.rpo.total_seconds()),
        "machines": cover.machines,
        "matches_nothing": cover.plan.enabled and not cover.machines,
        "counts": cover.counts,
        "missing": [{"id": gap.id, "why": gap.why} for gap in cover.gaps],
    }


def to_text(coverage: Coverage) -> str:
    return "\n".join([*_head(coverage), *_rows(coverage), *_plans(coverage)])


def _head(coverage: Coverage) -> Iterator[str]:
    counts = ", ".join(f"{number} {word}" for word, number in coverage.counts.items() if number)
    yield f"{count(len(coverage.machines), 'machine')}: {counts or 'none'}"
    if coverage.is_late:
        late = sum(each.is_late for each in coverage.machines)
        yield f"{late} of them staler than their plan's rpo"


def _rows(coverage: Coverage) -> Iterator[str]:
    heads = ("STATE", "MACHINE", "PLAN", "AGE", "IMAGE", "WHY")
    lines = table([heads, *map(_row, coverage.machines)])
    if len(lines) == 1:
        return
    yield from ("", lines[0])
    for line, machine in zip(lines[1:], coverage.machines, strict=True):
        yield line
        yield from (f"    {printable(warning)}" for warning in machine.warnings if warning != machine.why)


def _row(machine: MachineCover) -> tuple[str, ...]:
    instance, newest = machine.instance, machine.newest
    name = f"{instance.id} ({instance.name})" if instance.name else instance.id
    stopped = f", {instance.status.lower()}" if instance.status not in {"", "Running"} else ""
    return (
        machine.standing.value,
        name + stopped,
        machine.plan.name if machine.plan else "-",
        write_age(machine.age),
        newest.image.id if newest and newest.image else "-",
        machine.why,
    )


def _plans(coverage: Coverage) -> Iterator[str]:
    """Only what is odd about them."""
    odd = [each for each in coverage.plans if each.gaps or (each.plan.enabled and not each.machines)]
    if odd:
        yield ""
    for cover in odd:
        if cover.plan.enabled and not cover.machines:
            yield f"plan {cover.plan.name} matches no machine"
        yield from (f"plan {cover.plan.name} names {gap.id}: {gap.why}" for gap in cover.gaps)
