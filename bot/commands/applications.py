"""``show`` and ``export``: the applications that were handed off."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from bot import export as files
from bot.channels.terminal_text import harmless
from bot.commands.common import (
    LANGUAGE,
    Failure,
    Words,
    console,
    minute,
    opened,
    progress,
    read_form,
)
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.export import ExportError
from bot.house import utc_now
from bot.records import Leaf, leaves
from bot.reviews import review_of
from bot.store import Reports
from bot.store.rows import ReviewRow
from dialogs.answers import Choice, YesNo
from dialogs.form import Group
from dialogs.review import internal, seen

STDOUT = "-"
CSV_FOLDER = "frontdesk-export"


async def show(settings: Settings, reference: str) -> None:
    words = read_form(settings)
    wanted = reference.strip().upper()
    async with opened(settings) as store:
        found = await store.read(lambda reports: reports.reviews.get(wanted))
        if found is None:
            raise Failure(
                await store.read(lambda reports: unknown_reference(reports, harmless(wanted)))
            )
    screen = console()
    for line, style in _record_lines(words, found):
        screen.print(harmless(line), style=style, soft_wrap=True)


def _record_lines(words: Words, found: ReviewRow) -> Iterator[tuple[str, str]]:
    """(line, rich style): the doubts first, then every answer, then the self-check."""
    row, now = found.record, seen(review_of(found), utc_now())
    answers = list(leaves(words.form, json.loads(row.body)))
    yield f"Application {row.reference}: {words.text(internal(now.stage))}", "bold"
    if now.claim is not None:
        yield f"Claimed by {now.claim.by} until {minute(now.claim.until)} UTC", ""
    yield f"Received {minute(row.submitted_at)} UTC through {row.channel}", ""
    if now.version > 1:
        yield f"Version {now.version}; what it was before: frontdesk history {row.reference}", ""
    if row.changed_at != row.submitted_at:
        yield f"Changed {minute(row.changed_at)} UTC", ""
    yield "", ""
    doubts = [line for answer in answers for line in _doubts(words, answers, answer)]
    yield ("Doubts", "bold yellow") if doubts else ("Doubts: none", "bold")
    for line in doubts:
        yield f"- {line}", "yellow"
    yield "", ""
    yield "Answers", "bold"
    checks: list[tuple[str, str]] = []
    for group in words.form.groups:
        mine = [a for a in answers if a.field in group.fields]
        lines = list(_group_lines(words, group, mine))
        if group.fields[0].question.stage == "check":
            checks += lines
        else:
            yield from lines
    yield "", ""
    yield "Self-check", "bold"
    yield from checks


def _group_lines(words: Words, group: Group, answers: Sequence[Leaf]) -> Iterator[tuple[str, str]]:
    number = 0
    headed = group.repeat is not None and len(group.fields) > 1
    indent = "  " if headed else ""
    for answer in answers:
        if headed and answer.number != number:
            number = answer.number
            name = words.text(f"group.{group.name}.one")
            yield f"{name[:1].upper()}{name[1:]} {number}", "bold"
        shown = shown_value(words, answer)
        label = words.text(f"field.{answer.field.name}.label")
        if not headed:
            label = label_of(words, answers, answer)
        yield _indented(indent, f"{label}: {shown}"), ""
        if answer.typed and answer.typed not in (shown, answer.value):
            yield _indented(f"{indent}  ", f"typed: {answer.typed}"), "dim"


def _indented(indent: str, text: str) -> str:
    """Every line of it; the further ones a step deeper, so that no answer looks like a field."""
    first, *others = text.split("\n")
    return "\n".join([f"{indent}{first}", *(f"{indent}    {line}" for line in others)])


def label_of(words: Words, answers: Sequence[Leaf], answer: Leaf) -> str:
    """Its name, with the number where there are several."""
    name = words.text(f"field.{answer.field.name}.label")
    several = any(a.field.name == answer.field.name and a.number > 1 for a in answers)
    return f"{name} {answer.number}" if several else name


def _doubts(words: Words, answers: Sequence[Leaf], answer: Leaf) -> Iterator[str]:
    label = label_of(words, answers, answer)
    if answer.status == "kept":
        yield f"{label}: kept by the applicant against our check ({answer.refusal})."
    for code, details in answer.flags:
        key = f"flags.{code}"
        known = words.wording.has(key)
        yield f"{label}: {words.renderer.text(LANGUAGE, key, details) if known else code}"


def shown_value(words: Words, answer: Leaf) -> str:
    """An answer as staff read it."""
    reader = answer.field.question.reader
    match answer.status:
        case "answered" if isinstance(reader, Choice):
            return words.text(f"field.{answer.field.name}.options.{answer.value}.label")
        case "answered" if isinstance(reader, YesNo):
            return words.text(f"buttons.{answer.value}")
        case "answered":
            return reader.show(answer.value, LANGUAGE)
        case "kept":
            return answer.value
        case "not_answered":
            return words.text("slots.not_answered")
        case "skipped":
            return words.text("slots.skipped")
        case _:
            return "-"


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
