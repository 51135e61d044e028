"""Lines in the thread of a question's card: internal, until somebody sends one by its button.

The bot offers that once a line, under it. What is sent is the line as it stands when the button is
tapped: an edit changes the offer, a deletion takes it back.
"""

from __future__ import annotations

import json

from bot.card_lines import change, question_at
from bot.cards import button, card_waits
from bot.conversation import Taken
from bot.house import STAFF_LANGUAGE, House, deed, post
from bot.messages import Deed, Outgoing, Receipt, StaffNote
from bot.store import Transaction
from bot.store.desk import NoteRow
from bot.store.rows import OutboxRow
from dialogs.acts import Say
from dialogs.offers import brief

SHOWN = 100
"""characters of a line in its offer"""


def take_note(house: House, tx: Transaction, note: StaffNote, at: str) -> Taken:
    """Offer to send the line, or change the offer with it."""
    if tx.add_event(note.key, None, "{}", note.at, at) is None:
        return Taken(Receipt(duplicate=True))
    staff = house.staff
    if staff is None or (note.channel, note.chat) != (staff.channel, staff.chat):
        return Taken(Receipt())
    known = tx.desk.note_of(note.channel, note.chat, note.message)
    if known is not None:
        tx.desk.hold(known.escalation)  # it may be on its way to the applicant this moment
        known = tx.desk.note(known.id)
    if known is not None:
        return Taken(Receipt(), tuple(_changed(house, tx, known, note, at)))
    return Taken(Receipt(), tuple(_offered(house, tx, note, at) if note.kind == "said" else ()))


def sent(house: House, tx: Transaction, note: NoteRow, at: str) -> list[OutboxRow]:
    """It has gone to the applicant: its offer is over."""
    tx.desk.change_note(note.id, note.text, "sent")
    return _shown(house, tx, note.id, at)


def caught_up(house: House, tx: Transaction, row: OutboxRow, at: str) -> list[OutboxRow]:
    """The row was sent only now: where it is an offer, and the line was changed or taken back
    meanwhile, the offer with that."""
    meant = tx.choice(row.id, 0, row.channel, row.chat)
    offered = deed(meant) if meant else None
    if offered is None or offered.verb != "question_note":
        return []
    note = tx.desk.note(int(offered.value))
    if note is None or note.offer_row != row.id:
        return []
    tx.desk.hold(note.escalation)  # the line may be changed this moment
    note = tx.desk.note(note.id)
    if note is None:
        return []
    body = house.compose[row.channel](_offer(house, note))[-1].body
    return [] if body == json.loads(row.body)["body"] else _shown(house, tx, note.id, at)


def noted_in(tx: Transaction, note: StaffNote) -> int | None:
    """Whose question the thread is about, as a conversation's id."""
    asked, _ = question_at(tx, note.channel, note.chat, note.thread)
    return asked.conversation if asked is not None else None


def _offered(house: House, tx: Transaction, note: StaffNote, at: str) -> list[OutboxRow]:
    asked, _ = question_at(tx, note.channel, note.chat, note.thread)
    if asked is None or not card_waits(tx, asked.id) or not note.text.strip():
        return []
    id = tx.desk.add_note(
        asked.id, asked.conversation, note.channel, note.chat, note.message, note.text
    )
    row = tx.desk.note(id) if id is not None else None
    if row is None:
        return []
    rows = post(
        house,
        tx,
        _offer(house, row),
        channel=note.channel,
        chat=note.chat,
        thread=note.thread,
        conversation=asked.conversation,
        case=("escalation", str(asked.id)),
        at=at,
    )
    tx.desk.offered(row.id, rows[-1].id)
    return rows


def _changed(
    house: House, tx: Transaction, known: NoteRow, note: StaffNote, at: str
) -> list[OutboxRow]:
    if known.state == "sent" or (note.kind == "said" and known.text):
        return []
    text = note.text.strip()
    tx.desk.change_note(known.id, text, "open" if text else "withdrawn")
    return _shown(house, tx, known.id, at)


def _shown(house: House, tx: Transaction, id: int, at: str) -> list[OutboxRow]:
    """The offer as it is now, where the old one is out."""
    row = tx.desk.note(id)
    message = tx.desk.message(row.offer_row, row.channel, row.chat) if row is not None else ""
    if row is None or not message:
        return []
    case = ("escalation", str(row.escalation))
    return change(house, tx, message, _offer(house, row), row.conversation, case, at)


def _offer(house: House, row: NoteRow) -> Outgoing:
    key = {"open": "desk.note", "sent": "desk.note_sent", "withdrawn": "desk.note_withdrawn"}
    say = Say(key[row.state], {"text": brief(row.text, SHOWN)})
    outgoing = house.renderer.message(STAFF_LANGUAGE, (say,))
    assert outgoing is not None  # an offer says something
    if row.state != "open":
        return outgoing
    send = Deed("question_note", str(row.escalation), str(row.id))
    return Outgoing(outgoing.blocks, (button("send_note", send, house),))
