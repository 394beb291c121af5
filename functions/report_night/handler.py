"""Every morning, tell on the status queue how the fleet stands: also when all is well, for silence is the alarm."""

from shared.flows.report_night import report_night
from shared.wiring import connect_report


def handler(event: bytes, context: object) -> dict[str, object]:
    rules, sources, queue = connect_report(context)
    return {"report": report_night(rules, sources, queue).to_plain()}
