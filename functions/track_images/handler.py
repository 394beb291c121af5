"""Every minute, and early when an Image:StateChange event hints at it, tell what became of the images in the making."""

from shared.flows.track_images import track_images
from shared.wiring import connect


def handler(event: bytes, context: object) -> dict[str, object]:
    rules, cloud = connect(context, waits=True)
    return {"answers": [status.to_plain() for status in track_images(rules, cloud, event)]}
