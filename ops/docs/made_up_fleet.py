"""A made-up fleet as `coverage --json` would tell it: as large as wanted, the same every time."""

from collections import Counter
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from ops.moments import write_moment
from shared.domain.moments import read_moment

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=timezone.utc)
KEPT = timedelta(days=21)
"""Older images were deleted."""
PLANS = {"web": (26, 5), "db": (8, 2), "batch": (50, 2), "office": (26, 2)}
"""Each with its rpo in hours, and its share of the machines."""
DRAWN = ((0.985, "failing"), (0.976, "partial"), (0.97, "unanswered"), (0, "available"))
"""What a night brings where nothing else is said, from which drawn number on."""
ORDER = ("failing", "never", "stale", "waiting", "unplanned", "fresh")
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
Plain = dict[str, Any]


def make_fleet(machines: int, nights: int = 30, seed: int = 11) -> Plain:
    random = Random(seed)
    made = [_machine(random, index, nights) for index in range(machines)]
    made.sort(key=lambda each: (ORDER.index(each["state"]), each["name"], each["instance_id"]))
    counts = Counter(each["state"] for each in made)
    return {
        "time": write_moment(NOW),
        "region_id": "cn-hangzhou",
        "account_id": "1234567890123456",
        "late": any(each["late"] for each in made),
        "counts": {word: counts[word] for word in ORDER},
        "listed_since": write_moment(NOW - timedelta(days=nights)),
        "machines": made,
        "plans": [_plan(name, [each for each in made if each["plan"] == name]) for name in (*PLANS, "retired")],
    }


def _plan(name: str, machines: list[Plain]) -> Plain:
    counts = Counter(each["state"] for each in machines)
    gone = {"id": "i-bp1mail0000000000001", "why": "no such machine: it was released, or is in another region"}
    return {
        "name": name,
        "enabled": True,
        "rpo_seconds": PLANS.get(name, (26, 0))[0] * 3600,
        "machines": len(machines),
        "matches_nothing": not machines,
        "counts": {word: counts[word] for word in ORDER},
        "missing": [] if machines else [gone],
    }


def _id(random: Random, kind: str) -> str:
    return f"{kind}-bp1" + "".join(random.choices(LETTERS, k=17))


def _machine(random: Random, index: int, nights: int) -> Plain:
    plan = random.choices([*PLANS, None], [share for _, share in PLANS.values()] + [1])[0]
    state = random.choices(ORDER[:4] + ORDER[5:], [7, 3, 5, 4, 81])[0] if plan else "unplanned"
    size = random.choice([40, 40, 60, 140, 240, 540])
    history = [] if state in {"never", "unplanned"} else _history(random, state, size, nights)
    newest = next((each for each in history if each["state"] == "available"), None)
    rpo = PLANS[plan][0] * 3600 if plan else None
    disk = _id(random, "d")
    return {
        "instance_id": _id(random, "i"),
        "name": f"{plan or 'lab'}-{index + 1}",
        "status": "Stopped" if random.random() < 0.04 else "Running",
        "system_disk_id": disk,
        "state": state,
        "late": state in {"failing", "stale", "never"},
        "plan": plan,
        "rpo_seconds": rpo,
        "age_seconds": int((NOW - read_moment(newest["began"])).total_seconds()) if newest else None,
        "reason": None,
        "why": _why(state, disk, history),
        "warnings": [],
        "policies": ["sp-bp1night000000000001"] if history else [],
        "image": _image(newest) if newest else None,
        "history": history,
    }


def _history(random: Random, state: str, size: int, nights: int) -> list[Plain]:
    bad = {"failing": random.randint(2, 5), "stale": random.randint(2, 6), "waiting": 1}.get(state, 0)
    points = []
    for night in range(nights):
        began = NOW.replace(hour=2) - timedelta(days=night, minutes=-random.randint(0, 40))
        draw = random.random()
        if (night < bad and state == "stale") or draw > 0.995:
            continue
        drawn = next(word for least, word in DRAWN if draw >= least)
        word = state if night < bad else drawn
        if word in {"available", "partial"} and NOW - began > KEPT:
            word = "deleted"
        points.append(_point(random, word, began, size))
    return points


def _point(random: Random, word: str, began: datetime, size: int) -> Plain:
    reason = {"available": "ImageAvailable", "partial": "ImageAvailable", "failing": "QuotaExceeded"}.get(word)
    made = word in {"available", "partial"}
    return {
        "snapshot_id": _id(random, "s"),
        "began": write_moment(began),
        "state": word,
        "reason": "DataDiskSnapshotPending" if word == "waiting" else reason,
        "code": "QuotaExceed.Image" if word == "failing" else "",
        "image_id": _id(random, "m") if made else None,
        "created": write_moment(began + timedelta(minutes=9)) if made else None,
        "gib": size if made else 0,
    }


def _image(point: Plain) -> Plain:
    name = "snapimage-" + point["snapshot_id"]
    same = {key: point[key] for key in ("image_id", "snapshot_id", "created")}
    return {**same, "name": name, "taken": point["began"], "partial": False, "left_out": []}


def _why(state: str, disk: str, history: list[Plain]) -> str:
    """As `snapimage coverage` says it."""
    last = history[0] if history else {"snapshot_id": "", "image_id": ""}
    return {
        "failing": f"{last['snapshot_id']} was refused by ECS, and is tried again: QuotaExceeded (QuotaExceed.Image)",
        "never": f"{disk} is not under a snapshot policy: no automatic snapshot, and so no image, will come",
        "stale": f"no snapshot of {disk} that the plan means was found since",
        "waiting": f"{last['snapshot_id']} waits: DataDiskSnapshotPending",
        "unplanned": f"no plan wants disk {disk}",
        "fresh": f"{last['image_id']} is of {last['snapshot_id']}",
    }[state]
