"""``show``: an application that was handed off."""

from __future__ import annotations

from dataclasses import replace

from bot.channels.terminal_text import harmless
from bot.commands.common import Failure, console, opened, read_form
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.house import utc_now
from bot.reviews import review_of
from bot.sheet import sheet_lines
from dialogs.review import seen


async def show(settings: Settings, reference: str) -> None:
    words = read_form(settings)
    wanted = reference.strip().upper()
    async with opened(settings) as store:
        row = await store.read(lambda reports: reports.reviews.get(wanted))
        if row is None:
            raise Failure(
                await store.read(lambda reports: unknown_reference(reports, harmless(wanted)))
            )
        claimed_by = row.claimed_by
        name = await store.read(lambda reports: reports.colleagues.name(claimed_by))
    row, screen = replace(row, claimed_by=name), console()
    for line, style in sheet_lines(words, row.record, seen(review_of(row), utc_now())):
        screen.print(harmless(line), style=style, soft_wrap=True)
