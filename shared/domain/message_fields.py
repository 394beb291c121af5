"""What the fields of a message may hold: the states, the reasons, and texts whose length is stated once, in the type.

Messages are plain dataclasses and not pydantic models: an event that is refused at the door must not cost the import of
pydantic, which takes longer than everything else on its way. Whoever has pydantic reads the same types with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from functools import cache, cached_property
from typing import Any, ClassVar, get_args, get_origin


class State(str, Enum):
    """What becomes of a snapshot. A later 1.x may add states: take an unknown one by `terminal` and `explanation`."""

    SKIPPED = "skipped"
    INVALID = "invalid"
    WAITING = "waiting"
    CREATING = "creating"
    AVAILABLE = "available"
    CHECKED = "checked"
    """A supplement to `available`: what the image check found. The image was usable before."""
    FAILED = "failed"
    OVERDUE = "overdue"
    """A supplement to `creating`: the image takes long."""
    PROMOTED = "promoted"
    """A supplement to `available`: what became of the image's place in its family."""
    RETIRED = "retired"
    """A supplement to `available`: the image was deprecated or deleted, because its plan keeps it no longer."""

    @property
    def is_terminal(self) -> bool:
        """Whether the state decides the fate of the snapshot, unless the cause of a failure can be removed."""
        return self in {State.SKIPPED, State.INVALID, State.AVAILABLE, State.FAILED}


class Reason(str, Enum):
    """Why the state is what it is. A later 1.x may add reasons: take an unknown one by its state."""

    INVALID_EVENT = "InvalidEvent"

    WRONG_ACCOUNT = "WrongAccount"
    WRONG_REGION = "WrongRegion"
    SNAPSHOT_TYPE_EXCLUDED = "SnapshotTypeExcluded"
    NOT_SYSTEM_DISK = "NotSystemDisk"
    NO_PLAN = "NoPlan"
    PLAN_DISABLED = "PlanDisabled"
    BEFORE_SINCE = "BeforeSince"
    """The snapshot began before the `since` of its plan."""
    SNAPSHOT_EXCLUDED = "SnapshotExcluded"
    """An `except_...` of the plan names it."""

    DATA_DISK_SNAPSHOT_PENDING = "DataDiskSnapshotPending"
    MACHINE_UNKNOWN = "MachineUnknown"
    """The plan needs the instance whose system disk this is, and ECS names none."""

    IMAGE_REQUESTED = "ImageRequested"
    IMAGE_ADOPTED = "ImageAdopted"
    IMAGE_AVAILABLE = "ImageAvailable"
    IMAGE_AVAILABLE_PARTIAL = "ImageAvailablePartial"
    IMAGE_OVERDUE = "ImageOverdue"
    IMAGE_CHECK_PASSED = "ImageCheckPassed"
    IMAGE_CHECK_FOUND_RISKS = "ImageCheckFoundRisks"
    IMAGE_PROMOTED = "ImagePromoted"
    FAMILY_FULL = "ImageFamilyFull"
    """The image is usable and stays out of its family, which holds as many images as ECS allows."""
    IMAGE_DEPRECATED = "ImageDeprecated"
    """It can still be used by its id, and will be deleted if the plan says so."""
    IMAGE_RETIRED = "ImageRetired"
    """It is deleted."""

    SNAPSHOT_FAILED = "SnapshotFailed"
    SNAPSHOT_NOT_FOUND = "SnapshotNotFound"
    DATA_DISK_SNAPSHOT_MISSING = "DataDiskSnapshotMissing"
    TOO_MANY_DATA_DISKS = "TooManyDataDisks"
    DATA_DISKS_UNKNOWN = "DataDisksUnknown"
    DATA_DISK_WITHOUT_SNAPSHOTS = "DataDiskWithoutSnapshots"
    """The plan lists a local or ephemeral disk: no snapshot of it can be made."""
    IMAGE_CREATE_FAILED = "ImageCreateFailed"
    IMAGE_DELETED = "ImageDeleted"
    """Somebody deleted the image while it was being made."""
    WINDOW_OVER = "WindowOver"
    """The sweep does not look back this far; `cause` holds the last refusal, if there was one."""
    DISK_MAP_MISMATCH = "DiskMapMismatch"
    QUOTA_EXCEEDED = "QuotaExceeded"
    PERMISSION_DENIED = "PermissionDenied"
    ECS_REFUSED = "EcsRefused"


SIZED = (str, tuple)
JSON_TYPES = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True)
class AtMost:
    """At most `limit` characters of text, or entries of a tuple. `pattern` is what the whole text must match."""

    limit: int
    pattern: str | None = None

    def is_met(self, value: object) -> bool:
        if not isinstance(value, SIZED) or len(value) > self.limit:
            return False
        return self._form is None or (isinstance(value, str) and self._form.fullmatch(value) is not None)

    @cached_property
    def _form(self) -> "re.Pattern[str] | None":
        """A night writes a million ids."""
        return re.compile(self.pattern) if self.pattern else None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """pydantic's own hook for metadata of a type (its documentation, "Custom types")."""
        schema = {**handler(source), "max_length": self.limit}
        return schema if self.pattern is None else schema | {"pattern": f"^{self.pattern}$"}


@dataclass(frozen=True)
class Bounded:
    """A dataclass whose fields are held to what their types say. Raises ValueError with the field's name, not its value."""

    __pydantic_config__: ClassVar = {
        "use_attribute_docstrings": True,
        "json_schema_serialization_defaults_required": True,
    }
    """For the schema: a field's docstring describes it, and what is always sent is required. Later fields pydantic ignores by itself."""

    def __post_init__(self) -> None:
        values = vars(self)
        for name, bound, is_of_entries in _bounds(type(self)):  # type: ignore[arg-type]  # mypy: a class is hashable
            value = values[name]
            if value is None or value == ():  # most fields of most messages
                continue
            if not (all(map(bound.is_met, value)) if is_of_entries else bound.is_met(value)):
                raise ValueError(f"{type(self).__name__}.{name}: more or other than {bound}")

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it: objects, arrays, texts, numbers; times in UTC as RFC 3339."""
        return {name: value if type(value) in JSON_TYPES else _plain(value) for name, value in vars(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Bounded):
        return value.to_plain()
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


@cache
def _bounds(model: Any) -> tuple[tuple[str, AtMost, bool], ...]:
    """Field, bound, and whether the bound is of the field's entries."""
    return tuple((field.name, *found) for field in fields(model) for found in _find(field.type, False))


def _find(kind: Any, is_of_entries: bool) -> Iterator[tuple[AtMost, bool]]:
    for bound in getattr(kind, "__metadata__", ()):
        yield bound, is_of_entries
    for part in get_args(kind):
        yield from _find(part, is_of_entries or get_origin(kind) is tuple)
