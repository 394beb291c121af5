"""What there is in the account, as far as it could be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.doctor.finding import Unread
from ops.queues.attributes import Attributes


@dataclass(frozen=True)
class Caller:
    """Whose keys they are."""

    account_id: str
    arn: str


@dataclass(frozen=True)
class DeployedRole:
    """`policies`: the document of each attached policy, None of one that is the vendor's or could not be read."""

    trust: dict[str, Any]
    policies: Mapping[str, dict[str, Any] | None]


@dataclass(frozen=True)
class DeployedFunction:
    """Of struct Function of the FC 3.0 API what is compared."""

    role: str
    properties: Mapping[str, Any]
    """As s.yaml names them."""
    environment: Mapping[str, str]
    checksum: str
    state: str
    last_update: str
    stopped_because: str | None
    log_store: str
    modified: datetime | None


@dataclass(frozen=True)
class DeployedRule:
    enabled: bool
    pattern: Any
    targets: tuple[str, ...]


@dataclass(frozen=True)
class LastRuns:
    """By minutes; None when CloudMonitor knows of none in the last two hours."""

    invoked: datetime | None
    failed: datetime | None


class CannotRead(Exception):
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.unread = Unread(code, words)


@dataclass(frozen=True)
class Deployment:
    """Everything that was read. Functions, triggers and runs go by the name of the folder."""

    caller: Caller | Unread
    disks: int | Unread
    queues: Mapping[str, Attributes | Unread | None] = field(default_factory=dict)
    letters: int | Unread = 0
    roles: Mapping[str, DeployedRole | Unread | None] = field(default_factory=dict)
    functions: Mapping[str, DeployedFunction | Unread | None] = field(default_factory=dict)
    triggers: Mapping[str, Mapping[str, dict[str, Any]] | Unread] = field(default_factory=dict)
    destination: str | Unread = ""
    rule: DeployedRule | Unread | None = None
    runs: Mapping[str, LastRuns | Unread] = field(default_factory=dict)
