"""A function's process: what its handler sees, what it cannot reach, and how it ends."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fc_calls import KEY, TOKEN, HostedFunctions, failure, package, run
from pydantic import ValidationError

from localcloud.fc import process


@pytest.fixture
def functions() -> Iterator[HostedFunctions]:
    started = HostedFunctions()
    yield started
    for function in started.started:
        function.close()


def answer(functions: HostedFunctions, folder: Path, handler: str, **changes: Any) -> Any:
    outcome = run(functions, folder, handler, **changes)
    assert outcome.error_type is None, outcome.body.decode()
    return json.loads(outcome.body)


ATTRIBUTES = "handler = lambda event, context: sorted(vars(context))"


def test_the_context_of_3_12_has_neither_credentials_nor_service(functions: HostedFunctions, tmp_path: Path) -> None:
    seen = answer(functions, tmp_path, ATTRIBUTES, runtime="python3.12")

    assert seen == ["account_id", "function", "log_project", "log_store", "logger", "region", "request_id"]


def test_the_context_of_3_10_has_both(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = """
    def handler(event, context):
        keys = context.credentials
        return [
            keys.access_key_id, keys.access_key_secret, keys.security_token, context.service.name,
            context.function.name, context.function.memory, context.function.timeout, context.requestId, context.region, context.account_id,
        ]
    """

    seen = answer(functions, tmp_path, handler, runtime="python3.10", service="batch", memory_mb=1024)

    key = [KEY["access_key_id"], KEY["access_key_secret"], TOKEN]
    assert seen == [*key, "batch", "worker", 1024, 60, "1-request", "cn-hangzhou", "1234567890123456"]


def test_the_environment_is_exactly_what_is_given(
    functions: HostedFunctions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNAPIMAGE_OF_THE_PARENT", "must not be seen")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("LANG", "C")
    handler = "import os\nhandler = lambda event, context: dict(os.environ)"

    seen = answer(functions, tmp_path, handler, environment={"PLAN": "a"}, runtime="python3.12")

    assert seen.pop("FC_INSTANCE_ID").startswith("c-")
    assert seen == {
        **{name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ},
        "LANG": "C",
        "PLAN": "a",
        "FC_ACCOUNT_ID": "1234567890123456",
        "FC_REGION": "cn-hangzhou",
        "FC_FUNCTION_NAME": "worker",
        "FC_FUNCTION_HANDLER": "handler.handler",
        "FC_FUNCTION_MEMORY_SIZE": "512",
        "FC_FUNCTION_VERSION": "LATEST",
        "FC_FUNC_CODE_PATH": str(tmp_path),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"],
        "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
    }


@pytest.mark.parametrize("environment", [{"FC_REGION": "x"}, {"1A": "x"}, {"A": "x" * 4096}])
def test_an_environment_that_fc_would_refuse_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        package(tmp_path, environment=environment)


def test_the_package_comes_first_and_is_the_working_directory(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = "import os, sys\nhandler = lambda event, context: [os.getcwd(), sys.path[0]]"

    assert answer(functions, tmp_path, handler) == [str(tmp_path), str(tmp_path)]


@pytest.mark.parametrize("module", ["pydantic", "localcloud", "shared", "pip"])
def test_nothing_but_the_standard_library_and_the_package_can_be_imported(
    functions: HostedFunctions, tmp_path: Path, module: str
) -> None:
    kind, message = failure(run(functions, tmp_path, f"import json, {module}"))

    assert kind == "ImportModuleError"
    assert message == f"Unable to import module 'handler': No module named '{module}'"


def test_the_interpreter_s_packages_can_be_had_when_asked_for(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = "import pydantic\nhandler = lambda event, context: 'imported'"

    assert run(functions, tmp_path, handler, isolated=False).body == b"imported"


def test_the_package_stays_as_it_was_staged(functions: HostedFunctions, tmp_path: Path) -> None:
    run(functions, tmp_path, "handler = lambda event, context: 1")

    assert [path.name for path in tmp_path.iterdir()] == ["handler.py"]


@pytest.mark.parametrize(
    ("returned", "body"),
    [
        ("event", b"an event"),
        ("'a text'", b"a text"),
        ("None", b"null"),
        ("{'b': 1, 'a': 1.5}", b'{\n    "a": 1.5,\n    "b": 1\n}'),
    ],
)
def test_an_answer_is_encoded_as_fc_does(
    functions: HostedFunctions, tmp_path: Path, returned: str, body: bytes
) -> None:
    assert run(functions, tmp_path, f"handler = lambda event, context: {returned}").body == body


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("handler = lambda event, context: object()", ("TypeError", "Object of type object is not JSON serializable")),
        ("1 / 0", ("UserCodeError", "Module initialization error: division by zero")),
        ("x = 1", ("HandlerNotFound", "Handler 'handler' is missing on module 'handler'")),
    ],
)
def test_what_cannot_be_loaded_or_encoded_is_an_error_of_the_function(
    functions: HostedFunctions, tmp_path: Path, handler: str, error: tuple[str, str]
) -> None:
    assert failure(run(functions, tmp_path, handler)) == error


def test_a_syntax_error_is_told(functions: HostedFunctions, tmp_path: Path) -> None:
    assert failure(run(functions, tmp_path, "def handler(:"))[0] == "UserCodeSyntaxError"


def test_a_process_is_warm(functions: HostedFunctions, tmp_path: Path) -> None:
    function = functions.start(package(tmp_path, "n = []\ndef handler(e, c):\n    n.append(1)\n    return len(n)"))

    outcomes = [function.invoke(b"", "1-request") for _ in range(3)]

    assert [outcome.body for outcome in outcomes] == [b"1", b"2", b"3"]
    assert len({outcome.instance_id for outcome in outcomes}) == 1


def test_large_events_and_answers_pass(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = "def handler(event, context):\n    print('x' * 1000000)\n    return event"

    outcome = run(functions, tmp_path, handler, event=b"y" * 1_500_000)

    assert (len(outcome.body), outcome.error_type) == (1_500_000, None)


def test_an_invocation_that_is_late_is_killed(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = "import time\ndef handler(event, context):\n    time.sleep(60)"
    function = functions.start(package(tmp_path, handler, timeout=0.25))

    assert failure(function.invoke(b"", "1-request")) == ("", "Function time out after 0.25 seconds")


@pytest.fixture
def late_once_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour passes when a handler writes the file `begun`: a busy machine may take long to come so far."""
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600 * (tmp_path / "begun").exists())
    monkeypatch.setattr(process, "time", clock)


SLEEP_LONG = "    print('waiting')\n    open('begun', 'w').close()\n    print('on')\n    time.sleep(60)"
"""What it prints last makes the process look at the clock. A line comes in two pieces: the text, and its end."""


@pytest.mark.usefixtures("late_once_begun")
def test_an_invocation_that_is_late_leaves_its_stacks(
    functions: HostedFunctions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_GRACE_SECONDS", 50)
    outcome = run(functions, tmp_path, f"import time\ndef handler(event, context):\n{SLEEP_LONG}")

    assert failure(outcome) == ("", "Function time out after 60 seconds")
    assert "waiting\n" in outcome.log.decode()
    assert "in handler" in outcome.log.decode()


@pytest.mark.usefixtures("late_once_begun")
def test_a_handler_that_ignores_sigterm_is_killed_as_well(functions: HostedFunctions, tmp_path: Path) -> None:
    ignore = (
        "import os, signal, time\ndef handler(event, context):\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    )

    outcome = run(functions, tmp_path, f"{ignore}    print(os.getpid())\n{SLEEP_LONG}")

    pid = int(outcome.log.decode().splitlines()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(1)", "os.kill(os.getpid(), 9)", "raise KeyboardInterrupt"])
def test_a_process_that_dies_is_an_error_and_the_next_call_gets_a_fresh_one(
    functions: HostedFunctions, tmp_path: Path, end: str
) -> None:
    handler = (
        f"import os, sys\ndef handler(event, context):\n    if event == b'die':\n        {end}\n    return 'alive'"
    )
    function = functions.start(package(tmp_path, handler))

    dead, alive = function.invoke(b"die", "1-request"), function.invoke(b"", "1-request")

    assert failure(dead)[1].startswith("Process exited unexpectedly before completing request (duration: ")
    assert (alive.body, dead.instance_id != alive.instance_id) == (b"alive", True)


TIME = "import time\nhandler = lambda event, context: time.time()"


def test_a_process_tells_the_time_of_the_machine(functions: HostedFunctions, tmp_path: Path) -> None:
    before = time.time()

    assert before <= answer(functions, tmp_path, TIME) <= time.time()


def test_a_process_can_live_by_the_clouds_clock(functions: HostedFunctions, tmp_path: Path) -> None:
    function = functions.start(package(tmp_path, TIME, clock="cloud"))

    first = float(function.invoke(b"", "1-request").body)
    functions.clock.advance(86_400)
    second = float(function.invoke(b"", "2-request").body)

    assert (first - 1_000_000_000 < 60, 86_400 <= second - first < 86_460) == (True, True)


def test_a_process_that_sleeps_by_the_clouds_clock_wakes_at_once(functions: HostedFunctions, tmp_path: Path) -> None:
    nap = "import time\ndef handler(event, context):\n    began = time.time()\n    time.sleep(3600)\n    return time.time() - began"
    function = functions.start(package(tmp_path, nap, clock="cloud", timeout=30))

    assert float(function.invoke(b"", "1-request").body) >= 3600
