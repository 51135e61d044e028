"""The library's answer as the dialog sees it."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import LookUp
from dialogs.events import Finding, Found, Part
from knowledge.article import Article
from knowledge.library import Library


def look_up(library: Library, wanted: LookUp, language: str) -> Finding:
    """What the library holds for a text and for each question in it, or the one article that a
    button names."""
    if wanted.article:
        article = library.get(wanted.article, language)
        if article is None:
            return Finding("nothing")
        return Finding("answer", (found(library, article, 1.0),))
    parts = tuple(Part(q, _find(library, q.text, language, q.previous)) for q in wanted.parts)
    return replace(_find(library, wanted.text, language, wanted.previous), parts=parts)


def _find(library: Library, text: str, language: str, previous: str) -> Finding:
    finding = library.find(text, language, previous)
    matches = tuple(found(library, m.article, m.confidence) for m in finding.matches)
    return Finding(finding.band, matches, finding.instead)


def found(library: Library, article: Article, confidence: float) -> Found:
    related = [library.get(id, article.language) for id in article.related]
    return Found(
        article.id,
        article.version,
        article.title,
        article.button,
        article.passage,
        article.source,
        tuple((other.id, other.button) for other in related if other is not None),
        round(confidence, 3),
        article.language,
        article.substance,
    )
