"""What may be approved: the rules for a person's wording, before anybody is told it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.learned import article_of
from bot.particulars import particular, theirs
from bot.store.rows import CandidateRow
from dialogs.state import State
from knowledge.article import MAX_BUTTON, Article, ArticleError
from knowledge.passages import MAX_PASSAGE, line_fault, passage_fault
from knowledge.promises import promise_in

MAX_TITLE = 60
MAX_QUESTION = 200
MAX_INSTEAD = 160
MAX_NAME = 60

Code = Literal[
    "unknown", "unanswered", "wordless", "taught", "dismissed_before", "decided", "raw", "title",
    "button", "about", "fact", "question", "answer", "long", "promise", "email", "phone", "link",
    "reference", "theirs", "article", "not_covered", "by", "role", "instead", "language", "bytes",
    "nothing",
]  # fmt: skip


class NotDone(Exception):
    """It is not done. What to say for each code is the command's, with these details."""

    def __init__(self, code: Code, what: str = "", row: CandidateRow | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.what = what
        """the words, or the names, that it is about"""
        self.row = row
        """the candidate that is in the way"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the bot says already, and what an approval is held against."""

    articles: tuple[Article, ...]
    own: tuple[str, ...] = ()
    """the program's own addresses, which an answer may name"""


def check_answer(row: CandidateRow, ground: Ground, asked_by: Sequence[State]) -> None:
    """Raises NotDone where it may not be served. ``asked_by``: of those whose question it was."""
    if row.language not in {article.language for article in ground.articles}:
        raise NotDone("language", row.language)
    if not _is_line(row.title, MAX_TITLE):
        raise NotDone("title", row.title)
    if len(row.button) > MAX_BUTTON:
        raise NotDone("button", row.button)
    known = {fact for article in ground.articles for fact in article.facts}
    if not row.facts:
        raise NotDone("about", ", ".join(sorted(known)))
    if unknown := set(row.facts.split()) - known:
        raise NotDone("fact", ", ".join(sorted(unknown)))
    _check_questions(row)
    if len(row.answer) > MAX_PASSAGE:
        raise NotDone("long", str(len(row.answer)))
    if fault := passage_fault(row.answer):
        raise NotDone("answer", fault)
    _refuse_particulars((row.title, row.button, *row.questions, row.answer), ground, asked_by)
    _refuse_promise((row.title, row.button, row.answer), row.language)
    try:
        article_of(row)
    except ArticleError as error:
        raise NotDone("article", str(error).partition(": ")[2]) from None


def check_not_covered(row: CandidateRow, ground: Ground, asked_by: Sequence[State]) -> None:
    """Raises NotDone where it may not be learnt."""
    _check_questions(row)
    if row.answer and not _is_line(row.answer, MAX_INSTEAD):
        raise NotDone("instead", row.answer)
    _refuse_particulars((row.question, row.answer), ground, asked_by)
    _refuse_promise((row.answer,), row.language)


def _check_questions(row: CandidateRow) -> None:
    for question in row.questions or ("",):
        if not _is_line(question, MAX_QUESTION):
            raise NotDone("question", question)


def _refuse_particulars(texts: Iterable[str], ground: Ground, asked_by: Sequence[State]) -> None:
    for text in texts:
        if found := particular(text, ground.own):
            raise NotDone(*found)
        for state in asked_by:
            if words := theirs(text, state):
                raise NotDone("theirs", words)


def _refuse_promise(texts: Iterable[str], language: str) -> None:
    for text in texts:
        if found := promise_in(text, language):
            raise NotDone("promise", found)


def _is_line(text: str, most: int) -> bool:
    return bool(text) and len(text) <= most and text.isprintable() and line_fault(text) is None


def named(text: str, code: Literal["by", "role"]) -> str:
    """Who decides, and as what."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME or not name.isprintable() or line_fault(name):
        raise NotDone(code, name)
    return name
