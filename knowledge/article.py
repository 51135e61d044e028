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

What a passage may hold, and how settings appear in it: `passages.py`; what it may not promise:
`promises.py`.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge import passages
from knowledge.promises import promise_fault, tables_fault

MAX_FILE = 20_000  # characters; a page of text, so that a wrong file is named instead of loaded
MAX_BUTTON = 19
MAX_RELATED = 8
MIN_QUESTIONS = 5

_KEYS = frozenset({"title", "button", "section", "facts", "related", "updated", "questions"})
_WORDS = frozenset(passages.SETTINGS.values()) | {"link"}

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FACT = re.compile(r"[A-Z][0-9]+")


class ArticleError(ValueError):
    """What the bot should say cannot be used. The text names the first file and its mend; `faults`
    holds every fault that was found, each as such a text."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults[0])
        self.faults = faults


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
    read = _Head(head)
    title, section, button = map(read.line, ("title", "section", "button"))
    questions, facts, related = map(read.lines, ("questions", "facts", "related"))
    updated = read.date("updated")
    faults = list(read.faults)
    if len(button) > MAX_BUTTON:
        faults.append(f"shorten `button` to {MAX_BUTTON} characters or fewer")
    if "{" in button:
        faults.append("write `button` without settings; their length is not known")
    if questions is not None and len({q.casefold() for q in questions}) < MIN_QUESTIONS:
        faults.append(f"give at least {MIN_QUESTIONS} different `questions`")
    if facts is not None and (not facts or not all(map(_FACT.fullmatch, facts))):
        faults.append('`facts` holds fact ids such as "B3", at least one')
    if related is not None and (
        len(related) > MAX_RELATED or id in related or len(set(related)) < len(related)
    ):
        faults.append(f"`related` names up to {MAX_RELATED} other articles, each once")
    faults += filter(None, map(passages.line_fault, (title, section, *(questions or ()))))
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
    )


def load_articles(folder: Path, program: Mapping[str, str]) -> tuple[Article, ...]:
    """Every `folder/<language>/*.md`, filled in, ordered by language and id.

    `program` holds the settings of [program]: name, company, brand, region, learn_more_url,
    certification_url, application_email; a missing or empty one gets its language's own words.
    Raises ArticleError for a file, link between articles or setting that cannot be used.
    """
    articles, faults = read_articles(folder, program)
    if faults:
        raise ArticleError(*faults)
    return articles


def read_articles(
    folder: Path, program: Mapping[str, str]
) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """As `load_articles`, but with what can be used and every fault of the rest ("file: mend")."""
    faults = list(program_faults(program))
    try:
        languages = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        return (), (*faults, f"{folder}: cannot be read ({error.strerror}); name a folder")
    articles: list[Article] = []
    any_file = False
    for language in languages:
        files = markdown_files(language)
        if not files:
            continue
        any_file = True
        own: list[Article] = []
        for file in files:
            try:
                own.append(parse(read_text(file), id=file.stem, language=language.name))
            except ArticleError as error:
                faults += error.faults
        known = {file.stem for file in (*files, *markdown_files(folder / "en"))}
        faults += (
            f"{language.name}/{article.id}.md: `related` names {other!r}, "
            f"but there is no {language.name}/{other}.md"
            for article in own
            for other in article.related
            if other not in known
        )
        try:
            words = read_words(language / "words.toml")
        except ArticleError as error:
            faults += error.faults
        else:
            articles += (_fill(article, program, words) for article in own)
    if not any_file:
        faults.append(f"{folder}: holds no articles; expected files such as en/credit-line.md")
    return tuple(articles), tuple(faults)


def markdown_files(folder: Path) -> list[Path]:
    """The folder's files that are read, in order."""
    return sorted(path for path in folder.glob("*.md") if is_read(path.name))


def is_read(name: str) -> bool:
    """Hidden files are an editor's or a file manager's own."""
    return name.endswith(".md") and not name.startswith(".")


def _split(text: str, file: str) -> tuple[Mapping[str, Any], str]:
    if not text.strip():
        raise ArticleError(f"{file}: is empty; start with the line +++")
    lines = text.split("\n")
    marks = [at for at, line in enumerate(lines) if line.rstrip() == "+++"]
    if len(marks) < 2 or marks[0] != 0:
        raise ArticleError(f"{file}: put the settings between two lines +++, the first on line 1")
    try:
        head = tomllib.loads("\n".join(lines[1 : marks[1]]))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArticleError(f"{file}: the part between +++ is not TOML: {error}") from None
    return head, "\n".join(lines[marks[1] + 1 :]).strip()


def _is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not passages.INVISIBLE.search(value + "\n")
    )


class _Head:
    """The settings of one file, read one by one; what cannot be used is noted in `faults`."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        self._head = head
        self.faults: list[str] = []
        if missing := sorted(_KEYS - head.keys()):
            self.faults.append(f"add the missing key {', '.join(missing)}")
        if unknown := sorted(head.keys() - _KEYS):
            self.faults.append(f"remove or correct the unknown key {', '.join(unknown)}")

    def line(self, key: str) -> str:
        value = self._head.get(key)
        if isinstance(value, str) and _is_line(value) and "\n" not in value:
            return value.strip()
        self._refuse(key, f"`{key}` must be one line of text")
        return ""

    def lines(self, key: str) -> tuple[str, ...] | None:
        """None where it is refused, so that nothing more is said of it."""
        values = self._head.get(key)
        if not isinstance(values, list) or not all(_is_line(value) for value in values):
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

    def _refuse(self, key: str, mend: str) -> None:
        if key in self._head:  # that it is missing is said already
            self.faults.append(mend)


def read_text(file: Path, most: int = MAX_FILE) -> str:
    """A file's text of at most about `most` characters. Raises ArticleError."""
    try:
        if file.stat().st_size > 4 * most:  # no character takes more than four bytes
            raise ArticleError(f"{file.parent.name}/{file.name}: too large; cut or split it")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ArticleError(f"{file.parent.name}/{file.name}: save the file as UTF-8") from None
    except OSError as error:
        raise ArticleError(f"{file}: cannot be read ({error.strerror})") from None


def read_words(file: Path) -> Mapping[str, str]:
    """What stands in a language where a setting is empty. Raises ArticleError."""
    name = f"{file.parent.name}/{file.name}"
    if not file.exists():
        raise ArticleError(f"{name}: is missing; copy en/words.toml and translate it")
    try:
        words = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise ArticleError(f"{name}: is not TOML: {error}") from None
    if words.keys() != _WORDS or not all(_is_line(value) for value in words.values()):
        raise ArticleError(f"{name}: must hold exactly these texts: {', '.join(sorted(_WORDS))}")
    if words["link"].count("{text}") != 1:
        raise ArticleError(f"{name}: `link` must contain {{text}} once")
    return words


def program_faults(program: Mapping[str, str]) -> Iterator[str]:
    """What of the settings could not stand in a passage, as "program.key: mend", and what keeps
    promises from being noticed."""
    if fault := tables_fault():
        yield fault
    for key in sorted({*passages.SETTINGS.values(), *passages.LINKS}):
        if fault := passages.setting_fault(key, program.get(key, "")):
            yield f"program.{key}: {fault}"


def _fill(article: Article, program: Mapping[str, str], words: Mapping[str, str]) -> Article:
    def filled(text: str) -> str:
        return passages.fill(text, program, words)

    return replace(
        article,
        title=filled(article.title),
        section=filled(article.section),
        questions=tuple(map(filled, article.questions)),
        passage=filled(article.passage),
    )
