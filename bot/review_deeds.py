"""What the buttons under an application do: take it, let it go, ask for more, decide, read all.

Everything goes through ``reviewing.py``, by the same table as at the command line. Where the
platform has forms, words are written into one, and sending it is the confirmation; elsewhere they
come as a reply to the bot's message (``review_drafts.py``, ``review_replies.py``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from bot.audit import note
from bot.clock import minute
from bot.conversation import Taken
from bot.duplicates import mark_distinct
from bot.house import STAFF_LANGUAGE, post
from bot.messages import Block, Form, Input, Outgoing, Receipt, Span, StaffForm
from bot.reach import reachable
from bot.review_case import Case, opened
from bot.review_drafts import PICKING, pick_card
from bot.reviewing import ACTIONS, MESSAGE, REASON, Verdict, claim, decide, release
from bot.reviewing import request as ask_about
from bot.reviews import named, review_of
from bot.roles import Role
from bot.sheet import Words, sheet_lines
from bot.store.rows import RequestDraft
from bot.tapped import FORMS, Do, Tapped
from dialogs.acts import Value
from dialogs.review import Denied, Stage
from dialogs.review import decide as would
from dialogs.slots import Asked

PAGE = 40
"""answers on one page of a form; a modal takes 100 blocks"""
_MESSAGE = "message"


def _of(do: Callable[[Case], Taken]) -> tuple[Role, Do]:
    """A deed about the application that the button names, in the version that its card shows."""

    def done(t: Tapped) -> Taken:
        case = opened(t, t.deed.target, t.deed.value.partition("|")[0])
        return do(case) if isinstance(case, Case) else case

    return "review", done


def _take(case: Case) -> Taken:
    done = claim(case.t.house, case.t.tx, case.reference, case.by, actor=case.by)
    if done.denied is not None:
        return case.denied(done.denied)
    assert done.review is not None and done.review.claim is not None  # noqa: PT018 - just taken
    receipt = Receipt(note=case.text("yours", {"until": minute(done.review.claim.until)}))
    return Taken(receipt, tuple(case.card()))


def _let_go(case: Case) -> Taken:
    done = release(case.t.house, case.t.tx, case.reference, case.by, actor=case.by)
    if done.denied is not None:
        return case.denied(done.denied)
    return Taken(Receipt(note=case.text("free")), tuple(case.card()))


def _show_whole(case: Case) -> Taken:
    """With the private answers, so to whoever taps alone: a form to read, or their own chat."""
    t = case.t
    words = Words(t.house.script.form, t.house.script.wording, t.house.renderer)
    lines = sheet_lines(words, case.row.record, named(review_of(case.row), t.tx.colleagues.name))
    blocks = tuple(
        Block((Span(text, "strong" if "bold" in style else "plain"),)) for text, style in lines
    )
    if t.arrival.channel in FORMS:
        note(t.tx, t.at, case.by, "saw", case.reference)
        form = Form(case.text("whole_title"), "", t.button, (), blocks, t.arrival.card)
        return Taken(Receipt(form=form))
    theirs = t.tx.find_conversation(t.arrival.channel, t.arrival.by)
    if theirs is None or not reachable(t.tx, theirs.id):
        return case.note("whole_how")
    # It is a message about the applicant, so an erase takes it back from there too.
    rows = post(
        t.house,
        t.tx,
        Outgoing(blocks),
        channel=theirs.channel,
        chat=theirs.chat,
        conversation=case.person.id,
        at=t.at,
    )
    note(t.tx, t.at, case.by, "saw", case.reference)
    return Taken(Receipt(note=case.text("whole_sent")), tuple(rows))


def _ask(case: Case) -> Taken:
    """What is asked again: reasons in a form, or answers to tap."""
    arrival = case.t.arrival
    if isinstance(arrival, StaffForm):
        return _asked(case, arrival)
    if isinstance(refused := would(review_of(case.row), "request", case.by, case.t.at), Denied):
        return case.denied(refused)
    if (denied := case.begin()) is not None:
        return denied
    if arrival.channel not in FORMS:
        return Taken(Receipt(), (*pick_card(case), *case.card()))
    return Taken(Receipt(form=_request_form(case, _reasons(case))), tuple(case.card()))


def _asked(case: Case, form: StaffForm) -> Taken:
    """A page of reasons was sent: on to the next, or to the applicant."""
    if (denied := case.begin()) is not None:
        return denied
    askings = list(case.askings())
    written = {path: " ".join(text.split()) for path, text in form.values if path in askings}
    too_long = case.text("too_long", {"most": str(REASON)})
    faults = tuple((path, too_long) for path, text in written.items() if len(text) > REASON)
    if faults or not written:
        return Taken(Receipt(faults=faults))
    reasons = {**_reasons(case), **written}
    kept = [(path, reasons[path]) for path in askings if reasons.get(path)]
    last = max(askings.index(path) for path in written)
    if last + 1 < len(askings):
        body = json.dumps(kept, ensure_ascii=False)
        draft = RequestDraft(case.reference, case.row.version, case.by, body)
        case.t.tx.reviews.save_draft(draft, case.person.id)
        return Taken(Receipt(form=_request_form(case, reasons, last + 1)))
    if not kept:
        first = min(written, key=askings.index)
        return Taken(Receipt(faults=((first, case.text("no_reason")),)))
    t, asked = case.t, [Asked(path, reason) for path, reason in kept]
    done = ask_about(t.house, t.states, t.tx, case.reference, case.by, asked, actor=case.by)
    return case.denied(done.denied) if done.denied else case.told(done, "asked", [])


def _reasons(case: Case) -> dict[str, str]:
    """What stands in the form at first: what they have written so far, or what is asked now."""
    reviews = case.t.tx.reviews
    draft = reviews.draft(case.reference)
    if draft is not None and (draft.by, draft.version) == (case.by, case.row.version):
        return dict(json.loads(draft.asked))
    if case.row.stage == Stage.NEEDS_INFO:
        return dict(json.loads(reviews.requests(case.reference)[-1].asked))
    return {}


def _request_form(case: Case, reasons: Mapping[str, str], start: int = 0) -> Form:
    askings = list(case.askings().items())
    page = askings[start : start + PAGE]
    inputs = tuple(
        Input(
            path,
            case.t.house.renderer.text(
                STAFF_LANGUAGE, "summary.line", {"label": asking.label, "value": asking.value}
            )[:150],
            value=reasons.get(path, ""),
            most=REASON,
            lines=False,
        )
        for path, asking in page
    )
    submit = "request_submit" if start + PAGE >= len(askings) else "request_next"
    return _form(case, "request_title", submit, "request_about", inputs)


def _verdict(verdict: Verdict) -> Callable[[Case], Taken]:
    """A decision, which is confirmed by its message: in a form, or by a reply."""

    def tapped(case: Case) -> Taken:
        t, (title, submit, about, prompt) = case.t, _WORDS[verdict]
        if isinstance(t.arrival, StaffForm):
            message = dict(t.arrival.values).get(_MESSAGE, "")
            return decided(case, verdict, message, _MESSAGE)
        if isinstance(
            refused := would(review_of(case.row), ACTIONS[verdict], case.by, t.at), Denied
        ):
            return case.denied(refused)
        if (denied := case.begin()) is not None:
            return denied
        usual = usual_message(case, verdict)
        if t.arrival.channel in FORMS:
            told = case.text("message"), case.text("message_hint")
            form = _form(case, title, submit, about, (Input(_MESSAGE, *told, usual, MESSAGE),))
            return Taken(Receipt(form=form), tuple(case.card()))
        value = f"{case.row.version}|{verdict}"
        buttons = (
            case.button("do_usual", "decide", f"{value}|usual"),
            case.button("do_without", "decide", f"{value}|without"),
            case.button("do_cancel", "cancel", value),
        )
        reply = ("decision", f"{case.reference}|{value}")
        rows = case.say(prompt, {"usual": usual}, buttons, waits_for=reply)
        return Taken(Receipt(), (*rows, *case.card()))

    return tapped


def usual_message(case: Case, verdict: Verdict) -> str:
    """What the applicant reads where nobody writes anything else; in their language."""
    return case.t.house.renderer.text(case.state.language, f"decision.{verdict}_message")


def decided(case: Case, verdict: Verdict, message: str | None, field: str = "") -> Taken:
    """Decide. ``message``: what the applicant reads under it; empty: nothing; None, or unchanged:
    the usual words. ``field``: the form's, where there is one."""
    t = case.t
    if message is not None and len(message) > MESSAGE:
        values: dict[str, Value] = {"most": str(MESSAGE)}
        if not field:
            return case.note("too_long", values)
        return Taken(Receipt(faults=((field, case.text("too_long", values)),)))
    if message is not None and message.split() == usual_message(case, verdict).split():
        message = None
    done = decide(t.house, t.states, t.tx, case.reference, case.by, verdict, message, actor=case.by)
    if done.denied is not None:
        return case.denied(done.denied)
    # Of a prompt that was tapped or replied to, what is left is that it is over.
    prompt = t.tx.case(t.arrival.channel, t.arrival.chat, t.arrival.card)
    over = prompt is not None and prompt[0] == "decision"
    rows = case.say(verdict, edit=t.arrival.card) if over else []
    return case.told(done, verdict, rows)


def _decide(case: Case) -> Taken:
    """[Send the usual words], [Without comment]."""
    _, verdict, how = case.t.deed.value.split("|")
    return decided(case, _VERDICTS[verdict], None if how == "usual" else "")


def _cancel(case: Case) -> Taken:
    """[Cancel], under what asks for the words of a decision, while there is none, and not by
    others than who holds the application."""
    verdict = _VERDICTS[case.t.deed.value.partition("|")[2]]
    refused = would(review_of(case.row), ACTIONS[verdict], case.by, case.t.at)
    if isinstance(refused, Denied) and refused.reason != "unclaimed":
        return case.denied(refused)
    return Taken(Receipt(), tuple(case.say("cancelled", edit=case.t.arrival.card)))


def _distinct(case: Case) -> Taken:
    """[Not a duplicate], of the application that the card names first."""
    other = case.t.deed.value.partition("|")[2]
    try:
        mark_distinct(case.t.tx, case.reference, other, case.by, case.t.at)
        note = case.text("distinct", {"other": other})
    except LookupError:
        note = case.text("distinct_gone", {"other": other})
    return Taken(Receipt(note=note), tuple(case.card()))


def _form(case: Case, title: str, submit: str, about: str, inputs: tuple[Input, ...]) -> Form:
    t, told = case.t, (Block((Span(case.text(about)),)),)
    return Form(case.text(title), case.text(submit), t.button, inputs, told, t.arrival.card)


_WORDS: Mapping[Verdict, tuple[str, str, str, str]] = {
    "approved": ("approve_title", "approve_submit", "approve_about", "approve_prompt"),
    "declined": ("decline_title", "decline_submit", "decline_about", "decline_prompt"),
}
"""of the form that confirms it: title, button, what stands above; of the message that asks"""

_VERDICTS: Mapping[str, Verdict] = {"approved": "approved", "declined": "declined"}

REVIEW_DEEDS: Mapping[str, tuple[Role, Do]] = {
    "review:claim": _of(_take),
    "review:release": _of(_let_go),
    "review:request": _of(_ask),
    "review:approve": _of(_verdict("approved")),
    "review:decline": _of(_verdict("declined")),
    "review:decide": _of(_decide),
    "review:cancel": _of(_cancel),
    "review:whole": _of(_show_whole),
    "review:distinct": _of(_distinct),
    **{verb: _of(do) for verb, do in PICKING.items()},
}
