"""Typing slips, as many as a hurried person makes, and the same ones in every run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

SHARE = 0.15
"""of the words with four letters or more that get a slip, one each"""

_WORD = re.compile(r"[^\W\d_]{4,}")
_AROUND = {(1, 0), (-1, 0), (0, 1), (-1, 1), (0, -1), (1, -1)}
"""steps to the keys around one, right and down: a lower row stands half a key to the right"""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """Letter -> the letters on the keys around it."""
    at = {letter: (x, y) for y, row in enumerate(_ROWS) for x, letter in enumerate(row)}
    return {
        letter: "".join(other for other, (v, w) in at.items() if (v - x, w - y) in _AROUND)
        for letter, (x, y) in at.items()
    }


_NEAR = _neighbours()


def mistype(text: str, rng: random.Random, share: float = SHARE) -> str:
    """``text`` with one slip in each of some long words; everything else stays as it was."""

    def slip(word: re.Match[str]) -> str:
        if rng.random() >= share:
            return word[0]
        return rng.choice(SLIPS)(word[0], rng)

    return _WORD.sub(slip, text)


def swap(word: str, rng: random.Random) -> str:
    """Two letters in the wrong order; a letter twice where all are the same."""
    places = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return double(word, rng)
    at = rng.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def drop(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + word[at + 1 :]


def double(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[: at + 1] + word[at:]


def neighbour(word: str, rng: random.Random) -> str:
    """The key beside the one that was meant; a letter twice where no key is known."""
    places = [at for at, letter in enumerate(word) if letter.lower() in _NEAR]
    if not places:
        return double(word, rng)
    at = rng.choice(places)
    typed = rng.choice(_NEAR[word[at].lower()])
    return word[:at] + (typed.upper() if word[at].isupper() else typed) + word[at + 1 :]


SLIPS: tuple[Callable[[str, random.Random], str], ...] = (swap, drop, double, neighbour)
