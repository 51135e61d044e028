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

What a passage may hold, and how settings appear in it: `passages.py`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge import passages

MAX_FILE = 20_000  # characters; a page of text, so that a wrong file is named instead of loaded
MAX_BUTTON = 19
MAX_RELATED = 8
MIN_QUESTIONS = 5

_KEYS = frozenset({"title", "button", "section", "facts", "related", "updated", "questions"})
_OPTIONAL = frozenset({"approved"})
_WORDS: Mapping[str, tuple[str, ...]] = {
    "link": ("{text}",),
    "approved": ("{role}", "{date}", "{facts}"),
    "uncovered": (),
}
"""further texts of `words.toml`, and what each must contain once"""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FACT = re.compile(r"[A-Z][0-9]+")


class ArticleError(ValueError):
    """An article that cannot be used. The text names the file and the mend."""


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


def parse(text: str, *, id: str, language: str) -> Article:
    """One file's text as an Article, placeholders still in place. Raises ArticleError."""
    file = f"{language}/{id}.md"
    text = text.replace("\r\n", "\n")  # the version must not depend on the checkout
    if not _ID.fullmatch(id):
        raise ArticleError(f"{file}: name the file with a-z, 0-9 and single hyphens only")
    if len(text) > MAX_FILE:
        raise ArticleError(f"{file}: {len(text)} characters; an article has at most {MAX_FILE}")
    head, passage = _split(text, file)
    title, section = _line(head, "title", file), _line(head, "section", file)
    button = _line(head, "button", file)
    if len(button) > MAX_BUTTON:
        raise ArticleError(f"{file}: shorten `button` to {MAX_BUTTON} characters or fewer")
    approved = _approved(head, file)
    questions = _lines(head, "questions", file)
    least = 1 if approved else MIN_QUESTIONS
    if len({question.casefold() for question in questions}) < least:
        raise ArticleError(f"{file}: give at least {least} different `questions`")
    facts = _lines(head, "facts", file)
    if not facts or not all(_FACT.fullmatch(fact) for fact in facts):
        raise ArticleError(f'{file}: `facts` holds fact ids such as "B3", at least one')
    related = _lines(head, "related", file)
    if len(related) > MAX_RELATED or id in related or len(set(related)) < len(related):
        raise ArticleError(f"{file}: `related` names up to {MAX_RELATED} other articles, each once")
    if "{" in button:
        raise ArticleError(f"{file}: write `button` without settings; their length is not known")
    for words in (title, section, *questions, approved.role if approved else ""):
        if fault := passages.line_fault(words):
            raise ArticleError(f"{file}: {fault}")
    if fault := passages.passage_fault(passage):
        raise ArticleError(f"{file}: {fault}")
    return Article(
        id=id,
        language=language,
        title=title,
        button=button,
        section=section,
        facts=facts,
        questions=questions,
        passage=passage,
        related=related,
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        updated=_date(head["updated"], "updated", file),
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


def load_articles(folder: Path, program: Mapping[str, str]) -> tuple[Article, ...]:
    """Every `folder/<language>/*.md`, filled in, ordered by language and id.

    `program` holds the settings of [program]: name, company, brand, region, learn_more_url,
    certification_url, application_email; a missing or empty one gets its language's own words.
    Raises ArticleError for a file, link between articles or setting that cannot be used.
    """
    _check_program(program)
    try:
        languages = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise ArticleError(f"{folder}: cannot be read ({error.strerror}); name a folder") from None
    articles: list[Article] = []
    for language in languages:
        files = sorted(language.glob("*.md"))
        if not files:
            continue
        own = [parse(_read(file), id=file.stem, language=language.name) for file in files]
        known = {article.id for article in own} | {
            file.stem for file in (folder / "en").glob("*.md")
        }
        for article in own:
            for other in article.related:
                if other not in known:
                    raise ArticleError(
                        f"{language.name}/{article.id}.md: `related` names {other!r}, "
                        f"but there is no {language.name}/{other}.md"
                    )
        articles += fill(own, folder, program)
    if not articles:
        raise ArticleError(f"{folder}: holds no articles; expected files such as en/credit-line.md")
    return tuple(articles)


def fill(
    articles: Iterable[Article], folder: Path, program: Mapping[str, str]
) -> tuple[Article, ...]:
    """Articles of one language or several, the settings in place of the placeholders; `folder` and
    `program` as in `load_articles`. Raises ArticleError."""
    _check_program(program)
    words: dict[str, Mapping[str, str]] = {}
    filled = []
    for article in articles:
        language = article.language
        if language not in words:
            words[language] = read_words(folder / language / "words.toml")
        filled.append(_fill(article, program, words[language]))
    return tuple(filled)


def folded(facts: Iterable[str]) -> str:
    """("B1", "B2", "B3", "N1") -> "B1-B3, N1"."""
    runs: list[list[str]] = []
    for fact in facts:
        last = runs[-1][-1] if runs else ""
        follows = last[:1] == fact[:1] and int(last[1:]) + 1 == int(fact[1:]) if last else False
        if follows:
            runs[-1].append(fact)
        else:
            runs.append([fact])
    short = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs]
    return ", ".join(short)


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
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArticleError(f"{file}: the part between +++ is not TOML: {error}") from None
    if missing := sorted(_KEYS - head.keys()):
        raise ArticleError(f"{file}: add the missing key {', '.join(missing)}")
    if unknown := sorted(head.keys() - _KEYS - _OPTIONAL):
        raise ArticleError(f"{file}: remove or correct the unknown key {', '.join(unknown)}")
    return head, "\n".join(lines[marks[1] + 1 :]).strip()


def _is_line(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not passages.INVISIBLE.search(value + "\n")
    )


def _line(head: Mapping[str, Any], key: str, file: str) -> str:
    value = head[key]
    if not isinstance(value, str) or not _is_line(value) or "\n" in value:
        raise ArticleError(f"{file}: `{key}` must be one line of text")
    return value.strip()


def _lines(head: Mapping[str, Any], key: str, file: str) -> tuple[str, ...]:
    values = head[key]
    if not isinstance(values, list) or not all(_is_line(value) for value in values):
        raise ArticleError(f"{file}: `{key}` must be a list of texts in quotes")
    if any("\n" in value for value in values):
        raise ArticleError(f"{file}: each of `{key}` must be one line")
    return tuple(value.strip() for value in values)


def _date(value: object, key: str, file: str) -> str:
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise ArticleError(f"{file}: write `{key}` as a date without quotes, like 2026-11-22")
    return value.isoformat()


def _approved(head: Mapping[str, Any], file: str) -> Approved | None:
    if "approved" not in head:
        return None
    value = head["approved"]
    if not isinstance(value, dict) or value.keys() != {"role", "on"}:
        raise ArticleError(f'{file}: write `approved = {{ role = "review", on = 2026-11-25 }}`')
    return Approved(_line(value, "role", file), _date(value["on"], "on", file))


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > 4 * MAX_FILE:  # no character takes more than four bytes
            raise ArticleError(f"{file.parent.name}/{file.name}: too large for an article")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ArticleError(f"{file.parent.name}/{file.name}: save the file as UTF-8") from None
    except OSError as error:
        raise ArticleError(f"{file}: cannot be read ({error.strerror})") from None


def read_words(file: Path) -> Mapping[str, str]:
    """What a language's articles say of settings and sources. Raises ArticleError."""
    name = f"{file.parent.name}/{file.name}"
    if not file.exists():
        raise ArticleError(f"{name}: is missing; copy en/words.toml and translate it")
    try:
        words = tomllib.loads(_read(file))
    except tomllib.TOMLDecodeError as error:
        raise ArticleError(f"{name}: is not TOML: {error}") from None
    wanted = {*passages.SETTINGS.values(), *_WORDS}
    if words.keys() != wanted or not all(_is_line(value) for value in words.values()):
        raise ArticleError(f"{name}: must hold exactly these texts: {', '.join(sorted(wanted))}")
    for key, marks in _WORDS.items():
        for mark in marks:
            if words[key].count(mark) != 1:
                raise ArticleError(f"{name}: `{key}` must contain {mark} once")
    return words


def _check_program(program: Mapping[str, str]) -> None:
    for key in sorted({*passages.SETTINGS.values(), *passages.LINKS}):
        if fault := passages.setting_fault(key, program.get(key, "")):
            raise ArticleError(f"program.{key}: {fault}")


def _fill(article: Article, program: Mapping[str, str], words: Mapping[str, str]) -> Article:
    def filled(text: str) -> str:
        return passages.fill(text, program, words)

    section, facts, approved = filled(article.section), folded(article.facts), article.approved
    source = f"{section}, {facts}"
    if approved is not None:
        values = {"{role}": approved.role, "{date}": approved.on, "{facts}": facts}
        source = re.sub(r"\{\w+\}", lambda found: values.get(found[0], found[0]), words["approved"])
    return replace(
        article,
        title=filled(article.title),
        section=section,
        questions=tuple(map(filled, article.questions)),
        passage=filled(article.passage),
        source=source,
    )
