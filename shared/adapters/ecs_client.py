"""One door to the ECS SDK: builds its client late, keeps it quiet, waits out throttling, translates its errors."""

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_replies import not_understood
from shared.adapters.late_imports import put_off
from shared.adapters.patience import CallRecord, Patience
from shared.adapters.redaction import credentials
from shared.settings import Settings

if TYPE_CHECKING:
    from alibabacloud_ecs20140526.client import Client

CONNECT_MS, READ_MS = 5_000, 20_000
"""CreateImage answers before the image exists; a reply later than this is a lost one, and is looked for."""


@dataclass(frozen=True)
class Keys:
    """A credential as the SDK asks for one (alibabacloud-tea-openapi, `Config.credential`).

    The vendor's credentials package is not used: it reads the environment once, at import (1.0.12, measured), and FC
    changes the keys under a warm instance. It also takes long to import.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(repr=False)
    type: str = "sts"
    provider_name: str | None = None

    def get_credential(self) -> "Keys":
        return self


class EcsCalls(CallRecord):
    """Calls ECS with the given settings. Nothing of the SDK is imported before the first call: it costs a second."""

    def __init__(self, settings: Settings, patience: Patience) -> None:
        super().__init__(patience)
        self._settings = settings

    @property
    def region_id(self) -> str:
        return self._settings.region_id

    def call(self, action: str, request: Any) -> Any:
        """The body of the SDK's reply to one action, of which no field is certain; raises Transient or Permanent."""
        return self.send(action, lambda: self.ask(action, request))

    def ask(self, action: str, request: Any) -> Any:
        """Once, and unrecorded: `send` and `send_all` record what they send."""
        client = self._client
        from shared.adapters.aliyun_errors import SDK_ERRORS, translate

        try:
            body = getattr(client, _method(action))(request).body
        except SDK_ERRORS as error:
            trouble = translate(error, action, credentials(self._settings))
        else:
            if body is not None:
                return body
            trouble = not_understood(action, "its JSON has another shape than documented")  # the SDK swallows why
        # Raised out here, so that no traceback shows the SDK's exception: it quotes whole replies and headers.
        raise trouble

    @cached_property
    def _client(self) -> "Client":
        put_off("asyncio")
        from alibabacloud_ecs20140526.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        from shared.adapters.ecs_session import bound_replies

        _hush()
        bound_replies()
        return Client(Config(**self._options()))

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "credential": Keys(
                self._settings.access_key_id, self._settings.access_key_secret, self._settings.security_token or None
            ),
            "region_id": self._settings.region_id,
            "connect_timeout": CONNECT_MS,
            "read_timeout": READ_MS,
        }
        if self._settings.ecs_endpoint:
            scheme, _, host = self._settings.ecs_endpoint.rpartition("://")
            options |= {"endpoint": host, "protocol": (scheme or "https").upper()}
        return options


def _method(action: str) -> str:
    """The SDK's name for an action: `DescribeImages` is `describe_images`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()


def _hush() -> None:
    """With DEBUG=sdk in the environment the SDK would log every header, signature and token included."""
    for name in ("darabonba-core", "alibabacloud-tea"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
