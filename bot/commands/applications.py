"""``queue``, ``show`` and ``export``: the applications that were handed off."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from bot import export as files
from bot.channels.terminal_text import harmless
from bot.clock import minute
from bot.commands.common import (
    Failure,
    console,
    opened,
    print_table,
    progress,
    read_form,
)
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.export import ExportError
from bot.records import leaves
from bot.sheet import sheet_lines
from bot.store import Reports

STDOUT = "-"
CSV_FOLDER = "frontdesk-export"


async def queue(settings: Settings) -> None:
    words = read_form(settings)
    async with opened(settings) as store:
        waiting = await store.read(lambda reports: reports.queue())
    if not waiting:
        print("No application waits for review.")
        return
    rows = []
    for row in waiting:
        answers = list(leaves(words.form, json.loads(row.body)))
        name = next((a.value for a in answers if a.field.name == "legal_name"), "")
        doubts = str(sum(answer.doubts for answer in answers))
        rows.append((row.reference, minute(row.submitted_at), row.channel, name, doubts))
    print_table(("reference", "received (UTC)", "channel", "legal name", "doubts"), rows)


async def show(settings: Settings, reference: str) -> None:
    words = read_form(settings)
    wanted = reference.strip().upper()
    async with opened(settings) as store:
        row = await store.read(lambda reports: reports.record(wanted))
        if row is None:
            raise Failure(
                await store.read(lambda reports: unknown_reference(reports, harmless(wanted)))
            )
    screen = console()
    for line, style in sheet_lines(words, row):
        screen.print(harmless(line), style=style, soft_wrap=True)


async def export(
    settings: Settings, form: Literal["csv", "jsonl"], since: str, output: str
) -> None:
    """Write the records; ``output`` empty: standard output, for CSV a folder."""
    after = files.since(since)
    words = read_form(settings)
    if form == "csv" and (output == STDOUT or output.endswith(".csv")):
        raise Failure(
            "CSV is several tables, so it goes to a folder: --output FOLDER. For one file, or a "
            "pipe: --format jsonl"
        )
    names = files.tables(words.form) if form == "csv" else ()
    async with opened(settings) as store:
        total = await store.read(lambda reports: reports.count_records(after))

        def write(out: Sequence[BinaryIO]) -> Callable[[Reports], int]:
            def job(reports: Reports) -> int:
                with progress("Exporting", total) as told:
                    if form == "csv":
                        return files.write_csv(words.form, reports, after, out, told)
                    return files.write_jsonl(reports, after, out[0], told)

            return job

        if form == "jsonl" and output in ("", STDOUT):
            await store.read(write([sys.stdout.buffer]))
            sys.stdout.buffer.flush()
            return
        paths = _csv_paths(Path(output or CSV_FOLDER), names) if names else [Path(output)]
        with files.whole_files(paths) as out:
            count = await store.read(write(out))
    noun = "application" if count == 1 else "applications"
    print(f"{count} {noun}: {', '.join(map(str, paths))}", file=sys.stderr)


def _csv_paths(folder: Path, names: Sequence[str]) -> list[Path]:
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ExportError(
            f"{folder} cannot be made ({os.strerror(error.errno or 0)}): name another folder"
        ) from None
    return [folder / f"{name}.csv" for name in names]
