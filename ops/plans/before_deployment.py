"""What would be noticed only by the first event otherwise: plans and variables that do not go with s.yaml or each other."""

import os
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from deploy.serverless import missing_variables
from files.errors import CommandError
from files.yaml_model import check_model
from ops.plans.check import check_plans, find_without_since, read_own, refuse
from ops.queues.endpoint import place_of
from shared.domain.plans import Plans


def check_deployment(
    plans_file: Path, environment: Mapping[str, str] = os.environ, now: datetime | None = None
) -> None:
    """Raises CommandError with the first kind of problem."""
    check_plans(plans_file)
    document = read_own(plans_file)
    plans = check_model(document, Plans)
    refuse(document, list(find_without_since(plans, document, now or datetime.now(timezone.utc))))
    if missing := missing_variables(environment):
        raise CommandError(f"s.yaml: environment variable not set: {', '.join(missing)}")
    region = environment["SNAPIMAGE_REGION"]
    if region != plans.region:
        raise CommandError(f"SNAPIMAGE_REGION is {region}, the plans are for {plans.region}")
    if wrong := find_wrong_endpoint(environment["SNAPIMAGE_MNS_ENDPOINT"], region):
        raise CommandError(f"SNAPIMAGE_MNS_ENDPOINT: {wrong}")


def find_wrong_endpoint(endpoint: str, region: str) -> str | None:
    """A host that is none of Alibaba's, of a private link, is taken as it is."""
    if not (host := re.fullmatch(r"https?://([^/\s]+)/?", endpoint)):
        return "not of the form http(s)://HOST"
    if "ACCOUNT" in host[1]:
        return "write your account's number where the README has ACCOUNT"
    if re.match(r"(localhost|127\.|\[::1\])", host[1]):
        return "a function cannot reach your own machine"
    if not host[1].endswith(".aliyuncs.com"):
        return None
    place = place_of(endpoint)
    if place is None:
        return f"not of the form http(s)://ACCOUNT.mns.{region}-internal.aliyuncs.com, with your account's number"
    return None if place.region == region else f"a queue in {place.region}, but the functions are for {region}"
