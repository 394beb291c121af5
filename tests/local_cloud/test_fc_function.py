"""A hosted function: its log, its concurrency, its end."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fc_calls import KEY, TOKEN, WORK, HostedFunctions, failure, package, run

from localcloud.fc.function import Undeployed
from localcloud.fc.process import Invoked


@pytest.fixture
def functions() -> Iterator[HostedFunctions]:
    started = HostedFunctions()
    yield started
    for function in started.started:
        function.close()


def test_prints_and_log_lines_go_to_the_log(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = """
    import logging, sys
    logging.basicConfig(level=logging.DEBUG, format="mine")
    def handler(event, context):
        print("a print")
        print("an error", file=sys.stderr)
        logging.getLogger(__name__).info("a line")
        logging.debug("not this")
        context.getLogger().warning("a warning")
    """

    lines = run(functions, tmp_path, handler).log.decode().splitlines()

    assert lines[0] == "FC Invoke Start RequestId: 1-request"
    assert lines[1:3] == ["a print", "an error"]
    assert [line.partition("Z ")[2] for line in lines[3:5]] == [
        "1-request [INFO] a line",
        "1-request [WARNING] a warning",
    ]
    assert lines[5:] == ["FC Invoke End RequestId: 1-request"]


def test_the_log_is_bounded(functions: HostedFunctions, tmp_path: Path) -> None:
    function = functions.start(package(tmp_path, "def handler(event, context):\n    print('x' * 300000)"))

    function.invoke(b"", "1-request")
    function.invoke(b"", "2-request")

    assert len(function.log()) == 262144
    assert function.log().endswith("FC Invoke End RequestId: 2-request\n")


@pytest.mark.parametrize("runtime", ["python3.10", "python3.12"])
def test_credentials_are_never_in_the_log(functions: HostedFunctions, tmp_path: Path, runtime: str) -> None:
    handler = "def handler(event, context):\n    print(context, getattr(context, 'credentials', ''))\n    1 / 0"
    spec = package(tmp_path, handler, runtime=runtime)

    outcome = functions.start(spec).invoke(b"", "1-request")

    said = f"{spec!r} {outcome.log.decode()} {outcome.body.decode()}"
    assert [secret for secret in (KEY["access_key_secret"], TOKEN) if secret in said] == []


def test_calls_beyond_the_reserved_concurrency_wait(functions: HostedFunctions, tmp_path: Path) -> None:
    handler = "import time\ndef handler(event, context):\n    time.sleep(0.1)"
    function = functions.start(package(tmp_path, handler, reserved_concurrency=1))
    outcomes: list[Invoked] = []
    calls = [threading.Thread(target=lambda: outcomes.append(function.invoke(b"", "1-request"))) for _ in range(3)]
    started = time.monotonic()

    for call in calls:
        call.start()
    for call in calls:
        call.join()

    assert time.monotonic() - started >= 0.3
    assert len({outcome.instance_id for outcome in outcomes}) == 1


def test_closing_ends_what_runs_and_refuses_what_comes(functions: HostedFunctions, tmp_path: Path) -> None:
    function = functions.start(package(tmp_path, "import time\ndef handler(event, context):\n    time.sleep(60)"))
    outcomes: list[Invoked] = []
    call = threading.Thread(target=lambda: outcomes.append(function.invoke(b"", "1-request")))
    call.start()
    while not function.invocations:
        time.sleep(0.01)

    function.close()
    call.join()

    assert failure(outcomes[0])[1].startswith("Process exited unexpectedly")
    with pytest.raises(Undeployed):
        function.invoke(WORK, "1-request")
