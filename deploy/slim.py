"""Leaves out of a package what no call of ours reaches, so that a function is small and starts fast.

Five things are done to the staged folder:

1. Packages that nothing reaches do not ship (`LEFT_OUT`). Which ship is a list too, so that a new one must be decided on.
2. Where the SDKs import such a package, or such a part of their own, at their import, a stand-in of a few lines takes its
   place (`STAND_INS`). It gives every name that is asked for and refuses, loudly, to be used.
3. The ECS SDK's 1,150 model modules are imported one by one when they are asked for, and not all at once. The index is
   made from the SDK's own `models/__init__.py`.
4. Its client keeps the methods that the adapters call (`deploy/called.py`).
5. What of the standard library an SDK imports and our calls do not reach is imported by the function that uses it
   (`deploy/late_imports.py`).

A layout other than the one this was written for stops the build. The contract tests run through a slim folder
(tests/contract/test_slim_packages.py).
"""

import shutil
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from deploy.called import CLIENT, MODELS, called_actions, called_models, check_called, find_homes, keep_called_methods
from deploy.late_imports import import_late
from files.errors import CommandError

SHIPPED = frozenset({
    "alibabacloud-ecs20140526", "alibabacloud-tea", "alibabacloud-tea-openapi", "aliyun-mns-sdk", "annotated-types",
    "certifi", "darabonba-core", "idna", "pydantic", "pydantic-core", "requests", "typing-extensions",
    "typing-inspection", "urllib3",
})  # fmt: skip

LEFT_OUT = frozenset({
    "aiofiles", "aiohappyeyeballs", "aiohttp", "aiosignal", "async-timeout", "attrs", "frozenlist", "multidict",
    "propcache", "yarl",  # asynchronous calls
    "alibabacloud-credentials", "alibabacloud-credentials-api", "apscheduler", "tzlocal", "tzdata",  # finding and renewing keys: ours are given
    "cffi", "cryptography", "pycparser", "pycryptodome",  # signing with RSA; the keys here are signed with by HMAC
    "alibabacloud-gateway-spi", "alibabacloud-tea-util", "websocket-client",  # other ways to call
    "charset-normalizer",  # guessing the encoding of a reply that names none: ECS answers in UTF-8
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
    "alibabacloud_tea_openapi/websocket_utils": "alibabacloud-tea-openapi",
    "charset_normalizer": "charset-normalizer",
    "cryptography": "cryptography",
    "cryptography/hazmat": "cryptography",
    "cryptography/hazmat/primitives": "cryptography",
    "cryptography/hazmat/primitives/asymmetric": "cryptography",
    "cryptography/hazmat/primitives/serialization": "cryptography",
    "darabonba/websocket": "darabonba-core",
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
        _stand_in(folder / module, f"{REFUSING}\n\n__version__ = {metadata.version(distribution)!r}\n")
    _stand_in(folder / "deprecated", DEPRECATED)
    index = folder / MODELS / "__init__.py"
    homes = find_homes(index.read_text())
    check_called(called_models(), homes)
    index.write_text(LAZY_MODELS.format(homes=homes))
    client = folder / CLIENT
    client.write_text(keep_called_methods(client.read_text(), called_actions()))
    import_late(folder)
    for part in UNUSED:
        _remove(folder / part)


def check_stand_in(module: str, distribution: str) -> None:
    """A stand-in for something that is not there any more would hide that the SDK has changed."""
    known = {str(file) for file in metadata.distribution(distribution).files or ()}
    if not {f"{module}.py", f"{module}/__init__.py"} & known:
        raise CommandError(f"deploy/slim.py: {distribution} has no module {module} any more; look at STAND_INS")


def _stand_in(module: Path, text: str) -> None:
    """In the place of whatever is there."""
    shutil.rmtree(module, ignore_errors=True)
    module.with_suffix(".py").unlink(missing_ok=True)
    module.mkdir(parents=True)
    (module / "__init__.py").write_text(text)


def _remove(path: Path) -> None:
    if not path.exists():
        raise CommandError(f"deploy/slim.py: {path.name} is not there any more; look at UNUSED")
    shutil.rmtree(path) if path.is_dir() else path.unlink()
