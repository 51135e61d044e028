"""The labelled rows, each with the half of its file that it falls in.

The data lies beside the project (``../shared/corpora``) and is no part of it. A row's half follows
from its text alone: whoever tunes a reader looks at half "a" and lets "b" tell whether the rule was
about the world or only about the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2].parent / "shared" / "corpora"
ABSENT = "the labelled data (../shared/corpora) is not beside the project"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled input. valid: what its file's README says; None where it is no such question."""

    input: str
    valid: bool | None
    klass: str
    why: str
    region: str
    """ISO country code, or "" """

    @property
    def half(self) -> str:
        digest = hashlib.sha256(self.input.encode("utf-8", "surrogatepass")).digest()
        return "a" if digest[-1] % 2 else "b"


def present() -> bool:
    return FOLDER.is_dir()


@cache
def rows(name: str) -> tuple[Row, ...]:
    """All rows of ``<name>.jsonl``; raises FileNotFoundError where the data is absent."""
    return tuple(_read(FOLDER / f"{name}.jsonl"))


def _read(path: Path) -> Iterator[Row]:
    # One row a "\n" only: the inputs hold every other kind of line end.
    for line in path.read_text("utf-8").split("\n"):
        if line.strip():
            row = json.loads(line)
            yield Row(row["input"], row["valid"], row["klass"], row["why"], row.get("region") or "")
