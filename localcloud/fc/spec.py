"""What is deployed to the local Function Compute: a package, its environment, its triggers, its limits."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    field_validator,
    model_validator,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")]
ExactValues = Annotated[list[str], Field(min_length=1, max_length=5)]
"""EventBridge help, "Event patterns": at most five expressions for a field."""


class SpecPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Credentials(SpecPart):
    """What FC gets for the function's role from STS; in the local cloud, the cloud's own key."""

    access_key_id: str
    access_key_secret: SecretStr
    security_token: SecretStr = SecretStr("")


class AsyncSpec(SpecPart):
    """FC 3.0 API, struct PutAsyncInvokeConfigInput: the ranges and defaults."""

    max_retries: Annotated[int, Field(ge=0, le=8)] = 3
    max_age_seconds: Annotated[int, Field(ge=1, le=604800)] = 86400
    on_failure_queue: str | None = None


class EventPattern(SpecPart):
    """EventBridge help, "Event patterns": every field must match, a field matches when one of its values does."""

    source: ExactValues | None = None
    type: ExactValues | None = None
    trigger: Name = "events"
    """The trigger that it belongs to."""
    enabled: bool = True

    @field_validator("source", "type", mode="before")
    @classmethod
    def _only_exact_values(cls, values: Any) -> Any:
        operators = sorted({name for value in values if isinstance(value, dict) for name in value})
        if operators:
            raise ValueError(f"the local cloud knows exact values only, not the operator {', '.join(operators)}")
        return values

    @model_validator(mode="after")
    def _says_something(self) -> "EventPattern":
        if self.source is None and self.type is None:
            raise ValueError("an event pattern needs source or type")
        return self

    def as_filter(self) -> dict[str, list[str]]:
        """As EventBridge writes it."""
        return {name: values for name, values in (("source", self.source), ("type", self.type)) if values}


class Timer(SpecPart):
    """FC help, "Time trigger": `@every` of a number of seconds; the payload arrives as text."""

    name: Name
    every_seconds: Annotated[float, Field(gt=0)]
    payload: str = ""
    cron: str = ""
    """As it was declared, to be told again."""
    enabled: bool = True


class FunctionSpec(SpecPart):
    name: Name
    service: Name | None = None
    """Of FC 2.0. FC 3.0 has no services."""
    folder: Annotated[DirectoryPath, AfterValidator(Path.absolute)]
    """The staged package: what FC unpacks to FC_FUNC_CODE_PATH."""
    archive: Annotated[FilePath, AfterValidator(Path.absolute)] | None = None
    """The same as the zip that was uploaded; its checksum is told."""
    role: str = ""
    handler: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*\.[A-Za-z_]\w*$")] = "handler.handler"
    """`file.function`, the only form that the FC help, "Event handlers", documents."""
    runtime: Literal["python3.12", "python3.10"] = "python3.12"
    """Decides the shape of the context; which interpreter runs is `python`."""
    python: Annotated[FilePath, AfterValidator(Path.absolute)] = Path(sys.executable)
    isolated: bool = True
    """Nothing but the standard library and the package can be imported, so that a package that lacks a module fails."""
    clock: Literal["machine", "cloud"] = "machine"
    """Whose time the process tells. FC has one time for both; here the cloud's may be another year's, and is pushed."""
    timeout: Annotated[int | float, Field(gt=0, le=86400)] = 60
    memory_mb: Annotated[int, Field(ge=128, le=32768)] = 512
    environment: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], str] = {}
    credentials: Credentials
    async_config: AsyncSpec = AsyncSpec()
    event_patterns: list[EventPattern] = []
    timers: list[Timer] = []
    reserved_concurrency: Annotated[int, Field(ge=1)] | None = None

    @field_validator("environment")
    @classmethod
    def _environment_is_allowed(cls, environment: dict[str, str]) -> dict[str, str]:
        """FC help, "Environment variables": FC_ is FC's own, and all of them together fit in 4 KB."""
        taken = sorted(name for name in environment if name.startswith("FC_"))
        if taken:
            raise ValueError(f"names that begin with FC_ belong to FC: {', '.join(taken)}")
        if sum(len(name.encode()) + len(value.encode()) for name, value in environment.items()) > 4096:
            raise ValueError("the environment variables are larger than 4 KB")
        return environment

    @property
    def key(self) -> str:
        """The FC 3.0 API calls a function of an FC 2.0 service `service$function` (Serverless Devs, fc3's 2to3)."""
        return f"{self.service}${self.name}" if self.service else self.name
