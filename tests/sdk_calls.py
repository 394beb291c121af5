"""What the tests give to Alibaba's SDKs, and how these tell a refusal."""

from typing import NamedTuple

from alibabacloud_tea_openapi.utils_models import Config

from localcloud.server import LocalCloud


class Refusal(NamedTuple):
    status: int
    code: str


def sdk_config(cloud: LocalCloud, **changes: str) -> Config:
    """The local cloud's endpoint and its owner's keys, and a minute for each answer: machines may be busy."""
    times = {"connect_timeout": 60_000, "read_timeout": 60_000}
    known = {"access_key_id": cloud.access_key_id, "access_key_secret": cloud.access_key_secret}
    return Config(**known | times | {"protocol": "HTTP", "endpoint": cloud.endpoint.removeprefix("http://")} | changes)
