"""``stats``: the funnel as a table, as JSON and as a picture."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bot.commands.common import (
    Failure,
    console,
    opened,
    print_table,
    progress,
    read_form,
)
from bot.config import Settings
from bot.figures import Asked, Figure, Figures, gather
from bot.funnel_picture import lasting, period
from bot.funnel_words import drawing, label, say
from bot.house import utc_now
from bot.rasters import NoRaster, png
from bot.sheet import Words
from bot.tallying import count_earlier
from dialogs.state import Script

COLUMNS = {
    "question": "question",
    "reached": "reach",
    "answered": "answ",
    "refused": "ref",
    "with staff": "staff",
    "kept": "kept",
    "skipped": "skip",
    "abandoned": "aban",
    "stopped": "stop",
    "there now": "now",
    "time": "time",
    "asked": "asked",
}
"""the table's: name -> as it is called where there is little room"""
LABEL = 12
"""how much longer than its column's name a question's label is, at most"""


async def stats(
    settings: Settings,
    since: str,
    until: str,
    *,
    as_json: bool,
    svg: Path | None,
    image: Path | None,
) -> None:
    """``since``, ``until``: days, both counted in; empty: all."""
    _require_days(since, until)
    words = read_form(settings)
    async with opened(settings) as store:
        left = await store.read(lambda reports: reports.tallies.left())
        with progress("Counting earlier conversations", left) as show:
            await count_earlier(Script(words.form, words.wording), store, show)
        now = utc_now()
        figures = await store.read(
            lambda reports: gather(reports, words.form, now, since, until),
        )
    if svg is not None or image is not None:
        _draw(figures, words, svg, image)
    if as_json:
        print(json.dumps(as_object(figures), ensure_ascii=False, indent=1))
    else:
        _print(figures, words)


def as_object(figures: Figures) -> dict[str, object]:
    """As JSON values: what is kept, and what follows from it."""
    steps = [
        {**asdict(figure), "reached": figure.reached, "passed": figure.passed}
        for figure in figures.steps
    ]
    derived = {"begun": figures.begun, "submitted": figures.submitted}
    return {**asdict(figures), **derived, "steps": steps}


def _require_days(since: str, until: str) -> None:
    for day in (since, until):
        try:
            right = not day or date.fromisoformat(day).isoformat() == day
        except ValueError:
            right = False
        if not right:
            raise Failure(f'"{day}" is no day: write it as 2026-11-22.')
    if since and until and since > until:
        raise Failure(f"{since} is later than {until}: --since is the first day, --until the last.")


def _draw(figures: Figures, words: Words, svg: Path | None, image: Path | None) -> None:
    drawn = drawing(figures, words)
    try:
        if svg is not None:
            svg.write_text(drawn, encoding="utf-8")
        if image is not None:
            image.write_bytes(png(drawn))
    except NoRaster as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"{error.filename} cannot be written: {error.strerror}.") from None
    for path in (svg, image):
        if path is not None:
            print(f"Wrote {path}.", file=sys.stderr)


def _print(figures: Figures, words: Words) -> None:
    told = partial(say, words.renderer)
    review = ", ".join(f"{count} {state}" for state, count in figures.review.items())
    print(
        f"{told('title')}, {period(figures, told)} (UTC)\n"
        f"Conversations begun: {figures.conversations}. "
        f"Self-checks: {figures.checks}, {figures.checks_whole} of them to the end.\n"
        f"Applications begun: {figures.begun}, {figures.submitted} of them submitted so far. "
        f"Withdrawn in this time: {figures.withdrawn}.\n"
        f"Review of those submitted in this time: {review or 'none'}.\n"
    )
    _print_table([_row(figure, words) for figure in figures.steps])
    asked = list(_asked_lines(figures, words))
    if asked:
        print("\nAsked while standing there:")
        print("\n".join(asked))


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Numbers under each other, also on a terminal of 80 columns."""
    screen = console()
    if not screen.is_terminal:
        print_table(tuple(COLUMNS), rows)
        return
    needed = len(COLUMNS) + sum(map(len, COLUMNS)) + LABEL
    names = COLUMNS if screen.width >= needed else COLUMNS.values()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for nth, name in enumerate(names):
        table.add_column(name, justify="right" if nth else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    screen.print(table)


def _row(figure: Figure, words: Words) -> tuple[str, ...]:
    time = ""
    if figure.seconds is not None:
        time = lasting(figure.seconds, partial(say, words.renderer))
    refused = f"{figure.refused} ({figure.refusing})" if figure.refused else "0"
    counts = (
        figure.parked,
        figure.kept,
        figure.skipped + figure.not_asked,
        figure.abandoned,
        figure.ended,
        figure.here,
    )
    return (
        label(words, figure.name),
        str(figure.reached),
        str(figure.answered),
        refused,
        *map(str, counts),
        time,
        str(figure.asked.total),
    )


def _asked_lines(figures: Figures, words: Words) -> Iterator[str]:
    places = [("before or after the form", figures.elsewhere)]
    places += [(label(words, figure.name), figure.asked) for figure in figures.steps]
    for name, asked in places:
        if asked.total:
            yield f"  {name}: {', '.join(_told(asked))}"


def _told(asked: Asked) -> Iterator[str]:
    for article, count in asked.articles.items():
        yield f"{article} {count}"
    if asked.unsure:
        yield f"not sure which {asked.unsure}"
    if asked.unknown:
        yield f"not known {asked.unknown}"
