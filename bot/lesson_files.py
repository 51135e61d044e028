"""What was learnt, as the files that authors keep: articles, and lists of what is not covered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bot.learned import Uncovered
from knowledge.article import Article, dump
from knowledge.folder import read_words

_HEADING = "# Learnt from staff answers: asked, and not covered"
_ARTICLE_MARK = "\napproved = {"


class FileInTheWay(Exception):
    """A file that was not written by us would be lost. The text names it and the mend."""


def write_lessons(
    folder: Path, articles: Sequence[Article], not_covered: Sequence[Uncovered], words: Path
) -> tuple[Path, ...]:
    """Write ``articles/<language>/<id>.md`` and ``not_covered/<language>.md`` below the folder,
    with the languages' ``words.toml`` (from the folder ``words``) where they are missing, so that
    ``load_articles`` reads them as they are. All files or, where one is in the way, none. Raises
    ``FileInTheWay``, ``OSError``."""
    files: dict[Path, tuple[str, str]] = {}
    for article in articles:
        path = folder / "articles" / article.language / f"{article.id}.md"
        files[path] = (dump(article), _ARTICLE_MARK)
    for language in sorted({each.language for each in not_covered}):
        lines = _list([each for each in not_covered if each.language == language], words)
        files[folder / "not_covered" / f"{language}.md"] = ("\n".join(lines), _HEADING)
    for path, (_, mark) in files.items():
        if path.exists() and mark not in path.read_text(encoding="utf-8", errors="replace"):
            raise FileInTheWay(f"{path} was not written by this command: name another folder.")
    for path, (text, _) in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for language in sorted({article.language for article in articles}):
        beside = folder / "articles" / language / "words.toml"
        if not beside.exists():
            own = words / language / "words.toml"
            beside.write_text(own.read_text(encoding="utf-8"), encoding="utf-8")
    return tuple(files)


def _list(questions: Sequence[Uncovered], words: Path) -> Iterator[str]:
    general = read_words(words / questions[0].language / "words.toml")["uncovered"]
    yield _HEADING
    yield ""
    yield "## Staff"
    by_sentence = sorted(questions, key=lambda each: each.instead or general)
    for instead, group in groupby(by_sentence, key=lambda each: each.instead or general):
        yield f"> {instead}"
        yield from (f"- {each.question}" for each in group)
    yield ""
