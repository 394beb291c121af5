"""Speaks to the control endpoints of a local cloud, the ones beside the wire protocols."""

import json
import os
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from files.errors import CommandError
from shared.adapters.replies import redact

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PROXIES = ("http_proxy", "HTTP_PROXY")
"""No proxy reaches loopback, and the vendor's SDKs read no `no_proxy` (darabonba-core 1.0.9, `core.py`)."""
READY_SECONDS, LONGEST_SECONDS = 15, 300
"""To say that it is there; to run everything that is due."""
LARGEST_REPLY = 64 * 1024 * 1024


def settings_of(ready: dict[str, Any], plans_file: str) -> dict[str, Any]:
    """What the functions need to know of a local cloud that says this of itself, by the names of their settings."""
    return {
        "account_id": ready["account_id"],
        "region_id": ready["region"],
        "access_key_id": ready["access_key_id"],
        "access_key_secret": ready["access_key_secret"],
        "mns_endpoint": ready["endpoint"],
        "status_queue": ready["queues"]["status"],
        "plans_file": plans_file,
        "ecs_endpoint": ready["endpoint"],
        "ess_endpoint": ready["endpoint"],
        "quota_endpoint": ready["endpoint"],
    }


def is_local(endpoint: str) -> bool:
    """Whether this is an address where a local cloud may be."""
    try:
        parts = urlsplit(endpoint)
        return parts.scheme == "http" and parts.hostname in LOOPBACK and parts.port is not None
    except ValueError:
        return False


class LocalControl:
    """What a local cloud offers beside the wire protocols."""

    def __init__(self, endpoint: str) -> None:
        if not is_local(endpoint):
            raise CommandError(f"--endpoint {endpoint}: a local cloud is at http://127.0.0.1:PORT")
        self._endpoint = endpoint.rstrip("/")
        for name in PROXIES:
            os.environ.pop(name, None)

    def ready(self) -> dict[str, Any]:
        """The first question, perhaps to something that is no local cloud at all."""
        return self._send("/_local/ready", None, READY_SECONDS)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._ask("/_local/clock")["now"], timezone.utc)

    def advance(self, seconds: float) -> None:
        self._ask("/_local/clock", {"advance_seconds": seconds})

    def sleep(self, span: timedelta) -> None:
        """Waiting costs nobody's time here."""
        self.advance(span.total_seconds())

    def begin(self, world: dict[str, Any]) -> None:
        """Another world in the place of the one there is."""
        self._ask("/_local/world", world)

    def publish(self, event: bytes) -> None:
        """One event on the default bus."""
        self._send("/_local/events", event)

    def pump(self) -> None:
        """Runs what is due: timers, asynchronous invocations, their retries."""
        self._send("/_local/pump", b"")

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        return list(self._ask(f"/_local/calls?since={since}")["calls"])

    def images(self) -> list[dict[str, Any]]:
        return list(self._ask("/_local/images")["images"])

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._send(path, json.dumps(body).encode() if body is not None else None)

    def _send(self, path: str, payload: bytes | None, timeout: float = LONGEST_SECONDS) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(self._endpoint + path, data=payload, timeout=timeout) as reply:  # noqa: S310 - checked: http, loopback
                return dict(json.loads(reply.read(LARGEST_REPLY)))
        except (OSError, ValueError, HTTPException, RecursionError) as error:
            raise CommandError(f"no local cloud answers at {self._endpoint}: {_brief(error)}") from None


def _brief(error: Exception) -> str:
    """On one line, whatever a server has put into it."""
    return redact(error, (), 200)
