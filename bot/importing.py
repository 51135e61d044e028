"""Files of an export, read back: JSON Lines, a folder or ZIP of CSV, XLSX.

Nothing is taken on trust: every record is checked against the form, and the first that does not
fit refuses the file, with its place and what to do. Records come one by one, in their order.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from bot.export import (
    CHANNEL,
    MARK,
    REFERENCE,
    STATES,
    TIME,
    ExportError,
    bare_cell,
)
from bot.store.rows import RecordRow
from bot.tables import APPLICATIONS, HEAD, ITEM_HEAD, Cells, Misfit, Table, Tables
from bot.workbook import ABOUT, LONG, LONG_COLUMNS
from bot.workbook_reading import DAMAGED, NoWorkbook, TextWorkbook
from dialogs.form import Form
from dialogs.record import SCHEMA_VERSION, Check

MAX_LINE = 64 * 1024 * 1024
"""bytes of a line of JSON; characters of a cell"""
KEYS = ("schema", "reference", "submitted_at", "state", "changed_at", "channel", "application")

Line = tuple[str, dict[str, Any]]
"""(where it stands, for a person; what it says, as in JSON Lines)"""
Rows = Iterator[tuple[str, Cells]]
"""(where it stands, its cells) of each row, the head first"""
Opened = Callable[[str], IO[bytes] | None]
""""applications.csv" -> the file; None where there is none"""


class Unfit(ExportError):
    """What is wrong with a file, where, and what to do."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


def read_records(form: Form, path: Path) -> Iterator[tuple[str, RecordRow]]:
    """(where it stands, record) of each; ``conversation`` and ``number`` are 0. Raises Unfit."""
    check = Check(form)
    places: dict[str, str] = {}
    for place, line in _lines(form, path):
        row = _row(check, place, line)
        if row.reference in places:
            raise Unfit(
                place, f"{row.reference} stands already at {places[row.reference]}; keep one"
            )
        places[row.reference] = place
        yield place, row


def _lines(form: Form, path: Path) -> Iterator[Line]:
    try:
        if path.is_dir():

            def in_folder(name: str) -> IO[bytes] | None:
                file = path / name
                return file.open("rb") if file.is_file() else None

            yield from _csv_lines(form, path, in_folder)
            return
        if path.exists() and not path.is_file():
            raise Unfit(str(path), "it can be read but once; write it to a file, and import that")
        if path.suffix.lower() == ".csv":
            raise Unfit(str(path), f"it is one table of several; import its folder: {path.parent}")
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                file.seek(0)
                yield from _packed_lines(form, path, file)
            else:
                file.seek(0)
                yield from _json_lines(path, file)
    except OSError as error:
        raise Unfit(str(path), f"it cannot be read ({error.strerror or error})") from None


# -- JSON Lines


def _json_lines(path: Path, file: IO[bytes]) -> Iterator[Line]:
    number = 0
    while raw := file.readline(MAX_LINE):
        number += 1
        place = f"{path}, line {number}"
        if len(raw) == MAX_LINE:
            raise Unfit(place, "it is longer than 64 MB, so it is no record")
        if not raw.strip():
            continue
        try:
            line = json.loads(raw.decode(), parse_constant=_no_number)
            json.dumps(line, ensure_ascii=False).encode()
        except (ValueError, RecursionError):  # also half characters, which no database takes
            raise Unfit(
                place, "it is no JSON of an export; give a file that `frontdesk export` wrote"
            ) from None
        if not isinstance(line, dict):
            raise Unfit(place, "it is no record; give a file that `frontdesk export` wrote")
        yield place, line


def _no_number(text: str) -> None:
    raise ValueError(text)


# -- tables


def _csv_lines(form: Form, path: Path, opened: Opened) -> Iterator[Line]:
    with ExitStack() as stack:

        def rows(table: Table) -> Rows | None:
            file = opened(f"{table.name}.csv")
            if file is None:
                return None
            return _csv_rows(f"{table.name}.csv", stack.enter_context(file))

        yield from _table_lines(Tables(form), path, ".csv", rows)


def _csv_rows(name: str, file: IO[bytes]) -> Rows:
    csv.field_size_limit(MAX_LINE)
    columns: list[str] = []
    number = 0
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        try:
            for cells in reader:
                number, place = reader.line_num, f"{name}, line {number + 1}"
                if columns and len(cells) != len(columns):
                    raise Unfit(place, f"it has {len(cells)} cells, the head {len(columns)}")
                if not columns:
                    columns = _head(place, cells)
                yield place, dict(zip(columns, map(bare_cell, cells), strict=True))
        except (csv.Error, UnicodeDecodeError):
            raise Unfit(
                f"{name}, line {number + 1}",
                "it is no CSV in UTF-8 with commas; save it as such, or export it again",
            ) from None


def _head(place: str, cells: list[str]) -> list[str]:
    twice = next((name for name in cells if cells.count(name) > 1), None)
    if twice is not None:
        raise Unfit(place, f"it has the column {twice[:40]!r} twice")
    return cells


def _packed_lines(form: Form, path: Path, file: IO[bytes]) -> Iterator[Line]:
    """XLSX, or CSV files in a ZIP."""
    try:
        packed = zipfile.ZipFile(file)
        names = set(packed.namelist())
    except DAMAGED:
        raise Unfit(str(path), "it is damaged; export it again") from None
    if f"{APPLICATIONS}.csv" in names:
        try:

            def in_zip(name: str) -> IO[bytes] | None:
                return packed.open(name) if name in names else None

            yield from _csv_lines(form, path, in_zip)
        except DAMAGED:
            raise Unfit(str(path), "it is damaged; export it again") from None
        return
    try:
        book = TextWorkbook(file)
        about = book.rows(ABOUT) if ABOUT in book.sheets else ()
        versions = {cells[0]: cells[1] for _, cells in about if len(cells) > 1}
        if versions.get(MARK) != str(SCHEMA_VERSION):
            raise Unfit(
                str(path),
                'its sheet "about" does not say that this program exported it; give a workbook '
                "that `frontdesk export --format xlsx` wrote",
            )
        long = _long_texts(book)

        def rows(table: Table) -> Rows | None:
            return _sheet_rows(book, table.name, long) if table.name in book.sheets else None

        yield from _table_lines(Tables(form), path, "", rows)
    except NoWorkbook as error:
        raise Unfit(str(path), str(error)) from None


def _long_texts(book: TextWorkbook) -> Mapping[tuple[str, ...], str]:
    """(sheet, reference, number, column) -> the whole text."""
    if LONG not in book.sheets:
        return {}
    pieces: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for number, cells in book.rows(LONG):
        if number > 1:
            *key, part, text = [*cells, *[""] * len(LONG_COLUMNS)][: len(LONG_COLUMNS)]
            pieces[tuple(key)][part.rjust(9)] = text
    return {
        key: "".join(text for _, text in sorted(found.items())) for key, found in pieces.items()
    }


def _sheet_rows(book: TextWorkbook, name: str, long: Mapping[tuple[str, ...], str]) -> Rows:
    columns: list[str] = []
    for number, cells in book.rows(name):
        place = f"sheet {name}, row {number}"
        if not columns:
            columns = _head(place, cells)
        if len(cells) > len(columns):
            raise Unfit(place, "it has more cells than the head of its sheet")
        row = dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True))
        item = "" if name == APPLICATIONS else row.get("number", "")
        for column in columns:
            whole = long.get((name, row.get("reference", ""), item, column))
            row[column] = row[column] if whole is None else whole
        yield place, row


def _table_lines(
    tables: Tables, path: Path, ending: str, rows: Callable[[Table], Rows | None]
) -> Iterator[Line]:
    """``rows``: those of a table, None where it is not there. The repeats are held in memory, since
    a spreadsheet may have sorted them."""
    first, *repeats = tables.all
    items: dict[str, dict[str, list[Cells]]] = {}
    for table in repeats:
        found: dict[str, list[Cells]] = defaultdict(list)
        for _, cells in _checked(path, table, ending, rows(table), ITEM_HEAD):
            found[cells["reference"]].append(cells)
        items[table.name] = found
    for place, cells in _checked(path, first, ending, rows(first), HEAD):
        mine = {name: found.pop(cells["reference"], []) for name, found in items.items()}
        try:
            answers = tables.record(cells, mine)
        except Misfit as error:
            raise Unfit(f"{path}, {place}", str(error)) from None
        head: dict[str, Any] = {name: cells[name] for name in HEAD}
        version = head.pop("schema")
        known = int(version) if re.fullmatch(r"[0-9]{1,4}", version) else version
        yield f"{path}, {place}", {"schema": known, **head, "application": answers}
    for name, found in items.items():
        if found:
            raise Unfit(
                f"{path}, {name}{ending}",
                f"there are rows of {next(iter(found))[:20]}, which {first.name}{ending} has not",
            )


def _checked(
    path: Path, table: Table, ending: str, rows: Rows | None, needed: tuple[str, ...]
) -> Rows:
    if rows is None:
        raise Unfit(str(path), f"{table.name}{ending} is not there; give all that the export wrote")
    place, head = next(rows, ("", {}))
    lacking = [name for name in needed if name not in head]
    strange = [name for name in head if name not in table.columns]
    if lacking or strange:
        what = f"has no column {lacking[0]}" if lacking else f"has a column {strange[0][:40]!r}"
        raise Unfit(
            f"{path}, {place or table.name + ending}",
            f"it {what}, so it was not exported with this form",
        )
    yield from rows


# -- one record


def _row(check: Check, place: str, line: Mapping[str, Any]) -> RecordRow:
    if line.get("schema") != SCHEMA_VERSION or isinstance(line.get("schema"), bool):
        raise Unfit(
            place,
            f"its schema is not {SCHEMA_VERSION}: it is no record, or of another version of this "
            "program; import it with that one",
        )
    strange = [key for key in line if key not in KEYS]
    lacking = [key for key in KEYS if key not in line]
    if strange or lacking:
        what = f"has {strange[0][:40]!r}" if strange else f"lacks {lacking[0]!r}"
        raise Unfit(place, f"it {what}, so it is no line of an export")
    for key, fits, want in (
        ("reference", _like(REFERENCE), "a reference such as FD-2345-ABCD"),
        ("submitted_at", _is_time, "a time such as 2026-11-22T08:30:00.000Z"),
        ("changed_at", _is_time, "a time such as 2026-11-22T08:30:00.000Z"),
        ("channel", _like(CHANNEL), "a channel such as telegram"),
        ("state", STATES.__contains__, f"one of: {', '.join(STATES)}"),
    ):
        if not isinstance(line[key], str) or not fits(line[key]):
            raise Unfit(place, f"{key} has to be {want}")
    fault = check.fault(line["application"])
    if fault is not None:
        path = f"application.{fault.path}" if fault.path else "application"
        raise Unfit(place, f"{path[:80]} {fault.reason}; correct it, or export it again")
    body = json.dumps({"schema": SCHEMA_VERSION, **line["application"]}, ensure_ascii=False)
    return RecordRow(
        line["reference"],
        0,
        0,
        line["channel"],
        line["submitted_at"],
        line["state"],
        line["changed_at"],
        body,
    )


def _like(pattern: str) -> Any:
    return re.compile(pattern.removesuffix("$")).fullmatch


def _is_time(text: str) -> bool:
    if re.fullmatch(TIME.removesuffix("$"), text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
