"""The library's answer as the dialog sees it."""

from __future__ import annotations

from dialogs.acts import LookUp
from dialogs.events import Finding, Found
from knowledge.article import Article
from knowledge.library import Library


def look_up(library: Library, wanted: LookUp, language: str) -> Finding:
    """What the library holds for a text, or the one article that a button names."""
    if wanted.article:
        article = library.get(wanted.article, language)
        if article is None:
            return Finding("nothing")
        return Finding("answer", (found(library, article, 1.0),))
    finding = library.find(wanted.text, language)
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
