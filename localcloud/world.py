"""A world as a world file gives it: its parts, and that they fit together."""

from pydantic import model_validator

from localcloud.world_checks import check_references
from localcloud.world_parts import UncheckedWorld


class WorldFile(UncheckedWorld):
    @model_validator(mode="after")
    def _consistent(self) -> "WorldFile":
        check_references(self)
        return self
