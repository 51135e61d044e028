"""How sure an answer is, and how sure it must be: learnt from the articles alone.

In each of five folds a fifth of the articles is held out whole: their questions are unknowns that
lie near. A fifth of the other articles' questions are held out too: they are known. So is a fifth
of what is not covered. The rest trains a classifier, to which half of the articles held out lend
three questions as not covered, since some topics have such questions and some do not; no more of
them than the list of what is not covered can be about, and none where there is no such list.

What this classifier says of the questions held out shows how its signs go with being right. A
logistic regression makes one confidence of them: the chance that the answer is right, where known
and unknown questions are as many.

A wrong answer costs `cost` times what passing a question to staff does. Passing on a known question
costs 1, rightly found or not; an unknown one has to be passed on and costs nothing more. So an
answer is given from the confidence on from which it costs less than passing on: that follows from
the chance alone, and hangs on no single question, as the threshold with the least cost on the
questions held out would: on BANKING77 that one spread up to twice as wide from draw to draw. Titles
are offered from where that would have cost least.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.classifier import kernel, train
from knowledge.features import Matrix, Vector

FOLDS = 5
_TAP = 1 / 2  # what titles that are not meant cost, in questions passed to staff
_LENT = 3
_FLOOR = 1e-6
_PENALTY = 1e-4
_ROUNDS = 30
_SEED = 20
_FEWEST = 4
"""articles; of fewer nothing can be learnt"""
_UNTRIED = np.array([1.0, 0.0, 10.0, 0.0, -5.0])
"""the weights then: a likeness of 0.5 is even. With one article alone the share says nothing"""
_UNTRIED_FROM = (0.5, 0.2)
"""the thresholds then"""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the classifier says of one text."""

    shares: Vector
    """of each class; the last is what is not covered, where there is such a class"""
    nearest: Vector
    """to each class: the greatest likeness of the text to one of its examples, 0..1"""

    def of(self, name: int) -> NDArray[np.float64]:
        """The signs that class `name` is the right one, and a constant: 5 numbers. What speaks
        against an article is the share of what is not covered, and against that the likeliest
        article's."""
        last = len(self.shares) - 1
        against = self.shares[last] if name != last else self.shares[:last].max(initial=0.0)
        share, against = np.log(np.maximum([self.shares[name], against], _FLOOR))
        near = float(self.nearest[name])
        rival = float(np.delete(self.nearest, name).max(initial=0.0))
        return np.array([share, against, near, near - rival, 1.0])


@dataclass(frozen=True, slots=True)
class Calibration:
    """`trials`: of each text that was tried its best confidence, whether the best class was right,
    whether the right class was among the best three, and whether it is known."""

    weights: NDArray[np.float64]
    trials: NDArray[np.float64]

    def confidence(self, signs: Signs, name: int) -> float:
        """How sure it is that class `name` answers, 0..1."""
        return float(_sigmoid(signs.of(name) @ self.weights))

    def thresholds(self, cost: float) -> tuple[float, float]:
        """(answer from, offer titles from). `cost`: of a wrong answer, in questions passed on."""
        if not len(self.trials):
            return _UNTRIED_FROM
        best, right, among, known = self.trials.T
        weight = _balanced(known)
        wrong = weight * (1 - right)
        # A wrong answer to a known question saves that it is passed on.
        saved = float((wrong * known).sum() / max(wrong.sum(), _FLOOR))
        dear = max(cost - saved, 0.0)
        answer = dear / (1 + dear)
        offer = _cheapest(best, wrong=_TAP * weight * (1 - known), missed=weight * among)
        return answer, min(offer, answer)


def calibrate(
    words: Matrix, meanings: Matrix | None, classes: NDArray[np.int64], articles: int
) -> Calibration:
    """`words`, `meanings`: cosines of each example with each; `classes`: of each example; numbers
    from `articles` on are not covered."""
    rows: list[NDArray[np.float64]] = []
    outcomes: list[tuple[float, float, float]] = []
    for trained, lent, tried in _folds(classes, articles):
        taught = np.where(np.isin(trained, lent), articles, classes[trained])
        square = np.ix_(trained, trained)
        kernels = kernel(words[square], None if meanings is None else meanings[square])
        everyone = np.arange(len(trained))
        classifier = train(kernels, taught, everyone, articles + 1)
        for text in tried:
            alike = words[text, trained]
            near = alike if meanings is None else meanings[text, trained]
            row = kernel(alike, None if meanings is None else near)
            signs = Signs(classifier.shares(row), nearest_of(near, taught, articles + 1))
            rank = best_three(signs, articles)
            known = classes[text] < articles and bool((taught == classes[text]).any())
            rows.append(signs.of(rank[0]))
            outcomes.append((rank[0] == classes[text], classes[text] in rank, known))
    if not rows:
        return Calibration(_UNTRIED, np.zeros((0, 4)))
    signs_of = np.stack(rows)
    results = np.array(outcomes, np.float64)
    weights = _logistic(signs_of, results[:, 0], _balanced(results[:, 2]))
    trials = np.column_stack([_sigmoid(signs_of @ weights), results])
    return Calibration(weights, trials)


def best_three(signs: Signs, articles: int) -> list[int]:
    """Classes, likeliest first; equals in their order."""
    shares = signs.shares[:articles]
    order: list[int] = np.lexsort((np.arange(len(shares)), -shares))[:3].tolist()
    return order


def nearest_of(likeness: Vector, classes: NDArray[np.int64], count: int) -> Vector:
    """The greatest likeness to an example of each class; 0 for a class that has none."""
    nearest = np.zeros(count, np.float64)
    np.maximum.at(nearest, classes, likeness)
    return nearest


def _folds(
    classes: NDArray[np.int64], articles: int
) -> Sequence[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """(trained examples, those of them that are lent as not covered, tried examples) of each."""
    if articles < _FEWEST:
        return ()
    draw = random.Random(_SEED)  # noqa: S311 - a fixed shuffle, no secret
    names = list(range(articles))
    draw.shuffle(names)
    members = [np.flatnonzero(classes == name).tolist() for name in range(articles + 1)]
    most = len(members[articles]) // _LENT
    for examples in members:
        draw.shuffle(examples)
    folds = []
    for fold in range(FOLDS):
        out = names[fold::FOLDS]
        lending = set(out[::2][:most])
        trained: list[int] = []
        lent: list[int] = []
        tried: list[int] = []
        for name, examples in enumerate(members):
            if name in out:
                kept = examples[:_LENT] if name in lending else []
                lent += kept
                tried += examples[len(kept) :]
            else:
                tried += examples[fold::FOLDS]
                kept = [at for place, at in enumerate(examples) if place % FOLDS != fold]
            trained += kept
        folds.append((np.array(sorted(trained)), np.array(sorted(lent)), np.array(sorted(tried))))
    return folds


def _cheapest(confidence: Vector, *, wrong: Vector, missed: Vector) -> float:
    """The threshold with the least cost: `wrong` for what is at or over it, `missed` for what is
    under it. Half way between two trials, so that it hangs on neither."""
    order = np.argsort(-confidence, kind="stable")
    sure = confidence[order]
    costs = np.concatenate([[0.0], np.cumsum(wrong[order] - missed[order])])
    edges = np.concatenate([[1.0], (sure[:-1] + sure[1:]) / 2, [0.0]])
    distinct = np.concatenate([[True], sure[:-1] > sure[1:], [True]])
    costs = np.where(distinct, costs, np.inf)
    return float(edges[int(costs.argmin())])


def _balanced(known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights by which the known and the unknown count alike, however many there are of each."""
    weight: NDArray[np.float64] = np.where(
        known > 0, 0.5 / max(known.sum(), 1), 0.5 / max((1 - known).sum(), 1)
    )
    return weight


def _logistic(
    rows: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Newton's method; the last column is the constant and is not held down."""
    held = np.full(rows.shape[1], _PENALTY)
    held[-1] = 1e-9  # enough for the equations to have an answer
    weights = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        sure = _sigmoid(rows @ weights)
        slope = rows.T @ (weight * (sure - right)) + held * weights
        curve = (rows * (weight * sure * (1 - sure) + 1e-12)[:, None]).T @ rows + np.diag(held)
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return result
