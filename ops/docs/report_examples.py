"""A report of each verdict, for `schema/examples`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from ops.docs.message_examples import indented
from shared.domain.claims import Gap
from shared.domain.coverage import Coverage, MachineCover, PlanCover, Standing, count
from shared.domain.facts import Instance
from shared.domain.plans import Plan
from shared.domain.report import FleetFacts, NightFacts, report
from shared.domain.report_envelope import envelope_report
from shared.domain.report_message import ImageQuota, NightReport, PinnedSnapshots

NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=timezone.utc)
WEB = Plan.model_validate({"name": "web", "source": {"instance_tags": {"backup": "nightly"}}})
GOOD = MachineCover(
    Instance("i-bp1web01", name="web-1"), "d-bp1websys", Standing.FRESH, "m-bp1new is of s-bp1websys20",
    plan=WEB, age=timedelta(hours=20),
)  # fmt: skip
OLD = MachineCover(
    Instance("i-bp1report01", name="report-1"), "d-bp1reportsys", Standing.STALE, "no snapshot since",
    plan=WEB, age=timedelta(days=4), is_late=True,
)  # fmt: skip
REFUSED = "Forbidden.RAM: DescribeImages: User not authorized to operate on the specified resource."


def report_examples() -> dict[str, str]:
    """File name and text."""
    return {
        f"{name}.json": indented(envelope_report(made, "report_night", NIGHT).to_json()) for name, made in _reports()
    }


def _reports() -> Iterator[tuple[str, NightReport]]:
    quiet = NightFacts(
        "1234567890123456", "cn-hangzhou", NIGHT, _fleet(GOOD), PinnedSnapshots(14, 560), ImageQuota(1000, 14), calls=9
    )
    yield "report-ok", report(quiet)
    unknown = ("image quota not known: Forbidden.RAM: GetProductQuota: no",)
    refused = (("GetProductQuota", "Forbidden.RAM"),)
    fleet = _fleet(OLD, GOOD, gaps=(Gap("i-bp1mail01", "no such machine"),))
    yield "report-partial", report(replace(quiet, fleet=fleet, quota=None, troubles=unknown, refusals=refused))
    troubles, refused = (f"machines not read: {REFUSED}",), (("DescribeImages", "Forbidden.RAM"),)
    yield "report-failed", report(replace(quiet, fleet=None, troubles=troubles, refusals=refused))


def _fleet(*machines: MachineCover, gaps: tuple[Gap, ...] = ()) -> FleetFacts:
    since = NIGHT - timedelta(days=2)
    return FleetFacts(Coverage(NIGHT, since, machines, (PlanCover(WEB, count(machines), gaps),)), {"web": 14})
