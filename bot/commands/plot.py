"""One curve as an SVG picture: shares on both axes, and a point marked. Pure.

Colours come from the page's CSS (`--ink`, `--dim`, `--rule`, `--line`, `--mark`), so that the
picture is light or dark as the page is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 92, 34, 36, 72
FULL = 1.0


def plot(
    curve: Sequence[tuple[float, float]],
    mark: tuple[float, float] | None,
    label: str,
    axes: tuple[str, str],
) -> str:
    """`curve`, `mark`: (x, y), each 0..1; `label` stands at the mark. The y axis begins at the ten
    per cent below the lowest point, so that small differences are seen; the x axis at 0."""
    heights = [y for _, y in (*curve, *((mark,) if mark else ()))]
    floor = min(math.floor(min(heights, default=0.0) * 10) / 10, 0.9)
    frame = _Frame(floor)
    parts = [*_grid(frame), *_titles(axes)]
    if curve:
        parts.append(f'<path class="curve" d="{_path(frame, curve)}"/>')
    if mark is not None:
        parts += _mark(frame, mark, label)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


class _Frame:
    """From shares to places in the picture."""

    def __init__(self, floor: float) -> None:
        self.floor = floor

    def x(self, share: float) -> float:
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, share: float) -> float:
        height = HEIGHT - TOP - BOTTOM
        return TOP + (FULL - share) / (FULL - self.floor) * height


def _grid(frame: _Frame) -> list[str]:
    parts = []
    steps = round((FULL - frame.floor) * 10)
    every = 2 if steps > 5 else 1  # at most six lines
    for step in range(0, steps + 1, every):
        share = FULL - step / 10
        y = frame.y(share)
        parts += [
            f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text class="tick" x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">'
            f"{share:.0%}</text>",
        ]
    for step in range(0, 11, 2):
        parts.append(
            f'<text class="tick" x="{frame.x(step / 10):.1f}" y="{HEIGHT - BOTTOM + 26}" '
            f'text-anchor="middle">{step * 10}%</text>'
        )
    return parts


def _titles(axes: tuple[str, str]) -> list[str]:
    across, up = map(escape, axes)
    middle = (LEFT + WIDTH - RIGHT) / 2
    height = (TOP + HEIGHT - BOTTOM) / 2
    return [
        f'<text class="axis" x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>',
        f'<text class="axis" transform="translate(20 {height}) rotate(-90)" '
        f'text-anchor="middle">{up}</text>',
    ]


def _path(frame: _Frame, curve: Sequence[tuple[float, float]]) -> str:
    """Only what can be seen: points that fall onto the same half pixel are one."""
    places: list[str] = []
    for x, y in curve:
        place = f"{round(frame.x(x) * 2) / 2:g} {round(frame.y(y) * 2) / 2:g}"
        if not places or places[-1] != place:
            places.append(place)
    return "M" + "L".join(places) if len(places) > 1 else f"M{places[0]}h0"


def _mark(frame: _Frame, mark: tuple[float, float], label: str) -> list[str]:
    x, y = frame.x(mark[0]), frame.y(mark[1])
    bottom = HEIGHT - BOTTOM
    # The curve falls, so there is room above it to the right and below it to the left.
    left = mark[0] > 0.5
    side, across = ("end", x - 12) if left else ("start", x + 10)
    down = y + 28 if left and y + 36 < bottom else y - 14
    return [
        f'<line class="drop" x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{bottom}"/>',
        f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="6"><title>{escape(label)}</title>'
        "</circle>",
        f'<text class="label" x="{across:.1f}" y="{down:.1f}" text-anchor="{side}">'
        f"{escape(label)}</text>",
    ]
