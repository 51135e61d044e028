"""What staff answers have taught, as the library takes it: articles, and questions not covered.

An approved answer becomes an article by way of the very file that ``frontdesk knowledge export``
writes, so that what is served now and what is read from the file later are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.logs import logger
from bot.store import Reports
from bot.store.rows import CandidateRow
from knowledge.article import Approved, Article, ArticleError, dump, fill, parse

log = logger("learned")


@dataclass(frozen=True, slots=True)
class NotCovered:
    language: str
    question: str
    instead: str
    """empty: the bot's general sentence"""


@dataclass(frozen=True, slots=True)
class Learned:
    articles: tuple[Article, ...]
    """placeholders still in place"""
    not_covered: tuple[NotCovered, ...]
    fingerprint: int
    """another one after each change of what is in force"""

    def articles_beside(
        self, shipped: Sequence[Article], folder: Path, program: Mapping[str, str]
    ) -> tuple[Article, ...]:
        """These and the shipped ones, filled in. A file that was exported and is now shipped goes
        before the row that it came from; ``folder`` and ``program`` as in ``load_articles``."""
        there = {(article.language, article.id) for article in shipped}
        languages = {article.language for article in shipped}
        mine = [
            article
            for article in self.articles
            if (article.language, article.id) not in there and article.language in languages
        ]
        return (*shipped, *fill(mine, folder, program))

    def not_covered_beside(
        self, shipped: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Sequence[str]]:
        joined = {language: list(questions) for language, questions in shipped.items()}
        for each in self.not_covered:
            joined.setdefault(each.language, []).append(each.question)
        return joined


NOTHING = Learned((), (), 0)


def learned(reports: Reports) -> Learned:
    """What is in force now. A row that is no article is left out and logged: it says less, and the
    rest is served."""
    articles: list[Article] = []
    not_covered: list[NotCovered] = []
    for row in reports.learning.candidates("approved"):
        if row.kind == "not_covered":
            not_covered += (NotCovered(row.language, q, row.answer) for q in row.questions)
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


_WHO = {
    "en": r"(?:you|we|your (?:\w+ )?(?:application|business|company|shop)|everybody|everyone|anyone"
    r"|applicants?|applications?)",
    "id": r"(?:anda|kamu|kami|pendaftaran|semua orang|siapa pun|pendaftar|perusahaan)",
}
_PROMISES = {
    "en": rf"\b{_WHO['en']}\b[^.!?,]{{0,30}}\b(?:accepted|approved|admitted)\b|\bguarantee\w*",
    "id": rf"\b{_WHO['id']}\b[^.!?,]{{0,30}}\b(?:diterima|disetujui)\b|\b(?:di|men)?jamin\w*",
}
_HONEST = {
    "en": r"\b(?:not|no|nobody|never|cannot|\w+n't|if|whether|who|when|before|until|after|once)\b"
    r"[^.!?]*",
    "id": r"\b(?:tidak|bukan|belum|tanpa|jika|kalau|bila|apakah|sebelum|setelah)\b[^.!?]*",
}


def promise_in(text: str, language: str) -> str | None:
    """The words that promise acceptance, which only staff decide; None where there are none. A
    language without patterns is held against all."""
    languages = [language] if language in _PROMISES else list(_PROMISES)
    for each in languages:
        plain = re.sub(_HONEST[each], " . ", text, flags=re.I)
        if found := re.search(_PROMISES[each], plain, re.I):
            return found[0]
    return None
