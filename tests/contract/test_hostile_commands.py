"""What reads and prepares queues, against servers that quote credentials, never answer, or never stop.

Each command ends within its time-out with one line, and no credential is in anything that it writes. Those that wait
for the whole time-out run at once, each against a server of its own.
"""

import base64
import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from subprocess import CompletedProcess
from urllib.parse import quote

import pytest
from command import run_command
from hostile_server import Conversation, Misbehave, hostile, raw, reply

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


def run(arguments: tuple[str, ...], endpoint: str) -> "CompletedProcess[str]":
    return run_command(*arguments, environment=environment(endpoint), timeout=LONGEST_SECONDS)


@pytest.fixture(scope="module")
def waiting() -> Iterator[dict[tuple[str, str], "Future[CompletedProcess[str]]"]]:
    """Every command against every silent server."""
    with contextlib.ExitStack() as servers, ThreadPoolExecutor(len(SILENT)) as threads:
        started = {}
        for command, server in SILENT:
            endpoint = servers.enter_context(hostile(SERVERS[server])).endpoint
            scheme = endpoint.replace("http:", "https:") if "https" in server else endpoint
            started[command, server] = threads.submit(run, COMMANDS[command], scheme)
        yield started


def assert_one_line(result: "CompletedProcess[str]") -> None:
    assert "sentinel" not in result.stdout + result.stderr
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("snapimage: ")
    assert len(result.stderr) < 600


@pytest.mark.parametrize(("command", "server"), QUICK)
@pytest.mark.usefixtures("waiting")
def test_a_server_that_misbehaves_is_one_line_without_a_credential(command: str, server: str) -> None:
    with hostile(SERVERS[server]) as other:
        assert_one_line(run(COMMANDS[command], other.endpoint))


@pytest.mark.parametrize(("command", "server"), SILENT)
def test_a_server_that_never_answers_is_left_after_the_time_out(
    command: str, server: str, waiting: dict[tuple[str, str], "Future[CompletedProcess[str]]"]
) -> None:
    assert_one_line(waiting[command, server].result())


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
        result = run(("watch", "--once"), server.endpoint)
    assert "sentinel" not in result.stdout + result.stderr
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("signed was MNS (hidden):(hidden)") == 1
