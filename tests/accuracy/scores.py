"""What became of questions whose answers are known, and the figures over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

import numpy as np

from knowledge.evaluation import auroc


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. known: some article answers it. confidence: of the best match, 0 without one.
    right: the best match is the article wanted. answered: the article was given. offered: it was
    asked which of several was meant, and whether the article wanted was one of these."""

    known: bool
    confidence: float
    right: bool
    answered: bool = False
    offered: bool | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """Shares. Of given answers those that are right, of known questions those answered right, of
    unknown ones those not answered; None where there is nothing to take a share of."""

    right: float | None
    known: float | None
    refused: float | None

    @staticmethod
    def of(asked: Sequence[Asked]) -> Answers:
        given = [a for a in asked if a.answered]
        known = [a for a in asked if a.known]
        unknown = [a for a in asked if not a.known]
        return Answers(
            share(a.right for a in given),
            share(a.right and a.answered for a in known),
            share(not a.answered for a in unknown),
        )


def accuracy(asked: Sequence[Asked]) -> float | None:
    """Share of the known questions whose best match is right, however sure it was."""
    return share(a.right for a in asked if a.known)


def offers(asked: Sequence[Asked]) -> float | None:
    """Of the known questions to which several were offered, the share with the right one there."""
    return share(a.offered for a in asked if a.known and a.offered is not None)


def separation(asked: Sequence[Asked]) -> float | None:
    """AUROC of the confidence between known and unknown questions."""
    return auroc(
        [a.confidence for a in asked if a.known], [a.confidence for a in asked if not a.known]
    )


def hindsight(asked: Sequence[Asked]) -> Answers:
    """The shares at the one threshold that serves these very questions best: most known ones
    answered right and unknown ones refused, each as a share. No search can know it beforehand."""

    known, right = (np.array([getattr(a, n) for a in asked], bool) for n in ("known", "right"))
    confidence = np.array([a.confidence for a in asked])
    # From the top, where nothing is answered, so that of equals the higher one is taken.
    steps = np.append(np.inf, np.unique(confidence)[::-1])
    given = confidence >= steps[:, None]
    gained = (given & known & right).sum(axis=1) / max(1, known.sum())
    kept = (~given & ~known).sum(axis=1) / max(1, (~known).sum())
    best = steps[int(np.argmax(gained + kept))]
    return Answers.of([replace(a, answered=a.confidence >= best) for a in asked])


def share(values: Iterable[bool | None]) -> float | None:
    """Of the values those that are so; None where there are none."""
    found = [bool(value) for value in values]
    return sum(found) / len(found) if found else None


def shown(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number over several draws; without one, there was nothing to measure."""

    values: tuple[float, ...]

    @staticmethod
    def of(values: Sequence[float | None]) -> Figure:
        return Figure(tuple(value for value in values if value is not None))

    @property
    def mean(self) -> float | None:
        return fmean(self.values) if self.values else None

    def show(self, digits: int = 1, times: float = 100) -> str:
        if self.mean is None:
            return "-"
        spread = stdev(self.values) if len(self.values) > 1 else None
        beside = "" if spread is None else f" ± {times * spread:.{digits}f}"
        return f"{times * self.mean:.{digits}f}{beside}"


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound that a figure's mean is held against; times, digits: how both are written."""

    what: str
    figure: Figure
    least: float | None = None
    most: float | None = None
    times: float = 100
    digits: int = 1

    @property
    def met(self) -> bool | None:
        """None where nothing was measured."""
        if self.figure.mean is None:
            return None
        return (self.least is None or self.figure.mean >= self.least) and (
            self.most is None or self.figure.mean <= self.most
        )

    def show(self) -> str:
        sign, bound = ("<=", self.most) if self.least is None else (">=", self.least)
        assert bound is not None
        verdict = {True: "met", False: "MISSED", None: "not measured"}[self.met]
        shown = f"{sign} {self.times * bound:.{self.digits}f}"
        measured = self.figure.show(self.digits, self.times)
        return f"{self.what:54}{measured:>15}{shown:>15}  {verdict}"
