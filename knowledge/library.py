"""Finding the article that answers a question, and knowing when none does.

Each way of asking (an article's questions and title) is an example of its article; the questions
known to be not covered are examples of one more class, which takes its share and is never an
answer. What a question is most likely about, and how sure that is, `index.py` tells: a classifier
over words and meaning, and a confidence learnt from the articles themselves.

Three bands: from the first threshold on the article is given; from the second on up to three titles
are offered; under it the person is told that nothing is known. The thresholds follow from what a
wrong answer costs (`cost`), in questions that are passed to staff.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge import passages
from knowledge.article import Article
from knowledge.cache import read_arrays, write_arrays
from knowledge.encoder import Encoder
from knowledge.explanation import Candidate, Explanation
from knowledge.features import MAX_TEXT, words_of
from knowledge.index import LIGHT, Example, Index, Judged, key_of, name_of
from knowledge.not_covered import NotCovered

FALLBACK = "en"
COST = 2.0
"""of a wrong answer, in questions passed to staff"""

# From this cosine on, what is said instead of one answer fits the other question: under it most did
# not, of the labelled ones.
_ALIKE_IN_MEANING = 0.5
_ALIKE_IN_WORDS = 0.4

_FOLLOW_UP = 6  # words; a longer text stands for itself

Band = Literal["answer", "unsure", "nothing"]


@dataclass(frozen=True, slots=True)
class Match:
    """An article and how surely it answers, 0..1."""

    article: Article
    confidence: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a question found, best first, at most three.

    "answer": the first match answers. "unsure": ask which of them was meant. "nothing": none
    answers; matches are then the nearest ones for staff, or none, and not for the person.
    """

    band: Band
    matches: tuple[Match, ...]
    instead: str = ""
    """what the not covered list says where the question is one of its own; with "nothing" only"""


NOTHING = Finding("nothing", ())


class Library:
    """Articles of every language, with the search over them. Thread-safe.

    A language's search is trained when it is first asked, or by `prepare`: some seconds. `cache`:
    a folder that keeps what was learnt, for the next start.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        not_covered: Mapping[str, Sequence[NotCovered]] | None = None,
        *,
        encoder: Encoder | None = None,
        cost: float = COST,
        cache: Path | None = None,
    ) -> None:
        shelves: dict[str, list[Article]] = defaultdict(list)
        articles = tuple(articles)
        for article in articles:
            shelves[article.language].append(article)
        for language, shelf in shelves.items():  # what a language lacks is answered in English
            own = {article.id for article in shelf}
            if language != FALLBACK:
                shelf += [a for a in shelves.get(FALLBACK, ()) if a.id not in own]
        self.articles = articles
        self._named = {(a.language, a.id): a for a in articles}
        self._searches = {
            language: _Search(
                sorted(shelf, key=lambda article: article.id),
                (not_covered or {}).get(language, ()),
                language,
                encoder,
                cost,
                cache,
            )
            for language, shelf in shelves.items()
        }

    def prepare(self) -> None:
        """Train every language now."""
        for search in self._searches.values():
            search.prepare()

    def encoder_name(self, language: str) -> str:
        """What turns a question of this language into numbers; "light": its words alone."""
        search = self._search(language)
        return search.encoder_name if search is not None else LIGHT

    def find(self, text: str, language: str, previous: str = "") -> Finding:
        """The articles for a question in `language` ("en", "en-GB"); English where it has none.

        `previous`: the question before it, where `text` may be a follow-up of that ("and for two
        shops?"). Where `text` alone is not answered, what they find together counts if it is surer.
        """
        search = self._search(language)
        return _found(search, text, previous)[0] if search is not None else NOTHING

    def explain(self, text: str, language: str, previous: str = "") -> Explanation:
        """What `find` gives for the same, and why."""
        search = self._search(language)
        if search is None:
            return Explanation(NOTHING, "", (), (1.0, 1.0), LIGHT)
        finding, asked = _found(search, text, previous)
        return search.explain(asked, finding)

    def get(self, id: str, language: str) -> Article | None:
        """The article in `language`, else in English, else None."""
        own = self._named.get((_primary(language), id))
        return own or self._named.get((FALLBACK, id))

    def _search(self, language: str) -> _Search | None:
        return self._searches.get(_primary(language)) or self._searches.get(FALLBACK)


class _Search:
    """One language's articles, and their index once it is needed."""

    def __init__(
        self,
        articles: Sequence[Article],
        refused: Sequence[NotCovered],
        language: str,
        encoder: Encoder | None,
        cost: float,
        cache: Path | None,
    ) -> None:
        self.articles = tuple(articles)
        self._refused = tuple(refused)
        self._language = language
        covers = encoder is not None and language in encoder.languages
        self._encoder = encoder if covers else None
        self._cost = cost
        self._cache = cache
        self._lock = threading.Lock()
        self._index: Index | None = None
        self.thresholds = (1.0, 1.0)

    @property
    def encoder_name(self) -> str:
        return name_of(self._encoder)

    @property
    def index(self) -> Index:
        self.prepare()
        assert self._index is not None
        return self._index

    def prepare(self) -> None:
        with self._lock:
            if self._index is not None:
                return
            articles = len(self.articles)
            examples = [
                Example(text, number)
                for number, article in enumerate(self.articles)
                for text in dict.fromkeys(self._ways_of_asking(article))
            ]
            examples += [Example(refused.question, articles) for refused in self._refused]
            asked = (examples, articles, self._language, self._encoder)
            before = None
            if self._cache is not None:
                before = read_arrays(self._cache, self._language, key_of(*asked))
            try:
                index = Index(*asked, before)
            except (KeyError, ValueError):  # a whole file, but another version's
                before, index = None, Index(*asked)
            if self._cache is not None and str((before or {}).get("key")) != index.key:
                write_arrays(self._cache, self._language, index.key, index.arrays())
            self.thresholds = index.thresholds(self._cost)
            self._index = index

    def _ways_of_asking(self, article: Article) -> Sequence[str]:
        """What an article says is near in meaning to what is asked of it, and of other words."""
        asked = (article.title, *article.questions)
        return asked if self._encoder is None else (*asked, *passages.sentences(article.passage))

    def find(self, text: str) -> Finding:
        index = self.index
        judged = index.judge(text)
        if judged is None:
            return NOTHING
        answer, offer = self.thresholds
        matches = tuple(
            Match(self.articles[name], confidence)
            for name, confidence in zip(judged.best, judged.confidences, strict=True)
        )
        best = max((match.confidence for match in matches[:1]), default=0.0)
        if best >= answer:
            return Finding("answer", matches)
        if judged.refused >= max(best, answer):
            return Finding("nothing", matches, self._instead(judged))
        if best >= offer:
            # Offer only what has a chance of being meant.
            return Finding("unsure", tuple(m for m in matches if m.confidence >= best / 100))
        return Finding("nothing", matches)

    def explain(self, text: str, finding: Finding) -> Explanation:
        index = self.index
        judged = index.judge(text)
        if judged is None:
            return Explanation(finding, "", (), self.thresholds[::-1], self.encoder_name)
        asked = words_of(text)
        mended = " ".join(judged.words) if judged.words != asked else ""
        named = [(self.articles[n].id, self.articles[n].title, n) for n in judged.best]
        sure = (*judged.confidences, judged.refused)
        candidates = [
            Candidate(
                id, title, confidence, float(judged.shares[name]), *index.nearest(judged, name)
            )
            for (id, title, name), confidence in zip(
                (*named, ("", "", len(self.articles))), sure, strict=True
            )
        ]
        candidates.sort(key=lambda candidate: -candidate.confidence)
        return Explanation(
            finding, mended, tuple(candidates), self.thresholds[::-1], self.encoder_name
        )

    def _instead(self, judged: Judged) -> str:
        """What is said to the question that is most like this one, of those not covered; nothing
        where even that one is another question."""
        first = len(judged.likeness) - len(self._refused)
        nearest = int(judged.likeness[first:].argmax())
        alike = _ALIKE_IN_WORDS if self._encoder is None else _ALIKE_IN_MEANING
        return self._refused[nearest].instead if judged.likeness[first + nearest] >= alike else ""


def _found(search: _Search, text: str, previous: str) -> tuple[Finding, str]:
    """What counts, and the text that it was found for."""
    finding = search.find(text)
    if previous and finding.band != "answer" and len(words_of(text)) <= _FOLLOW_UP:
        both = _joined(previous, text)
        together = search.find(both)
        if _sure(together) > _sure(finding):
            return together, both
    return finding, text


def _joined(previous: str, text: str) -> str:
    """Both, as words. However long the question before is, what follows it is among them."""
    follows = " ".join(words_of(text))
    before = " ".join(words_of(previous))[: MAX_TEXT - 1 - len(follows)]
    return f"{before} {follows}"


def _sure(finding: Finding) -> float:
    return finding.matches[0].confidence if finding.matches else 0.0


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
