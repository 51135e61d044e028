"""What a reader says of a typed answer, what it may look at, and the cleaning before every reader.

A reader is a pure function of two things: the text that was typed and what is `Known`. It answers
`Accepted` (a normalised value, and doubts kept for the reviewer) or `Refused` (a code whose words
teach the person what would pass). Nothing here holds a sentence: codes are worded in words/*.toml,
`[refusals.<code>]` and `[flags.<code>]`, and `details` fill the placeholders of those words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt kept for the reviewer; it never stops the applicant."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A normalised value: E.164, ISO country code, URL, choice key, or NFC text."""

    value: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken as an answer; `code` names the rule, `details` what to say about this answer."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader may look at besides the text.

    values: normalised answers so far, the same item's first ("country"), then the form's
    ("email", "website"). options: for a choice, key -> its label and the words that mean it.
    words: the word lists of the languages ("yes", "hedges", "po_box", ...). language: the tag of
    the person's language, used only to understand and list country names.
    """

    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    language: str = "en"


@runtime_checkable
class Reader(Protocol):
    """Every rule about typing one kind of answer."""

    @property
    def cap(self) -> int:
        """Characters accepted at most, after cleaning."""

    @property
    def lines(self) -> int:
        """Lines with text accepted at most."""

    @property
    def free(self) -> bool:
        """Whether it takes free text, so that a bare number cannot be a button pick."""

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Never raises, whatever was typed."""

    def show(self, value: str, language: str) -> str:
        """An accepted value as a person likes to read it; a key where the words are elsewhere."""


# Line ends of every kind become "\n", so that lines can be counted and joined.
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, bidi and zero-width controls, tags, lone surrogates (which no UTF-8 file can hold).
# ZWJ and ZWNJ stay: Persian and Indic names and emoji need them.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(typed: str) -> str:
    """The text as it is kept: NFC, invisible controls dropped, ends trimmed; "" when empty."""
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = _DROPPED.sub("", _BREAKS.sub("\n", typed).replace("\t", " "))
    return unicodedata.normalize("NFC", text).strip()


def prepare(typed: str, cap: int, lines: int) -> str | Refused:
    """Clean text within the caps, or the refusal "empty", "too_long" or "too_many_lines"."""
    # Far over the cap is refused unread, so that a book costs nothing.
    if len(typed) > 4 * cap + 200:
        return Refused("too_long", {"limit": str(cap)})
    text = clean(typed)
    if not text:
        return Refused("empty")
    if len(text) > cap:
        return Refused("too_long", {"limit": str(cap)})
    if "\n" in text and sum(1 for line in text.split("\n") if line.strip()) > lines:
        return Refused("too_many_lines", {"limit": str(lines)})
    return text


_APOSTROPHES = re.compile("['’ʼ`´]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_WORD_ASCII = re.compile("[^a-z0-9]+")
# Letters that no decomposition turns into their plain neighbour.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"})


def plain(text: str) -> str:
    """Casefolded, compatibility-decomposed, without Latin, Greek and Cyrillic accents."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", text)).translate(_PLAIN)


def fold(text: str) -> str:
    """A key for comparing words: plain letters and digits, single spaces, no punctuation.

    An emoji answer has no letters; it is its own key, without its skin colour.
    """
    text = plain(_APOSTROPHES.sub("", text))
    pattern = _NOT_WORD_ASCII if text.isascii() else _NOT_WORD
    return pattern.sub(" ", text).strip() or re.sub("[\ufe0f\U0001f3fb-\U0001f3ff\\s]", "", text)


@lru_cache(maxsize=256)
def folded(words: tuple[str, ...]) -> frozenset[str]:
    """The keys of a word list."""
    return frozenset(fold(word) for word in words)


def holds(tokens: list[str], phrases: frozenset[str], longest: int = 5) -> bool:
    """Whether any run of up to `longest` tokens is one of the phrases."""
    return any(
        " ".join(tokens[start : start + size]) in phrases
        for size in range(1, min(longest, len(tokens)) + 1)
        for start in range(len(tokens) - size + 1)
    )


def is_filler(text: str, known: Known) -> bool:
    """Whether the whole answer only fills the field ("n/a", "test"): kept, and flagged.

    It is never refused: "none" is a true answer to what came before, and "Null" is a surname.
    """
    return fold(text) in folded(known.words.get("placeholders", ()))


def has_letter(text: str) -> bool:
    """Whether any character is a letter that can be seen (Hangul fillers are blank)."""
    return any(ch.isalpha() and ch not in "\u115f\u1160\u3164\uffa0" for ch in text)


EMAIL_SHAPE = re.compile(r"[^\s@<>,;:()\"\\]+@[^\s@<>,;:()\"\\]+\.[^\s@<>,;:().\"\\]{2,}")
_HOST_SHAPE = re.compile(
    r"(?:https?:/+)?(?:[^\s@/:.,;]+\.)+[^\W\d_][\w-]+(?::\d+)?(?:[/?#]\S*)?", re.I
)


def looks_like_email(text: str) -> bool:
    """Whether the whole text has the shape of one e-mail address."""
    return "@" in text and EMAIL_SHAPE.fullmatch(text) is not None


def looks_like_website(text: str) -> bool:
    """Whether the whole text has the shape of a web address, with or without a scheme."""
    return "." in text and _HOST_SHAPE.fullmatch(text) is not None


def looks_like_phone(text: str) -> bool:
    """Whether the text is digits and phone punctuation only, at least seven digits."""
    return not re.search(r"[^\d\s()+./-]", text) and sum(ch.isdigit() for ch in text) >= 7
