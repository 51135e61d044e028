"""Records to files. What there is to write follows from the form.

JSON Lines is the exact form, one record a line:

    {"schema": 1, "reference": ..., "submitted_at": ..., "state": ..., "changed_at": ...,
     "channel": ..., "application": {...}}

CSV and XLSX are for spreadsheets, and hold the same in tables (``bot/tables.py``): one file, or one
sheet, each. CSV is UTF-8 with a byte order mark, since Excel reads it as something else without. A
cell that a spreadsheet would take for a formula gets a leading apostrophe, and so does one that has
apostrophes before such a beginning: so taking one off gives back what was there.

Files are 0600 and appear whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from pydantic import BaseModel, Field, create_model

from bot.store import Reports
from bot.store.rows import RecordRow, RecordState
from bot.tables import Tables
from bot.workbook import TooManyRows, workbook
from dialogs.exporting import ExportRequest
from dialogs.form import Form
from dialogs.record import SCHEMA_VERSION, record_model

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""what a cell must not start with: a spreadsheet would run it"""
MARK = "frontdesk export"
STATES: tuple[str, ...] = get_args(RecordState)
REFERENCE = r"^FD-[0-9A-Z]{4}-[0-9A-Z]{4}$"
TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
CHANNEL = r"^[a-z][a-z0-9_]{0,30}$"

_MARKED = re.compile(r"'+[=+\-@\t\r]")

Told = Callable[[int], None]
"""hears after each record how many are written"""


class ExportError(Exception):
    """What to do differently, for whoever exports or imports."""


def sort_of(request: ExportRequest) -> str:
    """Which applications in what form, in one line, for the record of what was done."""
    asked = (("since", request.since), ("until", request.until), ("state", request.state))
    return " ".join([request.form, *(f"{name} {text}" for name, text in asked if text)])


def wanted(reports: Reports, request: ExportRequest) -> Iterator[RecordRow]:
    """Oldest first."""
    return reports.records(request.since, request.until, request.state)


def write_jsonl(reports: Reports, request: ExportRequest, file: BinaryIO, told: Told) -> int:
    """How many."""
    count = 0
    for row in wanted(reports, request):
        file.write(json.dumps(as_json(row), ensure_ascii=False).encode() + b"\n")
        count += 1
        told(count)
    return count


def as_json(row: RecordRow) -> dict[str, Any]:
    application = json.loads(row.body)
    return {
        "schema": application.pop("schema"),
        "reference": row.reference,
        "submitted_at": row.submitted_at,
        "state": row.state,
        "changed_at": row.changed_at,
        "channel": row.channel,
        "application": application,
    }


def line_model(form: Form) -> type[BaseModel]:
    """Of one line of JSON Lines, for its JSON Schema."""
    members: dict[str, Any] = {
        "schema_": (Literal[1], Field(alias="schema")),
        "reference": (str, Field(pattern=REFERENCE)),
        "submitted_at": (str, Field(pattern=TIME)),
        "state": (RecordState, ...),
        "changed_at": (str, Field(pattern=TIME)),
        "channel": (str, Field(pattern=CHANNEL)),
        "application": (record_model(form, versioned=False), ...),
    }
    return create_model("Line", __config__={"extra": "forbid"}, **members)


def write_csv(
    form: Form, reports: Reports, request: ExportRequest, files: Sequence[BinaryIO], told: Told
) -> int:
    """``files``: one for each of ``Tables(form).all``. How many applications."""
    tables = Tables(form)
    with ExitStack() as stack:
        writers = [csv.writer(stack.enter_context(_text(file))) for file in files]
        for writer, table in zip(writers, tables.all, strict=True):
            writer.writerow(table.columns)
        count = 0
        for count, row in enumerate(wanted(reports, request), 1):
            for index, cells in tables.rows(row):
                writers[index].writerow(map(harmless_cell, cells))
            told(count)
    return count


def write_xlsx(
    form: Form, reports: Reports, request: ExportRequest, file: BinaryIO, at: str, told: Told
) -> int:
    """``at``: now, as it stands in the sheet "about". How many applications."""
    tables = Tables(form)
    counts = [0 for _ in tables.all]
    try:
        with workbook(file, tables.all) as book:
            for row in wanted(reports, request):
                for index, cells in tables.rows(row):
                    counts[index] += 1
                    book.add(index, cells)
                told(counts[0])
            book.end(
                [
                    (MARK, str(SCHEMA_VERSION)),
                    ("exported at (UTC)", at),
                    ("from (UTC)", request.since or "the first"),
                    ("to (UTC)", request.until or "the last"),
                    ("state", request.state or "any"),
                    *((t.name, str(n)) for t, n in zip(tables.all, counts, strict=True)),
                    ("cells continued in the sheet long", str(book.cut)),
                    ("characters that XML cannot hold", "stand as _xHHHH_"),
                ]
            )
    except TooManyRows:
        raise ExportError(
            "A sheet of XLSX holds 1,048,575 rows, and these are more: export them in parts "
            "(--since, --until), or with --format jsonl"
        ) from None
    return counts[0]


def harmless_cell(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(RISKY) or _MARKED.match(text) else text


def bare_cell(cell: str) -> str:
    """What ``harmless_cell`` was given."""
    return cell[1:] if _MARKED.match(cell) else cell


@contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()


@contextmanager
def whole_files(paths: Sequence[Path]) -> Iterator[list[BinaryIO]]:
    """Files to write (0600) that take their names only when all went well. Raises ExportError."""
    with ExitStack() as stack:
        made: list[tuple[BinaryIO, Path, Path]] = []
        for path in paths:
            try:
                number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            except OSError as error:
                raise ExportError(
                    f"{path} cannot be written ({error.strerror}); name another place"
                ) from None
            stack.callback(Path(name).unlink, missing_ok=True)
            made.append((stack.enter_context(os.fdopen(number, "wb")), Path(name), path))
        try:
            yield [file for file, _, _ in made]
            for file, _, _ in made:
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            for file, _, _ in made:
                with suppress(OSError):  # what is buffered finds no room either
                    file.close()
            raise ExportError(
                f"{paths[0]} cannot be written whole ({error.strerror}), so nothing was: make room,"
                " or name another place"
            ) from None
        for _, temporary, path in made:
            try:
                temporary.replace(path)
            except OSError as error:
                raise ExportError(f"{path} cannot be replaced ({error.strerror})") from None
