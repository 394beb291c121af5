"""Where the queues are and with which keys: from options and the environment; a local cloud hands out its own keys."""

import os

from deploy.policies import STATUS_QUEUE
from files.errors import CommandError
from ops.keys import KEY, SECRET, TOKEN, keys_in_environment
from ops.local.control import LocalControl, is_local
from shared.adapters.mns_queue import QueueAccess


def given_endpoint(endpoint: str | None) -> str:
    """Empty when there is none."""
    return (endpoint or os.environ.get("SNAPIMAGE_MNS_ENDPOINT", "")).rstrip("/")


def find_endpoint(endpoint: str | None) -> str:
    found = given_endpoint(endpoint)
    if not found:
        raise CommandError("no endpoint: give --endpoint, or set SNAPIMAGE_MNS_ENDPOINT")
    return found


def has_keys(endpoint: str) -> bool:
    return keys_in_environment() is not None or is_local(endpoint)


def find_access(endpoint: str | None, queue: str | None) -> QueueAccess:
    endpoint = find_endpoint(endpoint)
    if not has_keys(endpoint):
        raise CommandError(f"no keys: set {KEY} and {SECRET}")
    queue = queue or os.environ.get("SNAPIMAGE_STATUS_QUEUE")
    if keys := keys_in_environment():
        return QueueAccess(endpoint, *keys, queue or STATUS_QUEUE)
    ready = LocalControl(endpoint).ready()
    token = os.environ.get(TOKEN, "")
    return QueueAccess(
        endpoint, ready["access_key_id"], ready["access_key_secret"], token, queue or ready["queues"]["status"]
    )
