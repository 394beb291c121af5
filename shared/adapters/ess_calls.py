"""Auto Scaling (ESS) by the generic call of the SDK that ships: a package of its own would be for one question.

Version, endpoints and the shape of the reply: alibabacloud-ess20220222 1.13.3.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import CONNECT_MS, READ_MS, EcsCalls, EcsCredential
from shared.adapters.replies import credentials, not_understood
from shared.settings import Settings

if TYPE_CHECKING:
    from alibabacloud_tea_openapi.client import Client

VERSION = "2022-02-22"
CENTRAL = frozenset({
    "cn-qingdao", "cn-beijing", "cn-hangzhou", "cn-shanghai", "cn-shenzhen", "cn-hongkong", "ap-southeast-1",
    "us-east-1", "us-west-1", "cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-north-2-gov-1", "cn-hangzhou-finance",
    "cn-wuhan", "cn-fujian",
})  # fmt: skip
"""Regions without an endpoint of their own."""


class EssCalls:
    """Its calls stand in the record of the ECS calls, and wait out throttling together with them."""

    def __init__(self, settings: Settings, record: EcsCalls) -> None:
        self._settings = settings
        self._record = record

    @property
    def region_id(self) -> str:
        return self._settings.region_id

    def call(self, action: str, query: dict[str, str]) -> dict[str, Any]:
        """The body of the reply; raises Transient or Refused."""
        return self._record.send(action, lambda: self._ask(action, query))

    def _ask(self, action: str, query: dict[str, str]) -> dict[str, Any]:
        client = self._client
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
        from darabonba.runtime import RuntimeOptions

        from shared.adapters.aliyun_errors import SDK_ERRORS, translate

        params = Params(
            action=action, version=VERSION, pathname="/", method="POST", auth_type="AK", style="RPC", body_type="json",
        )  # fmt: skip
        try:
            body = client.call_api(params, OpenApiRequest(query=query), RuntimeOptions()).get("body")
        except SDK_ERRORS as error:
            trouble = translate(error, action, credentials(self._settings))
        else:
            if isinstance(body, dict):
                return body
            trouble = not_understood(action, "its JSON has another shape than documented")
        raise trouble  # out here, so that no traceback shows the SDK's exception

    @cached_property
    def _client(self) -> "Client":
        from alibabacloud_tea_openapi.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        from shared.adapters.ecs_session import bound_replies

        bound_replies()
        keys = EcsCredential(
            self._settings.access_key_id, self._settings.access_key_secret, self._settings.security_token or None
        )
        scheme, host = self._place()
        return Client(
            Config(
                credential=keys, region_id=self.region_id, connect_timeout=CONNECT_MS, read_timeout=READ_MS,
                endpoint=host, protocol=scheme,
            )
        )  # fmt: skip

    def _place(self) -> tuple[str, str]:
        if self._settings.ess_endpoint:
            scheme, _, host = self._settings.ess_endpoint.rpartition("://")
            return (scheme or "https").upper(), host
        return "HTTPS", "ess.aliyuncs.com" if self.region_id in CENTRAL else f"ess.{self.region_id}.aliyuncs.com"
