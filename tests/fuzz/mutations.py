"""Turns one payload into another that is nearly it: changes to the tree where it is JSON, to the bytes where it is not."""

import copy
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from fuzz import hostile_values

Spot = tuple[Any, Any]
"""A dict and a key of it, or a list and an index."""
MOST_SPOTS = 400
TOKENS = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"\x00",
    b"\xff",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"\n",
    b"\xef\xbb\xbf",
]


def mutate(payload: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A payload some small steps away; `others` lend it parts."""
    mutant = mutate_json(payload, others, rng) if rng.random() < 0.88 else None
    if mutant is not None:
        return mutant
    for _ in range(_few(rng)):
        payload = mutate_bytes(payload, others, rng)
    return payload


def mutate_json(payload: bytes, others: Sequence[bytes], rng: random.Random) -> bytes | None:
    """The same in JSON; None when it is none, or is nested beyond what can be copied and written."""
    try:
        root = [json.loads(payload)]
        donor = json.loads(rng.choice(others)) if rng.random() < 0.2 else None
        for _ in range(_few(rng)):
            mutate_tree(root, donor, rng)
        return json.dumps(root[0]).encode()
    except (ValueError, RecursionError):
        return None


def _few(rng: random.Random) -> int:
    """One to six, most often one or two."""
    return 1 + min(rng.randrange(6), rng.randrange(6))


def mutate_tree(root: list[Any], donor: object, rng: random.Random) -> None:
    """One step, anywhere below `root`."""
    spots = find_spots(root)
    spot = rng.choice(spots)
    rng.choice(STEPS)(spot, spots, donor, rng)


def find_spots(root: list[Any]) -> list[Spot]:
    """Every place of the tree that holds a value, the outermost first."""
    spots: list[Spot] = [(root, 0)]
    for holder, key in spots:
        inner = holder[key]
        if isinstance(inner, dict):
            spots += [(inner, name) for name in inner]
        elif isinstance(inner, list):
            spots += [(inner, number) for number in range(len(inner))]
        if len(spots) > MOST_SPOTS:
            break
    return spots


def _replace(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    spot[0][spot[1]] = hostile_values.value(rng)


def _drop(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    if len(spots) > 1 and spot is not spots[0]:
        del spot[0][spot[1]]


def _copy_elsewhere(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    other = rng.choice(spots)
    other[0][other[1]] = copy.deepcopy(spot[0][spot[1]])


def _swap(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    other = rng.choice(spots[1:] or spots)
    if spot is not spots[0]:
        held = copy.deepcopy(spot[0][spot[1]])
        spot[0][spot[1]] = copy.deepcopy(other[0][other[1]])
        other[0][other[1]] = held


def _retype(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    old = spot[0][spot[1]]
    spot[0][spot[1]] = rng.choice([str(old), [old], {"content": old}, bool(old), len(str(old))])


def _add_key(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    holder = spot[0][spot[1]] if isinstance(spot[0][spot[1]], dict) else spot[0]
    if isinstance(holder, dict):
        holder[rng.choice(hostile_values.KEYS)] = hostile_values.value(rng)


def _rename(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    if isinstance(spot[0], dict):
        spot[0][rng.choice(hostile_values.KEYS)] = spot[0].pop(spot[1])


def _mangle(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    old = spot[0][spot[1]]
    if isinstance(old, str):
        at = rng.randint(0, len(old))
        spot[0][spot[1]] = old[:at] + hostile_values.text(rng)[:20] + old[at + rng.randrange(3) :]


def _graft(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    if donor is not None:
        holder, key = rng.choice(find_spots([donor]))
        spot[0][spot[1]] = copy.deepcopy(holder[key])


def _repeat(spot: Spot, spots: list[Spot], donor: object, rng: random.Random) -> None:
    spot[0][spot[1]] = [spot[0][spot[1]]] * rng.choice([0, 1, 2, 3, 16])


Step = Callable[[Spot, list[Spot], object, random.Random], None]
STEPS: list[Step] = [
    _replace, _replace, _replace, _drop, _drop, _copy_elsewhere, _swap, _retype, _add_key, _rename, _mangle, _mangle, _graft, _repeat,
]  # fmt: skip


def mutate_bytes(raw: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """One step on the bytes alone; doubling a piece of an object gives it the same key twice."""
    at = rng.randint(0, len(raw))
    to = min(len(raw), at + rng.randrange(1, 60))
    kind = rng.randrange(6)
    if kind == 0:
        return raw[:at] + raw[to:]
    if kind == 1:
        return raw[:at] + rng.choice(TOKENS) + raw[at:]
    if kind == 2:
        return raw[:at] + raw[at:to] * 2 + raw[to:]
    if kind == 3:
        other = rng.choice(others)
        return raw[:at] + other[rng.randint(0, len(other)) :]
    if kind == 4:
        return raw[:at] + rng.choice([b"[", b'{"a":', b"[[[["]) * rng.choice([1, 10, 2_000]) + raw[at:]
    return raw[:at] + rng.randbytes(rng.randrange(1, 5)) + raw[to:]
