"""Questions that people ask and the articles do not answer: where the search learns to stop, and
what the bot says instead.

`not_covered/<language>.md` is Markdown for people:

    ## Credit                                     # the topic
    > The program's page names no amount ...      # what is said to the questions below it
    - how much credit do I need?
    - what is the interest on the credit?

A sentence holds until the next one or the next heading; every question has one. It is plain words
with the settings of `passages.py`. Any other line is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge import passages
from knowledge.article import ArticleError
from knowledge.folder import markdown_files, program_faults, read_text, read_words
from knowledge.promises import promise_fault

MAX_FILE = 200_000  # characters
MAX_INSTEAD = 160  # characters before filling in

_HEADING = re.compile(r"##+\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A question without an article, and the plain words that are said instead of an answer."""

    question: str
    topic: str
    instead: str


def load_not_covered(
    folder: Path,
    program: Mapping[str, str],
    articles: Path | None = None,
    only: Collection[str] | None = None,
) -> Mapping[str, tuple[NotCovered, ...]]:
    """Language -> its questions, in file order; empty where the folder is missing.

    `program` as in `load_articles`; where a setting is empty, the words of
    `articles/<language>/words.toml` stand. `articles`, `only` as in `read_not_covered`. Raises
    ArticleError, naming the file and the mend, for what cannot be used.
    """
    questions, faults = read_not_covered(folder, program, articles, only)
    if faults:
        raise ArticleError(*faults)
    return questions


def read_not_covered(
    folder: Path,
    program: Mapping[str, str],
    articles: Path | None = None,
    only: Collection[str] | None = None,
) -> tuple[Mapping[str, tuple[NotCovered, ...]], tuple[str, ...]]:
    """As `load_not_covered`, but with what can be used and every fault of the rest. `articles`: the
    folder with the languages' words, where it is not the one beside. `only`: these languages."""
    articles = articles or folder.parent / "articles"
    questions: dict[str, tuple[NotCovered, ...]] = {}
    faults = list(program_faults(program))
    for file in markdown_files(folder):
        if only is not None and file.stem not in only:
            continue
        name = f"{folder.name}/{file.name}"
        try:
            found, wrong = parse_not_covered(read_text(file, MAX_FILE), file.stem)
            faults += (f"{name}: {fault}" for fault in wrong)
            words = read_words(articles / file.stem / "words.toml")
        except ArticleError as error:
            faults += error.faults
        else:
            questions[file.stem] = tuple(_fill(item, program, words) for item in found)
    return questions, tuple(faults)


def parse_not_covered(text: str, language: str) -> tuple[Sequence[NotCovered], Sequence[str]]:
    """One file's questions, placeholders still in place, and its faults ("line 3: mend")."""
    found: list[NotCovered] = []
    faults: list[str] = []
    topic = instead = ""
    said_at = 0  # the line of a sentence under which no question stands yet
    seen: dict[str, int] = {}
    for number, line in enumerate(map(str.strip, [*text.splitlines(), "#"]), start=1):
        if line.startswith((">", "#")):
            if said_at:
                faults.append(
                    f"line {said_at}: no question stands under this sentence; write one or "
                    "remove it (a sentence is one line)"
                )
            said_at = 0
        if line.startswith("#"):
            heading = _HEADING.fullmatch(line)
            topic, instead = heading[1] if heading else "", ""
        elif line.startswith(">"):
            instead, said_at = line[1:].strip(), number
            faults += (f"line {number}: {fault}" for fault in _sentence_faults(instead, language))
        elif line.startswith("-") and line.strip("-"):
            said_at = 0
            question = line.removeprefix("- ").strip()
            faults += (
                f"line {number}: {fault}"
                for fault in _question_faults(line, topic, instead, seen.get(_bare(question)))
            )
            seen.setdefault(_bare(question), number)
            found.append(NotCovered(question, topic, instead))
        elif line == "-":
            faults.append(f"line {number}: '- ' holds no question; write one or remove the line")
    return found, faults


def _sentence_faults(sentence: str, language: str) -> Iterator[str]:
    if not sentence:
        yield "'> ' holds no sentence; write what the bot says instead of an answer"
        return
    if len(sentence) > MAX_INSTEAD:
        yield f"{len(sentence)} characters; shorten the sentence to {MAX_INSTEAD}"
    fault = passages.passage_fault(sentence) or passages.markup_fault(sentence)
    if fault:
        yield fault
    if promise := promise_fault(sentence, language):
        yield promise


def _question_faults(line: str, topic: str, instead: str, before: int | None) -> Iterator[str]:
    if not line.startswith("- "):
        yield f"write '- ' before the question in {line[:60]!r}"
    if not topic:
        yield f"put a heading '## Topic' above the question {line[:60]!r}"
    elif not instead:
        yield f"put a line '> ' above {line[:60]!r}: what the bot says instead of an answer"
    if passages.INVISIBLE.search(line):
        yield f"remove tabs and invisible characters from {line[:60]!r}"
    if fault := passages.line_fault(line):
        yield fault
    if before is not None:
        yield f"the question {line[:60]!r} stands on line {before} already; remove one"


def _bare(question: str) -> str:
    return " ".join(question.casefold().split()).strip(" ?!.")


def _fill(item: NotCovered, program: Mapping[str, str], words: Mapping[str, str]) -> NotCovered:
    return replace(
        item,
        question=passages.fill(item.question, program, words),
        instead=passages.fill(item.instead, program, words),
    )
