"""The funnel as one SVG picture, as wide as a phone, light or dark as its reader's screen is. Pure.

A step has its label and its number on one line, its bar below, and what there is to say of it in
small print under that. How wide a text will be is not known here, so it is estimated, rather too
wide: what would not fit beside its neighbour is cut or put on a line of its own, and nothing can
overlap, in whatever font it is shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from bot.figures import Figure, Figures

WIDTH, MARGIN = 360, 16
INNER = WIDTH - 2 * MARGIN
GAP = 10.0
"""between two texts on a line"""

Say = Callable[..., str]
"""``say("time", time="40 s")``: an entry of the words under ``stats``, filled in"""

SEGMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("answered", ("answered",)),
    ("kept", ("kept",)),
    ("skipped", ("skipped", "not_asked")),
    ("parked", ("parked",)),
    ("here", ("here",)),
    ("abandoned", ("abandoned",)),
    ("ended", ("ended",)),
)
"""a bar's parts from the left: (class and word, what is added up in it)"""

FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, 'Liberation Sans', 'Noto Sans',"
    " 'DejaVu Sans', sans-serif"
)
"""by name, since what makes a PNG knows no font that is merely meant"""

_STYLE = (
    f"text {{ font-family: {FONTS}; fill: #1d2329; }}"
    + """
.paper { fill: #fdfdfb; } .dim { fill: #56606a; } .track { fill: #e9ecee; }
.bold { font-weight: 600; }
.answered { fill: #1f6f8b; } .kept { fill: #4fa3bd; } .skipped { fill: #9cc9d8; }
.parked { fill: #d9a21b; } .here { fill: #b9c0c6; } .abandoned { fill: #c2410c; }
.ended { fill: #7a5c86; }
@media (prefers-color-scheme: dark) {
text { fill: #e8ebed; }
.paper { fill: #14181c; } .dim { fill: #a3aeb7; } .track { fill: #262e35; }
.answered { fill: #62b6cb; } .kept { fill: #3d8ba3; } .skipped { fill: #2c5e70; }
.parked { fill: #e3b341; } .here { fill: #67727c; } .abandoned { fill: #fb923c; }
.ended { fill: #b08fbd; }
}
"""
)


@dataclass
class _Sheet:
    """Elements, and how far down the page they go."""

    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, words: str, size: int, classes: str = "", anchor: str = "") -> None:
        """On the line that ends at ``y``."""
        end = ' text-anchor="end"' if anchor else ""
        named = f' class="{classes}"' if classes else ""
        self.parts.append(
            f'<text x="{x:g}" y="{self.y:g}" font-size="{size}"{named}{end}>{escape(words)}</text>'
        )

    def box(self, x: float, width: float, height: float, classes: str) -> None:
        """Below ``y``."""
        self.parts.append(
            f'<rect x="{x:.2f}" y="{self.y:g}" width="{width:.2f}" height="{height:g}"'
            f' class="{classes}"/>'
        )


def picture(figures: Figures, say: Say, label: Callable[[str], str]) -> str:
    """``label``: a step's name -> how it is called."""
    sheet = _Sheet()
    _head(sheet, figures, say)
    for figure in figures.steps if figures.begun else ():
        _step(sheet, figure, figures.begun, say, label(figure.name))
    if not figures.begun:
        sheet.y += 30
        _lines(sheet, [say("none")], 14, "dim")
    height = round(sheet.y + MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' width="{WIDTH}" height="{height}" aria-label="{escape(say("title"))}">'
        f"<style>{_STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>{"".join(sheet.parts)}</svg>\n'
    )


def _head(sheet: _Sheet, figures: Figures, say: Say) -> None:
    sheet.y += 18
    sheet.text(MARGIN, fitted(say("title"), 18, INNER, bold=True), 18, "bold")
    sheet.y += 4
    _lines(sheet, [period(figures, say)], 13, "dim")
    sheet.y += 14
    pairs = (
        (figures.conversations, "conversations"),
        (figures.checks, "checks"),
        (figures.begun, "begun"),
        (figures.submitted, "submitted"),
    )
    column = INNER / len(pairs)
    sheet.y += 22
    for nth, (number, _) in enumerate(pairs):
        size = next(
            s for s in (24, 18, 12, 9) if wide(str(number), s, bold=True) < column or s == 9
        )
        sheet.text(MARGIN + nth * column, str(number), size, "bold")
    sheet.y += 16
    for nth, (_, key) in enumerate(pairs):
        sheet.text(MARGIN + nth * column, fitted(say(key), 12, column - GAP), 12, "dim")
    sheet.y += 14
    _legend(sheet, figures, say)


def _legend(sheet: _Sheet, figures: Figures, say: Say) -> None:
    """Only of the parts that there are."""
    x, first = float(MARGIN), True
    for name, sums in SEGMENTS:
        if not any(_sum(figure, sums) for figure in figures.steps):
            continue
        words = fitted(say(name), 12, INNER - 16)
        needed = 16 + wide(words, 12)
        if first or x + needed > WIDTH - MARGIN:
            x, first = float(MARGIN), False
            sheet.y += 20
        sheet.y -= 10
        sheet.box(x, 11, 11, name)
        sheet.y += 10
        sheet.text(x + 16, words, 12, "dim")
        x += needed + GAP + 4


def _step(sheet: _Sheet, figure: Figure, begun: int, say: Say, label: str) -> None:
    number = f"{figure.reached} · {figure.reached / begun:.0%}"
    sheet.y += 32
    room = INNER - wide(number, 13, bold=True) - GAP
    sheet.text(MARGIN, fitted(label, 14, room), 14)
    sheet.text(WIDTH - MARGIN, number, 13, "bold", "end")
    sheet.y += 7
    sheet.box(MARGIN, INNER, 10, "track")
    x = float(MARGIN)
    for name, sums in SEGMENTS:
        part = INNER * _sum(figure, sums) / begun
        if part:
            sheet.box(x, part, 10, name)
            x += part
    sheet.y += 10
    _lines(sheet, notes(figure, say), 12, "dim")


def _sum(figure: Figure, names: Iterable[str]) -> int:
    return sum(getattr(figure, name) for name in names)


def notes(figure: Figure, say: Say) -> list[str]:
    """What there is to say of a step beside its number."""
    said: list[str] = []
    if figure.seconds is not None:
        said.append(say("time", time=lasting(figure.seconds, say)))
    said += [
        f"{_sum(figure, (name,))} {say(name)}"
        for name in ("kept", "parked", "abandoned", "ended")
        if _sum(figure, (name,))
    ]
    if figure.refused:
        said.append(say("refused", times=str(figure.refused), people=str(figure.refusing)))
    if figure.asked.total:
        said.append(say("questions", count=str(figure.asked.total)))
    if figure.asked.unknown:
        said.append(say("unknown", count=str(figure.asked.unknown)))
    return said


def lasting(seconds: float, say: Say) -> str:
    """``40 s``, ``3 min``, ``5 h``, ``2 d``."""
    for key, unit, most in (("seconds", 1, 90), ("minutes", 60, 5400), ("hours", 3600, 129600)):
        if seconds < most:
            return say(key, count=str(max(1, round(seconds / unit))))
    return say("whole_days", count=str(round(seconds / 86400)))


def period(figures: Figures, say: Say) -> str:
    """Which days these are."""
    match (figures.since, figures.until):
        case ("", ""):
            return say("all_days")
        case (since, ""):
            return say("since", since=since)
        case ("", until):
            return say("until", until=until)
        case (since, until):
            return say("days", since=since, until=until)


def _lines(sheet: _Sheet, texts: Sequence[str], size: int, classes: str) -> None:
    """The texts side by side, as many on a line as fit."""
    for line in _wrapped(texts, size):
        sheet.y += size + 4
        sheet.text(MARGIN, line, size, classes)


def _wrapped(texts: Iterable[str], size: int) -> Iterator[str]:
    line = ""
    for text in texts:
        words = fitted(text, size, INNER)
        longer = f"{line} · {words}" if line else words
        if line and wide(longer, size) > INNER:
            yield line
            longer = words
        line = longer
    if line:
        yield line


def fitted(text: str, size: int, room: float, *, bold: bool = False) -> str:
    """The text, or as much of it as the room holds."""
    text = "".join(filter(str.isprintable, " ".join(text.split())))  # no XML may hold the rest
    if wide(text, size, bold=bold) <= room:
        return text
    while text and wide(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """At most how wide it is shown, in the wider of the usual fonts."""
    return sum(map(_wide, text)) * size * (1.1 if bold else 1.0)


def _wide(letter: str) -> float:
    """In parts of the font's size."""
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in " .,:;'|!ijl()[]":
        return 0.4
    if letter.isascii() and (letter.islower() or letter.isdigit()) and letter not in "mw":
        return 0.64
    return 0.8 if letter.isascii() and letter not in "MWmw@%" else 1.05
