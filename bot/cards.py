"""The card of an escalated question: made of what is stored, whenever it is shown.

A card has the question; what the same person asked since about it; where they stand, what was said
last, and the application so far (private answers masked); who has it, what was answered, and
whether that arrived. It is one message, which changes in place, with its buttons at the end; of a
very long question there is one more before it, with nothing but the question.

*What joins a card.* While something on a person's card waits, what they pass on next joins it, but
for what is about another field or another application, and a wish for a change: these have cards
of their own. It comes as a line under the card, so that staff hear of it, and stands on the card.
An answer to the card answers all of it that waits, each part quoted; one to the line, that alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.card_lines import change, line_under
from bot.clock import stamp
from bot.house import STAFF_LANGUAGE, House, post
from bot.last_turns import last_turns
from bot.likeness import Waiting, state_of, waiting_like
from bot.messages import Button, Deed, Outgoing
from bot.store import Transaction
from bot.store.desk import CardRow
from bot.store.rows import ConversationRow, EscalationRow, OutboxRow
from dialogs.acts import Escalate, Lines, Mention, Say, Term, Value
from dialogs.asking import lines_of
from dialogs.events import Finding
from dialogs.form import Place
from dialogs.offers import brief
from dialogs.state import Phase, State, open_place

MATCHES = 3
"""articles that may be sent with one tap"""
ANSWER = 300
"""characters of an answer that are shown on the card"""
VALUE = 80
"""... and of an answer to the form"""
ALONE = 2500
"""UTF-16 units from which a question has a message of its own: Telegram takes 4,096"""
LOOKED_AT = 50
"""waiting questions among which a card looks for those that ask the same"""
JOINED = 200
"""characters of what joined a card, where there is little room"""


@dataclass(frozen=True, slots=True)
class _Card:
    house: House
    tx: Transaction
    own: EscalationRow
    desk: CardRow
    others: tuple[tuple[EscalationRow, CardRow], ...]
    """what joined it"""

    @property
    def all(self) -> tuple[tuple[EscalationRow, CardRow], ...]:
        return ((self.own, self.desk), *self.others)

    @property
    def waits(self) -> bool:
        return any(not asked.answered_at for asked, _ in self.all)


def pass_on(
    house: House,
    tx: Transaction,
    row: ConversationRow,
    id: int,
    act: Escalate,
    state: State,
    at: str,
    found: Finding | None = None,
) -> list[OutboxRow]:
    """Bring a question to staff: its card, or a line under the card that it joins. ``found``: what
    the library holds for it."""
    if house.staff is None:
        return []
    head = _joins(tx, row.id, act) or id
    matches = [[m.article, m.button] for m in (found.matches[:MATCHES] if found else ())]
    rules = house.desk
    ping = stamp(datetime.fromisoformat(at) + rules.ping) if rules.ping else ""
    known = json.dumps(matches, ensure_ascii=False)
    tx.desk.add(id, row.id, head, known, ping if head == id else "")
    if head != id:
        top = tx.desk.card(head)
        if top is not None and not top.ping_at:  # it was named often enough: not so this part
            tx.desk.pinged(top, 0, ping)
        return [*_joined(house, tx, id, head), *renew(house, tx, head, at, state)]
    return _show(house, tx, id, at, state)


def bring_back(house: House, tx: Transaction, asked: EscalationRow, at: str) -> list[OutboxRow]:
    """The card of a question that waits, where it is neither in the staff chat nor on its way
    there: staff have moved, the chat was archived or had lost the bot, or there was none."""
    if house.staff is None:
        return []
    desk = tx.desk.card(asked.id)
    if desk is None:
        ping = stamp(datetime.fromisoformat(at) + house.desk.ping) if house.desk.ping else ""
        tx.desk.add(asked.id, asked.conversation, asked.id, "[]", ping)
        return _show(house, tx, asked.id, at)
    head = tx.desk.card(desk.head)
    if head is None or tx.desk.stands(head.shown_row, house.staff.channel, house.staff.chat):
        return []
    return _show(house, tx, head.escalation, at)


def renew(
    house: House, tx: Transaction, head: int, at: str, state: State | None = None
) -> list[OutboxRow]:
    """Have the card show how things stand now. Nothing where it was not sent yet: then its
    arrival brings this about (``arrivals.py``)."""
    card, staff = _read(house, tx, head), house.staff
    if staff is None or card is None:
        return []
    message = tx.desk.message(card.desk.shown_row, staff.channel, staff.chat)
    if not message:
        return []
    outgoing = _message(card, state or state_of(tx, card.own))
    case = ("escalation", str(head))
    return change(house, tx, message, outgoing, card.own.conversation, case, at)


def button(key: str, deed: Deed, house: House, **values: str) -> Button:
    label = house.renderer.text(STAFF_LANGUAGE, f"buttons.{key}", values)
    return Button(label if len(label) <= 40 else f"{label[:39]}…", deed)


def hour(at: str) -> str:
    return at[11:16]


def waits(tx: Transaction, id: int) -> bool:
    """The question is there, and not answered."""
    asked = tx.escalation(id)
    return asked is not None and not asked.answered_at


def card_waits(tx: Transaction, head: int) -> bool:
    """Something on this question's card waits."""
    return any(waits(tx, id) for id in (*tx.desk.on_card(head), head))


def in_force(desk: CardRow, at: str) -> bool:
    """Somebody has taken it, and still has it."""
    return bool(desk.claimed_by) and desk.claimed_until > at


def anothers(desk: CardRow, person: str, at: str) -> bool:
    """Another than this person has taken it, and still has it."""
    return in_force(desk, at) and desk.claimed_by != person


def holder(desk: CardRow) -> Mention:
    return Mention(desk.claimed_by, desk.claimed_name)


def _show(
    house: House, tx: Transaction, head: int, at: str, state: State | None = None
) -> list[OutboxRow]:
    card, staff = _read(house, tx, head), house.staff
    assert card is not None  # its rows are there
    assert staff is not None  # no card is shown without
    rows: list[OutboxRow] = []
    for outgoing in (*_alone(card), _message(card, state or state_of(tx, card.own))):
        rows += post(
            house,
            tx,
            outgoing,
            channel=staff.channel,
            chat=staff.chat,
            conversation=card.own.conversation,
            case=("escalation", str(head)),
            at=at,
        )
    tx.desk.shown_by(head, rows[-1].id)
    return rows


def _joins(tx: Transaction, conversation: int, act: Escalate) -> int:
    """The card that it joins; 0 where it has one of its own."""
    if act.kind == "change":
        return 0
    for head in tx.desk.open_cards(conversation):
        asked = [one for one in map(tx.escalation, tx.desk.on_card(head)) if one is not None]
        paths = {one.path for one in asked if one.path}
        same = all(o.kind != "change" and o.reference == act.reference for o in asked)
        if same and (not act.path or paths <= {act.path}):
            return head
    return 0


def _joined(house: House, tx: Transaction, id: int, head: int) -> list[OutboxRow]:
    asked, desk = tx.escalation(id), tx.desk.card(head)
    assert asked is not None  # the card's own rows
    assert desk is not None
    values: dict[str, Value] = {"id": str(head), "text": asked.question or Term("desk.no_text")}
    key = "desk.joined"
    if in_force(desk, asked.asked_at):
        key, values["who"] = "desk.joined_taken", holder(desk)
    mine = tx.desk.card(id)
    sends = tuple(_sends(house, mine)) if mine is not None else ()
    return line_under(house, tx, head, Say(key, values), asked.asked_at, sends, id, answer=True)


def _read(house: House, tx: Transaction, head: int) -> _Card | None:
    pairs: list[tuple[EscalationRow, CardRow]] = []
    for id in tx.desk.on_card(head):
        asked, desk = tx.escalation(id), tx.desk.card(id)
        if asked is not None and desk is not None:
            pairs.append((asked, desk))
    if not pairs or pairs[0][0].id != head:
        return None
    return _Card(house, tx, *pairs[0], tuple(pairs[1:]))


def _message(card: _Card, state: State | None) -> Outgoing:
    """With as much of what helps as fits one message."""
    house = card.house
    assert house.staff is not None  # there are no cards without
    buttons = tuple(_buttons(card))
    answer_to = str(card.own.id) if card.waits else ""
    compose = house.compose[house.staff.channel]
    for more in (2, 1, 0, -1):  # an edit that takes more would leave nothing but its end
        said = house.renderer.message(STAFF_LANGUAGE, (_say(card, state, more),))
        assert said is not None  # a card says something
        outgoing = replace(said, buttons=buttons, answer_to=answer_to)
        if len(compose(outgoing)) == 1:
            return outgoing
    return outgoing


def _alone(card: _Card) -> Iterator[Outgoing]:
    """The question, where it is too long to share a message."""
    if _is_long(card.own):
        said = card.house.renderer.message(STAFF_LANGUAGE, (_question(card.own, ()),))
        assert said is not None  # it says something
        yield said


def _is_long(asked: EscalationRow) -> bool:
    return len(asked.question.encode("utf-16-le", "surrogatepass")) // 2 > ALONE


def _say(card: _Card, state: State | None, more: int) -> Say:
    own, lines = card.own, tuple(_lines(card, state, more))
    if _is_long(own):
        own = replace(own, question=brief(own.question, JOINED))
    return _question(own, lines)


def _question(asked: EscalationRow, lines: tuple[Say, ...]) -> Say:
    values: dict[str, Value] = {
        "id": str(asked.id),
        "kind": Lines((Say(f"desk.kind_{asked.kind}", {"reference": asked.reference}),)),
        "text": asked.question or Term("desk.no_text"),
        "lines": Lines(lines),
    }
    return Say("desk.question", values)


def _lines(card: _Card, state: State | None, more: int) -> Iterator[Say]:
    assert card.house.staff is not None  # there are no cards without
    yield from _answered(card.own, card.desk)
    for asked, desk in card.others if more > 0 else card.others[-5 if more == 0 else -1 :]:
        text = asked.question if more > 1 else brief(asked.question, JOINED)
        yield Say("desk.also", {"text": text or Term("desk.no_text")})
        yield from _answered(asked, desk)
    if not card.waits:
        return
    if state is not None:
        yield from _standing(card, state, more)
    if card.desk.claimed_by:
        until = hour(card.desk.claimed_until)
        yield Say("desk.taken", {"who": holder(card.desk), "until": until})
    yield Say(f"desk.how_{card.house.staff.channel}", {"id": str(card.own.id)})


def _answered(asked: EscalationRow, desk: CardRow) -> Iterator[Say]:
    if not asked.answered_at:
        return
    who = desk.answered_name or asked.answered_by
    yield Say("desk.answered", {"who": who, "text": brief(asked.answer, ANSWER)})
    if desk.refused:
        yield Say("desk.not_arrived", {"reason": desk.refused})
    elif desk.told_at:
        yield Say("desk.arrived", {"at": hour(desk.told_at)})


def _standing(card: _Card, state: State, more: int) -> Iterator[Say]:
    house, own = card.house, card.own
    place = _place_of(house, state, own.path) or _open_question(house, state)
    field = Term(f"field.{place.name}.label") if place else Term("desk.no_field")
    yield Say("desk.open_field", {"field": field})
    row = card.tx.conversation(own.conversation)
    turns = last_turns(house, card.tx, row, state, own.asked_at) if row and more > 0 else ()
    if turns:
        yield Say("desk.turns", {"lines": Lines(turns)})
    if more > 1 and state.draft is not None:
        known = [
            Say(say.key, {name: _short(value) for name, value in say.values.items()})
            for say in lines_of(house.script, state, state.draft, mask=True).lines
            if say.values.get("value") != Term("slots.unasked") and say.key != "summary.check"
        ]
        if known:
            yield Say("desk.so_far", {"lines": Lines(tuple(known))})


def _short(value: Value) -> Value:
    return brief(value, VALUE) if isinstance(value, str) else value


def _buttons(card: _Card) -> Iterator[Button]:
    house, target = card.house, str(card.own.id)
    if card.waits:
        if not card.own.answered_at:
            yield from _sends(house, card.desk)
        if card.desk.claimed_by:
            yield button("release", Deed("question_release", target), house)
            yield button("take_over", Deed("question_take_over", target), house)
        else:
            yield button("take", Deed("question_take", target), house)
        return
    if card.own.question.strip() and not card.desk.article:
        if card.tx.learning.taught(card.own.id) is None:
            yield button("teach", Deed("question_teach", target), house)
        if like := others_like(card.tx, card.own):
            yield button("like_it", Deed("question_like", target), house, count=str(len(like)))


def others_like(tx: Transaction, asked: EscalationRow) -> tuple[Waiting, ...]:
    """What others ask the same, and still wait for."""
    mine = set(tx.desk.on_card(asked.id))
    return tuple(other for other in waiting_like(tx, asked, most=LOOKED_AT) if other.id not in mine)


def _sends(house: House, desk: CardRow) -> Iterator[Button]:
    for article, label in json.loads(desk.found):
        known = house.library.get(article, STAFF_LANGUAGE)  # the label is in the applicant's
        title = (known.button if known is not None else "") or label
        deed = Deed("question_send", str(desk.escalation), article)
        yield button("send_article", deed, house, title=title)


def _place_of(house: House, state: State, path: str) -> Place | None:
    draft = state.draft or (state.submissions[-1].draft if state.submissions else None)
    return house.script.form.place(draft, path) if draft is not None and path else None


def _open_question(house: House, state: State) -> Place | None:
    """What the applicant is being asked meanwhile."""
    asking = state.phase in (Phase.FILLING, Phase.STATING, Phase.PAUSED)
    return open_place(house.script, state) if asking else None
