"""Compares what was made and said with what a scenario expects; every difference is a sentence."""

from collections.abc import Iterator
from typing import Any

from scenario import Expect, Facts, Scenario
from theatre import Played, Theatre


def play(scenario: Scenario, theatre: Theatre) -> list[str]:
    """What came out other than expected, in the middle or at the end."""
    before = {image.id for image in scenario.world.images}
    faults: list[str] = []
    theatre.begin(scenario)
    for step in scenario.steps:
        if step.expect is not None:
            faults += find_faults(step.expect, theatre.look(), before)
        else:
            theatre.happen(step, scenario)
    return faults + find_faults(scenario.expect, theatre.look(), before)


def find_faults(expect: Expect, played: Played, before: set[str]) -> list[str]:
    """`before` are the ids of the images that the world began with."""
    told = [message["data"] for message in played.messages]
    faults = [*_of_images(expect, played, before), *_of_messages(expect, told), *_of_ends(expect, told)]
    if played.dead_letters != expect.dead_letters:
        faults.append(f"{played.dead_letters} dead letters, not {expect.dead_letters}")
    if played.faults_left != expect.faults_left:
        faults.append(f"{played.faults_left} planted faults are left, not {expect.faults_left}")
    return faults


def _of_images(expect: Expect, played: Played, before: set[str]) -> Iterator[str]:
    if expect.images is None:
        return
    made: dict[str, list[str]] = {}
    for image in played.images:
        if image["id"] in before:
            continue
        disks = sorted(image["disks"], key=lambda disk: disk["device"])
        system = next((str(disk["snapshot"]) for disk in disks if disk["type"] == "system"), "none")
        if system in made:
            yield f"two images of {system}"
        made[system] = [disk["snapshot"] or f"empty {disk['size_gib']}" for disk in disks if disk["type"] == "data"]
    if made != expect.images:
        yield f"images {made}, not {expect.images}"


def _of_messages(expect: Expect, told: list[Facts]) -> Iterator[str]:
    bounds = [(expect.says, 1, len(told)), (expect.once, 1, 1), (expect.never, 0, 0)]
    for wanted, least, most in ((each, least, most) for some, least, most in bounds for each in some):
        count = sum(_holds(data, wanted) for data in told)
        if not least <= count <= most:
            yield f"{count} messages say {wanted}; told were {[_brief(data) for data in told]}"


def _of_ends(expect: Expect, told: list[Facts]) -> Iterator[str]:
    for snapshot_id, wanted in expect.ends.items():
        ends = {data["state"] for data in told if data["snapshot_id"] == snapshot_id and data["terminal"]}
        if (ends or {"none"}) != {wanted}:
            yield f"{snapshot_id} ends as {sorted(ends) or 'none'}, not as {wanted}; told were {[_brief(data) for data in told]}"


def _holds(data: Facts, wanted: Facts) -> bool:
    return all(_is_met(name, data[name], value) for name, value in wanted.items())


def _is_met(name: str, found: Any, wanted: Any) -> bool:
    if name == "explanation":
        return str(wanted) in found
    if isinstance(wanted, dict) and isinstance(found, int):  # a time: the clock runs on, and a busy machine is slow
        return bool(wanted["from"] <= found <= wanted["to"])
    if isinstance(wanted, dict) and isinstance(found, dict):
        return _holds(found, wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(_is_met(name, one, other) for one, other in pairs)
    return bool(found == wanted)


def _brief(data: Facts) -> str:
    return f"{data['snapshot_id']} {data['state']} {data['reason']}: {data['explanation']}"
