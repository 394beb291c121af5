"""Turns one payload into another that is nearly it: changes to the values where it is JSON, to the bytes where it is not."""

import json
import random
from collections.abc import Callable, Sequence
from functools import lru_cache

from fuzz import hostile_values
from fuzz.json_text import Edit, Spot, find_spots, splice

KEYS = [json.dumps(key) for key in hostile_values.KEYS]
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
    """The same in JSON; None when it is none, or is nested beyond what can be read."""
    text = _text(payload)
    spots = find_spots(text)
    if not spots:
        return None
    edits = [edit for _ in range(_few(rng)) for edit in rng.choice(STEPS)(text, rng.choice(spots), others, rng)]
    return splice(text, edits).encode()


@lru_cache(maxsize=4_096)
def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return ""


def _few(rng: random.Random) -> int:
    """One to six, most often one or two."""
    return 1 + min(rng.randrange(6), rng.randrange(6))


def _replace(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    return [(spot.start, spot.end, hostile_values.value(rng))]


def _drop(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    return [(*spot.gap, "")] if spot.gap else []


def _copy_elsewhere(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    other = rng.choice(find_spots(text))
    return [(other.start, other.end, text[spot.start : spot.end])]


def _swap(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    other = rng.choice(find_spots(text))
    return [
        (spot.start, spot.end, text[other.start : other.end]),
        (other.start, other.end, text[spot.start : spot.end]),
    ]


def _retype(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    old = text[spot.start : spot.end]
    choices = [json.dumps(old), f"[{old}]", f'{{"content": {old}}}', "true", "false", str(len(old))]
    return [(spot.start, spot.end, rng.choice(choices))]


def _add_key(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    """Before the others of an object, or before the value of a name."""
    added = f"{rng.choice(KEYS)}: {hostile_values.value(rng)}"
    inside = text[spot.start + 1 : spot.end]
    if text[spot.start] == "{":
        return [(spot.start, spot.end, f"{{{added}{', ' if inside.strip() != '}' else ''}{inside}")]
    return [(*spot.name, f"{added}, {text[slice(*spot.name)]}")] if spot.name else []


def _rename(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    return [(*spot.name, rng.choice(KEYS))] if spot.name else []


def _mangle(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    if text[spot.start] != '"':
        return []
    old = json.loads(text[spot.start : spot.end])
    at = rng.randint(0, len(old))
    new = old[:at] + hostile_values.text(rng)[:20] + old[at + rng.randrange(3) :]
    return [(spot.start, spot.end, json.dumps(new))]


def _graft(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    donor = _text(rng.choice(others))
    given = find_spots(donor)
    part = rng.choice(given) if given else None
    return [(spot.start, spot.end, donor[part.start : part.end])] if part else []


def _repeat(text: str, spot: Spot, others: Sequence[bytes], rng: random.Random) -> list[Edit]:
    repeated = [text[spot.start : spot.end]] * rng.choice([0, 1, 2, 3, 16])
    return [(spot.start, spot.end, f"[{', '.join(repeated)}]")]


Step = Callable[[str, Spot, Sequence[bytes], random.Random], list[Edit]]
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
