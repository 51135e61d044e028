"""``queue`` and ``show``: the applications that were handed off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bot.channels.terminal_text import harmless
from bot.commands.common import (
    LANGUAGE,
    Failure,
    Words,
    console,
    minute,
    opened,
    print_table,
    read_form,
)
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.records import Leaf, leaves
from bot.store.rows import RecordRow
from dialogs.answers import Choice, YesNo
from dialogs.form import Group


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
    for line, style in _record_lines(words, row):
        screen.print(harmless(line), style=style, soft_wrap=True)


def _record_lines(words: Words, row: RecordRow) -> Iterator[tuple[str, str]]:
    """(line, rich style): the doubts first, then every answer, then the self-check."""
    answers = list(leaves(words.form, json.loads(row.body)))
    yield f"Application {row.reference}: {row.state}", "bold"
    yield f"Received {minute(row.submitted_at)} UTC through {row.channel}", ""
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
        shown = _shown(words, answer)
        label = words.text(f"field.{answer.field.name}.label")
        if not headed:
            label = _label(words, answers, answer)
        yield _indented(indent, f"{label}: {shown}"), ""
        if answer.typed and answer.typed not in (shown, answer.value):
            yield _indented(f"{indent}  ", f"typed: {answer.typed}"), "dim"


def _indented(indent: str, text: str) -> str:
    """Every line of it; the further ones a step deeper, so that no answer looks like a field."""
    first, *others = text.split("\n")
    return "\n".join([f"{indent}{first}", *(f"{indent}    {line}" for line in others)])


def _label(words: Words, answers: Sequence[Leaf], answer: Leaf) -> str:
    label = words.text(f"field.{answer.field.name}.label")
    several = any(a.field.name == answer.field.name and a.number > 1 for a in answers)
    return f"{label} {answer.number}" if several else label


def _doubts(words: Words, answers: Sequence[Leaf], answer: Leaf) -> Iterator[str]:
    label = _label(words, answers, answer)
    if answer.status == "kept":
        yield f"{label}: kept by the applicant against our check ({answer.refusal})."
    for code, details in answer.flags:
        key = f"flags.{code}"
        known = words.wording.has(key)
        yield f"{label}: {words.renderer.text(LANGUAGE, key, details) if known else code}"


def _shown(words: Words, answer: Leaf) -> str:
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
