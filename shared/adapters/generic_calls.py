"""Services whose SDK does not ship, by the generic call of the one that does: a package for one question would be too much."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.replies import credentials, not_understood
from shared.settings import Settings

if TYPE_CHECKING:
    from alibabacloud_tea_openapi.client import Client

ESS_VERSION = "2022-02-22"
"""Of Auto Scaling. Version, endpoints and the shape of its replies: alibabacloud-ess20220222 1.13.3."""
ESS_CENTRAL = frozenset({
    "cn-qingdao", "cn-beijing", "cn-hangzhou", "cn-shanghai", "cn-shenzhen", "cn-hongkong", "ap-southeast-1",
    "us-east-1", "us-west-1", "cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-north-2-gov-1", "cn-hangzhou-finance",
    "cn-wuhan", "cn-fujian",
})  # fmt: skip
"""Regions without an endpoint of their own."""
QUOTA_CENTER_VERSION = "2020-05-10"
QUOTA_CENTER = "quotas.aliyuncs.com"
"""One for all regions (alibabacloud-quotas20200510 1.2.2, endpoint rule "central")."""


class GenericCalls:
    """They stand in the record of the ECS calls, and wait out throttling together with them."""

    def __init__(self, settings: Settings, record: EcsCalls, version: str, endpoint: str) -> None:
        self._settings = settings
        self._record = record
        self._version = version
        self.endpoint = endpoint

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

        params = Params(action=action, version=self._version, pathname="/", method="POST", body_type="json")
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

        from shared.adapters.sdk_client import open_client

        return open_client(Client, self._settings, self.endpoint)


def ess_calls(settings: Settings, record: EcsCalls) -> GenericCalls:
    region = settings.region_id
    own = "ess.aliyuncs.com" if region in ESS_CENTRAL else f"ess.{region}.aliyuncs.com"
    return GenericCalls(settings, record, ESS_VERSION, settings.ess_endpoint or own)


def quota_calls(settings: Settings, record: EcsCalls) -> GenericCalls:
    return GenericCalls(settings, record, QUOTA_CENTER_VERSION, settings.quota_endpoint or QUOTA_CENTER)
