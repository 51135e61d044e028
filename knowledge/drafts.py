"""Articles made of a sheet's rows: the files' texts, and what was left out.

A question or an article that cannot be used is left out and named; the rest is made, and is what
`parse` accepts. Pure.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.article import MAX_BUTTON, MAX_FILE, MIN_QUESTIONS, ArticleError, parse
from knowledge.passages import INVISIBLE, line_fault
from knowledge.question_sheet import Row

MAX_QUESTION = 600
"""characters; the search looks at no more"""
SECTION = "Imported"
PASSAGE = "No answer has been written for this question yet."
_MAX_ID = 60


@dataclass(frozen=True, slots=True)
class LeftOut:
    what: str
    why: str
    questions: int


@dataclass(frozen=True, slots=True)
class Made:
    """`files`: id -> the article's text, ready to be written as `<id>.md`."""

    files: Mapping[str, str]
    questions: int
    repeated: int
    """questions that stood there for the same article before, and count once"""
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Entry:
    """What is gathered of one article."""

    label: str
    texts: dict[str, str] = field(default_factory=dict)
    """title, passage, section: the first that is given"""
    questions: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    repeated: int = 0


def make_articles(rows: Sequence[Row], *, language: str, fact: str, updated: datetime.date) -> Made:
    """Every file that `parse` accepts; `fact`: the fact id that all of them cite."""
    left: list[LeftOut] = []
    entries = _gather(rows, left)
    files: dict[str, str] = {}
    owner: dict[str, str] = {}
    questions = 0
    for entry in entries:
        id = slug(entry.label)
        if id in owner:
            why = f"its id would be {id}, as that of {_quoted(owner[id])}; rename one"
            left.append(LeftOut(_quoted(entry.label), why, len(entry.questions)))
            continue
        owner[id] = entry.label
        if len(entry.questions) < MIN_QUESTIONS:
            why = f"has fewer than {MIN_QUESTIONS} different questions"
            left.append(LeftOut(_quoted(entry.label), why, len(entry.questions)))
            continue
        text, taken = _fitting(entry, id, fact, updated)
        try:
            if not _is_written(text):
                raise ArticleError("its title, passage or section holds half a character")
            parse(text, id=id, language=language)
        except ArticleError as error:
            why = str(error).removeprefix(f"{language}/{id}.md: ")
            left.append(LeftOut(_quoted(entry.label), why, len(entry.questions)))
            continue
        if spare := len(entry.questions) - taken:
            why = f"an article has at most {MAX_FILE} characters; its first {taken} are kept"
            left.append(LeftOut(f"the last questions of {_quoted(entry.label)}", why, spare))
        files[id] = text
        questions += taken
    return Made(files, questions, sum(e.repeated for e in entries), tuple(left))


def slug(label: str) -> str:
    """The id for a label: "Card_Arrival?" -> "card-arrival". A label without a Latin letter or
    digit gets one that stays the same."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    id = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_ID].strip("-")
    if id:
        return id
    digest = hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()
    return f"article-{digest[:8]}"


def _gather(rows: Sequence[Row], left: list[LeftOut]) -> list[_Entry]:
    entries: dict[str, _Entry] = {}
    for row in rows:
        label, question = _plain(row.article), _plain(row.question)
        if not label:
            left.append(LeftOut(f"line {row.line}", "names no article", 1))
            continue
        entry = entries.setdefault(label, _Entry(label))
        for key, text in (("title", row.title), ("passage", row.passage), ("section", row.section)):
            if text.strip() and key not in entry.texts:
                entry.texts[key] = text.strip() if key == "passage" else _plain(text)
        if fault := _fault(question):
            left.append(LeftOut(f"line {row.line}", fault, 1))
        elif question.casefold() in entry.seen:
            entry.repeated += 1
        else:
            entry.seen.add(question.casefold())
            entry.questions.append(question)
    return list(entries.values())


def _fault(question: str) -> str | None:
    if not question:
        return "its question is empty"
    if len(question) > MAX_QUESTION:
        return f"its question has more than {MAX_QUESTION} characters"
    if INVISIBLE.search(question) or not _is_written(question):
        return "its question holds invisible characters"
    return line_fault(question)


def _fitting(entry: _Entry, id: str, fact: str, updated: datetime.date) -> tuple[str, int]:
    """The article with as many of its questions as fit, and how many these are."""
    room = MAX_FILE - len(_rendered(entry, id, fact, updated, []))
    taken: list[str] = []
    for question in entry.questions:
        room -= len(_line(question))
        if room < 0:
            break
        taken.append(question)
    return _rendered(entry, id, fact, updated, taken), len(taken)


def _rendered(
    entry: _Entry, id: str, fact: str, updated: datetime.date, questions: Sequence[str]
) -> str:
    title = entry.texts.get("title") or entry.questions[0]
    head = (
        f"title = {_toml(title)}\n"
        f"button = {_toml(_button(entry, id))}\n"
        f"section = {_toml(entry.texts.get('section') or SECTION)}\n"
        f"facts = [{_toml(fact)}]\n"
        "related = []\n"
        f"updated = {updated.isoformat()}\n"
    )
    lines = "".join(map(_line, questions))
    passage = entry.texts.get("passage") or PASSAGE
    return f"+++\n{head}questions = [\n{lines}]\n+++\n{passage}\n"


def _line(question: str) -> str:
    return f"  {_toml(question)},\n"


def _button(entry: _Entry, id: str) -> str:
    """The title, if it is given and fits, else the sheet's name for the article, cut at a word."""
    title = entry.texts.get("title", "")
    text = title if 0 < len(title) <= MAX_BUTTON else _plain(re.sub(r"[_-]+", " ", entry.label))
    if "{" in text or INVISIBLE.search(text) or not _is_written(text):
        text = id.replace("-", " ")
    if len(text) > MAX_BUTTON:
        text = text[: MAX_BUTTON + 1].rpartition(" ")[0] or text[:MAX_BUTTON]
    return text[:1].upper() + text[1:]


def _toml(text: str) -> str:
    """A basic string; JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_written(text: str) -> bool:
    """Not so with half of a surrogate pair, which JSON can hold and no file."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _quoted(label: str) -> str:
    return repr(label if len(label) <= _MAX_ID else f"{label[:_MAX_ID]}...")
