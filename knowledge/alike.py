"""Do two questions ask the same? For grouping what people ask, never for answering them.

Wrongly taken for the same, a question would get another one's answer, so precision comes first:

1. *Sort.* "How much credit?" and "how long is the credit?" share their words and not their answer.
   Questions of different sorts (amount, length, who, why, with a "not") are never the same.
2. *What is asked.* Small words are dropped ("may we", "do I have to"), the rest is brought to one
   form by its language's sets of words (`same_words/<language>.toml`), its endings, and rapidfuzz
   where it was mistyped. What counts is the share that both have (Dice), if a word is among it that
   not every question here is about. A number belongs to the word that it counts: two firms in one
   shop are not one firm with two shops.
3. *An encoder*, where one is given, decides what the words nearly call the same.

On the 186 labelled pairs of `tests/questions_alike.jsonl` (92 of them the same in other words; the
thresholds were chosen on one half, the figures of either half are alike) 61 were taken for the
same, all rightly. Multilingual USE alone, at a cosine of 0.85, took 52 and was right about 43; as
3. it adds 3 to the 61 and no mistake.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

ALIKE = 0.8
"""share of the words from which two questions are the same"""
NEARLY, ENCODED = 0.6, 0.9
"""with an encoder also: share of the words, and cosine of the vectors"""

Encode = Callable[[Sequence[str]], NDArray[np.floating[Any]]]
"""texts -> one vector each, of any length"""

_SAME_WORDS = Path(__file__).with_name("same_words")
_MAX_TEXT = 600
_MAX_WORDS = 60
_LONGEST = 4  # words of a phrase
_MISTYPED = 6  # letters from which one slip is mended
_SHORTEST = 2  # letters that an ending leaves
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Words:
    """One language's file."""

    small: frozenset[str]
    asks: Mapping[tuple[str, ...], str]  # phrase -> the sort of question
    asks_else: Mapping[tuple[str, ...], str]  # ... where nothing else says it
    same: Mapping[tuple[str, ...], str]  # phrase, as stems -> the first of its set
    numbers: frozenset[str]  # those of the sets that a figure belongs to
    common: frozenset[str]  # stems of what every second question is about
    beginnings: tuple[str, ...]
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    said: tuple[str, ...]
    sorts: frozenset[str]
    words: Mapping[str, str]  # word -> the number before it, or ""


def alike(
    question: str, others: Sequence[str], language: str, encode: Encode | None = None
) -> tuple[int, ...]:
    """The indices of those `others` that ask the same as `question`, best first.

    `language`: of them all ("en", "en-GB"); one without a file of same words is compared by its
    letters alone. `encode`: a sentence encoder.
    """
    words = _same_words(language.replace("_", "-").split("-")[0].lower())
    mine = _asked(question, words)
    scores = [_shared(mine, _asked(other, words), words.common) for other in others]
    if encode is not None and others:
        nearness = _cosines(encode, question, others)
        scores = [
            max(score, near) if score >= NEARLY and near >= ENCODED else score
            for score, near in zip(scores, nearness, strict=True)
        ]
    found = [(-score, at) for at, score in enumerate(scores) if score >= ALIKE]
    return tuple(at for _, at in sorted(found))


def _shared(one: _Asked, other: _Asked, common: frozenset[str]) -> float:
    """0..1"""
    if one.said == other.said:
        return 1.0 if one.said else 0.0
    if one.sorts != other.sorts or not one.words or not other.words:
        return 0.0
    left = dict(other.words)
    matched, telling = 0, False
    for word, count in one.words.items():
        twin = word if word in left else next((w for w in left if _mistyped(word, w)), None)
        if twin is not None and (not count or not left[twin] or count == left[twin]):
            del left[twin]
            matched += 1
            telling = telling or word not in common
    return 2 * matched / (len(one.words) + len(other.words)) if telling else 0.0


def _mistyped(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _MISTYPED or not (one + other).isalpha():
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def _asked(text: str, words: _Words) -> _Asked:
    plain = unicodedata.normalize("NFKC", text[:_MAX_TEXT]).casefold().replace("’", "'")
    said = tuple(_WORD.findall(plain)[:_MAX_WORDS])
    stems = tuple(_stem(word, words) for word in said)
    sorts: set[str] = set()
    weak: set[str] = set()
    kept: list[str] = []
    at = 0
    while at < len(said):
        sort, sort_length = _phrase_at(said, at, words.asks)
        same, same_length = _phrase_at(stems, at, words.same)
        else_, else_length = _phrase_at(said, at, words.asks_else)
        small = said[at] in words.small and same_length < 2
        if sort:
            sorts.add(sort)
        elif else_ and not (small and else_length < 2):
            weak.add(else_)
        elif not small:
            kept.append(same or stems[at])
        at += max(sort_length, else_length, same_length, 1)
    return _Asked(said, frozenset(sorts or weak), _counted(kept, words.numbers))


def _phrase_at(
    said: tuple[str, ...], at: int, phrases: Mapping[tuple[str, ...], str]
) -> tuple[str, int]:
    """(what the longest phrase that begins there stands for, its length), or ("", 0)."""
    for length in range(min(_LONGEST, len(said) - at), 0, -1):
        if found := phrases.get(said[at : at + length]):
            return found, length
    return "", 0


def _counted(kept: Sequence[str], numbers: frozenset[str]) -> Mapping[str, str]:
    counted: dict[str, str] = {}
    number = ""
    for word in kept:
        if word in numbers or word.isdecimal():
            number = word
            continue
        counted[word] = number or counted.get(word, "")
        number = ""
    if number:  # it counts nothing that is named: "are 2 enough?"
        counted[number] = ""
    return counted


def _stem(word: str, words: _Words) -> str:
    for beginning in words.beginnings:
        if word.startswith(beginning) and len(word) - len(beginning) > _SHORTEST + 1:
            word = word[len(beginning) :]
            break
    while ending := _ending(word, words):
        word = word[: -len(ending)]
    return word


def _ending(word: str, words: _Words) -> str:
    fits = (e for e in words.endings if word.endswith(e) and len(word) - len(e) >= _SHORTEST)
    return next(fits, "")


def _cosines(encode: Encode, question: str, others: Sequence[str]) -> list[float]:
    vectors = np.asarray(encode([question, *others]), dtype=float)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.where(lengths > 0, lengths, 1.0)
    return [float(near) for near in vectors[1:] @ vectors[0]]


@cache
def _same_words(language: str) -> _Words:
    file = _SAME_WORDS / f"{language}.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8")) if _named(language) else {}
    forms = table.get("forms", {})
    bare = _Words(
        frozenset(table.get("small", ())),
        _phrases(table.get("asks", {})),
        _phrases(table.get("asks_where_nothing_else_does", {})),
        {},
        frozenset(),
        frozenset(),
        tuple(forms.get("beginnings", ())),
        tuple(forms.get("endings", ())),
    )
    sets = [
        [_stems(phrase, bare) for phrase in same] for same in table.get("same", {}).get("sets", ())
    ]
    same = {phrase: " ".join(each[0]) for each in sets for phrase in each}
    numbers = {
        " ".join(each[0]) for each in sets if any(" ".join(phrase).isdecimal() for phrase in each)
    }
    common = {
        same.get(key, " ".join(key)) for key in (_stems(w, bare) for w in table.get("common", ()))
    }
    return replace(bare, same=same, numbers=frozenset(numbers), common=frozenset(common))


def _phrases(table: Mapping[str, Sequence[str]]) -> Mapping[tuple[str, ...], str]:
    return {tuple(phrase.split()): sort for sort, phrases in table.items() for phrase in phrases}


def _named(language: str) -> bool:
    """No name from outside becomes a path."""
    return language in {file.stem for file in _SAME_WORDS.glob("*.toml")}


def _stems(phrase: str, words: _Words) -> tuple[str, ...]:
    return tuple(_stem(word, words) for word in phrase.split())
