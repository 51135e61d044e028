"""What staff answers have taught, as the library takes it: articles, and questions not covered.

An approved answer becomes an article by way of the very file that ``frontdesk knowledge export``
writes, so that what is served now and what is read from the file later are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.logs import logger
from bot.store import Reports
from bot.store.rows import CandidateRow
from knowledge.article import Approved, Article, ArticleError, dump, parse
from knowledge.folder import fill, read_words
from knowledge.not_covered import NotCovered
from knowledge.sources import Folders, Sources

log = logger("learned")


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A question that staff say the program does not answer."""

    language: str
    question: str
    instead: str
    """empty: the language's general sentence"""


@dataclass(frozen=True, slots=True)
class Learned:
    articles: tuple[Article, ...]
    """placeholders still in place"""
    not_covered: tuple[Uncovered, ...]
    fingerprint: int
    """another one after each change of what is in force"""

    def beside(self, own: Folders) -> Sources:
        """These and those of the folders, filled in. A file that was exported and is now among them
        goes before the row that it came from. Raises ArticleError."""
        there = own.read()
        names = {(article.language, article.id) for article in there.articles}
        languages = {article.language for article in there.articles}
        mine = [
            article
            for article in self.articles
            if (article.language, article.id) not in names and article.language in languages
        ]
        joined = {language: list(items) for language, items in there.not_covered.items()}
        for each in self.not_covered:
            if each.language in languages:
                words = read_words(own.articles / each.language / "words.toml")
                said = NotCovered(each.question, "", each.instead or words["uncovered"])
                joined.setdefault(each.language, []).append(said)
        return Sources(
            (*there.articles, *fill(mine, own.articles, own.program)),
            joined,
            _fingerprint(there.fingerprint, self),
        )


NOTHING = Learned((), (), 0)


def learned(reports: Reports) -> Learned:
    """What is in force now. A row that is no article is left out and logged: it says less, and the
    rest is served."""
    articles: list[Article] = []
    not_covered: list[Uncovered] = []
    for row in reports.learning.candidates("approved"):
        if row.kind == "not_covered":
            not_covered += (Uncovered(row.language, q, row.answer) for q in row.questions)
            continue
        try:
            articles.append(article_of(row))
        except ArticleError:
            log.warning("an approved answer is no article", candidate=row.id)
    return Learned(tuple(articles), tuple(not_covered), reports.learning.revision())


def article_of(row: CandidateRow) -> Article:
    """The article that an approved answer is. Raises ArticleError."""
    draft = Article(
        id=row.article,
        language=row.language,
        title=row.title,
        button=row.button,
        section=row.section,
        facts=tuple(row.facts.split()),
        questions=row.questions,
        passage=row.answer,
        related=(),
        version="",
        updated=row.decided_at[:10],
        approved=Approved(row.decided_role, row.decided_at[:10]),
    )
    return parse(dump(draft), id=row.article, language=row.language)


class Taught:
    """The folders' articles and what was learnt, as the shelf's one source. ``learned`` may be
    replaced at any time, from any thread."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self.learned = NOTHING

    def fingerprint(self) -> str:
        return _fingerprint(self._folders.fingerprint(), self.learned)

    def read(self) -> Sources:
        return self.learned.beside(self._folders)


def _fingerprint(files: str, taught: Learned) -> str:
    return f"{files}-{taught.fingerprint}"
