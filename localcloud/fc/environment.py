"""What a function's process knows from its start: its environment, exactly, and a description of itself."""

import os
from typing import Any

from localcloud.fc.spec import FunctionSpec

_INHERITED = ("PATH", "LANG", "TZ")


def environment_of(spec: FunctionSpec, account_id: str, region: str, instance_id: str) -> dict[str, str]:
    """FC help, "Environment variables": what FC sets itself. Ours goes first, so that FC's cannot be replaced."""
    version = "FC_FUNCTION_VERSION" if spec.runtime == "python3.12" else "FC_VER_ID"
    credentials = spec.credentials
    by_fc = {
        "FC_ACCOUNT_ID": account_id,
        "FC_REGION": region,
        "FC_FUNCTION_NAME": spec.name,
        "FC_FUNCTION_HANDLER": spec.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "FC_FUNC_CODE_PATH": str(spec.folder),
        "FC_INSTANCE_ID": instance_id,
        version: "LATEST",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret.get_secret_value(),
        "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token.get_secret_value(),
    }
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | spec.environment | {name: value for name, value in by_fc.items() if value}


def start_of(spec: FunctionSpec, account_id: str, region: str, environment: dict[str, str]) -> dict[str, Any]:
    """What the process is told before its first invocation. No credential: those are in its environment."""
    fields = {"name", "service", "folder", "handler", "runtime", "timeout", "memory_mb"}
    place = {"account_id": account_id, "region": region, "environment": sorted(environment)}
    return spec.model_dump(mode="json", include=fields) | place
