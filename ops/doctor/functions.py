"""Deployed functions as the FC 3.0 API tells of them, by alibabacloud-fc20230330."""

import json
from datetime import datetime
from typing import Any

from ops.doctor.facts import DeployedFunction
from ops.invoke import Fc3, FunctionPlace, InvokeError, translated
from shared.domain.moments import read_moment

COMPARED = {"runtime": "runtime", "handler": "handler", "timeout": "timeout", "memory_size": "memorySize"}
"""The SDK's name of each property, and that of s.yaml."""
MISSING = "FunctionNotFound"
"""FC 3.0 API, struct Error."""


class FunctionApi:
    """Three reads."""

    def __init__(self, where: FunctionPlace) -> None:
        self._client = Fc3(where, "").client

    def describe(self, name: str) -> DeployedFunction | None:
        from alibabacloud_fc20230330.models import GetFunctionRequest

        try:
            with translated():
                body = self._client.get_function(name, GetFunctionRequest()).body
        except InvokeError as error:
            if error.code == MISSING:
                return None
            raise
        stopped = body.invocation_restriction
        return DeployedFunction(
            role=str(body.role or ""),
            properties={theirs: getattr(body, ours) for ours, theirs in COMPARED.items()},
            environment=dict(body.environment_variables or {}),
            checksum=str(body.code_checksum or ""),
            state=str(body.state or ""),
            last_update=str(body.last_update_status or ""),
            stopped_because=str(stopped.reason or "") if stopped and stopped.disable else None,
            log_store=str(body.log_config.logstore or "") if body.log_config else "",
            modified=_moment(body.last_modified_time),
        )

    def triggers(self, function: str) -> dict[str, dict[str, Any]]:
        """The configuration of each, by its name. s.yaml declares four at the most, so one page is all."""
        from alibabacloud_fc20230330.models import ListTriggersRequest

        with translated():
            found = self._client.list_triggers(function, ListTriggersRequest()).body.triggers
        return {str(each.trigger_name): dict(json.loads(each.trigger_config or "{}")) for each in found or []}

    def failure_destination(self, function: str) -> str:
        """Empty when there is none."""
        from alibabacloud_fc20230330.models import GetAsyncInvokeConfigRequest

        with translated():
            body = self._client.get_async_invoke_config(function, GetAsyncInvokeConfigRequest()).body
        found = body.destination_config
        return str(found.on_failure.destination or "") if found and found.on_failure else ""


def _moment(text: Any) -> datetime | None:
    try:
        return read_moment(str(text))
    except ValueError:
        return None
