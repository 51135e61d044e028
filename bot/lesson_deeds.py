"""What the buttons of a candidate's card do: the bot learns it, put in general words; or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import teaching
from bot.audit import Action, note_candidate
from bot.conversation import Taken
from bot.house import STAFF_LANGUAGE
from bot.judging import MAX_QUESTION, MAX_TITLE, Code, NotDone
from bot.lessons import approve, decided, facts_of, ground, said
from bot.messages import Form, Input, Receipt, StaffForm, StaffTap
from bot.roles import Role
from bot.store.rows import CandidateRow
from bot.tapped import Do, Tapped
from dialogs.lesson import Lesson
from knowledge.article import MAX_BUTTON

QUESTIONS = 5
"""ways to ask it that the form has room for"""

_PLACE: Mapping[Code, str] = {
    "title": "title",
    "button": "button",
    "about": "facts",
    "fact": "facts",
    "question": "question",
    "raw": "question",
    "answer": "answer",
    "article": "answer",
    "long": "answer",
    "promise": "answer",
    "email": "answer",
    "phone": "answer",
    "link": "answer",
    "reference": "answer",
    "theirs": "answer",
    "bytes": "answer",
}
"""which input of the form a refusal is about, where its words do not say it"""


def _approve(tapped: Tapped) -> Taken:
    """The form with what there is; what comes back is approved, or shows what is wrong."""
    row = tapped.tx.learning.candidate(tapped.number)
    if row is None or row.state != "waiting":
        return _decided_before(tapped, row)
    if not isinstance(tapped.arrival, StaffForm):
        if tapped.arrival.channel != "slack":
            return tapped.word("teach.reply_to_it")
        return Taken(Receipt(form=_form(tapped, row)))
    written = dict(tapped.arrival.values)
    lesson = Lesson(
        tuple(line for line in written.get("question", "").splitlines() if line.strip()),
        written.get("title", ""),
        written.get("button", ""),
        tuple(written.get("facts", "").split()),
        written.get("answer", ""),
    )
    card, by = tapped.arrival.card, tapped.by
    try:
        note, rows = approve(tapped.house, tapped.tx, row.id, lesson, by, card, tapped.at)
    except NotDone as refused:
        text = said(tapped.house, refused)
        if refused.code not in _PLACE:
            return Taken(Receipt(note=text))
        found = (name for name, given in written.items() if refused.what and refused.what in given)
        place = _PLACE[refused.code]
        if place == "answer":
            place = next(found, place)
        return Taken(Receipt(faults=((place, text),)))
    return Taken(Receipt(note=note), tuple(rows))


def _form(tapped: Tapped, row: CandidateRow) -> Form:
    assert isinstance(tapped.arrival, StaffTap)  # a form is opened by a tap
    assert tapped.arrival.button is not None  # its meaning was read from it

    def text(name: str, **values: str) -> str:
        return tapped.house.renderer.text(STAFF_LANGUAGE, f"teach.{name}", values)

    # An applicant's own words are not put in: who approves it says it in general ones.
    worded = row.question if row.worded else ""
    return Form(
        text("form_title"),
        text("form_submit"),
        tapped.arrival.button,
        (
            Input("question", text("form_question"), text("form_question_hint"), worded,
                  MAX_QUESTION * QUESTIONS, needed=True),
            Input("title", text("form_name"), value=row.title, most=MAX_TITLE, lines=False,
                  needed=True),
            Input("button", text("form_button", most=str(MAX_BUTTON)), value=row.button,
                  most=MAX_BUTTON, lines=False),
            Input("facts", text("form_facts"), value=row.facts, needed=True,
                  options=facts_of(tapped.house)),
            Input("answer", text("form_answer"), value=row.answer, most=3000,
                  needed=True),
        ),
        card=tapped.arrival.card,
    )  # fmt: skip


def _dismiss(tapped: Tapped) -> Taken:
    return _decide(tapped, "dismissed", lambda: teaching.dismiss(
        tapped.tx, tapped.number, tapped.by.name, tapped.at
    ))  # fmt: skip


def _not_covered(tapped: Tapped) -> Taken:
    return _decide(tapped, "not_covered", lambda: teaching.not_covered(
        tapped.tx, 0, tapped.number, "", "", tapped.by.name, tapped.at, ground(tapped.house)
    ))  # fmt: skip


def _decided_before(tapped: Tapped, row: CandidateRow | None) -> Taken:
    refused = NotDone("decided" if row is not None else "unknown", row=row)
    return Taken(Receipt(note=said(tapped.house, refused)))


_SAYS: Mapping[Action, str] = {
    "dismissed": "teach.dismissed",
    "not_covered": "teach.is_not_covered",
}


def _decide(tapped: Tapped, action: Action, decide: Callable[[], CandidateRow]) -> Taken:
    before = tapped.tx.learning.candidate(tapped.number)
    if before is None or before.state != "waiting":
        return _decided_before(tapped, before)
    try:
        row = decide()
    except NotDone as refused:
        note = said(tapped.house, refused)
        if refused.code in _PLACE:  # no card takes other words for it
            values = {"id": f"c{before.id}"}
            how = tapped.house.renderer.text(STAFF_LANGUAGE, "teach.not_covered_how", values)
            note = f"{note} {how}"
        return Taken(Receipt(note=note))
    note_candidate(tapped.tx, tapped.at, tapped.by.person, action, row)
    card = tapped.arrival.card
    rows = decided(tapped.house, tapped.tx, row, card, tapped.at)
    note = tapped.house.renderer.text(STAFF_LANGUAGE, _SAYS[action])
    return Taken(Receipt(note=note), tuple(rows))


LESSON_DEEDS: Mapping[str, tuple[Role, Do]] = {
    "lesson_approve": ("admin", _approve),
    "lesson_dismiss": ("admin", _dismiss),
    "lesson_not_covered": ("admin", _not_covered),
}
