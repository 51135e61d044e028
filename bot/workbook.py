"""Tables to an XLSX workbook in which every cell is a text, whatever it looks like.

Nothing is trimmed or taken for a number, a date, a link or a formula. Two limits of the format:

- Characters that XML cannot hold stand as ``_xHHHH_``, as the format's own standard has it (NUL is
  ``_x0000_``); where such a text was typed as it is, its underscore is ``_x005F_``. Spreadsheets
  show them as what they mean, and ``unescaped`` undoes it.
- A cell holds 32,767 characters. Of a longer one the cell has the beginning and says so; the whole
  stands in parts in the sheet ``long``.

Rows go to a temporary file as they come, so memory stays small.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from bot.tables import APPLICATIONS, Table

ABOUT = "about"
LONG = "long"
LONG_COLUMNS = ("sheet", "reference", "number", "column", "part", "text")
CELL_LIMIT = 32_767
"""UTF-16 code units of a cell"""
SHOWN = 200
"""characters of a longer text that its cell begins with"""
CUT = '… [the whole is in the sheet "long"]'
WIDTH = 24

_FORBIDDEN = "\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff"
_NOT_IN_XML = re.compile(f"[{_FORBIDDEN}]")
_UNDERSCORE = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}[_{_FORBIDDEN}])")
"""that begins what reads like an escape; the one of a forbidden character begins with another"""
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class TooManyRows(Exception):
    """The format's 1,048,576 rows of a sheet do not hold them."""


def escaped(text: str) -> str:
    """As it stands in the file's XML, before ``&``, ``<`` and ``>`` are."""
    plain = _UNDERSCORE.sub("_x005F_", text)
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", plain)


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def parts(text: str) -> Iterator[str]:
    """Pieces that fit a cell each, escapes counted as they stand there."""
    start = size = 0
    for at, letter in enumerate(text):
        # "_x005F_" at most: what follows an underscore need not be looked at.
        costs = 7 if letter == "_" or letter < " " or letter >= "\ud800" else 1
        if size + costs > CELL_LIMIT:
            yield text[start:at]
            start, size = at, 0
        size += costs
    yield text[start:]


class _TextSheet(Worksheet):  # type: ignore[misc]  # the library ships no types
    """The library escapes "_x0041_x0042_" so that it reads back as another text, and takes what
    stands between "<r>" and "</r>" for markup of its own, which it does not escape."""

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        return escaped(data)

    def _xml_rich_inline_string(self, string: str, attributes: list[tuple[str, str]]) -> None:
        self._xml_inline_string(string, False, attributes)  # no blanks at its ends to keep


class Book:
    """A workbook that is being written. Raises TooManyRows."""

    def __init__(self, book: Workbook, tables: Sequence[Table]) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "num_format": "@"})
        self._text = book.add_format({"num_format": "@"})
        self._tables = tables
        self._sheets = [self._sheet(table.name, table.columns) for table in tables]
        self._long: Worksheet | None = None
        self._counts = dict.fromkeys((*(table.name for table in tables), LONG), 0)
        self.cut = 0
        """cells that were too long"""

    def add(self, index: int, cells: Sequence[str]) -> None:
        """A row of the table with this index."""
        table = self._tables[index]
        self._counts[table.name] += 1
        row = self._counts[table.name]
        for column, text in enumerate(cells):
            if text:
                shown = text if _fits(text) else self._cut(table, cells, column)
                self._write(self._sheets[index], row, column, shown)

    def end(self, about: Sequence[tuple[str, str]]) -> None:
        """Write what the file is about; it is closed by ``workbook``."""
        sheet = self._sheet(ABOUT, ("what", "value"))
        for row, cells in enumerate(about, 1):
            for column, text in enumerate(cells):
                self._write(sheet, row, column, text)

    def _cut(self, table: Table, cells: Sequence[str], column: int) -> str:
        if self._long is None:
            self._long = self._sheet(LONG, LONG_COLUMNS)
        self.cut += 1
        text = cells[column]
        number = "" if table.name == APPLICATIONS else cells[1]
        for part, piece in enumerate(parts(text), 1):
            self._counts[LONG] += 1
            key = (table.name, cells[0], number, table.columns[column], str(part))
            for place, value in enumerate((*key, piece)):
                self._write(self._long, self._counts[LONG], place, value)
        return text[:SHOWN] + CUT

    def _sheet(self, name: str, columns: Sequence[str]) -> Worksheet:
        sheet = self._book.add_worksheet(name, _TextSheet)
        sheet.set_column(0, len(columns) - 1, WIDTH, self._text)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(columns):
            sheet.write_string(0, column, title, self._head)
        return sheet

    def _write(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        if sheet.write_string(row, column, text, self._text) != 0:
            raise TooManyRows


@contextmanager
def workbook(file: BinaryIO, tables: Sequence[Table]) -> Iterator[Book]:
    """Write a workbook into the file. What it keeps on disk meanwhile only its owner can read, and
    it goes when this ends."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        book = Workbook(file, options)
        try:
            yield Book(book, tables)
            book.close()
        except FileCreateError as error:  # a full disk, mostly
            raise error.args[0] from None
        finally:
            for sheet in book.worksheets():
                sheet._opt_close()


def _fits(text: str) -> bool:
    if len(text) * 7 <= CELL_LIMIT:
        return True
    return len(escaped(text).encode("utf-16-le", "surrogatepass")) // 2 <= CELL_LIMIT
