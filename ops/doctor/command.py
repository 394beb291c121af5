"""The options of `snapimage doctor`, and how it shows what it found."""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from files import places
from ops.operate.command import EndpointOption, in_session

if TYPE_CHECKING:
    from ops.doctor.finding import Finding


def doctor(
    plans: Annotated[Path, typer.Option("--plans", help="Plans file.")] = places.OWN_PLANS,
    packages: Annotated[Path, typer.Option(help="What was built, to compare with.")] = places.ROOT / "build",
    region: Annotated[str | None, typer.Option(help="Unless the plans tell it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    endpoint: EndpointOption = None,
) -> None:
    """Look at the deployment: each check is OK, WRONG with the command that mends it, or UNKNOWN. Changes nothing.

    Exit 0: everything is OK; 1: something is wrong, or could not be read.
    """
    from ops.doctor.examine import Checkout, examine
    from ops.doctor.finding import Health

    with in_session(endpoint, region or region_of(plans)) as (session, say):
        findings = examine(session, Checkout(plans, packages, os.environ))
        (show_json if as_json else show)(findings, say)
    raise typer.Exit(0 if all(each.health is Health.OK for each in findings) else 1)


def region_of(plans: Path) -> str | None:
    from files.errors import CommandError
    from ops.plans.check import read_plans

    try:
        return read_plans(plans).region
    except CommandError:
        return None  # it is one of the findings


def show(findings: Sequence["Finding"], say: Callable[[str], None]) -> None:
    for finding in findings:
        say(f"{finding.health.value:<7}  {finding.check}: {finding.text}")
        if finding.mend:
            say(f"         mend it: {finding.mend}")
    counts = Counter(finding.health.value for finding in findings)
    say(", ".join(f"{counts[name]} {name}" for name in ("OK", "WRONG", "UNKNOWN")))


def show_json(findings: Sequence["Finding"], say: Callable[[str], None]) -> None:
    say(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2, ensure_ascii=False))
