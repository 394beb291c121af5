"""How a function's outcome, and everything else that is told, goes onto the wire."""

import base64
import json
import secrets
import time

from localcloud.fc.function import LOG_TAIL
from localcloud.fc.process import Invoked
from localcloud.wire import Response


def as_answer(outcome: Invoked, request_id: str, with_log: bool) -> Response:
    """API InvokeFunction: an error of the function is a 200 with X-Fc-Error-Type."""
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Fc-Request-Id": request_id,
        "X-Fc-Instance-Id": outcome.instance_id,
        "X-Fc-Invocation-Duration": str(outcome.duration_ms),
    }
    if outcome.error_type is not None:
        headers["X-Fc-Error-Type"] = outcome.error_type
    if with_log:
        headers["X-Fc-Log-Result"] = base64.b64encode(outcome.log[-LOG_TAIL:]).decode()
    return Response(200, outcome.body, headers)


def as_json(status: int, body: object, request_id: str) -> Response:
    headers = {"Content-Type": "application/json", "X-Fc-Request-Id": request_id}
    return Response(status, json.dumps(body).encode(), headers)


def new_request_id() -> str:
    """In the form of the FC 3.0 API's struct Error: 1-64e70cf1-5cbef92ea8fc8c42899cf5d1."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
