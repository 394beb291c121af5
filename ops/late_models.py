"""Imports each model of the ECS SDK when it is asked for, as a deployed package does: a command needs ten of a thousand."""

import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

MODELS = "alibabacloud_ecs20140526.models"


def import_models_late() -> None:
    """From here on, in this process."""
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path) if fullname == MODELS else None
        if found is not None and isinstance(found.loader, InspectLoader):
            found.loader = _LateLoader(found.loader)
        return found


class _LateLoader(Loader):
    def __init__(self, loader: InspectLoader) -> None:
        self._loader = loader

    def exec_module(self, module: ModuleType) -> None:
        """Runs what the packages have in the place of the SDK's own index. One of another kind is taken as it is."""
        from deploy.called import find_homes
        from deploy.slim import LAZY_MODELS
        from files.errors import CommandError

        try:
            homes = find_homes(self._loader.get_source(MODELS) or "")
        except CommandError:
            self._loader.exec_module(module)
        else:
            exec(LAZY_MODELS.format(homes=homes), module.__dict__)  # noqa: S102 - ours, with names of the SDK
