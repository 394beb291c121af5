"""Runs inside a function's process: loads the handler as FC does and answers one invocation after another.

Started by its path, in an interpreter that can import the standard library and the package only. What FC's Python
runtimes do is told by the FC help, "Event handlers", "Context", "Error handling" and "Logs" for Python.
"""

import faulthandler
import importlib
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, SupportsIndex

Handler = Callable[[bytes, Any], Any]
_UNHANDLED = "UnhandledInvocationError"
_REQUEST = {"id": ""}
_HANDLERS: dict[str, Handler] = {}
_MACHINE_TIME = time.time


class ContextPart:
    """A piece of the context. It prints as nothing, so that a logged context shows no credentials."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Context(ContextPart):
    def getLogger(self) -> logging.Logger:  # noqa: N802 - FC's name
        return logging.getLogger()


class LoadFailed(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> None:
    requests, answers = os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb")
    for pipe in (requests, answers):
        os.set_inheritable(pipe.fileno(), False)
    function = json.loads(requests.readline())
    prepare(function)
    while line := requests.readline():
        call = json.loads(line)
        error_type, body = invoke(function, call, requests.read(call["size"]))
        sys.stdout.flush()
        sys.stderr.flush()
        answers.write(json.dumps({"error_type": error_type, "size": len(body)}).encode() + b"\n" + body)
        answers.flush()


def prepare(function: dict[str, Any]) -> None:
    for name in set(os.environ) - set(function["environment"]):
        del os.environ[name]  # LC_CTYPE, which Python itself adds in a C locale (PEP 538)
    sys.path.insert(0, function["folder"])
    sys.argv = [""]
    signal.signal(signal.SIGTERM, stop)
    handler = logging.StreamHandler(sys.stdout)
    # The root logger as FC leaves it: INFO, UTC, its own handler, so that logging.basicConfig() does nothing.
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(request_id)s [%(levelname)s] %(message)s")
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(with_request_id)
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.INFO)


def with_request_id(record: logging.LogRecord) -> bool:
    record.request_id = _REQUEST["id"]
    return True


def stop(number: int, frame: FrameType | None) -> None:
    """A function that is out of time gets SIGTERM and leaves its stacks in the log."""
    faulthandler.dump_traceback(sys.stderr)
    os._exit(143)


def set_clock(now: float) -> None:
    """From here on `time.time` tells this time, and `time.sleep` moves it and returns: nobody waits for a pushed clock.

    Signatures are dated by the C library and stay with the machine's.
    """
    ahead = now - _MACHINE_TIME()

    def sleep(seconds: float | SupportsIndex) -> None:
        nonlocal ahead
        ahead += float(seconds)

    time.time = lambda: _MACHINE_TIME() + ahead
    time.sleep = sleep


def invoke(function: dict[str, Any], call: dict[str, Any], event: bytes) -> tuple[str | None, bytes]:
    _REQUEST["id"] = call["request_id"]
    if call["now"] is not None:
        set_clock(call["now"])
    say(f"FC Invoke Start RequestId: {call['request_id']}")
    try:
        body = encode(load(function["handler"])(event, context_of(function, call)))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer; SystemExit ends the process
        sys.stdout.write("".join(traceback.format_exception(error)))
        say(f"FC Invoke End RequestId: {call['request_id']}, Error: Unhandled function error")
        return _UNHANDLED, envelope(error)
    say(f"FC Invoke End RequestId: {call['request_id']}")
    return None, body


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def load(handler: str) -> Handler:
    """Once in the life of the process; what could not be loaded is tried again."""
    if handler not in _HANDLERS:
        module_name, _, name = handler.rpartition(".")
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            raise LoadFailed("ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
        except SyntaxError as error:
            raise LoadFailed("UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from error
        except Exception as error:
            raise LoadFailed("UserCodeError", f"Module initialization error: {error}") from error
        if not hasattr(module, name):
            raise LoadFailed("HandlerNotFound", f"Handler '{name}' is missing on module '{module_name}'")
        _HANDLERS[handler] = getattr(module, name)
    return _HANDLERS[handler]


def context_of(function: dict[str, Any], call: dict[str, Any]) -> Context:
    """FC help, "Context": 3.12 has neither credentials nor service, 3.10 has both."""
    named = {"name": function["name"], "handler": function["handler"]}
    named |= {"memory": function["memory_mb"], "timeout": function["timeout"]}
    version = {"version_id": "", "qualifier": "LATEST"}
    log = {"log_project": "", "log_store": ""}
    place = {"region": function["region"], "account_id": function["account_id"], "logger": None}
    if function["runtime"] == "python3.12":
        return Context(request_id=call["request_id"], function=ContextPart(**named, **version), **log, **place)
    return Context(
        request_id=call["request_id"],
        requestId=call["request_id"],
        credentials=ContextPart(
            access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            security_token=os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        ),
        function=ContextPart(**named),
        service=ContextPart(name=function["service"] or "", **log, **version),
        retry_count=call["retries"],
        tracing=ContextPart(span_context="", span_baggages={}, jaeger_endpoint=""),
        **place,
    )


def encode(answer: Any) -> bytes:
    """FC's runtime: text and bytes as they are, anything else as JSON with sorted keys."""
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, str):
        return answer.encode()
    return json.dumps(answer, indent=4, sort_keys=True).encode()


def envelope(error: Exception) -> bytes:
    """FC help, "Error handling" for Python: the three fields, and how a frame of the stack is written."""
    shown = error.__cause__ if isinstance(error, LoadFailed) and error.__cause__ else error
    frames = [
        [f'File "{frame.filename}"', f"line {frame.lineno}", f"in {frame.name}", frame.line]
        for frame in traceback.extract_tb(shown.__traceback__)
        if frame.filename != __file__ and not frame.filename.startswith("<frozen importlib")
    ]
    kind = error.kind if isinstance(error, LoadFailed) else type(error).__name__
    return json.dumps({"errorMessage": str(error), "errorType": kind, "stackTrace": frames}, indent=4).encode()


if __name__ == "__main__":
    main()
