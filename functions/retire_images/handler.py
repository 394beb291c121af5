"""Every day, retire the images that their plans keep no longer; where no plan says so, ask nothing."""

from shared.flows.retire_images import retire_images
from shared.wiring import connect_retirement


def handler(event: bytes, context: object) -> dict[str, object]:
    return retire_images(*connect_retirement(context)).to_plain()
