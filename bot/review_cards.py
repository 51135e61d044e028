"""The cards of applications in the staff chat: what was sent, where it stands, what can be done.

A card is changed where it stands, so the chat has one message an application and one a new version.
Where the whole does not fit one message, what stands and the buttons come in a last one of their
own, and only that is changed. What a card offers is read from the table of ``dialogs.review``.

Only the newest card of an application has buttons: with a new one (a new version, a withdrawal, one
that staff asked for) the one before says where that is, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from bot.card_lines import change
from bot.clock import minute
from bot.duplicates import on_card
from bot.house import STAFF_LANGUAGE, House, post
from bot.messages import Block, Button, Deed, Outgoing, Span
from bot.records import leaves, path_of
from bot.reviews import review_of
from bot.sheet import Words, label_of, shown_value
from bot.store import Transaction
from bot.store.rows import ConversationRow, OutboxRow, ReviewRow
from dialogs.acts import Lines, Resubmit, Say, Term, Value
from dialogs.asking import change_lines, lines_of
from dialogs.objects import where
from dialogs.review import Review, Stage, holder_of, offered, seen
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import State, submission

UNCHANGED = Lines(())


def record_card(
    house: House,
    tx: Transaction,
    person: ConversationRow,
    state: State,
    row: ReviewRow,
    at: str,
    edit: str = "",
) -> list[OutboxRow]:
    """An application: where it stands, which earlier ones it may be and the doubts first, then its
    answers, private ones masked. ``edit``: the card that becomes this one."""
    review, reference = review_of(row), row.record.reference
    sent = submission(state, reference)
    if sent is None or house.staff is None:
        return []
    lines = lines_of(house.script, state, sent.draft, mask=True).lines
    alike, likest = on_card(house, tx, row)
    changes = Lines(tuple(_changes(house, tx, reference)))
    values: dict[str, Value] = {
        "reference": reference,
        "channel": person.channel,
        "changes": changes,
        "version": str(review.version),
        "state": Lines((state_say(tx, review, at),)),
        "lines": Lines((*alike, doubts_line(house, sent.draft), *lines)),
    }
    key = "desk.record" if review.version == 1 else "desk.record_again"
    say = Say(key, values)
    return _post(
        house, tx, say, review, reference, person.id, at, edit, likest=likest, changes=changes
    )


def past_card(
    house: House, tx: Transaction, reference: str, conversation: int, message: str, at: str
) -> list[OutboxRow]:
    """A card that another one has taken the place of. Where it cannot be changed any more, that is
    all: nothing is said anew."""
    said = house.renderer.message(
        STAFF_LANGUAGE, (Say("desk.review.past", {"reference": reference}),)
    )
    assert said is not None  # it says something
    return change(house, tx, message, said, conversation, ("record", reference), at)


def resubmitted_card(
    house: House, tx: Transaction, conversation: int, act: Resubmit, state: State, at: str
) -> list[OutboxRow]:
    """What was asked is answered: before and after of exactly that, for who asked."""
    row = tx.reviews.get(act.reference)
    if row is None:
        return []
    review = review_of(row)
    by = review.claim.by if review.claim is not None else ""
    asked = replace(act.after, asked=act.asked, reference=act.reference)
    alike, likest = on_card(house, tx, row)
    values: dict[str, Value] = {
        "reference": act.reference,
        "reviewer": tx.colleagues.name(by) if by else Term("desk.anybody"),
        "lines": change_lines(house.script, state, act.before, asked, act.asked, mask=True),
        "flags": Lines((*alike, doubts_line(house, asked))),
    }
    say = Say("desk.resubmitted", values)
    return _post(house, tx, say, review, act.reference, conversation, at, rings=by, likest=likest)


def withdrawn_card(
    house: House, tx: Transaction, conversation: int, reference: str, at: str
) -> list[OutboxRow]:
    say = Say("desk.withdrawn", {"reference": reference})
    return _post(house, tx, say, Review(Stage.WITHDRAWN), reference, conversation, at)


def _changes(house: House, tx: Transaction, reference: str) -> Iterator[Say]:
    """What the newest version changed of what was asked, private answers masked."""
    versions = tx.reviews.versions(reference)
    if len(versions) == 1:
        return
    words = Words(house.script.form, house.script.wording, house.renderer)
    before, after = (json.loads(version.body) for version in versions[-2:])
    requests = {one.id: one.asked for one in tx.reviews.requests(reference)}
    asked = {path for path, _ in json.loads(requests.get(versions[-1].request, "[]"))}
    was = {path_of(leaf, before): shown_value(words, leaf) for leaf in leaves(words.form, before)}
    answers = list(leaves(words.form, after))
    for leaf in answers:
        path, now = path_of(leaf, after), shown_value(words, leaf)
        if path not in asked:
            continue
        same, private = was.get(path) == now, leaf.field.question.private
        key = ("amend.hidden" if private else "amend.line") if not same else "amend.same"
        label = label_of(words, answers, leaf)
        values: dict[str, Value] = {"label": label, "was": was.get(path, ""), "value": now}
        yield Say("amend.hidden_same" if same and private else key, values)


def state_say(tx: Transaction, review: Review, at: str) -> Say:
    """Where it stands at that time, in a line for staff."""
    now, holder = seen(review, at), holder_of(review, at)
    by = holder.by if holder is not None else review.by
    values: dict[str, Value] = {
        "name": tx.colleagues.name(by) if by else Term("desk.anybody"),
        "since": minute(now.since),
        "until": minute(holder.until) if holder is not None else "",
    }
    held = holder is not None and now.stage is not Stage.CLAIMED
    stage = now.stage.value
    return Say(f"desk.review.held_{stage}" if held else f"desk.review.state_{stage}", values)


def doubts_line(house: House, draft: Draft) -> Say:
    """All flags and kept answers of a draft, each with its field, in one line."""
    doubts: list[Say] = []
    for place in house.script.form.places(draft):
        slot = draft.slots.get(place.path)
        label: Value = Term(f"field.{place.name}.label")
        if number := where(house.script, draft, place):
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        if isinstance(slot, Answered):
            doubts += [
                Say(
                    "desk.doubt",
                    {"label": label, "doubt": Lines((Say(f"flags.{f.code}", f.details),))},
                )
                for f in slot.flags
            ]
        elif isinstance(slot, Kept):
            doubts.append(Say("desk.doubt_kept", {"label": label}))
    if not doubts:
        return Say("desk.no_flags")
    return Say("desk.flags", {"flags": Lines(tuple(doubts))})


def buttons_of(
    house: House, review: Review, reference: str, at: str, likest: str = ""
) -> tuple[Button, ...]:
    """What may be done now; each is for the version that the card shows. ``likest``: the
    application that it may be the same as, if there is one."""
    if review.stage is Stage.WITHDRAWN:
        return ()
    version = str(review.version)
    verbs = [(verb, version) for verb in (*offered(review, at), "whole")]
    if likest:
        verbs.append(("distinct", f"{version}|{likest}"))
    return tuple(
        Button(
            house.renderer.text(STAFF_LANGUAGE, f"desk.review.do_{verb}"),
            Deed(f"review:{verb}", reference, value),
        )
        for verb, value in verbs
    )


def _post(
    house: House,
    tx: Transaction,
    say: Say,
    review: Review,
    reference: str,
    conversation: int,
    at: str,
    edit: str = "",
    rings: str = "",
    likest: str = "",
    changes: Lines = UNCHANGED,
) -> list[OutboxRow]:
    """``rings``: whose phone it rings, as ``channel:id``. ``likest``: as in ``buttons_of``.
    ``changes``: what the newest version changed."""
    staff = house.staff
    if staff is None:
        return []
    card = house.renderer.message(STAFF_LANGUAGE, (say,))
    assert card is not None  # it says something
    if rings.startswith(f"{staff.channel}:"):
        name = Span(tx.colleagues.name(rings), "mention", rings)
        card = replace(card, blocks=(Block((name,)), *card.blocks))
    card = replace(card, buttons=buttons_of(house, review, reference, at, likest))
    parts = [card]
    if len(house.compose[staff.channel](card)) > 1:
        # What becomes the tail may have been the card that alone told of the changes.
        tail = _tail(house, tx, review, reference, at, card, changes if edit else UNCHANGED)
        parts = [replace(card, buttons=()), tail]
    past = () if edit else tx.reviews.cards(reference, staff.channel, staff.chat)
    rows: list[OutboxRow] = []
    for part in parts[-1:] if edit else parts:
        rows += post(
            house,
            tx,
            part,
            channel=staff.channel,
            chat=staff.chat,
            conversation=conversation,
            case=("record", reference),
            at=at,
            edit=edit,
        )
    for message in past:
        rows += past_card(house, tx, reference, conversation, message, at)
    return rows


def _tail(
    house: House,
    tx: Transaction,
    review: Review,
    reference: str,
    at: str,
    card: Outgoing,
    changes: Lines,
) -> Outgoing:
    """What stands below an application that is too long for one message; with what has changed,
    where there is room for it."""
    assert house.staff is not None  # there are no cards without
    compose = house.compose[house.staff.channel]
    state = Lines((state_say(tx, review, at),))
    for lines in (changes, UNCHANGED):
        values: dict[str, Value] = {"reference": reference, "state": state, "changes": lines}
        said = house.renderer.message(STAFF_LANGUAGE, (Say("desk.review.tail", values),))
        assert said is not None  # as above
        tail = replace(said, buttons=card.buttons)
        if len(compose(tail)) == 1:
            break
    return tail
