"""``export``, ``import`` and ``schema``: applications to files, and from them."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from bot import export as files
from bot.audit import note
from bot.channels.terminal_text import harmless
from bot.commands.common import Failure, opened, operator, progress, read_form
from bot.config import Settings
from bot.duplicates import put_marks, word_lists
from bot.export import STATES, ExportError
from bot.house import utc_now
from bot.importing import read_records
from bot.period import period
from bot.store import Reports, Store, Transaction
from bot.store.rows import RecordRow
from bot.tables import Tables
from dialogs.application import Application
from dialogs.duplicates import Words
from dialogs.exporting import ExportRequest, Format
from dialogs.form import Form

STDOUT = "-"
CSV_FOLDER = "frontdesk-export"
XLSX_FILE = "frontdesk-export.xlsx"
BATCH = 500
"""records of one transaction: the serving process waits for no more than these"""
NAMED = 5

Judged = dict[str, list[str]]
"""what becomes of the records of a file -> their references"""


async def export(
    settings: Settings, form: Format, since: str, until: str, state: str, output: str
) -> None:
    """Write the records; ``output`` empty: JSON Lines to standard output, else a file or folder
    here."""
    if state and state not in STATES:
        raise Failure(f'--state: "{harmless(state)}" is none of: {", ".join(STATES)}')
    request = ExportRequest(form, *period(since, until), state)
    words = read_form(settings)
    if form == "csv" and (output == STDOUT or output.endswith(".csv")):
        raise Failure(
            "CSV is several tables, so it goes to a folder: --output FOLDER. For one file, or a "
            "pipe: --format jsonl"
        )
    if form == "xlsx" and output == STDOUT:
        raise Failure("A workbook is no text for a terminal or a pipe: --output FILE.xlsx")

    def write(reports: Reports, out: Sequence[BinaryIO]) -> int:
        total = reports.count_records(request.since, request.until, request.state)
        with progress("Exporting", total) as told:
            match form:
                case "csv":
                    return files.write_csv(words.form, reports, request, out, told)
                case "xlsx":
                    return files.write_xlsx(words.form, reports, request, out[0], utc_now(), told)
                case "jsonl":
                    return files.write_jsonl(reports, request, out[0], told)

    def begin(tx: Transaction) -> None:  # before the first byte: nothing leaves unrecorded
        note(tx, utc_now(), operator(), "exported", files.sort_of(request))

    async with opened(settings) as store:
        await store.run(begin)
        if form == "jsonl" and output in ("", STDOUT):
            await store.read(lambda reports: write(reports, [sys.stdout.buffer]))
            sys.stdout.buffer.flush()
            return
        paths = _paths(words.form, form, output)
        with files.whole_files(paths) as out:
            count = await store.read(lambda reports: write(reports, out))
    print(f"{_applications(count)}: {', '.join(map(str, paths))}", file=sys.stderr)


def _paths(form: Form, wanted: Format, output: str) -> list[Path]:
    if wanted != "csv":
        return [Path(output or XLSX_FILE)]
    folder = Path(output or CSV_FOLDER)
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ExportError(
            f"{folder} cannot be made ({os.strerror(error.errno or 0)}): name another folder"
        ) from None
    return [folder / f"{table.name}.csv" for table in Tables(form).all]


async def import_(settings: Settings, path: Path, *, dry_run: bool) -> None:
    """Take the records of an export into the store: first all are checked and nothing is written,
    then those that are new are taken. To run it again does no harm."""
    words = read_form(settings)
    form = words.form
    async with opened(settings) as store:
        total = sum(1 for _ in read_records(form, path))
        judge = _compare if dry_run else partial(_take, word_lists(words.wording))
        done: Judged = defaultdict(list)
        records = (row for _, row in read_records(form, path))
        with progress("Importing", total) as told:
            count = 0
            while batch := list(islice(records, BATCH)):
                for name, references in (await judge(store, batch)).items():
                    done[name] += references
                count += len(batch)
                told(count)
    _tell(done, dry_run=dry_run)


async def _take(words: Words, store: Store, batch: Sequence[RecordRow]) -> Judged:
    def job(tx: Transaction) -> list[str]:
        now = utc_now()
        outcomes: list[str] = [tx.take_record(row, now) for row in batch]
        for row, outcome in zip(batch, outcomes, strict=True):
            if outcome == "taken":
                kept = tx.reviews.get(row.reference)
                assert kept is not None  # taken just now
                whose, record = kept.record.conversation, json.loads(row.body)
                put_marks(tx, words, row.reference, whose, record)
                note(tx, now, operator(), "imported", row.reference, value=row.body)
        return outcomes

    outcomes = await store.run(job)
    there = [row for row, outcome in zip(batch, outcomes, strict=True) if outcome == "there"]
    compared = await _compare(store, there)
    for row, outcome in zip(batch, outcomes, strict=True):
        if outcome != "there":
            compared[outcome].append(row.reference)
    return compared


async def _compare(store: Store, batch: Sequence[RecordRow]) -> Judged:
    """What would become of them."""

    def report(reports: Reports) -> Judged:
        found: Judged = defaultdict(list)
        for row in batch:
            known = reports.record(row.reference)
            if known is None:
                gone = reports.tombstone(row.reference) is not None
                found["erased" if gone else "taken"].append(row.reference)
            else:
                same = files.as_json(known) == files.as_json(row)
                found["same" if same else "differs"].append(row.reference)
        return found

    return await store.read(report)


def _tell(done: Judged, *, dry_run: bool) -> None:
    taken = len(done["taken"])
    print(f"{_applications(taken)} {'would be imported' if dry_run else 'imported'}.")
    sentences = {
        "same": "there already, just the same: {}.",
        "differs": "there already, but not the same, so what is here stays: {}.",
        "erased": "erased here on request, so not taken back: {}.",
    }
    for name, sentence in sentences.items():
        if references := done[name]:
            shown = ", ".join(references[:NAMED])
            more = f" and {len(references) - NAMED} more" if len(references) > NAMED else ""
            print(f"{_applications(len(references))} {sentence.format(shown + more)}")


def schema() -> None:
    """Print the JSON Schema of a line of JSON Lines."""
    described = files.line_model(Form(Application)).model_json_schema(by_alias=True)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    print(json.dumps(dialect | described, ensure_ascii=False, indent=2))


def _applications(count: int) -> str:
    return f"{count} application" if count == 1 else f"{count} applications"
