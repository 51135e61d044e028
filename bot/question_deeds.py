"""What the buttons of a question's card do: take it, let it go, send an article or a line of the
thread, answer others that ask the same, have the bot learn from the answer.

To take a question is to lock it for a while, so that two people never write at once; to answer one
that nobody has taken needs no lock. What another has taken can be taken over, which they are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.answering import Answer, Answered, give, on_card
from bot.audit import note, question
from bot.card_lines import line_under
from bot.cards import anothers, button, card_waits, holder, hour, others_like, renew, waits
from bot.clock import stamp
from bot.conversation import Taken
from bot.house import STAFF_LANGUAGE
from bot.lessons import teach_from
from bot.likeness import personal
from bot.messages import Deed, Receipt
from bot.roles import Role
from bot.staff_notes import sent
from bot.store.desk import CardRow
from bot.store.rows import OutboxRow
from bot.tapped import Do, Tapped
from dialogs.acts import Say, Value

LIKE = 5
"""questions that one tap answers beside the first; each is shown before"""


def _take(tapped: Tapped) -> Taken:
    desk = tapped.tx.desk.card(tapped.number)
    if desk is None:
        return tapped.word("desk.old_button")
    if not card_waits(tapped.tx, tapped.number):
        return tapped.word("desk.late")
    if anothers(desk, tapped.by.person, tapped.at):
        return _held(tapped, desk)
    return _claimed(tapped, desk)


def _release(tapped: Tapped) -> Taken:
    desk = tapped.tx.desk.card(tapped.number)
    if desk is None or not desk.claimed_by:
        return tapped.word("desk.old_button")
    if anothers(desk, tapped.by.person, tapped.at):
        return _held(tapped, desk)
    tapped.tx.desk.claim(tapped.number, "", "", "")
    note(tapped.tx, tapped.at, tapped.by.person, "released", question(tapped.number))
    if ping := tapped.house.desk.ping:
        later = stamp(datetime.fromisoformat(tapped.at) + ping)
        tapped.tx.desk.pinged(desk, 0, later)
    rows = renew(tapped.house, tapped.tx, tapped.number, tapped.at)
    return Taken(Receipt(note=_text(tapped, "desk.released")), tuple(rows))


def _take_over(tapped: Tapped) -> Taken:
    desk = tapped.tx.desk.card(tapped.number)
    if desk is None:
        return tapped.word("desk.old_button")
    if not card_waits(tapped.tx, tapped.number):
        return tapped.word("desk.late")
    told = []
    if anothers(desk, tapped.by.person, tapped.at):
        values: dict[str, Value] = {
            "id": tapped.deed.target,
            "who": tapped.by,
            "from": holder(desk),
        }
        say = Say("desk.taken_over", values)
        told = line_under(tapped.house, tapped.tx, tapped.number, say, tapped.at)
    done = _claimed(tapped, desk)
    return Taken(done.receipt, (*done.rows, *told))


def _claimed(tapped: Tapped, desk: CardRow) -> Taken:
    until = stamp(datetime.fromisoformat(tapped.at) + tapped.house.desk.claim)
    tapped.tx.desk.claim(tapped.number, tapped.by.person, tapped.by.name, until)
    if tapped.house.desk.ping:  # whoever lets it lie is no reason that nobody hears of it again
        tapped.tx.desk.pinged(desk, 0, until)
    note(tapped.tx, tapped.at, tapped.by.person, "claimed", question(tapped.number))
    rows = renew(tapped.house, tapped.tx, tapped.number, tapped.at)
    said = _text(tapped, "desk.you_have_it", until=hour(until))
    return Taken(Receipt(note=said), tuple(rows))


def _send_article(tapped: Tapped) -> Taken:
    """The article's own words, with its source; for this very question."""
    article = tapped.house.library.get(tapped.deed.value, STAFF_LANGUAGE)
    if article is None:
        return tapped.word("desk.article_gone")
    answer = _answer(tapped, article.passage, article.id)
    return _done(tapped, _give(tapped, (tapped.number,), answer))


def _send_note(tapped: Tapped) -> Taken:
    line = tapped.tx.desk.note(int(tapped.deed.value))
    if line is None or line.state == "withdrawn":
        return tapped.word("desk.note_gone")
    if line.state == "sent":
        return tapped.word("desk.late")
    ids = on_card(tapped.tx, tapped.number)
    done = _give(tapped, ids, _answer(tapped, line.text))
    taken = _done(tapped, done)
    if not done.ids:
        return taken
    rows = sent(tapped.house, tapped.tx, line, tapped.at)
    return Taken(taken.receipt, (*taken.rows, *rows), others=taken.others)


def _like(tapped: Tapped) -> Taken:
    """Show which others ask the same; nothing goes out before that is confirmed."""
    asked = tapped.tx.escalation(tapped.number)
    like = others_like(tapped.tx, asked)[:LIKE] if asked is not None else ()
    if asked is None or not like:
        return tapped.word("desk.no_like")
    rows: list[OutboxRow] = []
    for other in like:  # each in a message that is erased with its own person
        values = {"id": str(other.id), "channel": other.channel, "text": other.question}
        say = Say("desk.like_line", values)
        rows += line_under(tapped.house, tapped.tx, tapped.number, say, tapped.at, about=other.id)
    deed = Deed("question_like_all", tapped.deed.target, ",".join(str(o.id) for o in like))
    sends = (button("send_to_all", deed, tapped.house, count=str(len(like))),)
    say = Say("desk.like", {"answer": asked.answer, "count": str(len(like))})
    rows += line_under(tapped.house, tapped.tx, tapped.number, say, tapped.at, sends)
    return Taken(Receipt(), tuple(rows))


def _like_all(tapped: Tapped) -> Taken:
    tx, asked = tapped.tx, tapped.tx.escalation(tapped.number)
    ids = tuple(int(id) for id in tapped.deed.value.split(","))
    if asked is None or not asked.answered_at:
        return tapped.word("desk.old_button")
    if words := personal(tx, (asked.id, *ids), asked.answer):
        return tapped.word("desk.personal", {"words": words})
    waiting = [id for id in ids if waits(tx, id)]
    if not waiting:
        return tapped.word("desk.late")
    done = _give(tapped, waiting, _answer(tapped, asked.answer))
    taken = _done(tapped, done)
    rows = renew(tapped.house, tx, asked.id, tapped.at) if done.ids else []
    return Taken(taken.receipt, (*taken.rows, *rows), others=taken.others)


def _teach(tapped: Tapped) -> Taken:
    taken = teach_from(tapped)
    rows = renew(tapped.house, tapped.tx, tapped.number, tapped.at)
    return Taken(taken.receipt, (*taken.rows, *rows))


def _answer(tapped: Tapped, text: str, article: str = "") -> Answer:
    return Answer(text, tapped.by, tapped.arrival.key, tapped.arrival.at, article)


def _give(tapped: Tapped, ids: tuple[int, ...] | list[int], answer: Answer) -> Answered:
    return give(tapped.house, tapped.states, tapped.tx, ids, answer, tapped.at)


def _done(tapped: Tapped, done: Answered) -> Taken:
    said = tapped.house.renderer.text(STAFF_LANGUAGE, done.said, done.values)
    return Taken(Receipt(note=said, answered=done.ids), done.rows, others=done.taken)


def _held(tapped: Tapped, desk: CardRow) -> Taken:
    return tapped.word("desk.held", {"who": holder(desk), "until": hour(desk.claimed_until)})


def _text(tapped: Tapped, key: str, **values: Value) -> str:
    return tapped.house.renderer.text(STAFF_LANGUAGE, key, values)


def _of(do: Do) -> tuple[Role, Do]:
    """A deed about the question that the button names: of two at once one is first."""

    def done(tapped: Tapped) -> Taken:
        tapped.tx.desk.hold(tapped.number)
        return do(tapped)

    return "answer", done


QUESTION_DEEDS: Mapping[str, tuple[Role, Do]] = {
    "question_take": _of(_take),
    "question_release": _of(_release),
    "question_take_over": _of(_take_over),
    "question_send": _of(_send_article),
    "question_note": _of(_send_note),
    "question_like": _of(_like),
    "question_like_all": _of(_like_all),
    "question_teach": _of(_teach),
}
