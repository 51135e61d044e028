"""The funnel's picture: whatever the labels and the numbers are, nothing overlaps or is cut off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.figures import Asked, Figure, Figures
from bot.funnel_picture import GAP, SEGMENTS, WIDTH, fitted, lasting, picture, wide
from tests.play import house

NAMES = ("legal_name", "email", "summary")
NUMBERS = st.integers(0, 3) | st.integers(0, 10**9)
LABELS = st.text(max_size=60) | st.text("WM@%\u4e00\U0001f600<&\"'", max_size=200)


def say(key: str, **values: str) -> str:
    return house().renderer.text("en", f"stats.{key}", values)


def figure(name: str, numbers: Mapping[str, int]) -> Figure:
    sums = {key: numbers.get(key, 0) for key in (
        "answered", "kept", "skipped", "parked", "not_asked", "here", "abandoned", "ended",
        "refused", "refusing")}  # fmt: skip
    asked = Asked({"credit-line": numbers.get("asked", 0)}, numbers.get("unknown", 0))
    return Figure(name, **sums, codes={}, seconds=numbers.get("seconds"), asked=asked)


def figures(*steps: Figure, people: int = 4) -> Figures:
    return Figures("", "", people, 0, {}, steps, Asked(), 0, 0)


@dataclass(frozen=True)
class Box:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def parsed(svg: str) -> Xml.Element:
    return Xml.fromstring(svg)  # noqa: S314 - made here


def boxes(svg: str) -> list[Box]:
    found = []
    for element in parsed(svg).iter("{http://www.w3.org/2000/svg}text"):
        text, size = element.text or "", float(element.attrib["font-size"])
        width = wide(text, size, bold="bold" in element.attrib.get("class", ""))
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        left = x - width if element.attrib.get("text-anchor") == "end" else x
        found.append(Box(text, left, left + width, y - size * 0.8, y + size * 0.2))
    return found


FIGURES = st.dictionaries(
    st.sampled_from(["answered", "kept", "skipped", "parked", "not_asked", "here", "abandoned",
                     "ended", "refused", "refusing", "asked", "unknown", "seconds"]),
    NUMBERS,
)  # fmt: skip


@given(LABELS, st.lists(FIGURES, min_size=1, max_size=3), NUMBERS)
@settings(deadline=None, max_examples=150)
def test_no_label_meets_another_or_leaves_the_picture(
    label: str, numbers: list[Mapping[str, int]], people: int
) -> None:
    steps = [figure(name, each) for name, each in zip(NAMES, numbers, strict=False)]
    svg = picture(figures(*steps, people=people), say, lambda _: label)
    height = float(parsed(svg).attrib["viewBox"].split()[3])
    placed = boxes(svg)
    for nth, box in enumerate(placed):
        assert box.left >= 0, box
        assert box.right <= WIDTH, box
        assert box.bottom <= height, box
        assert [other for other in placed[nth + 1 :] if box.meets(other)] == []


@given(st.lists(FIGURES, min_size=1, max_size=3))
@settings(deadline=None, max_examples=60)
def test_a_bar_is_as_long_as_its_step_was_reached(numbers: list[Mapping[str, int]]) -> None:
    first = figure(NAMES[0], {"answered": 10**9, **numbers[0]})
    svg = picture(figures(first), say, str)
    parts = {name for name, _ in SEGMENTS}
    bars = [
        float(element.attrib["width"])
        for element in parsed(svg).iter("{http://www.w3.org/2000/svg}rect")
        if element.attrib.get("class") in parts and element.attrib["height"] == "10"
    ]
    track = re.search(r'width="([\d.]+)" height="10" class="track"', svg)
    assert track is not None or not first.reached
    if track is not None:
        assert sum(bars) == pytest.approx(float(track[1]), abs=0.05)


def test_it_is_light_and_dark_and_says_what_it_is() -> None:
    svg = picture(figures(figure("email", {"answered": 3, "abandoned": 1})), say, str)
    assert "prefers-color-scheme: dark" in svg
    assert 'aria-label="How far applications come"' in svg
    assert "4 · 100%" in svg
    assert "1 abandoned" in svg


def test_nothing_begun_is_said_and_divides_by_nothing() -> None:
    svg = picture(figures(figure("email", {})), say, str)
    assert "No application was begun" in svg


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (200, "3 min"), (7300, "2 h"), (3 * 86400, "3 d")],
)
def test_a_time_is_told_in_its_own_unit(seconds: float, text: str) -> None:
    assert lasting(seconds, say) == text


@given(LABELS, st.floats(0, 400))
def test_a_text_is_cut_to_its_room(text: str, room: float) -> None:
    cut = fitted(text, 14, room)
    assert wide(cut, 14) <= max(room, wide("…", 14))
    assert GAP > 0
