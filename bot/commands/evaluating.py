"""``knowledge evaluate``: how well the questions of a file are answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from bot.commands.asking import read_stock
from bot.commands.common import Failure, print_table
from bot.commands.evaluation_page import NONE, Subject, measures, page
from bot.config import Settings
from bot.export import whole_files
from bot.house import utc_now
from knowledge.evaluation import Evaluation, Outcome, Share, evaluate
from knowledge.labelled import Labelled, LabelledError, check_articles, read_labelled
from knowledge.library import Library

SHOWN = 20
"""confusions in the terminal; the page and --json have more"""


def run(
    settings: Settings,
    file: Path,
    *,
    language: str,
    articles: Path | None,
    not_covered: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    try:
        rows = read_labelled(file)
        stock = read_stock(settings, articles, not_covered)
        check_articles(rows, stock.library, language, file)
    except LabelledError as error:
        raise Failure(str(error)) from None
    found = evaluate(_outcomes(stock.library, rows, language))
    told = stock.library.explain(rows[0].question, rows[0].language or language)
    subject = Subject(
        str(file),
        str(stock.folders.articles),
        told.encoder,
        told.thresholds,
        f"{utc_now()[:16].replace('T', ' ')} UTC",
    )
    if html is not None:
        with whole_files([html]) as (out,):
            out.write(page(found, subject).encode("utf-8", "replace"))
    if as_json:
        print(json.dumps(_object(found, subject)))
        return
    print_table(("result", "what", "questions"), [(c, b, d) for _, b, c, d in measures(found)])
    if found.confusions:
        print()
        print_table(
            ("confidence", "question", "wanted", "given", "answered"),
            [_confusion(outcome) for outcome in found.confusions[:SHOWN]],
        )
    if len(found.confusions) > SHOWN:
        rest = "" if html else "; --html FILE shows more"
        print(f"\nThe worst {SHOWN} of {len(found.confusions)} confusions{rest}.")
    if html is not None:
        print(f"\nThe page: {html}")


def _outcomes(library: Library, rows: Sequence[Labelled], language: str) -> list[Outcome]:
    screen = Console(stderr=True)
    shown: Iterable[Labelled] = rows
    if screen.is_terminal:
        shown = track(rows, "Asking", console=screen, transient=True)
    return [_outcome(library, row, language) for row in shown]


def _outcome(library: Library, row: Labelled, language: str) -> Outcome:
    finding = library.find(row.question, row.language or language)
    return Outcome(
        row.question,
        row.right,
        finding.band,
        tuple(match.article.id for match in finding.matches),
        finding.matches[0].confidence if finding.matches else 0.0,
    )


def _confusion(outcome: Outcome) -> tuple[str, ...]:
    return (
        f"{outcome.confidence:.3f}",
        outcome.question,
        ", ".join(outcome.right) or NONE,
        outcome.best,
        "yes" if outcome.answered else "no",
    )


def _object(found: Evaluation, subject: Subject) -> dict[str, Any]:
    def share(value: Share) -> dict[str, Any]:
        return {"share": value.value, "part": value.part, "of": value.whole}

    point = found.in_force
    offered, answered = subject.thresholds
    return {
        "file": subject.file,
        "articles": subject.articles,
        "encoder": subject.encoder,
        "thresholds": {"unsure": offered, "answer": answered},
        "known": found.known,
        "unknown": found.unknown,
        "accuracy": share(found.accuracy),
        "auroc": found.auroc,
        "given_right": share(found.given_right),
        "answered_right": share(found.answered_right),
        "refused": share(found.refused),
        "offered": share(found.offered),
        "bands": {
            band: {"known": known, "unknown": unknown}
            for band, (known, unknown) in found.bands.items()
        },
        "in_force": point and {"coverage": point.coverage, "precision": point.precision},
        "curve": [
            {"threshold": p.threshold, "coverage": p.coverage, "precision": p.precision}
            for p in found.curve
        ],
        "confusions": [
            {
                "question": outcome.question,
                "wanted": list(outcome.right),
                "given": outcome.best,
                "confidence": outcome.confidence,
                "answered": outcome.answered,
            }
            for outcome in found.confusions
        ],
        "pairs": [
            {"wanted": wanted or None, "given": given, "count": count}
            for wanted, given, count in found.pairs
        ],
    }
