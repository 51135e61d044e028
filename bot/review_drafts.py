"""What is asked again, where there are no forms: answers to tap, a reply for each reason, [Send].

The draft is stored, so a restart loses nothing of it. It belongs to the reviewer who holds the
application and is about the version that they look at; it goes when it is sent or discarded, when
the claim ends or another one takes it, and when the application moves on. Each step of writing it
holds the application for longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation import Taken
from bot.messages import Button, Receipt
from bot.review_case import Asking, Case
from bot.reviewing import REASON, request
from bot.reviews import review_of
from bot.store.rows import OutboxRow, RequestDraft
from dialogs.acts import Lines, Say, Value
from dialogs.review import holder_of
from dialogs.slots import Asked

PAGE = 40
"""answers to tap under one message"""

Reasons = dict[str, str]
"""path -> the reason; empty where it is not written yet; in the order in which they were tapped"""


def pick_card(case: Case, edit: str = "", start: int = 0) -> list[OutboxRow]:
    """The answers, each a button that says whether it is asked about."""
    reasons, askings = _draft(case) or {}, list(case.askings().items())
    version = str(case.row.version)
    buttons: list[Button] = []
    for path, asking in askings[start : start + PAGE]:
        label = "pick_on" if path in reasons else "pick_off"
        value = f"{version}|{start}|{path}"
        buttons.append(case.button(label, "pick", value, {"label": asking.label}))
    if len(askings) > PAGE:
        further = start + PAGE if start + PAGE < len(askings) else 0
        buttons.append(case.button("do_fields", "fields", f"{version}|{further}"))
    buttons.append(case.button("do_write", "write", version))
    buttons.append(case.button("do_discard", "discard", version))
    return case.say("pick", {"version": version}, tuple(buttons), edit=edit)


def reason_written(case: Case, path: str, text: str) -> Taken:
    """A reply to the message that asks for a reason."""
    reasons, reason = _draft(case), " ".join(text.split())
    if reasons is None or path not in reasons:
        return case.note("draft_over")
    if not reason:
        return case.note("reason_empty")
    if len(reason) > REASON:
        return case.note("too_long", {"most": str(REASON)})
    if (denied := case.begin()) is not None:
        return denied
    reasons[path] = reason
    _keep(case, reasons)
    values: dict[str, Value] = {"label": case.askings()[path].label, "reason": reason}
    rows = case.say("reason_given", values, edit=case.t.arrival.card, waits_for=_about(case, path))
    return Taken(Receipt(), (*rows, *_next(case, reasons)))


def _pick(case: Case) -> Taken:
    _, start, path = case.t.deed.value.split("|")
    if path not in case.askings():
        return case.note("draft_over")
    if (denied := case.begin()) is not None:
        return denied
    reasons = _draft(case) or {}
    if path in reasons:
        del reasons[path]
    else:
        reasons[path] = ""
    _keep(case, reasons)
    return Taken(Receipt(), tuple(pick_card(case, case.t.arrival.card, int(start))))


def _turn_page(case: Case) -> Taken:
    if (denied := case.begin()) is not None:
        return denied
    start = int(case.t.deed.value.split("|")[1])
    return Taken(Receipt(), tuple(pick_card(case, case.t.arrival.card, start)))


def _write(case: Case) -> Taken:
    """[Write the reasons]"""
    reasons = _draft(case)
    if not reasons:
        return case.note("nothing_picked")
    if (denied := case.begin()) is not None:
        return denied
    askings = case.askings()
    fields = ", ".join(askings[path].label for path in reasons)
    discard = (case.button("do_discard", "discard", str(case.row.version)),)
    rows = case.say("picked", {"fields": fields}, discard, edit=case.t.arrival.card)
    return Taken(Receipt(), (*rows, *_next(case, reasons)))


def _send(case: Case) -> Taken:
    reasons, t = _draft(case), case.t
    if not reasons or not all(reasons.values()):
        return case.note("draft_over")
    asked = [Asked(path, reason) for path, reason in reasons.items()]
    done = request(t.house, t.states, t.tx, case.reference, case.by, asked, actor=case.by)
    if done.denied is not None:
        return case.denied(done.denied)
    return case.told(done, "asked", case.say("request_sent", edit=t.arrival.card))


def _discard(case: Case) -> Taken:
    if _draft(case) is None:
        return case.note("draft_over")
    case.t.tx.reviews.drop_draft(case.reference)
    return Taken(Receipt(), tuple(case.say("discarded", edit=case.t.arrival.card)))


def _next(case: Case, reasons: Reasons) -> list[OutboxRow]:
    """Ask for the next reason; where none is left, show what would be sent."""
    askings, version = case.askings(), str(case.row.version)
    for path, reason in reasons.items():
        if not reason:
            return case.say("reason_prompt", _shown(askings[path]), waits_for=_about(case, path))
    lines = tuple(
        Say("desk.review.draft_line", {"label": askings[path].label, "reason": reason})
        for path, reason in reasons.items()
    )
    buttons = (
        case.button("do_send", "send", version),
        case.button("do_discard", "discard", version),
    )
    return case.say("draft", {"lines": Lines(lines)}, buttons)


def _shown(asking: Asking) -> dict[str, Value]:
    return {"label": asking.label, "value": asking.value}


def _about(case: Case, path: str) -> tuple[str, str]:
    """What a reply is about, as it is stored with the message."""
    return "reason", f"{case.reference}|{case.row.version}|{path}"


def _draft(case: Case) -> Reasons | None:
    """What they are writing; None where they are not, or not any more."""
    row = case.t.tx.reviews.draft(case.reference)
    holder = holder_of(review_of(case.row), case.t.at)
    if row is None or holder is None or holder.by != case.by:
        return None
    if (row.by, row.version) != (case.by, case.row.version):
        return None
    pairs: Any = json.loads(row.asked)
    askings = case.askings()
    return {path: reason for path, reason in pairs if path in askings}


def _keep(case: Case, reasons: Reasons) -> None:
    body = json.dumps(list(reasons.items()), ensure_ascii=False)
    row = RequestDraft(case.reference, case.row.version, case.by, body)
    case.t.tx.reviews.save_draft(row, case.person.id)


PICKING: Mapping[str, Callable[[Case], Taken]] = {
    "review:pick": _pick,
    "review:fields": _turn_page,
    "review:write": _write,
    "review:send": _send,
    "review:discard": _discard,
}
