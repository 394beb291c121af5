"""Says which statement followed which in the watched modules, for a twentieth of what tracing costs.

`sys.settrace` slows down whatever runs, watched or not. Here the functions of the watched modules are compiled anew, with a probe
before each statement, and carry that code as long as somebody looks.
"""

import ast
import inspect
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

STEPS, LAST = "_steps_of_the_probes", "_last_statement"
MODULE = 1_000_000
"""A statement is a number: the place of its module times this, and its line."""
Step = tuple[int, int]
"""Two statements of one run of a function; its first one follows 0."""


class Probes(ExitStack):
    """`steps` grows as long as this is entered."""

    def __init__(self, modules: Sequence[ModuleType]) -> None:
        super().__init__()
        self.modules = modules
        self.steps: set[Step] = set()

    def __enter__(self) -> "Probes":
        for place, module in enumerate(self.modules):
            vars(module)[STEPS] = self.steps
            self.callback(vars(module).pop, STEPS)
            codes = {(code.co_name, code.co_firstlineno): code for code in _codes(_with_probes(module, place))}
            for function in set(_functions(module)):
                self.callback(setattr, function, "__code__", function.__code__)
                function.__code__ = codes[function.__code__.co_name, function.__code__.co_firstlineno]
        return self


def lines_of(steps: Collection[Step], place: int) -> set[int]:
    """The lines of one module's statements that were run."""
    return {statement % MODULE for _, statement in steps if statement // MODULE == place}


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Those that are written there, in a class or not, whatever decorates them."""
    classes = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    for holder in [module, *classes]:
        for value in vars(holder).values():
            inner = inspect.unwrap(getattr(value, "fget", None) or getattr(value, "func", None) or value)
            if isinstance(inner, FunctionType) and inner.__code__.co_filename == module.__file__:
                yield inner


@cache
def _with_probes(module: ModuleType, place: int) -> CodeType:
    file = str(module.__file__)
    tree = ast.parse(Path(file).read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for holder in {node: None for function in functions for node in ast.walk(function)}:
        for name in {"body", "orelse", "finalbody"} & set(holder._fields):
            if isinstance(statements := getattr(holder, name), list):
                setattr(holder, name, [each for one in statements for each in (*_probe(one, place), one)])
    for function in functions:
        function.body[:0] = _at(function, f"{LAST} = 0")
    return compile(tree, file, "exec", dont_inherit=True)


def _probe(statement: ast.stmt, place: int) -> list[ast.stmt]:
    number = place * MODULE + statement.lineno
    return _at(statement, f"{STEPS}.add(({LAST}, {number})); {LAST} = {number}")


def _at(statement: ast.stmt, text: str) -> list[ast.stmt]:
    made = ast.parse(text).body
    for node in [inner for each in made for inner in ast.walk(each)]:
        ast.copy_location(node, statement)
    return made


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
