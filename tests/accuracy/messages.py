"""Messages with several questions, and questions that need the one before them."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from dialogs.wording import Language, fold
from knowledge.library import Finding, Library
from tests.accuracy import labels
from tests.accuracy.labels import Row
from tests.accuracy.scores import share, shown

EDGES = " \t\n,;.:?!"
UNCUT = "messages are not cut yet (dialogs/questions.py)"

Languages = Mapping[str, Language]
Cut = Callable[[Language, str], Sequence[str]]
"""a message -> its questions; () where it holds one or none"""
Follows = Callable[[Language, str], bool]
"""whether a question may need the one before"""


def messages(given: argparse.Namespace) -> str:
    """The section of the report."""
    load, half = labels.loader(), labels.half_of(given)
    if load is None:
        return labels.ABSENT
    house = labels.house()
    languages, library = house.script.wording.languages, house.library
    cut = cast("Cut | None", _of_questions("several"))
    follows = cast("Follows | None", _of_questions("follows_up"))
    several = UNCUT if cut is None else cuts(load("several", half), languages, cut)
    return "\n\n".join(
        [
            f"half: {half}",
            several,
            follow_ups(load("follow_ups", half), languages, library, follows),
        ]
    )


def _of_questions(name: str) -> object:
    try:
        return getattr(importlib.import_module("dialogs.questions"), name, None)
    except ModuleNotFoundError:
        return None


def cuts(rows: Sequence[Row], languages: Languages, cut: Cut) -> str:
    """Per kind of message the share that is cut as it is labelled."""
    lines = [f"{'messages':10}{'n':>6}{'as labelled':>13}{'too often':>11}{'too seldom':>12}"]
    for kind in (*sorted({row.kind for row in rows}), "all"):
        mine = [row for row in rows if kind in ("all", row.kind)]
        found = [(row, cut(languages[row.language], row.text)) for row in mine]
        counts = [max(1, len(parts)) - max(1, len(row.parts)) for row, parts in found]
        lines.append(
            f"{kind:10}{len(mine):>6}{shown(share(as_labelled(*one) for one in found)):>13}"
            f"{sum(count > 0 for count in counts):>11}{sum(count < 0 for count in counts):>12}"
        )
    return "\n".join(lines)


def as_labelled(row: Row, parts: Sequence[str]) -> bool:
    """Whether the parts are those of the row, but for case and marks at their ends. One question
    need not be cut out of what stands around it."""
    if len(row.parts) < 2:
        return len(parts) < 2
    return [_bare(part) for part in parts] == [_bare(part.question) for part in row.parts]


def _bare(text: str) -> str:
    return fold(text.strip(EDGES))


class Followed(NamedTuple):
    """A question after another, looked up alone, with the one before, and as the dialog does."""

    row: Row
    alone: Finding
    both: Finding
    dialog: Finding


def follow_ups(
    rows: Sequence[Row], languages: Languages, library: Library, follows: Follows | None
) -> str:
    """Per kind and way of looking up: how many are right, and how many are other than alone."""
    head = f"{'first match right':>19}{'answered':>10}{'right':>8}{'other than alone':>18}"
    lines = [f"{'questions after another':36}{'n':>6}{head}"]
    seen = [_followed(row, languages[row.language], library, follows) for row in rows]
    for kind in sorted({row.kind for row in rows}):
        mine = [one for one in seen if one.row.kind == kind]
        for name, way in WAYS.items():
            if follows is not None or way != "dialog":
                lines.append(f"{f'{kind}, {name}':36}{_followed_line(mine, way)}")
    return "\n".join(lines)


WAYS = {
    "alone": "alone",
    "always with the one before": "both",
    "as the dialog decides": "dialog",
}
"""the table's rows -> the field of Followed"""


def _followed(row: Row, language: Language, library: Library, follows: Follows | None) -> Followed:
    alone = library.find(row.text, row.language)
    both = library.find(row.text, row.language, row.previous)
    together = follows is not None and follows(language, row.text)
    return Followed(row, alone, both, both if together else alone)


def _followed_line(seen: Sequence[Followed], way: str) -> str:
    known = right = answered = answered_right = other = 0
    for one in seen:
        found: Finding = getattr(one, way)
        is_right = _first(found) in labels.wanted(one.row)
        known += one.row.article is not None
        right += is_right
        answered += found.band == "answer"
        answered_right += found.band == "answer" and is_right
        other += (found.band, _first(found)) != (one.alone.band, _first(one.alone))
    first = f"{right} of {known}"
    return f"{len(seen):>6}{first:>19}{answered:>10}{answered_right:>8}{other:>18}"


def _first(finding: Finding) -> str:
    return finding.matches[0].article.id if finding.matches else ""
