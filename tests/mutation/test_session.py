"""That a function gets the code with the change, where it can."""

from types import FunctionType

from fakes.world import world

from files.places import ROOT
from mutation.changes import changes_of
from mutation.session import can_be_swapped, functions_by_place, swaps
from shared.domain.errors import Throttled
from shared.ports import do_each


def test_a_function_does_what_the_change_makes_of_it() -> None:
    change = next(each for each in changes_of(ROOT / "shared/ports.py") if each.told == "do(thing) -> pass")
    done = list[str]()

    ((function, code),) = swaps(change, functions_by_place([do_each, world]))
    FunctionType(code, function.__globals__)("abc", done.append, world().cloud, 1)

    assert (function, done) == (do_each, [])


def test_what_a_running_function_cannot_be_made_of_is_left_to_an_import() -> None:
    functions = functions_by_place([Throttled.__init__])
    changes = changes_of(ROOT / "shared/domain/errors.py")
    found = [list(swaps(each, functions)) for each in changes if each.told.startswith("super().__init__(code")]

    assert [can_be_swapped(each) for each in found if each] == [False]
