"""The file that a function reads its plans from: in front what most refusals need, behind it the plans themselves.

The build writes it from plans that pydantic has checked. A function reads the front without pydantic; the plans are
checked again when they are first needed, because files can be edited.
"""

import json
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared.domain.errors import ConfigurationError
from shared.domain.rules import Outline, Rules
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.domain.plans import Plans


def compile_plans(plans: "Plans") -> str:
    """The file's text, the same for the same plans."""
    front = {
        "region": plans.region,
        "snapshot_types": sorted(plans.outline.snapshot_types),
        "announces_skips": plans.outline.announces_skips,
    }
    return json.dumps({**front, "plans": plans.model_dump(mode="json", by_alias=True)["plans"]})


def read_rules(settings: Settings) -> Rules:
    """Raises ConfigurationError for a file that cannot be read, is of another region, or was not written by a build."""
    file = settings.plans_file
    compiled = _read(file)
    try:
        front = json.loads(compiled)
        outline = Outline(frozenset(front["snapshot_types"]), bool(front["announces_skips"]))
        region = front["region"]
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} was not written by `snapimage build`") from None
    if region != settings.region_id:
        raise ConfigurationError(f"the plans are for {region}, the function runs in {settings.region_id}")
    lookback = timedelta(hours=settings.lookback_hours)
    return Rules(settings.account_id, settings.region_id, outline, lambda: _check(compiled, outline, file), lookback)


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file}: {error.strerror}") from error


@lru_cache(maxsize=1)
def _check(compiled: bytes, outline: Outline, file: str) -> "Plans":
    """Once for every text, so that a warm instance does not check the same plans with every event."""
    from pydantic import ValidationError

    from shared.domain.plans import Plans

    parsed = json.loads(compiled)
    try:
        plans = Plans.model_validate_json(json.dumps({"region": parsed["region"], "plans": parsed.get("plans")}))
    except ValidationError as error:
        where = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} is wrong at {', '.join(where)}") from None
    if plans.outline != outline:
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {file} was edited after `snapimage build`: front and plans differ")
    return plans
