"""Names of businesses and of people.

A name is almost never wrong: what looks odd is kept and flagged. Capitals, spaces and scripts
stay as they were typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dialogs.verdicts import (
    Accepted,
    Flag,
    Known,
    Refused,
    fold,
    folded,
    has_letter,
    is_filler,
    looks_like_email,
    prepare,
)

_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_LOOKALIKE = "\u0370-\u03ff\u0400-\u052f"  # Greek and Cyrillic letters can pass for Latin ones
_MIXED = re.compile(f"[{_LATIN}][{_LOOKALIKE}]|[{_LOOKALIKE}][{_LATIN}]")
_MARKUP = re.compile(r"[<>{}\[\]=$|\\]|://")  # "`" is typed for an apostrophe


@lru_cache(maxsize=16)
def _marks(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of the words between spaces or commas, punctuation included ("t/a", "d.b.a.")."""
    if not words:
        return None
    longest_first = sorted(words, key=len, reverse=True)
    inner = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?:^|[\s,(])(?:{inner})(?=$|[\s,:)])[:)]?", re.I)


@lru_cache(maxsize=16)
def _forms(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Legal forms: as joined keys ("sa" for "S.A."), and those of scripts without spaces."""
    keys = frozenset(key.replace(" ", "") for key in folded(words))
    return keys, tuple(word for word in words if word > "\u1100")


def _lacks_form(text: str, words: tuple[str, ...]) -> bool:
    """Whether none of the legal forms stands in the name; unknown forms are nobody's fault."""
    if not words:
        return False
    keys, unspaced = _forms(words)
    tokens = fold(text).split()
    if any(
        "".join(tokens[start:end]) in keys
        for start in range(len(tokens))
        for end in range(start + 1, min(start + 5, len(tokens) + 1))
    ):
        return False
    return not any(form in text for form in unspaced)


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A business name; `legal` says that a legal form ("Ltd", "PT") may be expected in it."""

    legal: bool = True
    cap: int = 300
    lines: int = 1
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: name_no_letters, name_is_email, name_is_website."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if not any(ch.isalnum() for ch in text):
            return Refused("name_no_letters")
        if looks_like_email(text):
            return Refused("name_is_email")
        if re.match(r"https?:/", text, re.I) and " " not in text:
            return Refused("name_is_website")
        return Accepted(text, tuple(self._doubts(text, known)))

    def show(self, value: str, language: str) -> str:
        """The name as it is."""
        return value

    def _doubts(self, text: str, known: Known) -> list[Flag]:
        flags = []
        if is_filler(text, known):
            flags.append(Flag("placeholder"))
        elif not has_letter(text):
            flags.append(Flag("only_digits"))
        if _MIXED.search(text):
            flags.append(Flag("mixed_scripts"))
        if _MARKUP.search(text):
            flags.append(Flag("markup"))
        if self.legal:
            if _lacks_form(text, known.words.get("legal_forms", ())):
                flags.append(Flag("no_legal_form"))
            marks = _marks(known.words.get("dba_marks", ()))
            found = marks.search(text) if marks else None
            if found:
                legal, dba = text[: found.start()], text[found.end() :]
                legal, dba = legal.strip(" ,(:"), dba.strip(" ,):")
                if legal and dba:
                    flags.append(Flag("dba_inside", {"legal": legal, "dba": dba}))
        return flags


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in any script: at least one letter and no markup."""

    cap: int = 200
    lines: int = 1
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: person_no_letters, person_is_email, person_markup."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if looks_like_email(text):
            return Refused("person_is_email")
        if _MARKUP.search(text):
            return Refused("person_markup")
        if not has_letter(text):
            return Refused("person_no_letters")
        return Accepted(text, tuple(self._doubts(text, known)))

    def show(self, value: str, language: str) -> str:
        """The name as it is."""
        return value

    @staticmethod
    def _doubts(text: str, known: Known) -> list[Flag]:
        flags = []
        if is_filler(text, known):
            flags.append(Flag("placeholder"))
        # Names in Chinese, Japanese and Korean are written without a space.
        if " " not in text and max(text) < "\u1100":
            flags.append(Flag("one_word"))
        if any(ch.isdigit() for ch in text):
            flags.append(Flag("digits"))
        words = set(text.lower().split())
        if "&" in text or ";" in text or " / " in text or words & set(known.words.get("and", ())):
            flags.append(Flag("two_people"))
        if _MIXED.search(text):
            flags.append(Flag("mixed_scripts"))
        return flags
