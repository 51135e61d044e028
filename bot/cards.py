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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import stamp
from bot.house import STAFF_LANGUAGE, House, packed, post
from bot.last_turns import last_turns
from bot.likeness import Waiting, state_of, waiting_like
from bot.messages import Button, Deed, Outgoing
from bot.store import Transaction
from bot.store.desk import CardRow
from bot.store.rows import ConversationRow, EscalationRow, NewOutbox, OutboxRow
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
    ping = stamp(datetime.fromisoformat(at) + rules.ping) if rules.ping and head == id else ""
    tx.desk.add(id, row.id, head, json.dumps(matches, ensure_ascii=False), ping)
    if head != id:
        return [*_joined(house, tx, id, head), *renew(house, tx, head, at, state)]
    card = _read(house, tx, id)
    assert card is not None  # both were written above
    rows: list[OutboxRow] = []
    for outgoing in (*_alone(card), _message(card, state)):
        rows += post(
            house,
            tx,
            outgoing,
            channel=house.staff.channel,
            chat=house.staff.chat,
            conversation=row.id,
            case=("escalation", str(id)),
            at=at,
        )
    tx.desk.shown_by(id, rows[-1].id)
    return rows


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


def change(
    house: House,
    tx: Transaction,
    message: str,
    outgoing: Outgoing,
    conversation: int | None,
    case: tuple[str, str],
    at: str,
) -> list[OutboxRow]:
    """Have a message of ours in the staff chat say this instead. ``message``: the platform's id
    of it; of what was too long for one, that of the last."""
    assert house.staff is not None  # it was sent there
    channel, chat = house.staff.channel, house.staff.chat
    last = house.compose[channel](outgoing)[-1]
    edit = {"edit": message, "leave": True, "body": last.body, "plain": last.plain}
    body = json.dumps(edit, ensure_ascii=False)
    new = NewOutbox(
        channel,
        chat,
        body,
        conversation=conversation,
        choices=packed(outgoing.buttons),
        case_kind=case[0],
        case_id=case[1],
    )
    id = tx.post(new, at)
    ours = tx.ours(id)
    return [OutboxRow(id, channel, chat, "", "send", body, 0, at, *case, conversation, ours)]


def line_under(
    house: House,
    tx: Transaction,
    head: int,
    say: Say,
    at: str,
    buttons: Sequence[Button] = (),
    about: int = 0,
    answer: bool = False,
) -> list[OutboxRow]:
    """A line under a card: in its thread (Slack), as a reply to it (Telegram). ``about``: the
    question that a reply to the line answers, and with whose person it is erased; the card's by
    default. ``answer``: with [Answer]."""
    staff, desk = house.staff, tx.desk.card(head)
    outgoing = house.renderer.message(STAFF_LANGUAGE, (say,))
    if staff is None or desk is None or outgoing is None:
        return []
    card = tx.desk.message(desk.shown_row, staff.channel, staff.chat)
    asked = tx.escalation(about) if about else None
    threads = staff.channel == "slack"
    outgoing = replace(
        outgoing,
        buttons=tuple(buttons),
        answer_to=str(about or head) if answer else "",
        under="" if threads else card,
    )
    return post(
        house,
        tx,
        outgoing,
        channel=staff.channel,
        chat=staff.chat,
        thread=card if threads else "",
        conversation=asked.conversation if asked is not None else desk.conversation,
        case=("escalation", str(about or head)),
        at=at,
    )


def button(key: str, deed: Deed, house: House, **values: str) -> Button:
    label = house.renderer.text(STAFF_LANGUAGE, f"buttons.{key}", values)
    return Button(label if len(label) <= 40 else f"{label[:39]}…", deed)


def hour(at: str) -> str:
    return at[11:16]


def in_force(desk: CardRow, at: str) -> bool:
    """Somebody has taken it, and still has it."""
    return bool(desk.claimed_by) and desk.claimed_until > at


def holder(desk: CardRow) -> Mention:
    return Mention(desk.claimed_by, desk.claimed_name)


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
    for more in (2, 1, 0):
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
    for asked, desk in card.others if more else card.others[-5:]:
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
    turns = last_turns(house, card.tx, row, state, own.asked_at) if row and more else ()
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
