"""Puts off what most invocations never need: parts of the standard library that an SDK imports.

`asyncio` alone takes longer to import than the ECS client. A late module is what `import` finds from then on; it imports
the real one when somebody asks it for something, so nothing works differently.
"""

import sys
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Any

LOCK = RLock()
"""An instance may run several invocations in threads (Function Compute 2.0, `instanceConcurrency`)."""


def put_off(*names: str) -> None:
    """Modules that are imported already stay as they are."""
    with LOCK:
        for name in names:
            parent, _, own = name.rpartition(".")
            if name not in sys.modules:
                sys.modules[name] = late = _Late(name)
                if parent:
                    setattr(import_module(parent), own, late)


class _Late(ModuleType):
    def __getattr__(self, attribute: str) -> Any:
        """Only for what the module does not have yet: everything, the first time.

        Every import asks for `__spec__`, and one of a submodule for `__path__`: that one needs the real module.
        """
        if attribute.startswith("__") and attribute not in {"__all__", "__path__"}:
            raise AttributeError(attribute)
        with LOCK:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
            real = import_module(self.__name__)
            self.__dict__.update({key: value for key, value in vars(real).items() if not key.startswith("__")})
        return getattr(real, attribute)
