"""What reads and prepares queues, against servers that quote credentials, never answer, or never stop.

Each command ends within its time-out with one line, and no credential is in anything that it writes. Those that wait
for the whole time-out run at once, each against a server of its own.
"""

import base64
import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile_server import Conversation, Misbehave, hostile, raw, reply

COMMAND = str(Path(sys.executable).with_name("snapimage"))
KEY, SECRET, TOKEN = "sentinel-key-3c1d", "sentinel-secret-3c1d/+=", "sentinel-token-3c1d/+="
QUOTED = f"signed was MNS {KEY}:{SECRET} with token {TOKEN}\n{quote(TOKEN, '')} {quote(quote(SECRET, ''), '')}"
LONGEST_SECONDS = 60
"""Of a command: 15 s of waiting, and the start of all the others on a small and busy machine."""

COMMANDS = {
    "watch": ("watch",),
    "watch --drain": ("watch", "--drain", "--wait", "0"),
    "setup": ("setup", "--region", "cn-hangzhou", "--account", "1234567890123456"),
    "setup, asking where it is": ("setup",),
    "dead letters": ("replay", "--from-dead-letters", "--to", "fc3"),
}


def refused(code: str, status: int = 403) -> Misbehave:
    return reply(
        f"<Error><Code>{code}</Code><Message>{QUOTED}</Message><RequestId>{KEY}</RequestId></Error>".encode(), status
    )


def silent(conversation: Conversation) -> None:
    conversation.ended.wait(100)


SERVERS: dict[str, Misbehave] = {
    "quotes what was signed": refused("SignatureDoesNotMatch"),
    "quotes in a code of its own": refused(f"No{TOKEN}", 400),
    "quotes and fails": refused("InternalError", 500),
    "sends 10 MB": reply(b"<Message>" + QUOTED.encode() + b" " * 10_000_000 + b"</Message>", 200),
    "is silent over http": silent,
    "is silent over https": silent,
    "speaks no HTTP": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
}  # fmt: skip
PAIRS = list(itertools.product(COMMANDS, SERVERS))
SILENT = [pair for pair in PAIRS if "is silent" in pair[1]]
QUICK = [pair for pair in PAIRS if pair not in SILENT]


def environment(endpoint: str) -> dict[str, str]:
    return {
        **os.environ,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
        "SNAPIMAGE_MNS_ENDPOINT": endpoint,
        "SNAPIMAGE_FC_ENDPOINT": endpoint,
    }


def start(arguments: tuple[str, ...], endpoint: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([COMMAND, *arguments], stdout=pipe, stderr=pipe, text=True, env=environment(endpoint))


@pytest.fixture(scope="module")
def waiting() -> Iterator[dict[tuple[str, str], "subprocess.Popen[str]"]]:
    """Every command against every silent server."""
    with contextlib.ExitStack() as servers:
        started = {}
        for command, server in SILENT:
            endpoint = servers.enter_context(hostile(SERVERS[server])).endpoint
            scheme = endpoint.replace("http:", "https:") if "https" in server else endpoint
            started[command, server] = servers.enter_context(start(COMMANDS[command], scheme))
        yield started
        for process in started.values():
            process.kill()


def assert_one_line(process: "subprocess.Popen[str]") -> None:
    out, err = process.communicate(timeout=LONGEST_SECONDS)

    assert "sentinel" not in out + err
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("snapimage: ")
    assert len(err) < 600


@pytest.mark.parametrize(("command", "server"), QUICK)
def test_a_server_that_misbehaves_is_one_line_without_a_credential(command: str, server: str) -> None:
    with hostile(SERVERS[server]) as other, start(COMMANDS[command], other.endpoint) as process:
        assert_one_line(process)


@pytest.mark.parametrize(("command", "server"), SILENT)
def test_a_server_that_never_answers_is_left_after_the_time_out(
    command: str, server: str, waiting: dict[tuple[str, str], "subprocess.Popen[str]"]
) -> None:
    assert_one_line(waiting[command, server])


TIMES = "".join(
    f"<{name}>1</{name}>"
    for name in ("EnqueueTime", "NextVisibleTime", "FirstDequeueTime", "DequeueCount", "Priority", "MessageBodyMD5")
)


@pytest.mark.parametrize("encoded", [True, False])
def test_a_message_that_quotes_credentials_is_shown_without_them(encoded: bool) -> None:
    event = {"specversion": "1.0", "id": "1", "type": "snapimage.image.failed", "data": {"schema_version": "1.0", "explanation": QUOTED}}  # fmt: skip
    body = base64.b64encode(json.dumps(event).encode()).decode() if encoded else QUOTED
    message = f"<Message><MessageId>{KEY}</MessageId><MessageBody>{body}</MessageBody>{TIMES}</Message>"

    with hostile(reply(f"<Messages>{message}</Messages>".encode())) as server:
        process = start(("watch", "--once"), server.endpoint)
        out, err = process.communicate(timeout=LONGEST_SECONDS)
    assert "sentinel" not in out + err
    assert (process.returncode, err, out.count("signed was MNS (hidden):(hidden)")) == (0, "", 1)
