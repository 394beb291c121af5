"""Which changes are planted in a module, and that they are made where they are told."""

from pathlib import Path

import pytest
import yaml

from files.places import ROOT
from mutation.changes import changes_of, edits_of

EQUIVALENT = yaml.safe_load(Path(__file__).with_name("equivalent.yaml").read_text())


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a < b", {"a <= b"}),
        ("a is not b", {"a is b"}),
        ("a and b or c", {"a or b or c", "a and b and c"}),
        ("not a", {"a"}),
        ("a = True", {"a = False"}),
        ("a = 3", {"a = 4"}),
        ("a = 'word'", {"a = 'wordX'"}),
        ("é = sorted(x)", {"é = (x)"}),
        ("a if b else c", {"a if not (b) else c"}),
        ("[a for a in b if c]", {"[a for a in b if not (c)]"}),
        ("a.b = c", {"pass"}),
        ("say(a, b)", {"pass"}),
        ("while a:\n    break", {"while not (a):\n    break", "while a:\n    pass"}),
        ("def f():\n    if a == b:\n        return c\n    return d",
         {"def f():\n    if a != b:\n        return c\n    return d", "def f():\n    if a == b:\n        pass\n    return d"}),
    ],
)  # fmt: skip
def test_a_change_is_planted(source: str, changed: set[str]) -> None:
    assert {made.decode() for _, _, made in edits_of(source.encode())} == changed


@pytest.mark.parametrize("source", ['"""A docstring."""', 'a = "two words"', "a: Literal['b']", "def f(a: int | None): ...",
                                    "@dataclass(frozen=True)\nclass A: ...", "if TYPE_CHECKING: ...",
                                    "T = TypeVar('T')", "A: TypeAlias = B | None", "a = zip(b, c, strict=True)"])  # fmt: skip
def test_prose_and_types_are_left_alone(source: str) -> None:
    assert list(edits_of(source.encode())) == []


@pytest.mark.parametrize("module", EQUIVALENT)
def test_what_is_named_as_equivalent_is_there(module: str) -> None:
    known = {(change.text, change.told) for change in changes_of(ROOT / module)}

    assert {(entry["line"], entry["change"]) for entry in EQUIVALENT[module]} - known == set()
