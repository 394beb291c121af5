"""Whose keys ask and where: an account, with keys as the vendor's SDK finds them, or a local cloud."""

import os
from dataclasses import dataclass, field

from files.errors import CommandError
from ops.keys import find_keys, keys_in_environment
from ops.local.control import LocalControl
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.throttling import Throttling
from shared.domain.plans import Plans
from shared.domain.rules import Rules, rules_for
from shared.ports import Clock, Cloud
from shared.settings import Settings
from shared.wiring import SystemClock

REGION = "SNAPIMAGE_REGION"
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class CloudSession:
    """The credentials are in no representation of it."""

    region: str
    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    clock: Clock
    local: str | None = None
    """The endpoint of a local cloud, which plays every service."""

    def endpoint(self, host: str) -> str:
        return self.local or f"https://{host}"

    def settings(self, account_id: str = "0", queues: str = NOWHERE, status_queue: str = "none") -> Settings:
        return Settings(
            account_id=account_id,
            region_id=self.region,
            access_key_id=self.access_key_id,
            access_key_secret=self.access_key_secret,
            security_token=self.security_token,
            mns_endpoint=queues,
            status_queue=status_queue,
            plans_file="given by the command",
            ecs_endpoint=self.local or os.environ.get("SNAPIMAGE_ECS_ENDPOINT"),
            ess_endpoint=self.local or os.environ.get("SNAPIMAGE_ESS_ENDPOINT"),
            quota_endpoint=self.local or os.environ.get("SNAPIMAGE_QUOTA_ENDPOINT"),
        )

    def ecs(self) -> EcsCalls:
        """For what no function may do, and no port offers."""
        return EcsCalls(self.settings(), Throttling(self.clock, None))


@dataclass(frozen=True)
class Account:
    """An account as the flows and the commands see it."""

    settings: Settings
    plans: Plans
    cloud: Cloud

    @property
    def rules(self) -> Rules:
        return rules_for(self.settings.account_id, self.settings.region_id, self.plans)

    def calls(self) -> EcsCalls:
        """For what no function may do, and no port offers."""
        return EcsCalls(self.settings, Throttling(self.cloud.clock, None))


def open_session(endpoint: str | None, region: str | None) -> CloudSession:
    """A local cloud hands out its keys to whoever has none in the environment."""
    region = region or os.environ.get(REGION)
    if endpoint:
        control = LocalControl(endpoint)
        ready = control.ready()
        handed_out: tuple[str, str, str] = (ready["access_key_id"], ready["access_key_secret"], "")
        keys = keys_in_environment() or handed_out
        return CloudSession(region or ready["region"], *keys, control, ready["endpoint"])
    if not region:
        raise CommandError(f"no region: give --region, or set {REGION}")
    return CloudSession(region, *find_keys(), SystemClock())
