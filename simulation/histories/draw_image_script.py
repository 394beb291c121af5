"""Draws what becomes of an image: by itself, and by operators who act on it."""

import random
from collections.abc import Sequence

from simulation.histories.history import Ending, ImageScript

ENDINGS: Sequence[Ending] = ("CreateFailed", "UnAvailable", "lost disk", "wrong size")
ACTS: Sequence[str] = (
    "deleted_after", "deleted_after", "deleted_after", "untagged_after", "altered_after", "copied_after",
    "flickers_after",
)  # fmt: skip


def draw_image_script(chance: random.Random) -> ImageScript:
    script = ImageScript(
        ending="Available" if chance.random() < 0.78 else chance.choice(ENDINGS),
        ready_after=either(chance, 0.85, (20, 900), (3000, 12000)),
        hidden_for=_draw_hiding(chance),
        checked_after=chance.randrange(900) if chance.random() < 0.93 else None,
        has_risks=chance.random() < 0.25,
        retired_after=chance.randrange(3600) if chance.random() < 0.05 else None,
        usage_lag=either(chance, 0.5, (0, 1), (5, 3000)),
    )
    return _with_act(script, chance) if chance.random() < 0.25 else script


def _draw_hiding(chance: random.Random) -> int:
    """Longer than any look-up is patient, now and then."""
    if chance.random() < 0.65:
        return 0
    return chance.randrange(1, 90) if chance.random() < 0.8 else chance.randrange(90, 5400) // 3


def _with_act(script: ImageScript, chance: random.Random) -> ImageScript:
    """An operator deletes the image in the making, when it has failed, when it is usable, or much later. While ECS does
    not list an image nobody can act on it."""
    moment = either(chance, 0.7, (1, 1800), (1800, 12000))
    act = chance.choice(ACTS)
    if act in {"deleted_after", "untagged_after", "altered_after"}:
        moment += script.hidden_for
    token_life = 7200 if act == "deleted_after" and script.hidden_for < 90 and chance.random() < 0.3 else None
    return ImageScript(**{**vars(script), act: moment, "token_life": token_life})


def either(chance: random.Random, likely: float, usual: tuple[int, int], rare: tuple[int, int]) -> int:
    return chance.randrange(*(usual if chance.random() < likely else rare))
