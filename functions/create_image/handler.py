"""On ecs:Snapshot:CreateSnapshotCompleted, make the image that a plan wants and publish its status."""

from shared.flows.create_image import create_images
from shared.wiring import connect


def handler(event: bytes, context: object) -> dict[str, object]:
    rules, cloud = connect(context)
    return {"answers": [status.to_plain() for status in create_images(event, rules, cloud)]}
