"""Mending what was typed towards words the articles use.

A word is changed only if it is no word of the articles and no common word of the language, and one
article word is close: one slip (a letter more, less, other, or two swapped), or two from eight
letters on. Without the common-word list nearly half of all unrelated questions would be bent
towards the articles ("cost" -> "most"), so a language that has no list is left as typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

_SHORTEST = 4  # letters; shorter words have too many neighbours
_TWO_SLIPS = 8
_FREE_START = 6  # below this a mend keeps the first letter: "dept" is no "kept"


class Spelling:
    """The words of one language's articles, to mend towards. Thread-safe; slips as in OSA."""

    def __init__(self, known: Iterable[str], language: str) -> None:
        self._known = frozenset(known)
        self._targets = sorted(word for word in self._known if len(word) >= _SHORTEST)
        self._common = _common_words(language)

    def mend(self, words: Sequence[str]) -> tuple[str, ...]:
        """The same number of words, casefolded as they came, each mended or as it was."""
        return tuple(self._mend(word) for word in words)

    def _mend(self, word: str) -> str:
        if len(word) < _SHORTEST or word in self._known or not word.isalpha():
            return word
        if not self._common or word in self._common:
            return word
        slips = 2 if len(word) >= _TWO_SLIPS else 1
        found = process.extractOne(word, self._targets, scorer=OSA.distance, score_cutoff=slips)
        if found is None or (len(word) < _FREE_START and found[0][0] != word[0]):
            return word
        return found[0]


def _common_words(language: str) -> Mapping[str, int]:
    """Word -> how often it stands in the list's source, without apostrophes as `library` cuts."""
    if language not in SpellChecker.languages():
        return {}
    counts = SpellChecker(language=language, distance=1).word_frequency.dictionary
    return {word.replace("'", ""): count for word, count in counts.items()}
