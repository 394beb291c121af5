"""What there should be: s.yaml, the policies, the plans and the packages of this checkout."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fastcrc import crc64

from deploy.build import MARKER, fingerprint, functions
from deploy.policies import read_policy
from deploy.serverless import read_serverless
from files.errors import CommandError
from shared.domain.plans import Plans

NO_ACCOUNT = "0"
UNSET = "unset"
"""In the place of a setting that the environment does not have: nothing is compared with it."""
EVENT_FUNCTION = "create_image"
SWEEPS = ("reconcile_snapshots", "track_images")


@dataclass(frozen=True)
class Declared:
    """For one account and region."""

    account_id: str
    region: str
    props: Mapping[str, Mapping[str, Any]]
    known: Plans | None
    """As they could be read."""
    plans: Path
    packages: Path

    def name(self, function: str) -> str:
        return str(self.props[function]["functionName"])

    def role(self, function: str) -> str:
        return str(self.props[function]["role"]).rpartition("/")[2]

    def policy_name(self, function: str) -> str:
        return f"{self.role(function)}-{self.region}"

    def policy(self, function: str) -> dict[str, Any]:
        return read_policy(function, self.region, self.account_id, self.known)

    def triggers(self, function: str) -> dict[str, dict[str, Any]]:
        return {each["triggerName"]: dict(each["triggerConfig"]) for each in self.props[function]["triggers"]}

    def rule(self) -> str:
        """FC help, "Event triggers": FUNCTION-TRIGGER on the default bus."""
        return f"{self.name(EVENT_FUNCTION)}-{self._event_trigger()['triggerName']}"

    def pattern(self) -> str:
        return str(self._event_trigger()["triggerConfig"]["eventRuleFilterPattern"])

    def _event_trigger(self) -> Mapping[str, Any]:
        triggers = self.props[EVENT_FUNCTION]["triggers"]
        return next(each for each in triggers if each["triggerType"] == "eventbridge")

    def destination(self) -> str:
        return str(self.props[EVENT_FUNCTION]["asyncInvokeConfig"]["destinationConfig"]["onFailure"]["destination"])

    def checksum(self, function: str) -> str | None:
        """None when nothing was built."""
        archive = self.packages / f"{function}.zip"
        return code_checksum(archive.read_bytes()) if archive.exists() else None

    @cached_property
    def is_built_of_this(self) -> bool | None:
        """Whether the packages are of the sources and plans as they are now; None when the plans cannot be read."""
        marker = self.packages / MARKER
        try:
            return marker.exists() and marker.read_text() == fingerprint(self.plans)
        except CommandError:
            return None


def declare(region: str, account_id: str, queues: str, known: Plans | None, plans: Path, packages: Path) -> Declared:
    environment = {"SNAPIMAGE_REGION": region, "SNAPIMAGE_MNS_ENDPOINT": queues}
    props = read_serverless(environment, account_id)
    ours = {name: props[name] for name in functions()}
    return Declared(account_id, region, ours, known, plans, packages)


def code_checksum(package: bytes) -> str:
    """The CRC-64 that Function Compute tells of a package (FC 3.0 API, struct Function, `codeChecksum`).

    Serverless Devs compares the same number before it uploads (devsapp/fc3, deploy: crc64-ecma182.js), in decimals. The
    catalogue of CRC algorithms has it as CRC-64/XZ.
    """
    return str(crc64.xz(package))


def same_json(one: Any, other: Any) -> bool:
    """A configuration travels as a text of JSON, with its keys in any order."""
    return bool(_value(one) == _value(other))


def _value(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text
