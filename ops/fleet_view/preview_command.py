"""What `snapimage preview` shows: every machine's next night, and one request as it would be sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from files.errors import CommandError
from files.yaml_words import did_you_mean
from ops.fleet_view.newest_request import decide_as_new
from ops.fleet_view.preview import Preview, newest_of, preview
from ops.fleet_view.reading import FleetReading
from ops.fleet_view.show_explanation import answer_to_plain, to_call
from ops.fleet_view.words import indented, printable, write_time
from shared.domain.answers import Answer
from shared.domain.decision import Make
from shared.domain.facts import MappedDisk, Snapshot
from shared.flows.inventory import read_inventory

Plain = dict[str, Any]


@dataclass(frozen=True)
class Foreseen:
    nights: tuple[Preview, ...]
    newest: Snapshot | None
    """The newest snapshot that a plan means."""
    answer: Answer | None
    """To it, as if nothing were known of it."""
    account_id: str | None


def foresee(reading: FleetReading, machines: Sequence[str], plans: Sequence[str]) -> Foreseen:
    """Of these machines and plans; of all where none is named."""
    rules, now = reading.rules, reading.cloud.clock.now()
    refuse_unknown("plan", plans, [each.name for each in rules.plans.plans])
    pins = sorted({pin for plan in rules.plans.plans for pin in plan.data_disks.snapshots})
    pinned = {each.id: each for each in reading.fleet.find_snapshots(pins)} if pins else {}
    inventory = read_inventory(reading.fleet, rules, now)
    refuse_unknown("machine", machines, [each.id for each in inventory.instances])
    nights = [
        each
        for each in preview(inventory, rules, pinned, now)
        if (not machines or each.instance.id in machines) and (not plans or (each.plan and each.plan.name in plans))
    ]
    newest = newest_of([each.newest for each in nights if each.newest])
    answer = decide_as_new(newest, reading) if newest else None
    return Foreseen(tuple(nights), newest, answer, reading.account_id)


def refuse_unknown(what: str, named: Sequence[str], known: Sequence[str]) -> None:
    """An empty answer would look like a night without images."""
    if unknown := [each for each in named if each not in known]:
        raise CommandError(f"no {what} {', '.join(unknown)}{did_you_mean(unknown[0], sorted(known))}")


def to_plain(foreseen: Foreseen) -> Plain:
    return {"machines": [_night(each) for each in foreseen.nights], "newest": _newest_plain(foreseen)}


def _night(night: Preview) -> Plain:
    disks = night.disk_set
    return {
        "instance_id": night.instance.id,
        "name": night.instance.name,
        "system_disk_id": night.disk.id,
        "plan": night.plan.name if night.plan else None,
        "matched_by": list(night.by),
        "fires": write_time(night.fires),
        "policy": night.policy or None,
        "image": disks is not None,
        "disks": [_disk(each) for each in disks.disks] if disks else [],
        "left_out": list(disks.left_out) if disks else [],
        "without_snapshots": list(disks.without_snapshots) if disks else [],
        "reason": night.reason.value if night.reason else None,
        "missing": list(night.missing),
        "why": night.why,
    }


def _disk(disk: MappedDisk) -> Plain:
    return {
        "type": disk.role.value,
        "disk_id": disk.disk_id,
        "device": disk.device,
        "size_gib": disk.size_gib,
        "pinned": disk.snapshot_id if disk.is_pinned else None,
        "empty": disk.snapshot_id is None,
    }


def _newest_plain(foreseen: Foreseen) -> Plain | None:
    if foreseen.newest is None or foreseen.answer is None:
        return None
    return {
        "snapshot_id": foreseen.newest.id,
        "decision": answer_to_plain(foreseen.answer),
        "request": _request(foreseen),
    }


def _request(foreseen: Foreseen) -> Plain | None:
    decision = foreseen.answer.known.decision if foreseen.answer else None
    return to_call(decision.request, foreseen.account_id) if isinstance(decision, Make) else None


def to_text(foreseen: Foreseen) -> str:
    lines = [line for night in foreseen.nights for line in _lines(night)]
    return "\n".join(map(printable, [*lines, *_newest_lines(foreseen)]))


def _lines(night: Preview) -> Iterator[str]:
    name = f"{night.instance.id} ({night.instance.name})" if night.instance.name else night.instance.id
    if night.plan is None:
        yield f"{name}  no plan: {night.why}"
        return
    by = ", ".join(night.by)
    when = f"at {write_time(night.fires)} by {night.policy}" if night.fires else "never"
    yield f"{name}  plan {night.plan.name} by {by}; next snapshot {when}"
    if night.disk_set is None:
        reason = f"{night.reason.value}: " if night.reason else ""
        yield f"    no image: {reason}{night.why}"
        return
    yield from (f"    {number}. {_spell(disk)}" for number, disk in enumerate(night.disk_set.disks, 1))
    yield from (f"    left out: {each}" for each in night.disk_set.left_out)
    yield from (f"    ECS cannot snapshot: {each}" for each in night.disk_set.without_snapshots)


def _spell(disk: MappedDisk) -> str:
    if disk.snapshot_id is None:
        return f"empty disk of {disk.size_gib} GiB"
    pinned = f", pinned {disk.snapshot_id}" if disk.is_pinned else ""
    device = f" at {disk.device}" if disk.device else ""
    return f"{disk.role.value} disk {disk.disk_id}{device}, {disk.size_gib} GiB{pinned}"


def _newest_lines(foreseen: Foreseen) -> Iterator[str]:
    if foreseen.newest is None or foreseen.answer is None:
        return
    yield ""
    yield f"The newest snapshot, {foreseen.newest.id}, as if nothing had become of it yet:"
    request = _request(foreseen)
    if request is None:
        said = answer_to_plain(foreseen.answer)
        yield f"  {said['state']}: {said['explanation']}"
        return
    yield "  CreateImage"
    yield from indented(request)
