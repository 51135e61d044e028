"""Lines of the staff chat that are said to the bot itself: what they ask for is done or refused.

Whoever is in the configured staff chat may ask, within their role. Anybody else gets nothing, not
even a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from bot.audit import note
from bot.conversation import States
from bot.export import STATES, sort_of
from bot.house import STAFF_LANGUAGE, House
from bot.line_answer import Answer, answer
from bot.messages import StaffLine
from bot.question_lines import LINES as OF_QUESTIONS
from bot.review_lines import LINES as OF_REVIEWS
from bot.roles import Role
from bot.store import Transaction
from bot.store.rows import NewOutbox, OutboxRow
from dialogs.acts import Say
from dialogs.exporting import ExportRequest, NotRead, read_export
from dialogs.staff_lines import read_line

LINES: Mapping[str, tuple[Role, Answer]] = {**OF_REVIEWS, **OF_QUESTIONS}
"""what ``read_line`` makes of a line -> who may, and what answers it"""


def take_line(
    house: House, states: States, tx: Transaction, line: StaffLine, at: str
) -> list[OutboxRow] | None:
    """The rows that answer it; None where it was taken before."""
    if tx.add_event(line.key, None, "{}", line.at, at) is None:
        return None
    staff = house.staff
    if staff is None or (line.channel, line.chat) != (staff.channel, staff.chat):
        return []
    words = house.script.wording.language(STAFF_LANGUAGE).words
    export = read_export(line.text, words, STATES, date.fromisoformat(at[:10]))
    asked = read_line(line.text, words) if export is None else None
    if export is None and asked is None:
        if line.text.startswith("/") and not line.text.startswith("/help"):
            return []  # a command that may be meant for another bot
        return answer(house, tx, line, (Say("desk.lines_how"),), at)
    role: Role = "export"
    do: Answer | None = None
    if asked is not None:
        role, do = LINES[asked.what]
    if not house.roles.may(line.channel, line.by, role):
        return answer(house, tx, line, (Say(f"desk.may_not_{role}"),), at)
    match export:
        case ExportRequest():
            return [_export_row(tx, line, export, at)]
        case NotRead(code, text, what):
            how = Say(f"desk.{what}_how", {"states": ", ".join(STATES)})
            return answer(house, tx, line, (Say(f"desk.export_{code}", {"text": text}), how), at)
    assert asked is not None and do is not None  # noqa: PT018 - it is one or the other
    return do(house, states, tx, line, asked.reference, at)


def _export_row(tx: Transaction, line: StaffLine, request: ExportRequest, at: str) -> OutboxRow:
    """Only what is asked for: the file is made when it is sent (``bot/documents.py``)."""
    body = json.dumps({"export": asdict(request)})
    id = tx.post(NewOutbox(line.channel, line.chat, body, thread=line.thread), at)
    note(tx, at, f"{line.channel}:{line.by}", "exported", sort_of(request))
    return OutboxRow(
        id, line.channel, line.chat, line.thread, "send", body, 0, at, ours=tx.ours(id)
    )
