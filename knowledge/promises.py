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
    tables = _tables()
    own = (tables[language],) if language in tables else tuple(tables.values())
    plain = _plain(text)
    for table in own:
        # A mark of an ended sentence, so that the words on both sides do not become one.
        if found := table.promises.search(table.honest.sub(" . ", plain)):
            return (
                f"{found[0].strip()!r} promises acceptance; only staff decide, "
                "so say what is required or who decides"
            )
    return None


def guarded_languages() -> frozenset[str]:
    """The languages that have a table."""
    return frozenset(_tables())


@cache
def _tables() -> Mapping[str, _Table]:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        language: _Table(_any_of(table["promises"]), _any_of(table["honest"]))
        for language, table in tables.items()
    }


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _plain(text: str) -> str:
    """The words as a person reads them: no marks, no invisible characters, single spaces."""
    text = re.sub(r"\]\([^)\s]*\)", "", unicodedata.normalize("NFKC", text))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").replace("’", "'")
    text = re.sub(r"^(?:- |> )|[*\[\]]", "", text, flags=re.MULTILINE)
    return " ".join(text.split())
