"""All checks, in the order in which things are mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from files.errors import CommandError
from ops.account import QUEUES
from ops.doctor.check_account import check_keys, check_region, check_services, check_settings
from ops.doctor.check_functions import check_functions
from ops.doctor.check_queues import check_queues
from ops.doctor.check_roles import check_roles
from ops.doctor.check_sweeps import check_sweeps
from ops.doctor.commands import mending_for
from ops.doctor.declared import NO_ACCOUNT, UNSET, Declared, declare
from ops.doctor.facts import Caller
from ops.doctor.finding import Finding, Unread, fine, wrong
from ops.doctor.gather import gather, look
from ops.doctor.reader import CloudReader
from ops.invoke import FUNCTIONS_ENDPOINT
from ops.plans.before_deployment import check_deployment
from ops.plans.check import check_plans, read_plans
from ops.session import CloudSession
from shared.domain.plans import Plans

SETTINGS = "environment variable not set"


@dataclass(frozen=True)
class Checkout:
    """Where the plans and the packages are, and the environment in which `s deploy` would run."""

    plans: Path
    packages: Path
    environment: Mapping[str, str]


def examine(session: CloudSession, checkout: Checkout) -> list[Finding]:
    endpoint = checkout.environment.get(FUNCTIONS_ENDPOINT)
    caller = look(CloudReader(session, NO_ACCOUNT, endpoint).caller)
    account_id = caller.account_id if isinstance(caller, Caller) else NO_ACCOUNT
    reader = CloudReader(session, account_id, None if session.local else endpoint)
    plans = _try_plans(checkout.plans)
    declared = _declare(session, caller, plans, checkout)
    found = gather(reader, caller, declared)
    mending = mending_for(session, declared.account_id)
    return [
        check_keys(caller),
        check_plans_file(checkout.plans, plans),
        check_region(found, declared),
        check_settings(declared, checkout.environment, session.local is not None),
        *check_services(found),
        *check_queues(found, mending),
        *check_roles(found, declared, mending.setup),
        *check_functions(found, declared, mending.resume),
        *check_sweeps(found, declared, session.clock.now()),
    ]


def _declare(session: CloudSession, caller: Caller | Unread, plans: Plans | str, checkout: Checkout) -> Declared:
    account_id = caller.account_id if isinstance(caller, Caller) else NO_ACCOUNT
    known = plans if isinstance(plans, Plans) else None
    queues = session.local or checkout.environment.get(QUEUES, "")
    return declare(session.region, account_id, queues or UNSET, known, checkout.plans, checkout.packages)


def _try_plans(file: Path) -> Plans | str:
    try:
        return read_plans(file)
    except CommandError as error:
        return str(error)


def check_plans_file(file: Path, plans: Plans | str) -> Finding:
    """As `build --deploy` judges them; what it says of the environment is a check of its own."""
    if isinstance(plans, str):
        is_there = file.exists()
        return wrong("plans", _on_one_line(plans), f"snapimage plans check {file}" if is_there else "snapimage init")
    for judge_plans, command in (
        (check_plans, f"snapimage plans check {file}"),
        (_check_since, "snapimage build --deploy"),
    ):
        try:
            judge_plans(file)
        except CommandError as error:
            return wrong("plans", _on_one_line(str(error)), command)
    return fine("plans", f"{file}: {len(plans.plans)} for {plans.region}")


def _check_since(file: Path) -> None:
    try:
        check_deployment(file, environment={})
    except CommandError as error:
        if SETTINGS not in str(error):
            raise


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
