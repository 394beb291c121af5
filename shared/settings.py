"""Every environment variable that a function reads, typed and frozen. Nothing else looks at the environment."""

from collections.abc import Mapping

from pydantic import Field, SecretStr, ValidationError

from shared.domain.errors import ConfigurationError
from shared.domain.model import Frozen

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


class Settings(Frozen):
    account_id: str = Field(pattern=r"^[0-9]{1,32}$")
    region_id: str = Field(pattern=r"^[a-z0-9-]{2,64}$")
    access_key_id: str = Field(min_length=1)
    access_key_secret: SecretStr = Field(min_length=1)
    security_token: SecretStr = SecretStr("")
    mns_endpoint: str = Field(pattern=r"^https?://[^/\s]+/?$")
    status_queue: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,119}$")
    plans_file: str = Field(min_length=1)
    ecs_endpoint: str | None = Field(default=None, pattern=r"^(https?://)?[^/\s]+$")
    """Only when ECS is not where the SDK expects it for the region: a VPC endpoint, a local cloud."""
    lookback_hours: int = Field(default=24, ge=1, le=336)
    """How far back reconcile_snapshots looks."""


def read_settings(environment: Mapping[str, str], context: object = None) -> Settings:
    """Settings from the environment; the credentials of FC's older context objects where the environment has none.

    python3.12 gives no `context.credentials`, python3.10 does (FC help, "Context").
    """
    values = {field: environment[name] for field, name in VARIABLES.items() if environment.get(name)}
    credentials = getattr(context, "credentials", None)
    if credentials is not None and "access_key_id" not in values:
        for field in ("access_key_id", "access_key_secret", "security_token"):
            values[field] = getattr(credentials, field, None) or ""
    missing = [name for field, name in VARIABLES.items() if field not in OPTIONAL and not values.get(field)]
    if missing:
        raise ConfigurationError(f"environment variable not set: {', '.join(missing)}")
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = sorted({VARIABLES[str(part["loc"][0])] for part in error.errors(include_input=False)})
        raise ConfigurationError(f"environment variable malformed: {', '.join(wrong)}") from None
