"""How well the search answers, and how well it knows when it does not: measured on questions whose
right answers are known. Pure.

A *known* question has a right article, an *unknown* one has none and should not be answered. A
question is *answered* where its band is "answer"; the article given is then the first one found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

BANDS = ("answer", "unsure", "nothing")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the search made of one question."""

    question: str
    right: tuple[str, ...]
    """ids of the articles that answer it, the wanted one first; none: an unknown question"""
    band: str
    found: tuple[str, ...]
    """ids, best first"""
    confidence: float
    """of the first found, 0 where there is none"""

    @property
    def known(self) -> bool:
        return bool(self.right)

    @property
    def best(self) -> str:
        return self.found[0] if self.found else ""

    @property
    def answered(self) -> bool:
        return self.band == "answer" and bool(self.found)

    @property
    def hit(self) -> bool:
        """The first one found is right."""
        return self.best in self.right


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` questions."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0..1; None of nothing"""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Point:
    """What would come of answering from this confidence on."""

    threshold: float
    coverage: float
    """share of the known questions that are answered, rightly or not"""
    precision: float
    """share of the given answers that are right"""


@dataclass(frozen=True, slots=True)
class Evaluation:
    known: int
    unknown: int
    accuracy: Share
    """known questions whose first article is right, answered or not"""
    auroc: float | None
    """that a known question has more confidence than an unknown one; None where one kind lacks"""
    given_right: Share
    """of the answers given"""
    answered_right: Share
    """of the known questions"""
    refused: Share
    """of the unknown questions: not answered"""
    offered: Share
    """of the known questions that were not answered: the right title was among those offered"""
    bands: dict[str, tuple[int, int]]
    """band -> how many known, how many unknown questions"""
    curve: tuple[Point, ...]
    """from the highest confidence down; empty without known questions"""
    in_force: Point | None
    """what the bands in force came to; its threshold is the lowest confidence answered. None where
    nothing was answered or nothing is known"""
    confusions: tuple[Outcome, ...]
    """whose first article is wrong: the answered ones first, then by falling confidence"""
    pairs: tuple[tuple[str, str, int], ...]
    """(wanted or "", found first, how often), the most frequent first; of those confusions"""


def evaluate(outcomes: Sequence[Outcome]) -> Evaluation:
    known = [o for o in outcomes if o.known]
    unknown = [o for o in outcomes if not o.known]
    answered = [o for o in outcomes if o.answered]
    waiting = [o for o in known if not o.answered]
    wrong = [o for o in outcomes if o.best and not o.hit and (o.known or o.answered)]
    wrong.sort(key=lambda o: (not o.answered, -o.confidence, o.question))
    pairs = Counter((o.right[0] if o.right else "", o.best) for o in wrong)
    return Evaluation(
        known=len(known),
        unknown=len(unknown),
        accuracy=_share(known, [o.hit for o in known]),
        auroc=auroc([o.confidence for o in known], [o.confidence for o in unknown]),
        given_right=_share(answered, [o.hit for o in answered]),
        answered_right=_share(known, [o.answered and o.hit for o in known]),
        refused=_share(unknown, [not o.answered for o in unknown]),
        offered=_share(waiting, [_offered(o) for o in waiting]),
        bands={
            band: (
                sum(o.band == band for o in known),
                sum(o.band == band for o in unknown),
            )
            for band in BANDS
        },
        curve=curve(outcomes),
        in_force=_in_force(outcomes),
        confusions=tuple(wrong),
        pairs=tuple(
            (wanted, found, count)
            for (wanted, found), count in sorted(pairs.items(), key=lambda p: (-p[1], p[0]))
        ),
    )


def auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """The chance that one of `high` is above one of `low`; equals count half. None without both."""
    if not high or not low:
        return None
    ranked = sorted(low)
    above = sum(bisect_left(ranked, score) + bisect_right(ranked, score) for score in high)
    return above / 2 / (len(high) * len(low))


def curve(outcomes: Sequence[Outcome]) -> tuple[Point, ...]:
    """A point for each confidence that occurs; questions of equal confidence go together."""
    known = sum(o.known for o in outcomes)
    if not known:
        return ()
    points: list[Point] = []
    given = right = covered = 0
    ranked = sorted((o for o in outcomes if o.best), key=lambda o: -o.confidence)
    for at, outcome in enumerate(ranked):
        given, right, covered = given + 1, right + outcome.hit, covered + outcome.known
        last = at + 1 == len(ranked) or ranked[at + 1].confidence != outcome.confidence
        if last:
            points.append(Point(outcome.confidence, covered / known, right / given))
    return tuple(points)


def _in_force(outcomes: Sequence[Outcome]) -> Point | None:
    known = sum(o.known for o in outcomes)
    answered = [o for o in outcomes if o.answered]
    if not known or not answered:
        return None
    return Point(
        min(o.confidence for o in answered),
        sum(o.known for o in answered) / known,
        sum(o.hit for o in answered) / len(answered),
    )


def _offered(outcome: Outcome) -> bool:
    return outcome.band == "unsure" and bool(set(outcome.found) & set(outcome.right))


def _share(of: Sequence[Outcome], so: Sequence[bool]) -> Share:
    return Share(sum(so), len(of))
