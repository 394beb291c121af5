"""What a function is told from outside: every environment variable, typed and frozen, and the file with its plans.

The build writes the file from plans that pydantic has checked. A function reads its front, which most refusals need, without
pydantic; the plans behind it are checked again when they are first needed, because files can be edited.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.domain.errors import ConfigurationError
from shared.domain.rules import Outline, Rules, outline_of

if TYPE_CHECKING:
    from shared.domain.plans import Plans

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
    "ess_endpoint": "SNAPIMAGE_ESS_ENDPOINT",
    "quota_endpoint": "SNAPIMAGE_QUOTA_ENDPOINT",
    "lookback_hours": "SNAPIMAGE_LOOKBACK_HOURS",
}
"""FC sets the first five itself (FC help, "Environment variables"); `s.yaml` sets the others."""

OPTIONAL = frozenset({"security_token", "ecs_endpoint", "ess_endpoint", "quota_endpoint", "lookback_hours"})

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
    "ess_endpoint": r"(https?://)?[^/\s]+",
    "quota_endpoint": r"(https?://)?[^/\s]+",
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
    ess_endpoint: str | None = None
    """The same of Auto Scaling; only retirement asks it."""
    quota_endpoint: str | None = None
    """Only when Quota Center is not at its public address."""
    lookback_hours: int = 24
    """How far back reconcile_snapshots looks."""


def read_settings(environment: Mapping[str, str], context: object = None) -> Settings:
    """Settings from the environment, but the credentials from the context where that has them.

    python3.12 gives no `context.credentials`, python3.10 does (FC help, "Context"): there they are those of the request,
    while the environment keeps those of the instance's first day.
    """
    values = {key: value for key, name in VARIABLES.items() if (value := environment.get(name))}
    credentials = getattr(context, "credentials", None)
    if getattr(credentials, "access_key_id", None) and getattr(credentials, "access_key_secret", None):
        for key in ("access_key_id", "access_key_secret", "security_token"):
            values[key] = getattr(credentials, key, None) or ""
    return _check_values(tuple(values.items()))


@lru_cache(maxsize=1)
def _check_values(given: tuple[tuple[str, str], ...]) -> Settings:
    """Once for the same values, which a warm instance is given with nearly every event."""
    values = dict(given)
    missing = [name for key, name in VARIABLES.items() if key not in OPTIONAL and not values.get(key)]
    if missing:
        raise ConfigurationError(f"environment variable not set: {', '.join(missing)}")
    wrong = {VARIABLES[key] for key, form in FORMS.items() if values.get(key) and not re.fullmatch(form, values[key])}
    given_hours = values.pop("lookback_hours", "24")
    hours = int(given_hours) if re.fullmatch(FORMS["lookback_hours"], given_hours) else 0
    if not 1 <= hours <= MOST_HOURS:
        wrong.add(VARIABLES["lookback_hours"])
    if wrong:
        raise ConfigurationError(f"environment variable malformed: {', '.join(sorted(wrong))}")
    return Settings(**values, lookback_hours=hours)


def compile_plans(plans: "Plans") -> str:
    """The file's text, the same for the same plans."""
    outline, written = outline_of(plans), plans.model_dump(mode="json", by_alias=True)
    front = {"snapshot_types": sorted(outline.snapshot_types), "announces_skips": outline.announces_skips}
    return json.dumps({"region": plans.region, **front, "plans": written["plans"]})


def read_rules(settings: Settings) -> Rules:
    """Raises ConfigurationError for a file that cannot be read, is of another region, or was not written by a build."""
    file = settings.plans_file
    compiled = _read(file)
    region, outline = _read_front(compiled, file)
    if region != settings.region_id:
        raise ConfigurationError(f"the plans are for {region}, the function runs in {settings.region_id}")
    lookback = timedelta(hours=settings.lookback_hours)
    return Rules(settings.account_id, settings.region_id, outline, lambda: _check(compiled, outline, file), lookback)


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - importing pathlib takes a refusal longer than reading the file
            return opened.read()
    except OSError as error:
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file}: {error.strerror}") from error


@lru_cache(maxsize=1)
def _read_front(compiled: bytes, file: str) -> tuple[str, Outline]:
    """Once for every text, as well: a warm instance reads the same with every event."""
    try:
        front = json.loads(compiled)
        return front["region"], Outline(frozenset(front["snapshot_types"]), front["announces_skips"])
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} was not written by `snapimage build`") from None


@lru_cache(maxsize=1)
def _check(compiled: bytes, outline: Outline, file: str) -> "Plans":
    """Checked by pydantic."""
    from pydantic import ValidationError

    from shared.domain.plans import Plans

    parsed = json.loads(compiled)
    try:
        plans = Plans.model_validate_json(json.dumps({"region": parsed["region"], "plans": parsed.get("plans")}))
    except ValidationError as error:
        where = [".".join(map(str, part["loc"])) for part in error.errors()]
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} is wrong at {', '.join(where)}") from None
    if outline_of(plans) != outline:
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} was edited after `snapimage build`: front and plans differ")
    return plans
