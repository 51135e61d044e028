"""One article: what the bot says about one question, and the ways people ask it.

A file is TOML between two lines of `+++`, then the passage:

    +++
    title = "Credit line"
    button = "Credit line"              # under 20 characters
    section = "Business requirements"   # named in the source line
    facts = ["B3"]
    related = ["audited-records"]       # other files' stems
    updated = 2026-11-22
    questions = ["do I need a credit line?", ...]   # at least five
    +++
    A credit line is required ...

One that staff have answered says who approved it, and one example question is enough for it:

    approved = { role = "review", on = 2026-11-25 }

What a passage may hold, and how settings appear in it: `passages.py`; what it may not promise:
`promises.py`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge import passages
from knowledge.promises import promise_fault

MAX_FILE = 20_000  # characters; a page of text, so that a wrong file is named instead of loaded
MAX_BUTTON = 19
MAX_RELATED = 8
MIN_QUESTIONS = 5

_KEYS = frozenset({"title", "button", "section", "facts", "related", "updated", "questions"})
_OPTIONAL = frozenset({"approved"})
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FACT = re.compile(r"[A-Z][0-9]+")


class ArticleError(ValueError):
    """What the bot should say cannot be used. The text names the first file and its mend; `faults`
    holds every fault that was found, each as such a text."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults[0])
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Approved:
    """Who let a staff answer become an article."""

    role: str  # "review"
    on: str  # ISO date


@dataclass(frozen=True, slots=True)
class Article:
    """One answer. After `load_articles` its texts hold the settings, not placeholders."""

    id: str  # the file's stem
    language: str  # "en"
    title: str
    button: str
    section: str
    facts: tuple[str, ...]
    questions: tuple[str, ...]
    passage: str
    related: tuple[str, ...]  # ids, in the order of their buttons
    version: str  # first 12 hex digits of the sha256 of the file's text
    updated: str  # ISO date
    approved: Approved | None = None  # of a staff answer
    source: str = ""  # as it stands under the answer; `load_articles` fills it

    @property
    def substance(self) -> str:
        """12 hex digits that change when what a person relies on does: the passage's words and its
        facts. Not its layout and marks, nor title, section, button, questions, `related` and
        `updated`. It is of the filled-in words, since these are what people read: another company
        name or link in the settings changes what every article says that names it."""
        facts = sorted(set(self.facts))
        told = "\n".join((passages.said(self.passage), *facts))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def parse(text: str, *, id: str, language: str) -> Article:
    """One file's text as an Article, placeholders still in place. Raises ArticleError."""
    file = f"{language}/{id}.md"
    text = text.replace("\r\n", "\n")  # the version must not depend on the checkout
    if not _ID.fullmatch(id):
        raise ArticleError(f"{file}: name the file with a-z, 0-9 and single hyphens only")
    if len(text) > MAX_FILE:
        raise ArticleError(f"{file}: {len(text)} characters; an article has at most {MAX_FILE}")
    head, passage = _split(text, file)
    read = _Part(head)
    read.keys()
    title, section, button = map(read.line, ("title", "section", "button"))
    questions, facts, related = map(read.lines, ("questions", "facts", "related"))
    updated, approved = read.date("updated"), read.approved()
    role = approved.role if approved is not None else ""
    faults = list(read.faults)
    if len(button) > MAX_BUTTON:
        faults.append(f"shorten `button` to {MAX_BUTTON} characters or fewer")
    if "{" in button:
        faults.append("write `button` without settings; their length is not known")
    least = MIN_QUESTIONS if approved is None else 1
    if questions is not None and len({q.casefold() for q in questions}) < least:
        faults.append(f"give at least {least} different `questions`")
    if facts is not None and (not facts or not all(map(_FACT.fullmatch, facts))):
        faults.append('`facts` holds fact ids such as "B3", at least one')
    if related is not None and (
        len(related) > MAX_RELATED or id in related or len(set(related)) < len(related)
    ):
        faults.append(f"`related` names up to {MAX_RELATED} other articles, each once")
    faults += filter(None, map(passages.line_fault, (title, section, *(questions or ()), role)))
    if fault := passages.passage_fault(passage):
        faults.append(fault)
    for words in (title, button, section, passage):
        if fault := promise_fault(words, language):
            faults.append(fault)
    if faults:
        raise ArticleError(*(f"{file}: {fault}" for fault in faults))
    return Article(
        id=id,
        language=language,
        title=title,
        button=button,
        section=section,
        facts=facts or (),
        questions=questions or (),
        passage=passage,
        related=related or (),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        updated=updated,
        approved=approved,
    )


def dump(article: Article) -> str:
    """The file that `parse` reads as this article. Of one whose placeholders are still in place."""
    settings: dict[str, object] = {
        "title": article.title,
        "button": article.button,
        "section": article.section,
        "facts": article.facts,
        "related": article.related,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in settings.items()]
    lines.append(f"updated = {article.updated}")
    if article.approved is not None:
        role, on = _toml(article.approved.role), article.approved.on
        lines.append(f"approved = {{ role = {role}, on = {on} }}")
    lines += ["questions = [", *(f"  {_toml(question)}," for question in article.questions), "]"]
    return "\n".join(["+++", *lines, "+++", article.passage, ""])


def _toml(value: object) -> str:
    if isinstance(value, str):  # a JSON string is a TOML one
        return json.dumps(value, ensure_ascii=False)
    assert isinstance(value, tuple)
    return "[" + ", ".join(map(_toml, value)) + "]"


def _split(text: str, file: str) -> tuple[Mapping[str, Any], str]:
    if not text.strip():
        raise ArticleError(f"{file}: is empty; start with the line +++")
    lines = text.split("\n")
    marks = [at for at, line in enumerate(lines) if line.rstrip() == "+++"]
    if len(marks) < 2 or marks[0] != 0:
        raise ArticleError(f"{file}: put the settings between two lines +++, the first on line 1")
    try:
        head = tomllib.loads("\n".join(lines[1 : marks[1]]))
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise ArticleError(f"{file}: the part between +++ is not TOML: {error}") from None
    return head, "\n".join(lines[marks[1] + 1 :]).strip()


def is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not passages.INVISIBLE.search(value + "\n")
    )


class _Part:
    """A table of the file, read one by one; what cannot be used is noted in `faults`."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        self._head = head
        self.faults: list[str] = []

    def keys(self) -> None:
        """Whether all keys are there and no other."""
        if missing := sorted(_KEYS - self._head.keys()):
            self.faults.append(f"add the missing key {', '.join(missing)}")
        if unknown := sorted(self._head.keys() - _KEYS - _OPTIONAL):
            self.faults.append(f"remove or correct the unknown key {', '.join(unknown)}")

    def line(self, key: str) -> str:
        value = self._head.get(key)
        if isinstance(value, str) and is_line(value) and "\n" not in value:
            return value.strip()
        self._refuse(key, f"`{key}` must be one line of text")
        return ""

    def lines(self, key: str) -> tuple[str, ...] | None:
        """None where it is refused, so that nothing more is said of it."""
        values = self._head.get(key)
        if not isinstance(values, list) or not all(is_line(value) for value in values):
            self._refuse(key, f"`{key}` must be a list of texts in quotes")
        elif any("\n" in value for value in values):
            self._refuse(key, f"each of `{key}` must be one line")
        else:
            return tuple(value.strip() for value in values)
        return None

    def date(self, key: str) -> str:
        value = self._head.get(key)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value.isoformat()
        self._refuse(key, f"write `{key}` as a date without quotes, like 2026-11-22")
        return ""

    def approved(self) -> Approved | None:
        value = self._head.get("approved", {})
        within = (
            _Part(value) if isinstance(value, dict) and value.keys() == {"role", "on"} else None
        )
        if within is not None:
            found = Approved(within.line("role"), within.date("on"))
            self.faults += within.faults
            return found
        self._refuse("approved", 'write `approved = { role = "review", on = 2026-11-25 }`')
        return None

    def _refuse(self, key: str, mend: str) -> None:
        if key in self._head:  # that it is missing is said already
            self.faults.append(mend)
