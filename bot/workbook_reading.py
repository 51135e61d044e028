"""Reads the texts of an XLSX workbook, row by row: our own, also if a spreadsheet saved it again.

Only texts are taken. A number, a date or a formula is no text that anybody gave: it is refused with
its cell, since its digits are no longer what stood there. The file is not trusted: it may hold no
entities, and no more than ``MOST`` bytes are unpacked.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from lzma import LZMAError
from typing import IO, Any
from xml.parsers import expat

from bot.workbook import unescaped

MOST = 2 * 1024**3
CHUNK = 64 * 1024
LAST_COLUMN = 16_384

DAMAGED = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, RuntimeError, ValueError)
"""what ``zipfile`` raises, opening a file or later, where its bytes are not what was written"""

Row = tuple[int, list[str]]
"""(its number in the sheet, from 1; texts from column A on, without empty ones at the end)"""


class NoWorkbook(Exception):
    """It is no workbook, or holds what is no text; says where and what to do."""


class TextWorkbook:
    """``file``: seekable. Raises NoWorkbook, also later, while rows are read."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except DAMAGED:
            raise NoWorkbook("it is no XLSX file; it may be damaged") from None
        self._left = MOST
        self._paths = self._find_sheets()
        self._shared: list[str] | None = None

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._paths)

    def rows(self, sheet: str) -> Iterator[Row]:
        """All that hold something."""
        reading = _Sheet(sheet, self._shared_texts)
        for _ in self._parse(self._paths[sheet], reading):
            yield from reading.done
            reading.done.clear()

    def _find_sheets(self) -> dict[str, str]:
        """Name -> its part's path."""
        targets: dict[str, str] = {}
        found: dict[str, str] = {}

        def relation(name: str, given: dict[str, str]) -> None:
            if name == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        def sheet(name: str, given: dict[str, str]) -> None:
            if name == "sheet":
                target = next((v for k, v in given.items() if k.endswith(":id")), "")
                path = posixpath.normpath(posixpath.join("/xl", targets.get(target, "")))
                found[given.get("name", "")] = path.lstrip("/")

        for path, hear in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
            for _ in self._parse(path, _Starts(hear)):
                pass
        return found

    def _shared_texts(self) -> list[str]:
        if self._shared is None:
            texts = _SharedTexts()
            if "xl/sharedStrings.xml" in self._zip.namelist():
                for _ in self._parse("xl/sharedStrings.xml", texts):
                    pass
            self._shared = texts.found
        return self._shared

    def _parse(self, path: str, into: _Part) -> Iterator[None]:
        """Yields after each chunk."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda name, given: into.start(_local(name), given)
        parser.EndElementHandler = lambda name: into.end(_local(name))
        parser.CharacterDataHandler = into.text
        try:
            with closing(self._zip.open(path)) as part:
                while chunk := part.read(CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise NoWorkbook("it unpacks to more than 2 GB; export it in parts")
                    parser.Parse(chunk, False)
                    yield
                parser.Parse(b"", True)
                yield
        except KeyError:
            raise NoWorkbook("it has no sheets where an XLSX file has them") from None
        except NotImplementedError:
            raise NoWorkbook("it is packed in a way that is not read here") from None
        except (expat.ExpatError, *DAMAGED):
            raise NoWorkbook("it is damaged; export it again") from None


class _Part:
    def start(self, name: str, given: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _Starts(_Part):
    def __init__(self, hear: Callable[[str, dict[str, str]], None]) -> None:
        self._hear = hear

    def start(self, name: str, given: dict[str, str]) -> None:
        self._hear(name, given)


class _Texts(_Part):
    """What stands in ``<t>``, but for the reading aids (``<rPh>``) of East Asian texts."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._open = False
        self._aside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        self._aside = self._aside or name == "rPh"
        self._open = name == "t" and not self._aside

    def end(self, name: str) -> None:
        self._open = False
        self._aside = self._aside and name != "rPh"

    def text(self, data: str) -> None:
        if self._open:
            self.pieces.append(data)

    def take(self) -> str:
        whole = unescaped("".join(self.pieces))
        self.pieces.clear()
        return whole


class _SharedTexts(_Texts):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.found.append(self.take())


class _Sheet(_Texts):
    def __init__(self, name: str, shared: Callable[[], list[str]]) -> None:
        super().__init__()
        self.done: list[Row] = []
        self._name = name
        self._shared = shared
        self._row: list[str] = []
        self._number = 0
        self._cell = ""
        self._kind = ""
        self._value: list[str] | None = None

    def start(self, name: str, given: dict[str, str]) -> None:
        super().start(name, given)
        if name == "row":
            self._number = int(given["r"]) if "r" in given else self._number + 1
            self._row = []
        elif name == "c":
            self._cell, self._kind = given.get("r", ""), given.get("t", "n")
            self._value = []
        elif name == "f":
            raise NoWorkbook(self._no_text("a formula"))

    def text(self, data: str) -> None:
        super().text(data)
        if self._value is not None and not self._open:
            self._value.append(data)

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            self._put(self._told())
            self._value = None
        elif name == "row" and any(self._row):
            self.done.append((self._number, self._row))

    def _told(self) -> str:
        value = "".join(self._value or ())
        if self._kind == "inlineStr":
            return self.take()
        if self._kind == "s":
            texts, index = self._shared(), int(value)
            if not 0 <= index < len(texts):
                raise NoWorkbook("it is damaged; export it again")
            return texts[index]
        if value.strip():
            raise NoWorkbook(self._no_text("no text, but a number, a date or the like"))
        return ""

    def _put(self, text: str) -> None:
        column = _column(self._cell) if self._cell else len(self._row)
        if not text:
            return
        if column >= LAST_COLUMN:
            raise NoWorkbook("it is damaged; export it again")
        self._row.extend([""] * (column + 1 - len(self._row)))
        self._row[column] = text

    def _no_text(self, what: str) -> str:
        return (
            f"{self._name}, cell {self._cell[:12]}: it holds {what}; make the cell a text and give "
            "it again what was exported"
        )


def _column(cell: str) -> int:
    """``AB12`` -> 27"""
    number = 0
    for letter in cell:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - ord("A") + 1
        if number > LAST_COLUMN:
            break
    return number - 1 if number else LAST_COLUMN


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: Any) -> None:
    raise NoWorkbook("it holds a document type, which no spreadsheet writes")
