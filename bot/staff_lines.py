"""Lines of the staff chat that are said to the bot itself: what they ask for is done or refused.

Whoever is in the configured staff chat may ask. Anybody else gets nothing, not even a refusal.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from bot.audit import note
from bot.export import STATES, sort_of
from bot.house import STAFF_LANGUAGE, House, post
from bot.messages import StaffLine
from bot.store import Transaction
from bot.store.rows import NewOutbox, OutboxRow
from dialogs.acts import Say
from dialogs.exporting import ExportRequest, NotRead, read_export


def take_line(house: House, tx: Transaction, line: StaffLine, at: str) -> list[OutboxRow] | None:
    """The rows that answer it; None where it was taken before."""
    if tx.add_event(line.key, None, "{}", line.at, at) is None:
        return None
    staff = house.staff
    if staff is None or (line.channel, line.chat) != (staff.channel, staff.chat):
        return []
    words = house.script.wording.language(STAFF_LANGUAGE).words
    match read_export(line.text, words, STATES, date.fromisoformat(at[:10])):
        case ExportRequest() as request:
            return [_export_row(tx, line, request, at)]
        case NotRead(code, text, asked):
            how = Say(f"desk.{asked}_how", {"states": ", ".join(STATES)})
            refusal = (Say(f"desk.export_{code}", {"text": text}), how)
            outgoing = house.renderer.message(STAFF_LANGUAGE, refusal)
            assert outgoing is not None  # a refusal says something
            return post(
                house,
                tx,
                outgoing,
                channel=line.channel,
                chat=line.chat,
                thread=line.thread,
                at=at,
            )
        case None:
            return []


def _export_row(tx: Transaction, line: StaffLine, request: ExportRequest, at: str) -> OutboxRow:
    """Only what is asked for: the file is made when it is sent (``bot/documents.py``)."""
    body = json.dumps({"export": asdict(request)})
    id = tx.post(NewOutbox(line.channel, line.chat, body, thread=line.thread), at)
    note(tx, at, f"{line.channel}:{line.by}", "exported", sort_of(request))
    return OutboxRow(id, line.channel, line.chat, line.thread, "send", body, 0, at)
