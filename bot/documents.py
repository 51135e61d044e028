"""A file for the staff chat, made at the moment when it is sent: applications, or the picture of
how far they come.

The outbox holds only what was asked for, so nobody's answers are stored a second time, and somebody
who was erased meanwhile is not in the file. A big one is in a temporary file (0600, without a
name) until it is sent.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from bot.export import ExportError, write_csv, write_jsonl, write_xlsx
from bot.figures import gather
from bot.funnel_words import drawing
from bot.house import STAFF_LANGUAGE, House
from bot.rasters import NoRaster, png
from bot.sheet import Words
from bot.store import Reports, Store
from bot.tables import Tables
from dialogs.acts import Term, Value
from dialogs.exporting import ExportRequest
from dialogs.form import Form

IN_MEMORY = 4 * 1024 * 1024
"""bytes of a file; from there on it is on disk"""
ENDINGS = {"xlsx": "xlsx", "csv": "zip", "jsonl": "jsonl"}


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    caption: str
    """what is in it; where there is no application, that; no person's words"""
    too_large: str
    """what to say instead, where the platform takes no file of this size"""
    count: int
    """how many applications; of the picture, how many were begun"""
    size: int
    """bytes; more than any platform takes where the form itself cannot hold so many"""
    file: BinaryIO
    """at its beginning; closed when the document is done with"""

    @property
    def picture(self) -> bool:
        return self.name.endswith(".png")

    def instead(self, limit: int) -> str:
        """What to say in its place, where a file takes at most so many bytes; empty: send it."""
        if self.size > limit:
            return self.too_large
        return "" if self.count else self.caption


Documents = Callable[[Mapping[str, str]], AbstractAsyncContextManager[Document]]
"""``dialogs.exporting.ExportRequest`` as the outbox holds it -> the file"""


@asynccontextmanager
async def make_document(
    house: House, store: Store, asked: Mapping[str, str]
) -> AsyncIterator[Document]:
    """Written off the writer's thread. Raises StoreUnavailable."""
    fields: Any = dict(asked)
    request = ExportRequest(**fields)
    at = house.now()
    if request.form == "funnel":
        yield await _funnel(house, store, request, at)
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        file: Any = spool  # all of a file that is asked of it

        def write(reports: Reports) -> int:
            return _write(house.script.form, reports, request, file, at)

        try:
            count = await store.read(write)
            size = file.seek(0, 2)
        except ExportError:
            count, size = 1, sys.maxsize
        file.seek(0)
        yield _document(house, request, count, size, file, at)


async def _funnel(house: House, store: Store, request: ExportRequest, at: str) -> Document:
    """As a PNG; where none can be made here, as an SVG."""
    form = house.script.form
    days = request.since[:10], request.until[:10]
    figures = await store.read(lambda reports: gather(reports, form, at, *days))
    words = Words(form, house.script.wording, house.renderer)
    drawn = await asyncio.to_thread(drawing, figures, words)
    try:
        content, ending = await asyncio.to_thread(png, drawn), "png"
    except NoRaster:
        content, ending = drawn.encode(), "svg"
    values = {"begun": str(figures.begun), "submitted": str(figures.submitted)}
    key = "desk.stats_done" if figures.begun else "desk.stats_none"
    name = "--".join(filter(None, days)) or "all"
    too_large = house.renderer.text(STAFF_LANGUAGE, "desk.export_too_large")
    caption = house.renderer.text(STAFF_LANGUAGE, key, values)
    return Document(
        f"frontdesk-stats-{name}.{ending}",
        caption,
        too_large,
        figures.begun,
        len(content),
        io.BytesIO(content),
    )


def _write(form: Form, reports: Reports, request: ExportRequest, file: BinaryIO, at: str) -> int:
    def told(_: int) -> None: ...

    match request.form:
        case "xlsx":
            return write_xlsx(form, reports, request, file, at, told)
        case "jsonl":
            return write_jsonl(reports, request, file, told)
        case _:
            return _write_zip(form, reports, request, file)


def _write_zip(form: Form, reports: Reports, request: ExportRequest, file: BinaryIO) -> int:
    with ExitStack() as stack:
        tables = Tables(form).all
        spools: list[Any] = [
            stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)) for _ in tables
        ]
        count = write_csv(form, reports, request, spools, lambda _: None)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for table, spool in zip(tables, spools, strict=True):
                spool.seek(0)
                entry: IO[bytes]
                with packed.open(f"{table.name}.csv", "w", force_zip64=True) as entry:
                    shutil.copyfileobj(spool, entry)
    return count


def _document(
    house: House, request: ExportRequest, count: int, size: int, file: BinaryIO, at: str
) -> Document:
    first, last = request.since[:10], request.until[:10]
    period = f"{first} - {last}" if first or last else ""
    values: dict[str, Value] = {
        "count": str(count),
        "period": period.strip(" ") or Term("desk.export_any"),
        "state": request.state or Term("desk.export_any"),
    }

    def text(key: str) -> str:
        return house.renderer.text(STAFF_LANGUAGE, key, values)

    days = f"{first or 'start'}--{last or at[:10]}" if period else at[:10]
    state = f"-{request.state}" if request.state else ""
    return Document(
        f"frontdesk-{days}{state}.{ENDINGS[request.form]}",
        text("desk.export_done") if count else text("desk.export_none"),
        text("desk.export_too_large"),
        count,
        size,
        file,
    )
