"""Records to files. What there is to write follows from the form.

JSON Lines is the exact form, one record a line:

    {"schema": 1, "reference": ..., "submitted_at": ..., "state": ..., "changed_at": ...,
     "channel": ..., "application": {...}}

CSV is for spreadsheets: ``applications.csv`` has one row an application; every repeat of several
fields (the locations) has a file of its own, one row an item, with the reference. A repeat of one
field (the owners) is one cell, joined by "; ". Beside each answer stands its ``.status``
(answered, kept: <rule>, skipped, not_answered), and ``flags`` names the doubts of the row. UTF-8
with a byte order mark, since Excel reads it as something else without. A cell that a spreadsheet
would take for a formula gets a leading apostrophe.

Files are 0600 and appear whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from bot.clock import stamp
from bot.records import Leaf, leaves
from bot.store import Reports
from bot.store.rows import RecordRow
from dialogs.form import Form, Group

APPLICATIONS = "applications"
JOINT = "; "
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""what a cell must not start with: a spreadsheet would run it"""

HEAD = ("reference", "submitted_at", "state", "changed_at", "channel")

Told = Callable[[int], None]
"""hears after each record how many are written"""


class ExportError(Exception):
    """What to do differently, for whoever exports."""


def since(text: str) -> str:
    """A day or an ISO time, UTC where it has no zone, as the store keeps times; "" stays ""."""
    if not text:
        return ""
    try:
        if len(text) == len("2026-11-22"):
            day = date.fromisoformat(text)
            return stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ExportError(
            f'"{text}" is no date: write a day (2026-11-22) or an ISO time '
            "(2026-11-22T08:30:00+02:00)"
        ) from None
    return stamp(time if time.tzinfo else time.replace(tzinfo=UTC))


def write_jsonl(reports: Reports, after: str, file: BinaryIO, told: Told) -> int:
    """All records from ``after`` on, oldest first; how many."""
    count = 0
    for row in reports.records(after):
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


def tables(form: Form) -> tuple[str, ...]:
    """The CSV files' names, without ``.csv``."""
    return (APPLICATIONS, *(group.name for group in _own_tables(form)))


def write_csv(
    form: Form, reports: Reports, after: str, files: Sequence[BinaryIO], told: Told
) -> int:
    """``files``: one for each of ``tables(form)``. How many applications."""
    with ExitStack() as stack:
        writers = [csv.writer(stack.enter_context(_text(file))) for file in files]
        return _write_rows(form, reports, after, writers, told)


def _write_rows(form: Form, reports: Reports, after: str, writers: Any, told: Told) -> int:
    own = _own_tables(form)
    single = [group for group in form.groups if group not in own]
    writers[0].writerow(
        [*HEAD, *(c for g in single for c in _columns(g)), *(g.name for g in own), "flags"]
    )
    for writer, group in zip(writers[1:], own, strict=True):
        columns = [f.name.rpartition(".")[2] for f in group.fields]
        pairs = [name for column in columns for name in (column, f"{column}.status")]
        writer.writerow(["reference", "number", *pairs, "flags"])
    count = 0
    for row in reports.records(after):
        answers = list(leaves(form, json.loads(row.body)))
        of_group = {name: list(found) for name, found in groupby(answers, _group_of)}
        mine = [answer for g in single for answer in of_group.get(g.name, [])]
        cells = [cell for g in single for cell in _cells(g, of_group.get(g.name, []))]
        numbers = [str(_items(of_group.get(g.name, []))) for g in own]
        head = [getattr(row, name) for name in HEAD]
        writers[0].writerow(map(harmless_cell, [*head, *cells, *numbers, _flags(mine)]))
        for writer, group in zip(writers[1:], own, strict=True):
            items = groupby(of_group.get(group.name, []), lambda answer: answer.number)
            for number, found in items:
                item = list(found)
                pairs = [cell for answer in item for cell in (answer.value, _status(answer))]
                writer.writerow(
                    map(harmless_cell, [row.reference, str(number), *pairs, _flags(item)])
                )
        count += 1
        told(count)
    return count


def harmless_cell(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def _own_tables(form: Form) -> list[Group]:
    return [group for group in form.groups if group.repeat is not None and len(group.fields) > 1]


def _columns(group: Group) -> Iterator[str]:
    for field in group.fields:
        yield from (field.name, f"{field.name}.status")


def _cells(group: Group, answers: Sequence[Leaf]) -> Iterator[str]:
    for field in group.fields:
        mine = [answer for answer in answers if answer.field.name == field.name]
        yield JOINT.join(answer.value for answer in mine)
        yield JOINT.join(_status(answer) for answer in mine)


def _status(answer: Leaf) -> str:
    return f"kept: {answer.refusal}" if answer.status == "kept" else answer.status


def _flags(answers: Sequence[Leaf]) -> str:
    return JOINT.join(
        f"{answer.field.name}: {code}" for answer in answers for code, _ in answer.flags
    )


def _items(answers: Sequence[Leaf]) -> int:
    return len({answer.number for answer in answers})


def _group_of(answer: Leaf) -> str:
    return answer.field.group or answer.field.name


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
        yield [file for file, _, _ in made]
        for file, _, _ in made:
            file.flush()
            os.fsync(file.fileno())
        for _, temporary, path in made:
            try:
                temporary.replace(path)
            except OSError as error:
                raise ExportError(f"{path} cannot be replaced ({error.strerror})") from None
