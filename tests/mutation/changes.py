"""Every small change that can be planted in a module: found in its syntax tree, made in its text."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from files.places import ROOT

OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"), ast.And: ("and", "or"), ast.Or: ("or", "and"), ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.BitOr: ("|", "&"), ast.BitAnd: ("&", "|"),
}  # fmt: skip
TURNED_BY_OPERATOR = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Change:
    module: str
    line: int
    text: str
    """The line where it begins, without its indentation: that stays the same when lines above come or go."""
    told: str
    source: bytes
    """Of the whole module, changed."""


def changes_of(path: Path) -> list[Change]:
    source, module = path.read_bytes(), path.relative_to(ROOT).as_posix()
    lines = source.decode().splitlines()
    places = [(source.count(b"\n", 0, start), told, changed) for start, told, changed in edits_of(source)]
    return [Change(module, line + 1, lines[line].strip(), told, changed) for line, told, changed in places]


def edits_of(source: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Where it begins, what it is, and the whole text with it; in the order of the text, each once."""
    text, tree = Text(source), ast.parse(source)
    for node in list(ast.walk(tree)):
        leave_out(node)
    for start, end, new in sorted({edit for node in ast.walk(tree) for edit in edits(node, text)}):
        old = " ".join(source[start:end].decode().split())
        yield start, f"{old} -> {new or 'nothing'}", source[:start] + new.encode() + source[end:]


class Text:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self._starts = [0, *(at + 1 for at, byte in enumerate(source) if byte == ord("\n"))]

    def span(self, node: ast.AST) -> tuple[int, int]:
        start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return self._starts[start[0] - 1] + start[1], self._starts[end[0] - 1] + end[1]

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def swap(self, kind: ast.AST, left: ast.AST, right: ast.AST) -> Iterator[Edit]:
        if type(kind) in OPERATORS:
            old, new = OPERATORS[type(kind)]
            start = self.source.index(old.encode(), self.span(left)[1], self.span(right)[0])
            yield start, start + len(old), new

    def negate(self, test: ast.AST) -> Iterator[Edit]:
        """What another change turns round already is left to that."""
        match test:
            case ast.Compare(ops=[kind]) if isinstance(kind, TURNED_BY_OPERATOR):
                return
            case ast.UnaryOp(op=ast.Not()) | ast.Name(id="TYPE_CHECKING"):
                return
        yield *self.span(test), f"not ({self.of(test)})"


def leave_out(node: ast.AST) -> None:
    """Prose, what only the type checker or a misuse would notice, and the return at a function's end."""
    match node:
        case ast.FunctionDef(body=body):
            node.args = ast.arguments(
                [], [], None, [], [each for each in node.args.kw_defaults if each], None, [*node.args.defaults]
            )
            node.returns = None
            node.body = [
                ast.Assert(part.value) if isinstance(part, ast.Return) and part.value else part for part in body
            ]
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            node.value = None
        case ast.AnnAssign():  # of a type only the bounds that pydantic checks
            node.annotation = ast.List([part for part in ast.walk(node.annotation) if isinstance(part, ast.Call)])
        case ast.ClassDef():
            node.decorator_list = []
        case ast.Raise():
            node.exc = None
        case ast.Call():
            if ast.unparse(node.func) == "TypeVar":
                node.args = []
            node.keywords = [each for each in node.keywords if each.arg != "strict"]
        case ast.Expr(value=ast.Constant()):
            node.value = ast.List([])
        case ast.JoinedStr():
            node.values = []  # places within are wrong before Python 3.12


def edits(node: ast.AST, text: Text) -> Iterator[Edit]:
    for kind in (operators, values, branches):
        yield from kind(node, text)
    dropped = (ast.AugAssign, ast.Raise, ast.Return, ast.Continue, ast.Break, ast.Delete)
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    is_stored = isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript))
    if isinstance(node, dropped) or is_call or is_stored:
        yield *text.span(node), "pass"


def operators(node: ast.AST, text: Text) -> Iterator[Edit]:
    match node:
        case ast.Compare(left=left, ops=kinds, comparators=others):
            for kind, (one, other) in zip(kinds, pairwise([left, *others]), strict=True):
                yield from text.swap(kind, one, other)
        case ast.BoolOp(op=kind, values=tests):
            for one, other in pairwise(tests):
                yield from text.swap(kind, one, other)
        case ast.BinOp(left=left, op=kind, right=right):
            yield from text.swap(kind, left, right)
        case ast.UnaryOp(op=ast.Not()):
            start, _ = text.span(node)
            yield start, start + len("not "), ""


def values(node: ast.AST, text: Text) -> Iterator[Edit]:
    match node:
        case ast.Constant(value=bool(value)):
            yield *text.span(node), str(not value)
        case ast.Constant(value=int(number)):
            yield *text.span(node), str(number + 1)
        case ast.Constant(value=str(word)) if " " not in word:
            yield *text.span(node), repr(word + "X")
        case ast.Call(func=ast.Name(id=name), args=[only], keywords=[]) if name.islower() and name != "frozenset":
            if not isinstance(
                only, (ast.GeneratorExp, ast.Starred)
            ):  # a class gives another type, which anything notices
                yield *text.span(node), f"({text.of(only)})"


def branches(node: ast.AST, text: Text) -> Iterator[Edit]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield from text.negate(test)
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield from text.negate(test)
