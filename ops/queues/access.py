"""Where the queues are and with which keys: from options and the environment; a local cloud hands out its own keys."""

import os

from files.errors import CommandError
from ops.local.control import LocalControl, is_local
from shared.adapters.mns_queue import QueueAccess

KEY, SECRET, TOKEN = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"


def given_endpoint(endpoint: str | None) -> str:
    """Empty when there is none."""
    return (endpoint or os.environ.get("SNAPIMAGE_MNS_ENDPOINT", "")).rstrip("/")


def find_endpoint(endpoint: str | None) -> str:
    found = given_endpoint(endpoint)
    if not found:
        raise CommandError("no endpoint: give --endpoint, or set SNAPIMAGE_MNS_ENDPOINT")
    return found


def has_keys(endpoint: str) -> bool:
    return bool(os.environ.get(KEY) and os.environ.get(SECRET)) or is_local(endpoint)


def find_access(endpoint: str | None, queue: str | None) -> QueueAccess:
    environment, endpoint = os.environ, find_endpoint(endpoint)
    if not has_keys(endpoint):
        raise CommandError(f"no keys: set {KEY} and {SECRET}")
    key, secret, token = (environment.get(name, "") for name in (KEY, SECRET, TOKEN))
    queue = queue or environment.get("SNAPIMAGE_STATUS_QUEUE")
    if not (key and secret):
        ready = LocalControl(endpoint).ready()
        key, secret, queue = ready["access_key_id"], ready["access_key_secret"], queue or ready["queues"]["status"]
    return QueueAccess(endpoint, key, secret, token, queue or "snapimage-status")
