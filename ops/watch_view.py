"""Messages on a terminal, as a table that grows, or in a pipe, as one JSON object a line."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from ops.local import LocalControl, is_local
from ops.subscriber import Access, Received, WatchError

COLOURS = {"available": "green", "checked": "green", "failed": "red", "invalid": "red", "overdue": "yellow"}
COLUMNS = "{:<9} {:<10} {:<24} {:<23} {}"


class JsonLines:
    """`{"poison": ...}` for what is not one of ours; everything else is the CloudEvent as it came."""

    def show(self, received: Received) -> None:
        line: Mapping[str, Any] = received.event or {
            "poison": received.poison,
            "message_id": received.message_id,
            "body": received.body,
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class Table:
    """Text of a message is printed as text: a terminal obeys no control character in it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._console.print(
            COLUMNS.format("time", "state", "reason", "snapshot", "image"),
            style="bold",
            no_wrap=True,
            overflow="ellipsis",
            crop=True,
        )

    def show(self, received: Received) -> None:
        if received.event is None:
            self._print("poison", ["", "poison", received.poison or "", "", ""], received.body)
            return
        fact = received.event.get("data", {})
        time = str(received.event.get("time", ""))[11:19]
        names = ("state", "reason", "snapshot_id", "image_id")
        cells = [time, *(str(fact.get(name) or "-") for name in names)]
        self._print(str(fact.get("state")), cells, str(fact.get("explanation") or ""))

    def _print(self, state: str, cells: list[str], text: str) -> None:
        line = COLUMNS.format(*(_printable(cell) for cell in cells)).rstrip()
        self._console.print(Text(line, style=COLOURS.get(state, "")), no_wrap=True, overflow="ellipsis", crop=True)
        self._console.print(Text(" " * 10 + _printable(text), style="dim"))


def make_view(as_json: bool) -> JsonLines | Table:
    return JsonLines() if as_json or not sys.stdout.isatty() else Table(Console())


def find_access(endpoint: str | None, queue: str | None) -> Access:
    """Keys from the environment; a local cloud hands out its own."""
    environment = os.environ
    endpoint = endpoint or environment.get("SNAPIMAGE_MNS_ENDPOINT")
    if not endpoint:
        raise WatchError("no endpoint: give --endpoint, or set SNAPIMAGE_MNS_ENDPOINT")
    key, secret = environment.get("ALIBABA_CLOUD_ACCESS_KEY_ID"), environment.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    token = environment.get("ALIBABA_CLOUD_SECURITY_TOKEN", "")
    queue = queue or environment.get("SNAPIMAGE_STATUS_QUEUE")
    if not (key and secret):
        if not is_local(endpoint):
            raise WatchError("no keys: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET")
        ready = LocalControl(endpoint).ready()
        key, secret, queue = ready["access_key_id"], ready["access_key_secret"], queue or ready["queues"]["status"]
    return Access(endpoint.rstrip("/"), str(key), str(secret), token, queue or "snapimage-status")


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)
