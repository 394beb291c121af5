"""A simulated night as a drawing: images over time, beside the line that CreateImage's quota alone would allow."""

from collections.abc import Iterator, Sequence

from simulation.memory.deployed import read_functions
from simulation.nights.night import Night, run_night
from simulation.nights.quota import MINUTE
from simulation.nights.result import NightResult

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 300, 60, 40
COUNT, QUOTA = 562, 20
"""Of a night that the quota binds, and that is simulated in seconds."""


def draw_night() -> str:
    return draw(run_night(Night(COUNT, QUOTA, read_functions())))


def draw(outcome: NightResult) -> str:
    """SVG; the same outcome gives the same text."""
    made, minutes = len(outcome.cloud.made_at), outcome.last_image / MINUTE
    quota = outcome.cloud.quota.per_minute
    allowed = [(0.0, 0.0), (made / quota, float(made)), (minutes, float(made))]
    real = [(moment / MINUTE, float(number)) for number, moment in enumerate(sorted(outcome.cloud.made_at), 1)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_axes(made, minutes),
        _line(allowed, made, minutes, "#999", ' stroke-dasharray="6 4"'),
        _line([(0.0, 0.0), *real[::10], real[-1]], made, minutes, "#06c", ""),
        f'<text x="{LEFT + 12}" y="20" fill="#06c">images made: {made:,} in {minutes:.1f} minutes</text>',
        f'<text x="{LEFT + 12}" y="36" fill="#777">CreateImage alone, at {quota} calls a minute</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(made: int, minutes: float) -> Iterator[str]:
    yield f'<path d="M{LEFT} 10V{HEIGHT - BOTTOM}H{WIDTH - 10}" fill="none" stroke="black"/>'
    for minute in range(0, int(minutes) + 1, 5):
        x, _ = _place(minute, 0, made, minutes)
        yield f'<text x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{minute}</text>'
    for quarter in range(5):
        _, y = _place(0, made * quarter / 4, made, minutes)
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{made * quarter // 4:,}</text>'
    yield f'<text x="{WIDTH - 10}" y="{HEIGHT - 5}" text-anchor="end">minutes</text>'


def _line(points: Sequence[tuple[float, float]], made: int, minutes: float, colour: str, more: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(*point, made, minutes) for point in points))
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{more}/>'


def _place(minute: float, images: float, made: int, minutes: float) -> tuple[float, float]:
    """Where it is drawn."""
    x = LEFT + minute / minutes * (WIDTH - LEFT - 20)
    return x, HEIGHT - BOTTOM - images / made * (HEIGHT - BOTTOM - 20)
