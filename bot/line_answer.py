"""How a line that staff say to the bot is answered: in the chat, and the thread, it was said in."""

from __future__ import annotations

from collections.abc import Callable

from bot.audit import note
from bot.conversation import States
from bot.house import STAFF_LANGUAGE, House, post
from bot.messages import StaffLine
from bot.store import Transaction
from bot.store.rows import OutboxRow
from dialogs.acts import Say

Answer = Callable[[House, States, Transaction, StaffLine, str, str], list[OutboxRow]]
"""(house, states, transaction, the line, the reference in it, now) -> the rows that answer it"""


def answer(
    house: House, tx: Transaction, line: StaffLine, says: tuple[Say, ...], at: str, saw: str = ""
) -> list[OutboxRow]:
    """``saw``: what is shown by it, for the record."""
    outgoing = house.renderer.message(STAFF_LANGUAGE, says)
    assert outgoing is not None  # it says something
    rows = post(
        house, tx, outgoing, channel=line.channel, chat=line.chat, thread=line.thread, at=at
    )
    if saw:
        note_seen(tx, line, saw, at)
    return rows


def note_seen(tx: Transaction, line: StaffLine, subject: str, at: str) -> None:
    """They had it shown."""
    note(tx, at, f"{line.channel}:{line.by}", "saw", subject)
