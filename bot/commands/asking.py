"""``ask``: what the bot would answer to a question, and why. Reads the articles; no database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from bot.app import article_folders, article_values, stocked
from bot.channels.terminal_text import harmless
from bot.commands.common import console, print_table
from bot.config import Settings
from bot.environment import ConfigError
from knowledge.article import Article, ArticleError
from knowledge.explanation import Candidate, Explanation
from knowledge.library import Library
from knowledge.sources import Folders, Sources

SHOWN = 4
"""candidates: the best and three runners-up"""
MAX_ECHO = 300
"""characters of a text that are shown again"""


@dataclass(frozen=True, slots=True)
class Stock:
    folders: Folders
    sources: Sources
    library: Library


def read_stock(settings: Settings, articles: Path | None, not_covered: Path | None) -> Stock:
    """The articles in force, or those of another folder, which has no not covered list but its own.
    Raises ConfigError."""
    folders = article_folders(settings)
    if articles is not None:
        folders = Folders(articles, not_covered, article_values(settings))
    elif not_covered is not None:
        folders = Folders(folders.articles, not_covered, folders.program)

    try:
        sources = folders.read()
        return Stock(folders, sources, stocked(settings)(sources))
    except ArticleError as error:
        raise ConfigError("articles", str(error)) from None


def ask(
    settings: Settings,
    question: str,
    *,
    language: str,
    previous: str,
    articles: Path | None,
    not_covered: Path | None,
    as_json: bool,
) -> None:
    stock = read_stock(settings, articles, not_covered)
    told = stock.library.explain(question, language, previous)
    if as_json:
        print(json.dumps(_object(question, language, previous, told)))
        return
    screen = console()
    languages = {article.language for article in stock.sources.articles}
    if language.partition("-")[0].lower() not in languages:
        screen.print(Text(harmless(f'No article is in "{_short(language)}": English is searched.')))
    for line in _lines(question, told):
        screen.print(Text(harmless(line)), soft_wrap=not screen.is_terminal)
    if told.candidates:
        print_table(
            ("confidence", "article", "title", "likeness", "nearest question"),
            [_row(candidate) for candidate in told.candidates[:SHOWN]],
        )


def _lines(question: str, told: Explanation) -> list[str]:
    """Everything but the table of candidates."""
    finding = told.finding
    lines = [_verdict(told)]
    if finding.band == "answer":
        article = finding.matches[0].article
        lines += ["", *article.passage.split("\n"), f"Source: {_source(article)}"]
    elif finding.band == "unsure":
        lines += ["", *(f"- {match.article.title}" for match in finding.matches)]
    elif finding.instead:
        lines += ["", finding.instead]
    offered, answered = told.thresholds
    lines += [
        "",
        f"Given from confidence {answered:.3f}, titles offered from {offered:.3f}. "
        f"Encoder: {told.encoder}.",
    ]
    if told.mended:
        lines.append(f'Spelling: "{_short(question)}" was read as "{_short(told.mended)}".')
    return [*lines, ""]


def _verdict(told: Explanation) -> str:
    finding = told.finding
    best = f"best confidence {finding.matches[0].confidence:.3f}" if finding.matches else ""
    match finding.band:
        case "answer":
            return f"Answers with {finding.matches[0].article.id} ({best})."
        case "unsure":
            return f"Asks which of these is meant ({best})."
        case "nothing" if finding.instead:
            return "Says that this is not covered, and offers to ask staff."
    why = f" ({best})" if best else " (nothing is like it)"
    return f"Says that it does not know, and offers to ask staff{why}."


def _source(article: Article) -> str:
    return (
        f"{article.source} "
        f"({article.language}/{article.id}.md, {article.version}, {article.updated})"
    )


def _row(candidate: Candidate) -> tuple[str, ...]:
    return (
        f"{candidate.confidence:.3f}",
        candidate.id or "(not covered)",
        candidate.title,
        f"{candidate.similarity:.2f}",
        candidate.nearest,
    )


def _object(question: str, language: str, previous: str, told: Explanation) -> dict[str, Any]:
    finding = told.finding
    article = finding.matches[0].article if finding.band == "answer" else None
    offered, answered = told.thresholds
    return {
        "question": question,
        "language": language,
        "previous": previous,
        "band": finding.band,
        "does": _verdict(told),
        "confidence": finding.matches[0].confidence if finding.matches else 0.0,
        "thresholds": {"unsure": offered, "answer": answered},
        "encoder": told.encoder,
        "mended": told.mended,
        "instead": finding.instead,
        "answer": article
        and {
            "article": article.id,
            "language": article.language,
            "title": article.title,
            "passage": article.passage,
            "section": article.section,
            "facts": list(article.facts),
            "version": article.version,
            "updated": article.updated,
        },
        "candidates": [
            {
                "article": candidate.id,
                "title": candidate.title,
                "confidence": candidate.confidence,
                "share": candidate.share,
                "nearest": candidate.nearest,
                "similarity": candidate.similarity,
            }
            for candidate in told.candidates[:SHOWN]
        ],
    }


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_ECHO else f"{text[:MAX_ECHO]}..."
