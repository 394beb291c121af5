"""What names images and snapshots without being made from them: launch templates, scaling configurations, pipelines."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Named(BaseModel):
    """Whether an image of this id exists is nobody's business: ECS and ESS do not look, either."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateVersion(Named):
    image: str = ""
    snapshots: tuple[str, ...] = ()
    """Of its data disks."""


class WorldLaunchTemplate(Named):
    id: Annotated[str, Field(pattern=r"^lt-[0-9A-Za-z-]+$")]
    name: str = ""
    modified: AwareDatetime | None = None
    versions: Annotated[tuple[TemplateVersion, ...], Field(min_length=1)]
    """The oldest first."""


class ScalingConfiguration(Named):
    id: Annotated[str, Field(pattern=r"^asc-[0-9A-Za-z-]+$")]
    state: Literal["Active", "Inactive"] = "Active"
    image: str = ""
    image_name: str = ""
    family: str = ""
    snapshots: tuple[str, ...] = ()


class ImagePipeline(Named):
    id: Annotated[str, Field(pattern=r"^ip-[0-9A-Za-z-]+$")]
    base_type: Literal["IMAGE", "IMAGE_FAMILY"] = "IMAGE"
    base: str
