"""Replies of staff to what the bot asked them in their chat: a reason, the words of a decision.

Which message it was is read from the stored row that was sent, never from anybody's text. They are
taken like taps: from the staff chat alone, each once, by those who may.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversation import Taken
from bot.messages import StaffReply
from bot.review_case import Case, opened
from bot.review_deeds import decided
from bot.review_drafts import reason_written
from bot.roles import Role
from bot.tapped import Do, Tapped


def _reason(t: Tapped) -> Taken:
    reference, version, path = t.deed.target.split("|")
    case = opened(t, reference, version)
    return reason_written(case, path, _text(t)) if isinstance(case, Case) else case


def _decision(t: Tapped) -> Taken:
    reference, version, verdict = t.deed.target.split("|")
    case = opened(t, reference, version)
    if not isinstance(case, Case):
        return case
    text = _text(t).strip()
    if not text:
        return case.note("reason_empty")
    return decided(case, "approved" if verdict == "approved" else "declined", text)


def _over(t: Tapped) -> Taken:
    """To a message that asked for a reply once: whoever writes there now means the others."""
    return t.word("desk.review.reply_over")


def _text(t: Tapped) -> str:
    return t.arrival.text if isinstance(t.arrival, StaffReply) else ""


REPLIES: Mapping[str, tuple[Role, Do]] = {
    "reason": ("review", _reason),
    "decision": ("review", _decision),
    "over": ("review", _over),
}
"""kind of case -> who may reply to it, and what is then done"""
