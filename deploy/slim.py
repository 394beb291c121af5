"""Leaves out of a package what no call of ours reaches, so that a function is small and starts fast.

Three things are done to the staged folder, and none to a file that ships:

1. Packages that nothing reaches do not ship (`LEFT_OUT`). Which ship is a list too, so that a new one must be decided on.
2. Where the SDKs import such a package at their own import, a stand-in of a few lines takes its place (`STAND_INS`). It
   gives every name that is asked for and refuses, loudly, to be used.
3. The ECS SDK's 1,150 model modules are imported one by one when they are asked for, and not all at once. The index is
   made from the SDK's own `models/__init__.py`.

A layout other than the one this was written for stops the build. The contract tests run through a slim folder
(tests/contract/test_slim_packages.py).
"""

import ast
import re
import shutil
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from files.errors import CommandError
from files.places import ROOT

SHIPPED = frozenset({
    "alibabacloud-ecs20140526", "alibabacloud-tea", "alibabacloud-tea-openapi", "aliyun-mns-sdk", "annotated-types",
    "certifi", "charset-normalizer", "darabonba-core", "idna", "pydantic", "pydantic-core", "requests",
    "typing-extensions", "typing-inspection", "urllib3",
})  # fmt: skip

LEFT_OUT = frozenset({
    "aiofiles", "aiohappyeyeballs", "aiohttp", "aiosignal", "async-timeout", "attrs", "frozenlist", "multidict",
    "propcache", "yarl",  # asynchronous calls
    "alibabacloud-credentials", "alibabacloud-credentials-api", "apscheduler", "tzlocal", "tzdata",  # finding and renewing keys: ours are given
    "cffi", "cryptography", "pycparser", "pycryptodome",  # signing with RSA; the keys here are signed with by HMAC
    "alibabacloud-gateway-spi", "alibabacloud-tea-util", "websocket-client",  # other ways to call
    "deprecated", "wrapt",  # a decorator on six attributes of a queue
})  # fmt: skip

STAND_INS = {
    "aiohttp": "aiohttp",
    "alibabacloud_credentials": "alibabacloud-credentials",
    "alibabacloud_credentials/client": "alibabacloud-credentials",
    "alibabacloud_credentials/models": "alibabacloud-credentials",
    "alibabacloud_gateway_spi": "alibabacloud-gateway-spi",
    "alibabacloud_gateway_spi/client": "alibabacloud-gateway-spi",
    "alibabacloud_gateway_spi/models": "alibabacloud-gateway-spi",
    "cryptography": "cryptography",
    "cryptography/hazmat": "cryptography",
    "cryptography/hazmat/primitives": "cryptography",
    "cryptography/hazmat/primitives/asymmetric": "cryptography",
    "cryptography/hazmat/primitives/serialization": "cryptography",
    "websocket": "websocket-client",
    "websocket/_abnf": "websocket-client",
}
"""Module and the distribution that it is of."""

UNUSED = ("pydantic/v1", "pydantic/mypy.py")
"""Parts of packages that ship: pydantic's old interface, and its helper for a type checker."""

REFUSING = '''"""Stands in for a package that no call of ours reaches (deploy/slim.py)."""


class Omitted(type):
    def __call__(cls, *_, **__):
        raise ImportError(f"{cls.__module__}.{cls.__name__} was left out of this package; see LEFT_OUT in deploy/slim.py")

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Omitted(f"{cls.__name__}.{name}", (), {"__module__": cls.__module__})


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Omitted(name, (), {"__module__": __name__})
'''

DEPRECATED = '''"""Stands in for the package of this name, whose import takes longer than the rest of the queue's SDK (deploy/slim.py)."""

import functools
import warnings


def deprecated(reason):
    def mark(function):
        @functools.wraps(function)
        def warn(*arguments, **named):
            warnings.warn(f"{function.__qualname__}: {reason}", DeprecationWarning, stacklevel=2)
            return function(*arguments, **named)

        return warn

    return mark
'''

LAZY_MODELS = '''"""The models of the ECS SDK, each imported when it is asked for (deploy/slim.py)."""

from importlib import import_module

_HOMES = {homes!r}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    value = globals()[name] = getattr(import_module("." + _HOMES[name], __name__), name)
    return value
'''

MODELS = Path("alibabacloud_ecs20140526", "models")


def check_names(locked: Iterable[str]) -> None:
    """Raises CommandError for a package of the lock that nobody has decided on."""
    if unknown := sorted(set(locked) - SHIPPED - LEFT_OUT):
        raise CommandError(
            f"deploy/slim.py: {', '.join(unknown)}: new in the lock; do functions need it (SHIPPED, LEFT_OUT)?"
        )


def slim(folder: Path) -> None:
    """Brings a staged folder, which has the packages that ship, into its slim form."""
    for module, distribution in STAND_INS.items():
        check_stand_in(module, distribution)
        _write(folder / module / "__init__.py", REFUSING)
    _write(folder / "deprecated" / "__init__.py", DEPRECATED)
    index = folder / MODELS / "__init__.py"
    homes = find_homes(index.read_text())
    check_called(called_models(), homes)
    index.write_text(LAZY_MODELS.format(homes=homes))
    for part in UNUSED:
        _remove(folder / part)


def check_stand_in(module: str, distribution: str) -> None:
    """A stand-in for something that is not there any more would hide that the SDK has changed."""
    known = {str(file) for file in metadata.distribution(distribution).files or ()}
    if not {f"{module}.py", f"{module}/__init__.py"} & known:
        raise CommandError(f"deploy/slim.py: {distribution} has no module {module} any more; look at STAND_INS")


def find_homes(source: str) -> dict[str, str]:
    """Which module each model is of, from the text of the SDK's `models/__init__.py`. Raises CommandError if it is not a list of imports."""
    homes: dict[str, str] = {}
    for node in ast.parse(source).body:
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=1):
                homes |= {each.asname or each.name: module for each in names}
            case ast.ImportFrom(module="__future__") | ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case _:
                raise CommandError(
                    f"deploy/slim.py: {MODELS}/__init__.py line {node.lineno}: the SDK's layout has changed"
                )
    if not homes:
        raise CommandError(f"deploy/slim.py: {MODELS}/__init__.py: no model found; the SDK's layout has changed")
    return homes


def check_called(called: frozenset[str], homes: dict[str, str]) -> None:
    """Raises CommandError for a call of ours whose models the SDK does not have, or when no call was found."""
    if gone := sorted(called - set(homes.values())) or (["not one call"] if not called else []):
        raise CommandError(f"deploy/slim.py: models of our calls are not found in the SDK: {', '.join(gone)}")


def called_models() -> frozenset[str]:
    """The model modules of the actions that the adapters call; the others ship without bytecode."""
    sources = [path.read_text() for path in sorted((ROOT / "shared" / "adapters").glob("*.py"))]
    names = {name for source in sources for node in ast.walk(ast.parse(source)) for name in _models_in(node)}
    actions = {name.removesuffix("Request") for name in names if name.endswith("Request")}
    spelled = {re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower() for action in actions}
    return frozenset(f"_{action}_{part}" for action in spelled for part in ("request", "response", "response_body"))


def _models_in(node: ast.AST) -> list[str]:
    """The names of models of the ECS SDK that are used here, imported one by one or with their module."""
    match node:
        case ast.ImportFrom(module="alibabacloud_ecs20140526.models", names=names):
            return [each.name for each in names]
        case ast.Attribute(value=ast.Name(id="models"), attr=name):
            return [name]
        case _:
            return []


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _remove(path: Path) -> None:
    if not path.exists():
        raise CommandError(f"deploy/slim.py: {path.name} is not there any more; look at UNUSED")
    shutil.rmtree(path) if path.is_dir() else path.unlink()
