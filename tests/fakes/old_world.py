"""A world of the local cloud with images of some age."""

from typing import Any

from bench.old_images import facts_of
from localcloud.world import WorldFile


def world_of(*images: dict[str, Any], snapshots: dict[str, Any] | None = None, **parts: Any) -> WorldFile:
    return WorldFile.model_validate(facts_of(*images, snapshots=snapshots, **parts))
