"""Questions to services of Alibaba Cloud that have no adapter of their own: one call each, and nothing but reads.

The vendor's core package sends them (alibabacloud-tea-openapi, `call_api`), as every SDK that is generated for a service
does. So four services need no package more: Security Token Service, Resource Access Management, EventBridge, CloudMonitor.
"""

import re
from dataclasses import dataclass
from typing import Any

from ops.session import CloudSession
from shared.adapters.aliyun_errors import SDK_ERRORS, translate
from shared.adapters.replies import credentials

READS = re.compile(r"(Get|List|Describe)[A-Z]")
"""How the vendor names what changes nothing."""


@dataclass(frozen=True)
class RpcService:
    """`host` may name the `{region}`."""

    name: str
    version: str
    host: str


# API reference of each, "Endpoints"; versions as in alibabacloud-sts20150401, -ram20150501, -eventbridge20200401, -cms20190101.
STS = RpcService("Security Token Service", "2015-04-01", "sts.{region}.aliyuncs.com")
RAM = RpcService("Resource Access Management", "2015-05-01", "ram.aliyuncs.com")
EVENTBRIDGE = RpcService("EventBridge", "2020-04-01", "eventbridge-console.{region}.aliyuncs.com")
CLOUDMONITOR = RpcService("CloudMonitor", "2019-01-01", "metrics.{region}.aliyuncs.com")


def read(session: CloudSession, service: RpcService, action: str, **query: str) -> dict[str, Any]:
    """The reply's body. Raises CloudError."""
    if not READS.match(action):
        raise ValueError(f"{action} is no read")
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
    from darabonba.runtime import RuntimeOptions

    from shared.adapters.sdk_client import open_client

    client = open_client(Client, session.settings(), session.endpoint(service.host.format(region=session.region)))
    params = Params(
        action=action, version=service.version, protocol="HTTPS", pathname="/", method="POST", auth_type="AK",
        style="RPC", req_body_type="formData", body_type="json",
    )  # fmt: skip
    try:
        reply = client.call_api(params, OpenApiRequest(query=query), RuntimeOptions())
    except SDK_ERRORS as error:
        trouble = translate(error, action, credentials(session))
    else:
        body = reply.get("body")
        return body if isinstance(body, dict) else {}
    # Raised out here, so that no traceback shows the SDK's exception: it quotes whole replies and headers.
    raise trouble
