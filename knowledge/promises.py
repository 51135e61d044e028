"""What may not be said: that somebody will be accepted. Only staff decide.

The wordings stand in `promises.toml`, a table for each language: `promises` are regular expressions
for what is refused, `honest` those for what says the opposite with the same words ("does not
guarantee acceptance"). What is honest is taken out first, so one honest sentence hides no promise
beside it. A language without a table is held against all the tables, and named as a fault by
`checks.py`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "promises.toml"


@dataclass(frozen=True, slots=True)
class _Table:
    promises: re.Pattern[str]
    honest: re.Pattern[str]


def promise_fault(text: str, language: str) -> str | None:
    """Why this text may not be said and how to mend it; None if it may. Markdown does not count."""
    words = promise_in(text, language)
    if words is None:
        return None
    return (
        f"{words!r} promises acceptance; only staff decide, so say what is required or who decides"
    )


def promise_in(text: str, language: str) -> str | None:
    """The words that promise acceptance. A language without a table is held against all."""
    tables = _read(FILE).tables
    own = (tables[language],) if language in tables else tuple(tables.values())
    plain = _plain(text)
    for table in own:
        # A mark of an ended sentence, so that the words on both sides do not become one.
        if found := table.promises.search(table.honest.sub(" . ", plain)):
            return found[0].strip()
    return None


def guarded_languages() -> frozenset[str]:
    """The languages that have a table."""
    return frozenset(_read(FILE).tables)


def tables_fault() -> str | None:
    """Why `promises.toml` cannot be used and how to mend it. Nothing may be served until it can."""
    return _read(FILE).fault


@dataclass(frozen=True, slots=True)
class _Tables:
    tables: Mapping[str, _Table]
    fault: str | None = None


@cache
def _read(file: Path) -> _Tables:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        return _Tables(
            {
                language: _Table(_any_of(table["promises"]), _any_of(table["honest"]))
                for language, table in tables.items()
            }
        )
    except (OSError, ValueError, TypeError, KeyError, re.error) as error:
        told = " ".join(str(error).split())
        return _Tables(
            {},
            f"{file.name}: cannot be used ({told}); each language has a table with the lists of "
            "regular expressions `promises` and `honest`",
        )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
        raise TypeError("a list holds texts in quotes")
    if not patterns:  # would match everywhere
        raise TypeError("a list is empty")
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _plain(text: str) -> str:
    """The words as a person reads them: no marks, no invisible characters, single spaces."""
    text = re.sub(r"\]\([^)\s]*\)", "", unicodedata.normalize("NFKC", text))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").replace("’", "'")
    text = re.sub(r"^(?:- |> )|[*\[\]]", "", text, flags=re.MULTILINE)
    return " ".join(text.split())
