"""Every environment variable that a function reads, typed and frozen. Nothing else looks at the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.errors import ConfigurationError

VARIABLES = {
    "account_id": "FC_ACCOUNT_ID",
    "region_id": "FC_REGION",
    "access_key_id": "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "access_key_secret": "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "security_token": "ALIBABA_CLOUD_SECURITY_TOKEN",
    "mns_endpoint": "SNAPIMAGE_MNS_ENDPOINT",
    "status_queue": "SNAPIMAGE_STATUS_QUEUE",
    "plans_file": "SNAPIMAGE_PLANS",
    "ecs_endpoint": "SNAPIMAGE_ECS_ENDPOINT",
    "lookback_hours": "SNAPIMAGE_LOOKBACK_HOURS",
}
"""FC sets the first five itself (FC help, "Environment variables"); `s.yaml` sets the others."""

OPTIONAL = frozenset({"security_token", "ecs_endpoint", "lookback_hours"})

KEY = r"[!-~]+"
"""No space and no newline: what cannot be sent in a header would be quoted in an error."""

FORMS = {
    "account_id": r"[0-9]{1,32}",
    "region_id": r"[a-z0-9-]{2,64}",
    "access_key_id": KEY,
    "access_key_secret": KEY,
    "security_token": KEY,
    "mns_endpoint": r"https?://[^/\s]+/?",
    "status_queue": r"[A-Za-z0-9][A-Za-z0-9-]{0,119}",
    "ecs_endpoint": r"(https?://)?[^/\s]+",
    "lookback_hours": r"[0-9]{1,3}",
}
MOST_HOURS = 336


@dataclass(frozen=True)
class Settings:
    """The credentials are in no representation of it."""

    account_id: str
    region_id: str
    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    mns_endpoint: str
    status_queue: str
    plans_file: str
    security_token: str = field(default="", repr=False)
    ecs_endpoint: str | None = None
    """Only when ECS is not where the SDK expects it for the region: a VPC endpoint, a local cloud."""
    lookback_hours: int = 24
    """How far back reconcile_snapshots looks."""


def read_settings(environment: Mapping[str, str], context: object = None) -> Settings:
    """Settings from the environment, but the credentials from the context where that has them.

    python3.12 gives no `context.credentials`, python3.10 does (FC help, "Context"): there they are those of the request,
    while the environment keeps those of the instance's first day.
    """
    values = {key: environment[name] for key, name in VARIABLES.items() if environment.get(name)}
    credentials = getattr(context, "credentials", None)
    if getattr(credentials, "access_key_id", None) and getattr(credentials, "access_key_secret", None):
        for key in ("access_key_id", "access_key_secret", "security_token"):
            values[key] = getattr(credentials, key, None) or ""
    missing = [name for key, name in VARIABLES.items() if key not in OPTIONAL and not values.get(key)]
    if missing:
        raise ConfigurationError(f"environment variable not set: {', '.join(missing)}")
    wrong = [key for key, form in FORMS.items() if values.get(key) and not re.fullmatch(form, values[key])]
    hours = 0 if "lookback_hours" in wrong else int(values.pop("lookback_hours", "24"))
    if "lookback_hours" not in wrong and not 1 <= hours <= MOST_HOURS:
        wrong.append("lookback_hours")
    if wrong:
        raise ConfigurationError(
            f"environment variable malformed: {', '.join(sorted(VARIABLES[key] for key in wrong))}"
        )
    return Settings(**values, lookback_hours=hours)
