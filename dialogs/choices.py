"""Answers that come from a short list: one of the form's options, or yes / no / not sure.

A wrong guess here is worse than a second question: a hedge is never turned into a yes, and words
that fit two options are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from dialogs.verdicts import Accepted, Known, Refused, fold, folded, holds, prepare


@lru_cache(maxsize=128)
def _phrases(options: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, frozenset[str]]:
    """Folded phrase -> the keys that it may mean."""
    found: dict[str, set[str]] = {}
    for key, words in options:
        for word in (key, *words):
            found.setdefault(fold(word), set()).add(key)
    return {phrase: frozenset(keys) for phrase, keys in found.items() if phrase}


def _slips(phrase: str) -> int:
    """Typing slips forgiven in a phrase: none in a short one, where a slip is another word."""
    return 0 if len(phrase) < 4 else 1 if len(phrase) < 8 else 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options` (keys), by label or by any word that means it; the value is the key."""

    options: tuple[str, ...]
    cap: int = 200
    lines: int = 1
    free: bool = False

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: choice_unclear (several fit, or hedged), choice_unknown (none fits)."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if text in self.options:
            return Accepted(text)
        phrases = _phrases(tuple((key, known.options.get(key, ())) for key in self.options))
        said = fold(text)
        keys = phrases.get(said, frozenset())
        if keys and "?" in text:
            return Refused("choice_unclear")
        if not keys:
            keys = self._nearly(said, phrases) or self._inside(said, phrases)
            tokens = said.split()
            doubts = ("negations", "not_sure")
            # "not a reseller", "maybe a shop": the option is named and not chosen.
            if keys and any(holds(tokens, folded(known.words.get(d, ()))) for d in doubts):
                return Refused("choice_unclear")
        if not keys:
            return Refused("choice_unknown")
        return Accepted(next(iter(keys))) if len(keys) == 1 else Refused("choice_unclear")

    def show(self, value: str, language: str) -> str:
        """The key itself; its label is in words/*.toml."""
        return value

    @staticmethod
    def _inside(said: str, phrases: dict[str, frozenset[str]]) -> frozenset[str]:
        """The options named inside a longer text; a longer name hides the shorter in it."""
        rest = f" {said} "
        keys: frozenset[str] = frozenset()
        for phrase in sorted(phrases, key=len, reverse=True):
            if len(phrase) > 2 and f" {phrase} " in rest:
                rest = rest.replace(f" {phrase} ", " | ")
                keys |= phrases[phrase]
        return keys

    @staticmethod
    def _nearly(said: str, phrases: dict[str, frozenset[str]]) -> frozenset[str]:
        """The options whose phrase is said with a typing slip or two."""
        if len(said) > 60:
            return frozenset()
        keys: frozenset[str] = frozenset()
        for phrase, meant in phrases.items():
            slips = _slips(phrase)
            if slips and OSA.distance(said, phrase, score_cutoff=slips) <= slips:
                keys |= meant
        return keys


SLIPPING = 7
"""letters of a phrase in which a slip is seen before its words are looked at"""
_UNCLEAR = Refused("yes_no_unclear")
_PLAIN_ANSWERS = frozenset({"yes", "no", "not_sure"})


@dataclass(frozen=True, slots=True)
class YesNo:
    """The value is "yes" or "no", and where `not_sure` is allowed also "not_sure"."""

    not_sure: bool = False
    cap: int = 300
    lines: int = 3
    free: bool = False

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: hedged (details: leaning), yes_no_not_sure, yes_no_unclear."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        yes, no, unsure, hedges, negations, padding = (
            folded(known.words.get(name, ()))
            for name in ("yes", "no", "not_sure", "hedges", "negations", "padding")
        )
        said = fold(text)
        if text in _PLAIN_ANSWERS:
            return self._unsure() if text == "not_sure" else Accepted(text)
        if "?" in text:
            return _UNCLEAR
        if _near_any(said, unsure):  # "no diea"
            return self._unsure()
        tokens = said.split()
        starts = yes | no | unsure | hedges
        while len(tokens) > 1 and tokens[0] in padding and not _head(tokens, starts):
            tokens = tokens[1:]
        # The longest phrase at the start decides: "no idea" is no "no", "not really" a hedge.
        head = _head(tokens, starts)
        tail = tokens[len(head.split()) :]
        value = "yes" if head in yes else "no" if head in no else ""
        if not value and holds(tokens, unsure):
            return self._unsure()
        if not value:
            leaning = "yes" if holds(tokens, yes) else "no" if holds(tokens, no) else ""
            conditional = leaning and holds(tokens, hedges)
            return Refused("hedged", {"leaning": leaning}) if conditional else _UNCLEAR
        if holds(tail, hedges) or holds(tail, unsure) or not _tells_how_long(tail, known):
            return Refused("hedged", {"leaning": value})
        against = no | negations if value == "yes" else yes
        if holds(tail, against) or len(tail) > 12:
            return _UNCLEAR
        return Accepted(value)

    def show(self, value: str, language: str) -> str:
        """The key itself; its label is in words/*.toml."""
        return value

    def _unsure(self) -> Accepted | Refused:
        return Accepted("not_sure") if self.not_sure else Refused("yes_no_not_sure")


def _tells_how_long(tail: Sequence[str], known: Known) -> bool:
    """Is each number in it a time until today ("6 years", "since 2016")? "In 6 months" is not yet,
    and "2 of 3" is a part."""
    spans, since, ahead, left = (
        folded(known.words.get(name, ()))
        for name in ("spans", "spans_since", "spans_ahead", "spans_left")
    )
    words = ["", *tail, "", ""]
    return all(
        words[n - 1] in since
        or (words[n + 1] in spans and words[n - 1] not in ahead and words[n + 2] not in left)
        for n, word in enumerate(words)
        if word.isdigit()
    )


def _near_any(said: str, phrases: frozenset[str]) -> bool:
    """Is the whole text a slip of the keyboard away from one of the longer phrases?"""
    if not SLIPPING <= len(said) <= 2 * SLIPPING:
        return False
    return any(
        abs(len(phrase) - len(said)) < 2 and OSA.distance(said, phrase, score_cutoff=1) == 1
        for phrase in phrases
    )


def _head(tokens: list[str], phrases: frozenset[str]) -> str:
    """The longest of the phrases that the text starts with, or ""."""
    heads = (" ".join(tokens[:size]) for size in range(min(5, len(tokens)), 0, -1))
    return next((head for head in heads if head in phrases), "")
