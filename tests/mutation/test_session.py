"""That a function gets the code with the change."""

from types import FunctionType

from fakes.world import world

from files.places import ROOT
from mutation.changes import changes_of
from mutation.session import functions_by_place, swaps
from shared.ports import do_each


def test_a_function_does_what_the_change_makes_of_it() -> None:
    change = next(each for each in changes_of(ROOT / "shared/ports.py") if each.told == "do(thing) -> pass")
    done = list[str]()

    ((function, code),) = swaps(change, functions_by_place([do_each, world]))
    FunctionType(code, function.__globals__)("abc", done.append, world().cloud, 1)

    assert (function, done) == (do_each, [])
