"""Where the articles come from: folders of files, read whole or not at all.

A *fingerprint* tells cheaply whether anything may have changed: the name, size and time of every
file that is read, without opening one. Equal fingerprints mean equal articles.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import knowledge
from knowledge.article import Article, ArticleError
from knowledge.folder import is_read, load_articles
from knowledge.not_covered import NotCovered, load_not_covered

ARTICLES = Path(knowledge.__file__).parent / "articles"
NOT_COVERED = Path(knowledge.__file__).parent / "not_covered"

MAX_BYTES = 9_000_000
"""of all files together: 4,000 long articles. More is something else, named by mistake"""
MAX_FILES = 5_000
_ANY = ("utf-8", "surrogatepass")  # a file's name may be no text


@dataclass(frozen=True, slots=True)
class Sources:
    """What a library is built from."""

    articles: tuple[Article, ...]
    not_covered: Mapping[str, Sequence[NotCovered]]
    """language -> questions that must not be answered"""
    fingerprint: str
    """as it was before the first file was read"""


@dataclass(frozen=True, slots=True)
class Folders:
    """Articles (`<language>/*.md`) and not covered questions (`<language>.md`; None: no such list).

    `program`: as in `load_articles`."""

    articles: Path
    not_covered: Path | None
    program: Mapping[str, str]

    def fingerprint(self) -> str:
        """64 hex digits. Never raises: a folder that cannot be looked into has one too."""
        digest = hashlib.sha256()
        try:
            for path, found in self._files():
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode(*_ANY))
        except OSError as error:
            digest.update(f"{error.errno}\0{error.filename}".encode(*_ANY))
        return digest.hexdigest()

    def read(self) -> Sources:
        """All of it. Raises ArticleError, naming the file and the mend."""
        if self.not_covered is not None and not self.not_covered.is_dir():
            raise ArticleError(f"{self.not_covered}: cannot be read; name a folder")
        fingerprint = self.fingerprint()
        self._check_sizes()
        articles = load_articles(self.articles, self.program)
        if self.not_covered is None:
            return Sources(articles, {}, fingerprint)
        languages = {article.language for article in articles}  # others have nothing to search
        not_covered = load_not_covered(self.not_covered, self.program, self.articles, languages)
        return Sources(articles, not_covered, fingerprint)

    def _check_sizes(self) -> None:
        total = count = 0
        try:
            for path, found in self._files():
                if not stat.S_ISREG(found.st_mode):
                    raise ArticleError(f"{path}: is no file; remove it or name it otherwise")
                count, total = count + 1, total + found.st_size
                if count > MAX_FILES or total > MAX_BYTES:
                    raise ArticleError(
                        f"{self.articles}: holds more than {MAX_FILES} files or "
                        f"{MAX_BYTES // 1_000_000} MB; keep articles only in this folder"
                    )
        except OSError as error:
            raise ArticleError(
                f"{error.filename}: cannot be read ({error.strerror}); name a folder"
            ) from None

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(self.articles) as found:  # less than half of the time that paths take
            languages = sorted(entry.path for entry in found if entry.is_dir())
        for folder in languages:
            yield from _looked_at(folder)
        if self.not_covered is not None:
            yield from _looked_at(self.not_covered)


def _looked_at(folder: str | Path) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if is_read(entry.name) or entry.name == "words.toml":
            yield entry.path, entry.stat()
