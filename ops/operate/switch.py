"""Stops and starts a deployed function (API 2023-03-30, DisableFunctionInvocation, EnableFunctionInvocation, GetFunction).

Both operations are in beta (their pages), so an account may not have them; that is told as Function Compute says it.
"""

import json
import os
from dataclasses import dataclass
from typing import Any

from files.errors import CommandError
from ops.account import QUEUES
from ops.invoke import FUNCTIONS_ENDPOINT, Fc3, FunctionPlace, InvokeError, translated
from ops.local.control import LocalControl
from ops.session import Account


@dataclass(frozen=True)
class PauseMark:
    """Why a function takes no invocations, and since when (struct FunctionRestriction)."""

    reason: str
    modified: str


class Switch(Fc3):
    """One function of FC 3.0, to be stopped and started."""

    def restriction(self) -> PauseMark | None:
        """None when it takes invocations."""
        from alibabacloud_fc20230330.models import GetFunctionRequest

        with translated():
            body = self.client.get_function(self._function, GetFunctionRequest()).body
        if body is None:
            raise InvokeError("NoAnswer", f"what tells of {self._function} cannot be read", 200)
        found = body.invocation_restriction
        if found is None or not found.disable:
            return None
        return PauseMark(str(found.reason or ""), str(found.last_modified_time or ""))

    def disable(self, reason: str) -> None:
        """What runs may finish: an image may be on its way."""
        from alibabacloud_fc20230330.models import DisableFunctionInvocationRequest

        request = DisableFunctionInvocationRequest(abort_ongoing_request=False, reason=reason)
        with translated():
            self.client.disable_function_invocation(self._function, request)

    def enable(self) -> None:
        with translated():
            self.client.enable_function_invocation(self._function)

    def call(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What the function answers. Raises InvokeError when it fails, or answers nothing that can be read."""
        reply = self.invoke(json.dumps(payload).encode(), None)
        try:
            answer = json.loads(reply.body)
        except ValueError:
            answer = None
        if reply.error_type or not isinstance(answer, dict):
            said = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
            raise InvokeError(reply.error_type or "NoAnswer", str(said), 200)
        return answer


def find_functions(account: Account, endpoint: str | None) -> FunctionPlace:
    """FC help, "Endpoints": ACCOUNT.REGION.fc.aliyuncs.com, unless the environment knows better."""
    settings = account.settings
    keys = (settings.access_key_id, settings.access_key_secret, settings.security_token)
    if endpoint:
        return FunctionPlace(LocalControl(endpoint).ready()["endpoint"], settings.region_id, *keys)
    known = os.environ.get(FUNCTIONS_ENDPOINT)
    if not known and settings.account_id == "0":
        raise CommandError(f"the account is not known: set {QUEUES} as for `s deploy`, or {FUNCTIONS_ENDPOINT}")
    return FunctionPlace(
        known or f"https://{settings.account_id}.{settings.region_id}.fc.aliyuncs.com", settings.region_id, *keys
    )
