"""The machine's clock."""

import time
from datetime import datetime, timedelta, timezone


class SystemClock:
    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), timezone.utc)

    def sleep(self, span: timedelta) -> None:
        time.sleep(span.total_seconds())
