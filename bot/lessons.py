"""Teaching from the staff chat: an answer becomes a candidate, whose card a person then decides on.

The rules are those of the commands (``teaching.py``, ``judging.py``); what they refuse is said in
the form, or as a line where the platform has no forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot import teaching
from bot.audit import note_candidate, question
from bot.card_lines import change
from bot.cards import button
from bot.conversation import Taken
from bot.house import STAFF_LANGUAGE, House, post
from bot.judging import Code, Ground, NotDone
from bot.messages import Block, Deed, Outgoing, Receipt, Span, StaffReply
from bot.store import Transaction
from bot.store.rows import CandidateRow, OutboxRow
from bot.tapped import Tapped, called
from bot.teaching import Wording
from dialogs.acts import Lines, Mention, Say, Term, Value
from dialogs.lesson import Lesson, read_lesson
from knowledge.article import Article

ROLE = "admin"
"""as what an answer is approved here, for its source line"""

_SAID: Mapping[Code, str] = {
    "taught": "teach.taught",
    "dismissed_before": "teach.dismissed_before",
    "decided": "teach.decided",
    "not_covered": "teach.decided",
    "wordless": "teach.wordless",
    "raw": "teach.raw",
    "title": "teach.title",
    "button": "teach.button",
    "about": "teach.about",
    "fact": "teach.about",
    "question": "teach.question",
    "answer": "teach.answer",
    "article": "teach.answer",
    "long": "teach.long",
    "promise": "teach.promise",
    "email": "teach.particular",
    "phone": "teach.particular",
    "link": "teach.particular",
    "reference": "teach.particular",
    "theirs": "teach.particular",
}


def ground(house: House) -> Ground:
    return Ground(tuple(house.library.articles), house.desk.own)


def facts_of(house: House) -> tuple[tuple[str, str], ...]:
    """(id, the id and what it is about) of every fact, for whoever chooses among them: the title of
    the article that is about little else."""
    about: dict[str, Article] = {}
    for article in sorted(house.library.articles, key=_fit_to_name_a_fact):
        for fact in article.facts:
            about.setdefault(fact, article)
    return tuple((fact, f"{fact}: {about[fact].title}") for fact in sorted(about))


def _fit_to_name_a_fact(article: Article) -> tuple[bool, bool, int]:
    learnt = article.approved is not None
    return article.language != STAFF_LANGUAGE, learnt, len(article.facts)


def said(house: House, refused: NotDone) -> str:
    """Why not, and what to do."""
    values: dict[str, Value] = {"what": refused.what}
    if refused.row is not None:
        values["id"] = f"c{refused.row.id}"
        values["by"] = refused.row.decided_by or refused.row.made_by
    key = _SAID.get(refused.code, "teach.not_done")
    return house.renderer.text(STAFF_LANGUAGE, key, values)


def teach_from(tapped: Tapped) -> Taken:
    """Make the answered question a candidate, and show it."""
    house, tx = tapped.house, tapped.tx
    try:
        taught = teaching.teach(tx, tapped.number, tapped.by.name, tapped.at, ground(house))
    except NotDone as refused:
        return Taken(Receipt(note=said(house, refused)))
    asked = (question(tapped.number),)
    note_candidate(tx, tapped.at, tapped.by.person, "taught", taught.candidate, asked)
    staff = house.staff
    assert staff is not None  # it was tapped there
    outgoing = _card(house, taught.candidate, taught.like)
    rows = post(
        house,
        tx,
        outgoing,
        channel=staff.channel,
        chat=staff.chat,
        conversation=_whose(tx, taught.candidate),
        case=("candidate", str(taught.candidate.id)),
        at=tapped.at,
    )
    return Taken(Receipt(), tuple(rows))


def take_lesson(house: House, tx: Transaction, reply: StaffReply, id: int, at: str) -> Taken:
    """A reply to a candidate's card: its wording, with which it is approved."""
    candidate = tx.learning.candidate(id)
    whose = _whose(tx, candidate) if candidate is not None else None
    if not house.roles.may(reply.channel, reply.by, "admin"):
        note = house.renderer.text(STAFF_LANGUAGE, "desk.may_not_admin")
        rows: list[OutboxRow] = []
    else:
        words = house.script.wording.language(STAFF_LANGUAGE).words
        lesson = read_lesson(reply.text, words)
        note, rows = _approved(house, tx, id, lesson, called(reply), reply.card, at)
    told = Outgoing((Block((Span(note),)),), under=reply.message)
    rows += post(
        house,
        tx,
        told,
        channel=reply.channel,
        chat=reply.chat,
        thread=reply.thread,
        conversation=whose,  # what is refused may be said in it, and is erased with them
        at=at,
    )
    return Taken(Receipt(note=note), tuple(rows))


def approve(
    house: House, tx: Transaction, id: int, lesson: Lesson, by: Mention, card: str, at: str
) -> tuple[str, list[OutboxRow]]:
    """Serve it -> (what to say, its card as it is then). Raises NotDone."""
    wording = Wording(
        lesson.questions or None,
        lesson.answer or None,
        lesson.title or None,
        lesson.button or None,
        lesson.facts or None,
    )
    row = teaching.approve(tx, id, wording, by.name, ROLE, at, ground(house))
    note_candidate(tx, at, by.person, "approved", row)
    note = house.renderer.text(STAFF_LANGUAGE, "teach.approved", {"title": row.title})
    return note, decided(house, tx, row, card, at)


def decided(
    house: House, tx: Transaction, row: CandidateRow, card: str, at: str
) -> list[OutboxRow]:
    """The candidate's card, once it is decided on: what became of it, and no buttons."""
    if not card:
        return []
    case = ("candidate", str(row.id))
    return change(house, tx, card, _card(house, row), _whose(tx, row), case, at)


def _whose(tx: Transaction, row: CandidateRow) -> int | None:
    """Whose words it has: with them its card is erased."""
    sources = tx.learning.sources(row.id)
    return sources[0].conversation if sources else None


def _approved(
    house: House, tx: Transaction, id: int, lesson: Lesson | None, by: Mention, card: str, at: str
) -> tuple[str, list[OutboxRow]]:
    if lesson is None:
        return house.renderer.text(STAFF_LANGUAGE, "teach.how_telegram"), []
    try:
        return approve(house, tx, id, lesson, by, card, at)
    except NotDone as refused:
        note = said(house, refused)
        if refused.code in ("about", "fact"):
            note = "\n".join((note, *(label for _, label in facts_of(house))))
        return note, []


def _card(house: House, row: CandidateRow, like: tuple[str, ...] = ()) -> Outgoing:
    assert house.staff is not None  # there are no cards without
    waits = row.state == "waiting"
    lines = [Say("teach.like", {"title": title}) for title in like[:3]]
    if waits:
        lines.append(Say(f"teach.how_{house.staff.channel}"))
    elif row.state == "dismissed":
        lines.append(Say("teach.card_dismissed", {"by": row.decided_by}))
    else:
        key = "teach.card_approved" if row.kind == "answer" else "teach.card_not_covered"
        lines.append(Say(key, {"by": row.decided_by}))
    values: dict[str, Value] = {
        "id": f"c{row.id}",
        "count": str(row.asked),
        "question": row.question,
        "answer": row.answer or Term("teach.no_answer"),
        "lines": Lines(tuple(lines)),
    }
    key = "teach.card" if waits else "teach.card_closed"
    outgoing = house.renderer.message(STAFF_LANGUAGE, (Say(key, values),))
    assert outgoing is not None  # a card says something
    target = str(row.id)
    buttons = (
        button("approve_lesson", Deed("lesson_approve", target), house),
        button("dismiss_lesson", Deed("lesson_dismiss", target), house),
        button("not_covered", Deed("lesson_not_covered", target), house),
    )
    return replace(outgoing, buttons=buttons if waits else ())
