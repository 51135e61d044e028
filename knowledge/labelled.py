"""Questions with their right answers, for measuring the search: one JSON object a line.

    {"question": "must my books be audited?", "article": "audited-records"}
    {"question": "what does an audit cost?", "article": null}

`article` null: no article answers it, and it should not be answered. Optional: `also`, a list of
other articles that are right too; `language`. Other keys are the file's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.library import Library

MAX_NAMED = 10


class LabelledError(ValueError):
    """The file cannot be used. The text names the file, the line and the mend."""


@dataclass(frozen=True, slots=True)
class Labelled:
    question: str
    right: tuple[str, ...]
    """ids of the articles that answer it; none: it should not be answered"""
    language: str
    """"" where the line names none"""
    line: int
    """in its file, from 1"""


def read_labelled(file: Path) -> tuple[Labelled, ...]:
    """Every line; empty ones are skipped. Raises LabelledError."""
    rows: list[Labelled] = []
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    rows.append(_row(line, file, number))
    except UnicodeDecodeError:
        raise LabelledError(f"{file}: save the file as UTF-8") from None
    except OSError as error:
        raise LabelledError(f"{file}: cannot be read ({error.strerror})") from None
    if not rows:
        raise LabelledError(f'{file}: is empty; give lines like {{"question": "", "article": ""}}')
    return tuple(rows)


def check_articles(rows: tuple[Labelled, ...], library: Library, language: str, file: Path) -> None:
    """Raises LabelledError naming the articles that the library does not have. `language`: of the
    rows that name none."""
    unknown: dict[str, int] = {}
    for row in rows:
        for id in row.right:
            if id not in unknown and library.get(id, row.language or language) is None:
                unknown[id] = row.line
    if unknown:
        named = [f"{id!r} (line {line})" for id, line in list(unknown.items())[:MAX_NAMED]]
        more = f" and {len(unknown) - MAX_NAMED} more" if len(unknown) > MAX_NAMED else ""
        raise LabelledError(f"{file}: there is no article {', '.join(named)}{more}")


def _row(line: str, file: Path, number: int) -> Labelled:
    where = f"{file}, line {number}"
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise LabelledError(f"{where}: is no JSON object; write one a line") from None
    if not isinstance(found, dict):
        raise LabelledError(f"{where}: is no JSON object; write one a line")
    question = found.get("question")
    if not isinstance(question, str) or not question.strip():
        raise LabelledError(f"{where}: `question` must be a text")
    if "article" not in found:
        raise LabelledError(f"{where}: `article` is missing; null: it should not be answered")
    article, also = found["article"], found.get("also") or []
    if article is not None and (not isinstance(article, str) or not article):
        raise LabelledError(f"{where}: `article` must be an article's id, or null")
    if not isinstance(also, list) or not all(isinstance(id, str) and id for id in also):
        raise LabelledError(f"{where}: `also` must be a list of articles' ids")
    if article is None and also:
        raise LabelledError(f"{where}: `also` names articles, so `article` must name one too")
    language = found.get("language") or ""
    if not isinstance(language, str):
        raise LabelledError(f'{where}: `language` must be a text such as "en"')
    return Labelled(question, tuple(_ids(article, also)), language, number)


def _ids(article: str | None, also: list[str]) -> Iterator[str]:
    if article is not None:
        yield article
        yield from also
