"""``queue`` and ``show``: the applications that were handed off."""

from __future__ import annotations

import json

from bot.channels.terminal_text import harmless
from bot.clock import minute
from bot.commands.common import (
    Failure,
    console,
    opened,
    print_table,
    read_form,
)
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.records import leaves
from bot.sheet import sheet_lines


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
