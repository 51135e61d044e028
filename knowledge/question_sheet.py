"""A sheet of questions, each with the article that answers it: CSV or JSON Lines.

What articles it makes: `drafts.py`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_SHEET = 200_000_000
"""bytes"""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "text"),
    "article": ("article", "category", "label", "intent"),
    "title": ("title",),
    "passage": ("passage",),
    "section": ("section",),
}
"""what is read, and the names that it goes by"""
_NEEDED = ("question", "article")
_JSON = (".jsonl", ".ndjson", ".json")


class SheetError(ValueError):
    """The sheet cannot be used. The text names the file, the line where there is one, the mend."""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    """where it stands in the sheet, from 1"""
    question: str
    article: str
    """as the sheet calls it"""
    title: str = ""
    passage: str = ""
    section: str = ""


def read_sheet(file: Path) -> tuple[Row, ...]:
    """Every row. Raises SheetError."""
    try:
        if file.stat().st_size > MAX_SHEET:
            raise SheetError(f"{file}: is larger than {MAX_SHEET // 1_000_000} MB; split it")
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError(f"{file}: save the file as UTF-8") from None
    except OSError as error:
        raise SheetError(f"{file}: cannot be read ({error.strerror})") from None
    is_json = file.suffix.lower() in _JSON or text.lstrip()[:1] == "{"
    rows = tuple(_json_rows(text, file) if is_json else _csv_rows(text, file))
    if not rows:
        raise SheetError(f"{file}: has no rows")
    return rows


def _json_rows(text: str, file: Path) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise SheetError(f"{file}, line {number}: is no JSON object; write one a line")
        yield _row({str(key).strip().lower(): value for key, value in found.items()}, number)


def _csv_rows(text: str, file: Path) -> Iterator[Row]:
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    names: list[str] = []
    try:
        for cells in rows:
            if not names:
                names = [name.strip().lower() for name in cells]
                _check_columns(names, file)
            elif len(cells) > len(names):
                raise SheetError(
                    f"{file}, line {rows.line_num}: has {len(cells)} cells, but the first line "
                    f"names {len(names)}; put a text that holds {mark!r} in quotes"
                )
            elif any(cell.strip() for cell in cells):
                yield _row(dict(zip(names, cells, strict=False)), rows.line_num)
    except csv.Error as error:
        raise SheetError(f"{file}, line {rows.line_num}: is no CSV ({error})") from None


def _check_columns(names: Sequence[str], file: Path) -> None:
    for wanted in _NEEDED:
        if not set(COLUMNS[wanted]) & set(names):
            raise SheetError(
                f"{file}, line 1: has no column {' or '.join(COLUMNS[wanted])}; "
                "the first line names the columns"
            )


def _row(found: Mapping[str, Any], line: int) -> Row:
    """What is no text or number counts as not given."""

    def text(key: str) -> str:
        for name in COLUMNS[key]:
            value = found.get(name)
            if isinstance(value, str) and value.strip():
                return value
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
        return ""

    return Row(line, *(text(key) for key in COLUMNS))
