"""The articles of a folder: `<language>/*.md`, and `words.toml` with what a language says where a
setting is empty. Read whole or not at all, the settings filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from knowledge import passages
from knowledge.article import MAX_FILE, Article, ArticleError, is_line, parse
from knowledge.promises import tables_fault

_WORDS: Mapping[str, tuple[str, ...]] = {
    "link": ("{text}",),
    "approved": ("{role}", "{date}", "{facts}"),
    "uncovered": (),
}
"""further texts of `words.toml`, and what each must contain once"""


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


def fill(
    articles: Iterable[Article], folder: Path, program: Mapping[str, str]
) -> tuple[Article, ...]:
    """Articles of one language or several, the settings in place of the placeholders; `folder` and
    `program` as in `load_articles`. Raises ArticleError."""
    if faults := tuple(program_faults(program)):
        raise ArticleError(*faults)
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
    """What a language's articles say of settings and sources. Raises ArticleError."""
    name = f"{file.parent.name}/{file.name}"
    if not file.exists():
        raise ArticleError(f"{name}: is missing; copy en/words.toml and translate it")
    text = read_text(file)
    try:
        words = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArticleError(f"{name}: is not TOML: {error}") from None
    wanted = {*passages.SETTINGS.values(), *_WORDS}
    if words.keys() != wanted or not all(is_line(value) for value in words.values()):
        raise ArticleError(f"{name}: must hold exactly these texts: {', '.join(sorted(wanted))}")
    for key, marks in _WORDS.items():
        for mark in marks:
            if words[key].count(mark) != 1:
                raise ArticleError(f"{name}: `{key}` must contain {mark} once")
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
