"""Functions that take no invocations: DisableFunctionInvocation and EnableFunctionInvocation.

API 2023-03-30, both operations (in beta): a function that is disabled gets no new instance; `abortOngoingRequest` ends
what runs. What becomes of asynchronous requests and of events meanwhile is not documented. Here it is the worst that may
be: what arrives is refused or gone, and what waits in the queue grows old.
"""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.ecs.times import iso
from localcloud.fc import errors


@dataclass(frozen=True)
class InvocationRestriction:
    """Struct FunctionRestriction."""

    reason: str
    modified: float

    def as_json(self) -> dict[str, Any]:
        return {"disable": True, "reason": self.reason, "lastModifiedTime": iso(self.modified)}


def read_restriction(body: bytes, now: float) -> InvocationRestriction:
    """Struct DisableFunctionInvocationInput; both fields may be left out."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        raise errors.invalid_argument("the body is no JSON") from None
    if not isinstance(asked, dict):
        raise errors.invalid_argument("the body is no JSON object")
    reason, abort = asked.get("reason", ""), asked.get("abortOngoingRequest", False)
    if unknown := sorted(asked.keys() - {"reason", "abortOngoingRequest"}):
        raise errors.invalid_argument(f"DisableFunctionInvocation knows no {', '.join(unknown)}")
    if not isinstance(reason, str) or not isinstance(abort, bool):
        raise errors.invalid_argument("reason is text, abortOngoingRequest true or false")
    if abort:
        raise errors.invalid_argument("the local cloud does not play abortOngoingRequest: true")
    return InvocationRestriction(reason, now)
