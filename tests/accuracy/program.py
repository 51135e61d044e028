"""The shipped articles against labelled questions about the program, a table a language."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.library import Library
from tests.accuracy import labels, scores
from tests.accuracy.labels import Row
from tests.accuracy.scores import Aim, Answers, Asked, Figure, shown
from tests.accuracy.searches import judged

LANGUAGES = ("en", "id")


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled question and what became of it. kind: "known", "near" or "far". tolerable: its
    best match is none that was wanted, but one that does not mislead."""

    kind: str
    asked: Asked
    tolerable: bool


def program(given: argparse.Namespace) -> str:
    """The section of the report."""
    load, half = labels.loader(), labels.half_of(given)
    if load is None:
        return labels.ABSENT
    library = labels.house().library
    texts = [f"half: {half}"]
    for language in LANGUAGES:
        rows = load(f"program.{language}", half)
        texts.append(table(language, [judge(library, row) for row in rows]))
    return "\n\n".join(texts)


def judge(library: Library, row: Row) -> Judged:
    finding = library.find(row.text, row.language)
    asked = judged(finding, row.article is not None, labels.wanted(row).__contains__)
    first = finding.matches[0].article.id if finding.matches else ""
    return Judged(row.kind, asked, not asked.right and first in row.tolerable)


def table(language: str, seen: Sequence[Judged]) -> str:
    """Per kind of question what was done with it, then the goals."""
    lines = [
        f"{language:10}{'questions':>10}{'answered':>10}{'right':>8}{'tolerable':>11}{'wrong':>7}"
        f"{'which?':>9}{'it was there':>14}{'first match right':>19}"
    ]
    for kind in ("known", "near", "far"):
        lines.append(_line(kind, [j for j in seen if j.kind == kind]))
    lines += [_line("all", seen), "", *(aim.show() for aim in aims(language, seen))]
    return "\n".join(lines)


def _line(kind: str, seen: Sequence[Judged]) -> str:
    given = [j for j in seen if j.asked.answered]
    right, tolerable = sum(j.asked.right for j in given), sum(j.tolerable for j in given)
    offered = [j for j in seen if j.asked.offered is not None]
    return (
        f"{kind:10}{len(seen):>10}{len(given):>10}{right:>8}{tolerable:>11}"
        f"{len(given) - right - tolerable:>7}{len(offered):>9}"
        f"{sum(bool(j.asked.offered) for j in offered):>14}"
        f"{shown(scores.accuracy([j.asked for j in seen])):>19}"
    )


def aims(language: str, seen: Sequence[Judged]) -> Sequence[Aim]:
    """First with every tolerable answer counted as a wrong one, then with these left out."""
    fair = [j for j in seen if not (j.asked.answered and j.tolerable)]
    found = []
    for note, some in (("", seen), (" (tolerable ones left out)", fair)):
        answers = Answers.of([j.asked for j in some])
        unknown = None if answers.refused is None else 1 - answers.refused
        right, wrong = Figure.of([answers.right]), Figure.of([unknown])
        found += [
            Aim(f"{language}: answers that are right{note}", right, least=0.95),
            Aim(f"{language}: unknown answered{note}", wrong, most=0.03),
        ]
    return found
