"""What a queue can be set to, and the range that each number must keep."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

from localcloud.mns.errors import out_of_range


class Limit(NamedTuple):
    name: str
    """The vendor's name, which its error messages use."""
    low: int
    high: int
    unit: str = "seconds"

    def check(self, value: int) -> int:
        if not self.low <= value <= self.high:
            raise out_of_range(self.name, self.low, self.high, self.unit)
        return value


# help.aliyun.com 27477 (QueueMessage) and 128343 (limits). Older pages let retention run to 1296000 s; the newer
# limit is the one that a queue made today meets.
ATTRIBUTE_LIMITS = {
    "visibility_timeout": Limit("VisibilityTimeout", 1, 43200),
    "maximum_message_size": Limit("MaximumMessageSize", 1024, 65536, "bytes"),
    "message_retention_period": Limit("MessageRetentionPeriod", 60, 604800),
    "delay_seconds": Limit("DelaySeconds", 0, 604800),
    "polling_wait_seconds": Limit("PollingWaitSeconds", 0, 30),
    "logging_enabled": Limit("LoggingEnabled", 0, 1, ""),
}
WAIT = Limit("waitseconds", 0, 30)  # help.aliyun.com 35136
BATCH = Limit("numOfMessages", 1, 16, "messages")  # help.aliyun.com 35141


@dataclass(frozen=True)
class QueueAttributes:
    """Defaults: help.aliyun.com 27477; retention as the current control plane has it (older pages: 259200)."""

    visibility_timeout: int = 30
    maximum_message_size: int = 65536
    message_retention_period: int = 345600
    delay_seconds: int = 0
    polling_wait_seconds: int = 0
    logging_enabled: bool = False

    def with_changes(self, **changes: int) -> "QueueAttributes":
        for name, value in changes.items():
            if name not in ATTRIBUTE_LIMITS:
                raise TypeError(f"a queue has no attribute {name!r}")
            ATTRIBUTE_LIMITS[name].check(value)
        return QueueAttributes(**{**asdict(self), **changes})
