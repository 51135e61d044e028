"""What staff see once an answer has reached the applicant, or never will.

It is written in the very transaction that marks the message, so that no stop of the program comes
between the two. Whoever does something with the question at that moment is waited for, or waits
(``Transaction.conversation``, as ``Desk.hold``): of two who show the card at once each would show
it without what the other has done.
"""

from __future__ import annotations

from bot.card_lines import line_under
from bot.cards import renew
from bot.house import House
from bot.staff_notes import caught_up
from bot.store import Transaction
from bot.store.rows import OutboxRow
from dialogs.acts import Say


def note_settled(
    house: House, tx: Transaction, row: OutboxRow, reason: str, at: str
) -> list[OutboxRow]:
    """The row was sent; with a ``reason``, it never will be. The cards that change by it."""
    if row.conversation is None or row.kind != "send":
        return []
    if row.case_kind == "escalation":
        return [] if reason else _caught_up(house, tx, row, at)
    if row.case_kind or not tx.desk.brings_answer(row.id):
        return []
    tx.conversation(row.conversation)
    told_at = "" if reason else at
    heads = tx.desk.settled(row.id, told_at, reason)
    rows = [change for head in heads for change in renew(house, tx, head, at)]
    if reason:
        for head in heads:
            values = {"id": str(head), "reason": reason, "send": f"send-{row.id}"}
            rows += line_under(house, tx, head, Say("desk.answer_refused", values), at)
    return rows


def _caught_up(house: House, tx: Transaction, row: OutboxRow, at: str) -> list[OutboxRow]:
    """A card, or an offer under one, that was only now sent, and does not show what has happened
    meanwhile."""
    head = int(row.case_id)
    desk = tx.desk.card(head)
    if desk is None or desk.shown_row != row.id:
        return caught_up(house, tx, row, at)
    assert row.conversation is not None  # the caller's condition, for the type checker
    tx.conversation(row.conversation)
    desk = tx.desk.card(head)  # as who was waited for has left it
    if desk is None:
        return []
    on_card = tx.desk.on_card(head)
    asked = [one for one in map(tx.escalation, on_card) if one is not None]
    changed = desk.claimed_by or len(on_card) > 1 or any(one.answered_at for one in asked)
    return renew(house, tx, head, at) if changed else []
