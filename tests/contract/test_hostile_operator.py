"""What operates an account, against servers of ECS and Function Compute that quote credentials or speak no HTTP.

Each command ends with one line, and no credential is in anything that it writes. In this process: a command
takes seconds to start, and what it writes is the same.
"""

import json
from urllib.parse import quote

import pytest
from hostile_server import Misbehave, hostile, raw, reply

from files import places
from ops.start import main

KEY, SECRET, TOKEN = "sentinel-key-3c1d", "sentinel-secret-3c1d/+=", "sentinel-token-3c1d/+="
QUOTED = f"signed was {KEY}:{SECRET} with token {TOKEN}\n{quote(TOKEN, '')} {quote(quote(SECRET, ''), '')}"
PLANS = ("--plans", str(places.PLANS))
ECS = {
    "forget": ("forget", "s-1", *PLANS),
    "forget --plan": ("forget", "--plan", "web", "--since", "1d", *PLANS),
    "make": ("make", "s-1", *PLANS),
    "make --plan": ("make", "s-1", "--plan", "web", *PLANS),
    "make --since": ("make", "--since", "1d", *PLANS),
}
FC = {
    "pause": ("pause", *PLANS),
    "resume": ("resume", *PLANS),
    "resume --since": ("resume", "--since", "1d", *PLANS),
}


def refused(code: str, status: int = 403) -> Misbehave:
    """As ECS and both generations of Function Compute spell it."""
    body = {"Code": code, "ErrorCode": code, "Message": QUOTED, "ErrorMessage": QUOTED, "RequestId": KEY}
    return reply(json.dumps(body).encode(), status, content_type="application/json")


SERVERS: dict[str, Misbehave] = {
    "quotes what was signed": refused("SignatureDoesNotMatch"),
    "quotes in a code of its own": refused(f"No{TOKEN}", 400),
    "quotes and throttles": refused("Throttling.User", 400),
    "quotes and fails": refused("InternalError", 500),
    "quotes in no JSON": reply(QUOTED.encode(), 403),
    "quotes where an answer is due": reply(json.dumps([QUOTED]).encode(), 200, content_type="application/json"),
    "speaks no HTTP": raw(b"SSH-2.0-OpenSSH_9.6\r\n" + QUOTED.encode()),
}


def run(arguments: tuple[str, ...], endpoint: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """How it ends."""
    for name, text in {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
        "SNAPIMAGE_ECS_ENDPOINT": endpoint,
        "SNAPIMAGE_FC_ENDPOINT": endpoint,
        "SNAPIMAGE_MNS_ENDPOINT": "http://1234567890123456.mns.cn-hangzhou.aliyuncs.com",  # nobody gets that far
    }.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr("sys.argv", ["snapimage", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("command", ECS | FC)
def test_a_server_that_misbehaves_is_one_line_without_a_credential(
    command: str,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with hostile(SERVERS[server]) as other:
        ended = run((ECS | FC)[command], other.endpoint, monkeypatch)

    out, err = capfd.readouterr()
    assert "sentinel" not in out + err + caplog.text
    assert (ended, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("snapimage: ")
    assert len(err) < 700


STOPPED = {"disable": True, "reason": QUOTED, "lastModifiedTime": "2026-11-20T02:00:00Z"}


@pytest.mark.parametrize("command", [("pause",), ("resume", "--since", "1d")])
def test_what_function_compute_tells_of_a_function_is_shown_without_credentials(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Why it was stopped, and why its sweep failed."""
    body = {"invocationRestriction": STOPPED, "errorMessage": QUOTED}
    answer = reply(json.dumps(body).encode(), content_type="application/json", x_fc_error_type=f"Any{TOKEN}")

    with hostile(answer) as other:
        run((*command, *PLANS), other.endpoint, monkeypatch)
    out, err = capfd.readouterr()
    assert "sentinel" not in out + err
    assert "signed was (hidden):(hidden) with token (hidden)" in out
