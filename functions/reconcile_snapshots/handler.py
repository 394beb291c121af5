"""Every minute, put each system snapshot that has no image and no answer through the same decision as its event."""

from shared.flows.reconcile_snapshots import read_order, reconcile_snapshots
from shared.wiring import connect


def handler(event: bytes, context: object) -> dict[str, object]:
    rules, cloud = connect(context, waits=True)
    return {"counts": reconcile_snapshots(rules, cloud, read_order(event))}
