"""``show``: an application that was handed off. ``distinct``: that two are not one."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.audit import note
from bot.channels.terminal_text import harmless
from bot.commands.common import Failure, console, opened, operator, read_form
from bot.commands.desk import unknown_reference
from bot.config import Settings
from bot.duplicates import Duplicate, duplicates_of, mark_distinct, word_lists
from bot.house import utc_now
from bot.reviews import review_of
from bot.sheet import Words, sheet_lines
from dialogs.review import Stage, internal, seen

MANY = 50
"""applications that may be the same, at most, of which all is said"""


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
        await store.run(lambda tx: note(tx, utc_now(), operator(), "saw", wanted))
        lists, record = word_lists(words.wording), json.loads(row.record.body)
        found = await store.read(
            lambda reports: duplicates_of(reports, lists, wanted, record, MANY)
        )
    row, screen = replace(row, claimed_by=name), console()
    for one in found.likest:
        screen.print(harmless(_same(words, one)), style="bold", soft_wrap=True)
    for line, style in sheet_lines(words, row.record, seen(review_of(row), utc_now())):
        screen.print(harmless(line), style=style, soft_wrap=True)


def _same(words: Words, one: Duplicate) -> str:
    stage, since = words.text(internal(Stage(one.row.stage))), one.row.since[:10]
    whose = " of the same applicant" if one.own else ""
    rules = ", ".join(words.text(f"duplicates.{rule}") for rule in one.rules)
    return f"May be the same as {one.row.record.reference} ({stage} {since}){whose}: {rules}"


async def distinct(settings: Settings, one: str, other: str, by: str) -> None:
    """Remember that the two are not one."""
    one, other = one.strip().upper(), other.strip().upper()
    if one == other:
        raise Failure("Name two applications: frontdesk distinct REF OTHER")
    async with opened(settings) as store:
        try:
            new = await store.run(lambda tx: mark_distinct(tx, one, other, operator(by), utc_now()))
        except LookupError as error:
            unknown = str(error.args[0])
            raise Failure(
                await store.read(lambda reports: unknown_reference(reports, harmless(unknown)))
            ) from None
    if new:
        print(f"{one} and {other} are two, and are not shown as one again.")
    else:
        print(f"That {one} and {other} are two was said before.")
