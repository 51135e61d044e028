"""The staff chat end to end: applicants on either platform, staff on either, through the channels.

What must hold whichever pair it is: a card for everything that staff must know, an explicit answer
reaches the one applicant whom it is for, once, and no other line reaches anybody.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import courier
from bot.channels.slack_blocks import ANSWER_ACTION, ANSWER_BLOCK, ANSWER_INPUT, ANSWER_VIEW
from bot.house import utc_now
from bot.messages import StaffReply
from tests.applicant import Applicant, Move, applicant, apply
from tests.rig import Person, Platform, Rig, rigged, shown

SENT = "Passed on to the applicant."
LATE = "This question was answered already. Nothing was sent."
UNKNOWN = "This is no open question of mine, so nothing was sent."
EMPTY = "There was no text in that, so nothing of it was sent. I can pass on text only."
ATTACHED = "not what came with it, so nothing was sent."
REFUSED = "Only members of the staff chat can do that."

PLATFORMS: tuple[Platform, ...] = ("telegram", "slack")
BOTH = pytest.mark.parametrize("staff", PLATFORMS)
ALL_FOUR = pytest.mark.parametrize(
    ("side", "staff"), [(side, staff) for side in PLATFORMS for staff in PLATFORMS]
)


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


async def asks(rig: Rig, person: Person, question: str) -> Any:
    """Ask staff without having begun an application -> the card."""
    await person.says("talk to a person")
    await rig.hears(person, "What would you like to tell them?")
    await person.says(question)
    await rig.hears(person, "I have passed it to staff")
    return await rig.staff.card(question)


async def begins(rig: Rig, person: Person) -> None:
    """Up to the question for the legal name."""
    for does, asked in (
        ("apply", "1 of 9"),
        ("skip the check", "Do you agree"),
        ("I agree", "Which kind of organisation"),
        ("Service business", "the legal name of the business"),
    ):
        await person.says(does)
        await rig.hears(person, asked)


async def applies(rig: Rig, person: Person, number: int = 1, **other: str) -> Applicant:
    """A whole application; ``other``: what to answer instead, by field."""
    who = applicant(number)
    moves = [replace(move, does=other.get(move.field, move.does)) for move in who.moves]
    who = Applicant(number, tuple(moves))
    await apply(person, who, rig.until)
    return who


def move_of(who: Applicant, field: str) -> Move:
    return next(move for move in who.moves if move.field == field)


# Cards


@ALL_FOUR
async def test_an_application_s_life_is_shown_to_staff_without_what_is_private(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    who = await applies(rig, amira)
    card = await rig.staff.card("New application")
    text = shown(card)
    reference = text.split()[2]
    assert reference in amira.heard[-1]
    assert f"from {side}" in text
    assert "frontdesk" not in text, "no command, where a button does it"
    for field in ("legal_name", "dba", "website", "experience"):
        assert move_of(who, field).does in text
    for field in ("owners.0.name", "email"):
        assert move_of(who, field).does not in text
    for n in (0, 1):
        assert move_of(who, f"locations.{n}.address").does not in text
        phone = move_of(who, f"locations.{n}.phone")
        assert phone.does not in text
        assert phone.value[-4:] not in text
    assert "Owner: given" in text
    await amira.says("withdraw")
    await rig.hears(amira, "Withdraw it?")
    await amira.taps("Yes, withdraw it")
    gone = await rig.staff.card("Withdrawn")
    assert reference in shown(gone)
    assert len(rig.staff.messages) == 2
    if rig.on == "slack":
        assert gone.buttons == []
    else:
        for about_a_record in (card, gone):
            assert await rig.staff.answer(about_a_record, "Well done") == UNKNOWN
    await rig.taken()
    assert not any("Well done" in line for line in amira.heard)


@ALL_FOUR
async def test_a_doubt_stands_first_on_the_card(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    await applies(rig, amira, legal_name="n/a n/a")
    text = shown(await rig.staff.card("New application"))
    assert text.index("Doubts") < text.index("Legal name: n/a n/a")


@ALL_FOUR
async def test_the_card_says_what_is_asked_where_they_stand_and_how_to_answer(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    await begins(rig, amira)
    await amira.says("Do you sponsor football teams?")
    await rig.hears(amira, "Shall I ask staff?")
    await amira.taps("Ask staff")
    card = shown(await rig.staff.card("football"))
    assert "Question 1: the articles do not cover it" in card
    assert "Do you sponsor football teams?" in card
    assert "Open field: Legal name" in card
    how = "Use the Answer button." if rig.on == "slack" else "Reply to this message to answer."
    assert f"{how} Other lines here stay internal." in card


@BOTH
async def test_a_request_to_change_a_record_names_it(rig: Rig) -> None:
    amira = rig.applicant("telegram")
    await applies(rig, amira, 2)
    await amira.says("change my phone")
    await rig.hears(amira, "What should it say")
    await amira.says("0113 496 9999")
    card = await rig.staff.card("0113 496 9999")
    assert "asks for a change of FD-" in shown(card)
    assert "Open field: Phone" in shown(card)
    assert await rig.staff.answer(card, "We have changed it.") == SENT
    await rig.hears(amira, "We have changed it.")


HOSTILE = (
    "<b>bold</b> <!channel> <@U0900> *stars* _lines_ ~waves~ `code` </blockquote> &amp; &lt; "
    "[text](https://evil.example) **strong** {id} {reference} @everyone /start 'q\" ﷽"
)
BACKWARDS = "\u202e"
"""lets what follows be shown from right to left: "gnp.exe" as "exe.png" """


@ALL_FOUR
async def test_what_an_applicant_types_is_inert_on_the_cards(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    await applies(rig, amira, experience=HOSTILE + BACKWARDS)
    record = await rig.staff.card("New application")
    await amira.says("talk to a person")
    await rig.hears(amira, "What would you like to tell them?")
    await amira.says(f"{HOSTILE}{BACKWARDS}\n> quoted\n- listed\n_dim_")
    question = await rig.staff.card("> quoted")
    for card in (record, question):
        assert HOSTILE in shown(card)
        assert BACKWARDS not in shown(card)
        if rig.on == "slack":
            assert_inert_on_slack(card)
        else:
            assert_inert_on_telegram(card)
    assert await rig.staff.answer(question, HOSTILE) == SENT
    await rig.until(lambda: amira.heard[-1].count(HOSTILE) == 2)


def assert_inert_on_slack(card: Any) -> None:
    assert "<" not in card.text
    texts = [element for block in card.blocks for element in leaves(block)]
    assert {element["type"] for element in texts} <= {"text", "plain_text"}
    (typed,) = [e for e in texts if HOSTILE in e["text"]]
    assert "style" not in typed


def assert_inert_on_telegram(card: Any) -> None:
    start = len(card.text[: card.text.index(HOSTILE)].encode("utf-16-le")) // 2
    end = start + len(HOSTILE.encode("utf-16-le")) // 2
    inside = [e for e in card.entities if e["offset"] < end and e["offset"] + e["length"] > start]
    # A question stands in a quotation of ours; links, mentions and commands are found by Telegram.
    assert {e["type"] for e in inside} <= {"blockquote", "url", "mention", "bot_command", "hashtag"}


def leaves(block: Any) -> list[Any]:
    """The text elements of a block of Slack's."""
    if isinstance(block, list):
        return [leaf for each in block for leaf in leaves(each)]
    if isinstance(block, dict) and isinstance(block.get("text"), str):
        return [block]
    if isinstance(block, dict) and block.get("type") != "actions":
        return leaves(block.get("elements", []))
    return []


# Answers


@ALL_FOUR
async def test_an_answer_reaches_its_applicant_and_nobody_else(rig: Rig, side: Platform) -> None:
    other: Platform = "slack" if side == "telegram" else "telegram"
    amira, ben, cleo = (
        rig.applicant(side, 1),
        rig.applicant(side, 2, "Ben"),
        rig.applicant(other, 3, "Cleo"),
    )
    await begins(rig, ben)
    cards = [
        await asks(rig, person, f"What does {n} cost?") for n, person in ((1, amira), (3, cleo))
    ]
    await ben.says("talk to a person")
    await rig.hears(ben, "What would you like to ask them?")
    await ben.says("Which name, the new one?")
    card = await rig.staff.card("Which name")
    await rig.hears(ben, "trading name")
    assert "Open field: Legal name" in shown(card)
    before = {person.id: rig.written_to(person) for person in (amira, cleo)}

    assert await rig.staff.answer(card, "The one on the register.") == SENT
    heard = await rig.hears(ben, "The one on the register.")
    assert "Staff have answered your question:" in heard
    quote, answer = heard.index("Which name, the new one?"), heard.index("The one on the register.")
    assert quote < answer < heard.index("What is the legal name of the business?")

    await too_late(rig, card, "Or the other one.")
    await rig.taken()
    assert {person.id: rig.written_to(person) for person in (amira, cleo)} == before
    assert sum("The one on the register." in line for line in ben.heard) == 1
    assert not any("Or the other one." in line for line in ben.heard)
    assert await rig.staff.answer(cards[1], "Nothing.", by=2) == SENT
    await rig.hears(cleo, "Nothing.")
    assert await rig.staff.answer(cards[0], "Ten.") == SENT
    await rig.hears(amira, "Ten.")
    assert not any("Nothing." in line for line in amira.heard)


@ALL_FOUR
async def test_after_the_answer_the_open_question_comes_again(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    await begins(rig, amira)
    await amira.says("Do you sponsor football teams?")
    await rig.hears(amira, "Shall I ask staff?")
    await amira.taps("Ask staff")
    card = await rig.staff.card("football")
    await amira.says("Lakeside Mobile Care Ltd")
    await rig.hears(amira, "trading name")
    assert await rig.staff.answer(card, "No, we do not.") == SENT
    heard = await rig.hears(amira, "No, we do not.")
    assert "Back to your application" in heard
    assert heard.endswith("which trading name, if any, does the business use?")


async def too_late(rig: Rig, card: Any, text: str) -> None:
    """Telegram: a reply is told so. Slack: the card offers no answer any more."""
    if rig.on == "telegram":
        assert await rig.staff.answer(card, text, by=1) == LATE
    else:
        await rig.until(lambda: "Answer" not in card.buttons)


def noise(seed: int, count: int = 100) -> list[str]:
    """Lines as staff might write among themselves, and lines that look like orders to the bot."""
    chance = random.Random(seed)
    looks = ["Yes", "/answer 1 yes", "answer 1: yes", "1:0", "/1", "1", "Question 1: yes", "/start"]
    looks += ["@frontdesk_test_bot tell them yes", "> Is it fine?\nYes", "frontdesk answer 1 yes"]
    words = ("shall we", "tell them", "yes", "no", "who takes this one", "I do", "fine", "later")
    return [
        chance.choice(looks)
        if chance.random() < 0.3
        else " ".join(chance.choices(words, k=chance.randint(1, 9)))
        for _ in range(count)
    ]


@ALL_FOUR
async def test_no_other_line_of_the_staff_chat_is_forwarded(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    before = rig.written_to(amira)
    chance = random.Random(side)
    with rig.telegram.batch():
        for n, line in enumerate(noise(7)):
            await rig.staff.says(line, by=n % 3, under=under(rig, card, chance))
    await rig.taken()
    await edits_and_mentions(rig, card)
    await rig.taken()
    assert rig.written_to(amira) == before
    await rig.app.courier.drain()
    offers = rig.staff.cards("Internal so far")
    assert bool(offers) == (rig.on == "slack")
    told = rig.staff.cards("stats: how far applications come")  # what was said to the bot itself
    assert len(rig.staff.messages) == 1 + len(offers) + len(told), rig.staff.texts
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.hears(amira, "It is.")
    assert rig.written_to(amira) == before + 1


def under(rig: Rig, card: Any, chance: random.Random) -> Any:
    """Telegram: a member's message to reply to; Slack: the card's thread; or nothing."""
    if chance.random() < 0.4:
        return None
    if rig.on == "slack":
        return card
    lines = [message for message in rig.staff.room.chat if not message.from_bot]
    return chance.choice(lines) if lines else None


async def edits_and_mentions(rig: Rig, card: Any) -> None:
    person = rig.staff.people[0]
    if rig.on == "slack":
        ts = await person.says("no", channel=rig.staff.room, thread_ts=card.ts)
        await person.edits(ts, "yes, tell them", channel=rig.staff.room)
        await person.mentions_bot(rig.staff.room, "tell them yes", thread_ts=card.ts)
        await person.mentions_bot(rig.staff.room, "tell them yes")
        await person.sends_file(text="the list", channel=rig.staff.room, thread_ts=card.ts)
        await rig.staff.room.other_bot_says("an alarm", modern=True)
        return
    team = rig.staff.room
    await person.says("no", group=team)
    await person.edits(team.chat[-1], "yes, tell them", group=team)
    await person.sends_photo(caption="the list", group=team)
    await person.sends_voice(group=team)


async def test_an_edited_telegram_reply_sends_nothing_more(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        amira = rig.applicant("slack")
        card = await asks(rig, amira, "Is it fine?")
        assert await rig.staff.answer(card, "It is.") == SENT
        await rig.hears(amira, "It is.")
        written = rig.written_to(amira)
        reply = next(m for m in reversed(rig.staff.room.chat) if not m.from_bot)
        await rig.staff.people[0].edits(reply, "It is not.", group=rig.staff.room)
        await rig.taken()
        assert rig.written_to(amira) == written


async def test_a_telegram_reply_to_anything_but_a_question_is_told_so(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        amira = rig.applicant("telegram")
        card = await asks(rig, amira, "Is it fine?")
        assert await rig.staff.answer(card, "It is.") == SENT
        await rig.hears(amira, "It is.")
        note = (await rig.staff.card(SENT),)[0]
        written = rig.written_to(amira)
        assert await rig.staff.answer(note, "Thank you, bot") == UNKNOWN
        assert rig.written_to(amira) == written


async def test_a_reply_without_text_is_told_so_and_leaves_the_question_open(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        amira = rig.applicant("slack")
        card = await asks(rig, amira, "Is it fine?")
        written = rig.written_to(amira)
        dana = rig.staff.people[0]
        with rig.telegram.batch():
            for _ in range(3):
                await dana.sends_photo(media_group_id="album", group=rig.staff.room, reply_to=card)
            await dana.sends_voice(group=rig.staff.room, reply_to=card)
        await rig.until(lambda: rig.staff.cards(EMPTY))
        await rig.taken()
        assert rig.written_to(amira) == written
        for send in (dana.sends_photo, dana.sends_document):  # "as here", and nothing there
            before = len(rig.staff.cards(ATTACHED))
            await send(caption="As here.", group=rig.staff.room, reply_to=card)
            await rig.until(lambda: len(rig.staff.cards(ATTACHED)) > before)  # noqa: B023
        assert rig.written_to(amira) == written
        assert await rig.staff.answer(card, "As there.") == SENT
        await rig.hears(amira, "As there.")


@ALL_FOUR
async def test_the_same_answer_delivered_again_is_sent_once(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.hears(amira, "It is.")
    written, told = rig.written_to(amira), len(rig.staff.messages)
    if rig.on == "telegram":
        rig.telegram.repeat(rig.telegram.next_update_id - 1)
    else:
        submitted = next(
            e for e in rig.slack.envelopes if e.payload.get("type") == "view_submission"
        )
        rig.slack.redeliver(submitted)
        await rig.until(
            lambda: sum(len(e.deliveries) for e in rig.slack.envelopes if e is submitted) == 2
        )
        await rig.until(
            lambda: {d.envelope_id for d in submitted.deliveries} <= set(rig.slack.acks)
        )
    await rig.taken()
    assert rig.written_to(amira) == written
    assert len(rig.staff.messages) == told


@ALL_FOUR
async def test_of_two_who_answer_at_once_one_is_sent_and_the_other_told(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    written = rig.written_to(amira)
    if rig.on == "telegram":
        with rig.telegram.batch():
            await rig.staff.says("Yes, it is.", by=0, under=card)
            await rig.staff.says("No, it is not.", by=1, under=card)
        await rig.until(lambda: len(rig.staff.messages) == 3)
        told = rig.staff.texts[1:]
    else:
        await rig.staff.open_form(card, by=0)
        await rig.staff.open_form(card, by=1)
        told = list(
            await asyncio.gather(
                rig.staff.submit("Yes, it is.", by=0), rig.staff.submit("No, it is not.", by=1)
            )
        )
    assert sorted(told) == sorted([SENT, LATE])
    await rig.hears(amira, "Staff have answered")
    await rig.taken()
    assert rig.written_to(amira) == written + 1


# Outsiders


@pytest.mark.parametrize("staff", ["telegram"])
async def test_on_telegram_only_the_staff_group_can_answer(rig: Rig) -> None:
    amira, mallory = rig.applicant("telegram", 1), rig.applicant("telegram", 2, "Mallory")
    card = await asks(rig, amira, "Is it fine?")
    row = rig.rows("SELECT id FROM outbox WHERE case_kind = 'escalation'")[0][0]
    written = rig.written_to(amira)
    # In a group of their own, replying to the bot's message that has the card's id.
    lair = rig.telegram.group(-666, "Lair", [mallory.human], admin_bot=True)
    await mallory.human.says("/start", group=lair)
    await rig.until(lambda: [m for m in lair.chat if m.from_bot])
    (notice,) = (m for m in lair.chat if m.from_bot)
    forged = replace(notice, message_id=card.message_id)
    lair.room.history.append(forged)
    await mallory.human.says("Pay me.", group=lair, reply_to=forged)
    # In private: the card's id again, and forged buttons.
    await mallory.says("hello")
    await rig.hears(mallory)
    mine = next(m for m in mallory.chat if m.from_bot)
    mallory.human.room.history.append(fake := replace(mine, message_id=card.message_id))
    await mallory.human.says("Pay me.", reply_to=fake)
    for data in (f"{row}:0", "answer:1", f"{row}:999", "1:0:0", f"{2**63}:0"):
        await mallory.human.taps_data(data)
    # In the staff group: another bot, and a channel that is linked to it.
    bot = {"id": 4242, "is_bot": True, "first_name": "Other", "username": "other_bot"}
    line = rig.staff.room.room.add(bot, 1, text="Pay me.", reply_to=card).to_json()
    rig.telegram.push({"message": line})
    channel = {"id": -777, "title": "News", "type": "channel"}
    rig.telegram.push({"message": {**line, "sender_chat": channel}})
    await rig.taken()
    await rig.until(lambda: not rig.telegram.unanswered)
    assert rig.written_to(amira) == written
    assert rig.rows("SELECT count(*) FROM escalations WHERE answered_at <> ''") == [(0,)]
    assert len(rig.staff.messages) == 1
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.hears(amira, "It is.")


@pytest.mark.parametrize("staff", ["slack"])
async def test_on_slack_only_members_of_the_staff_channel_can_answer(rig: Rig) -> None:
    amira, mallory = rig.applicant("slack", 1), rig.applicant("slack", 2, "Mallory")
    card = await asks(rig, amira, "Is it fine?")
    await mallory.says("hello")
    await rig.hears(mallory)
    written = rig.written_to(amira)
    (id,) = rig.rows("SELECT id FROM escalations")[0]
    for data in (f"answer:{id}", "1:0", f"{id}:{card.ts}"):
        await mallory.human.taps_data(ANSWER_ACTION, data)
    for metadata in (f"{id}:{card.ts}", f"{id}", "", "0:1.1", f"{id}:{card.ts} "):
        answer = await forged_form(rig, mallory, metadata)
        assert answer["view"]["blocks"][0]["text"]["text"] == REFUSED
    # A member's form that is not as we made it.
    dana = Person("slack", rig.staff.people[0])
    for metadata, told in ((f"x{id}", REFUSED), ("99:1.1", UNKNOWN)):
        answer = await forged_form(rig, dana, metadata)
        assert answer["view"]["blocks"][0]["text"]["text"] == told
    assert not rig.slack.made("views.open")
    await rig.taken()
    assert rig.written_to(amira) == written
    assert rig.rows("SELECT count(*) FROM escalations WHERE answered_at <> ''") == [(0,)]
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.hears(amira, "It is.")


@pytest.mark.parametrize("staff", ["telegram"])
async def test_a_staff_form_is_refused_where_staff_are_not_on_slack(rig: Rig) -> None:
    amira, mallory = rig.applicant("slack", 1), rig.applicant("slack", 2, "Mallory")
    await asks(rig, amira, "Is it fine?")
    written = rig.written_to(amira)
    answer = await forged_form(rig, mallory, "1:1.1")
    assert answer["view"]["blocks"][0]["text"]["text"] == REFUSED
    assert rig.written_to(amira) == written


async def forged_form(rig: Rig, person: Person, metadata: str) -> Any:
    """A submission of the answer form that nobody opened -> the acknowledgement's payload."""
    view = {
        "id": rig.slack.world.new_id("V"),
        "type": "modal",
        "callback_id": ANSWER_VIEW,
        "private_metadata": metadata,
        "state": {"values": {ANSWER_BLOCK: {ANSWER_INPUT: {"value": "Pay me."}}}},
    }
    payload = {"type": "view_submission", "user": {"id": person.id}, "view": view}
    envelope = rig.slack.world.tell("interactive", payload, rig.slack.world.new_id("1337."))
    await rig.until(lambda: envelope.acked)
    return envelope.answer


# What does not arrive


@ALL_FOUR
async def test_staff_hear_of_an_answer_that_cannot_be_delivered(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    if side == "telegram":
        await amira.human.blocks()
        reason = "bot was blocked by the user"
    else:
        rig.slack.fault(method="chat.postMessage", kind="user_disabled", channel=amira.human.dm.id)
        reason = "user_disabled"
    assert await rig.staff.answer(card, "It is.") == SENT
    warning = shown(await rig.staff.card("could not be delivered"))
    assert reason in warning
    assert "frontdesk retry send-" in warning
    await rig.until(lambda: f"Not delivered: {reason}" in shown(card))
    (failure,) = await rig.app.store.read(lambda reports: list(reports.failures()))
    assert (failure.kind, failure.channel, failure.error) == ("send", side, reason)
    assert len(rig.staff.messages) == (3 if rig.on == "telegram" else 2)


@BOTH
async def test_a_staff_chat_that_is_gone_stops_nobody(rig: Rig) -> None:
    amira, ben = rig.applicant("telegram"), rig.applicant("slack", 2, "Ben")
    if rig.on == "telegram":
        await rig.staff.room.kicks_bot(rig.staff.people[0])
    else:
        rig.staff.room.expel_bot()
    for person in (amira, ben):
        await person.says("talk to a person")
        await rig.hears(person, "What would you like to tell them?")
        await person.says("Is it fine?")
        await rig.hears(person, "I have passed it to staff")
    await rig.taken()

    async def failed() -> int:
        return len(await rig.app.store.read(lambda reports: list(reports.failures())))

    await rig.app.courier.drain()
    assert await failed() == 2
    assert rig.staff.messages == []
    async with rig.beside() as beside:
        assert (await beside.door.handle(by_command(1, "It is."))).note == SENT
    await rig.hears(amira, "It is.")


# Commands of another process


def by_command(escalation: int, text: str) -> StaffReply:
    """As ``frontdesk answer`` gives it."""
    return StaffReply(
        channel="cli",
        key=f"cli:{random.random()}",
        chat="",
        by="command line",
        message="",
        at=utc_now(),
        text=text,
        escalation=escalation,
    )


def test_what_another_process_wrote_is_looked_for_every_second() -> None:
    assert courier.TICK <= 1.0


@ALL_FOUR
async def test_an_answer_by_command_reaches_the_applicant_of_the_serving_program(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    await begins(rig, amira)
    await amira.says("talk to a person")
    await rig.hears(amira, "What would you like to ask them?")
    await amira.says("Which name?")
    card = await rig.staff.card("Which name?")
    async with rig.beside() as beside:
        assert (await beside.door.handle(by_command(1, "The one on the register."))).note == SENT
        heard = await rig.hears(amira, "on the register")
        assert "What is the legal name of the business?" in heard
        assert (await beside.door.handle(by_command(1, "Or not."))).note == LATE
        assert (await beside.door.handle(by_command(2, "Or not."))).note == UNKNOWN
    await too_late(rig, card, "Or not.")
    # The serving program goes on from the state that the other process has written.
    await amira.says("Lakeside Mobile Care Ltd")
    await rig.hears(amira, "trading name")
    assert not any("Or not." in line for line in amira.heard)


@ALL_FOUR
@pytest.mark.parametrize("by", ["applicant", "another process"])
async def test_erasing_takes_the_cards_about_the_person_out_of_the_staff_chat(
    rig: Rig, side: Platform, by: str
) -> None:
    amira, ben = rig.applicant(side, 1), rig.applicant(side, 2, "Ben")
    await applies(rig, amira, 2)
    card = await asks(rig, amira, "Is it fine?")
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.hears(amira, "It is.")
    bens = await asks(rig, ben, "And for me?")
    await amira.says("withdraw")
    await rig.hears(amira, "Withdraw it?")
    await amira.taps("Yes, withdraw it")
    await rig.staff.card("Withdrawn")
    if by == "applicant":
        await amira.says("delete my data")
        await rig.hears(amira, "Delete it all?")
        await amira.taps("Yes, delete it all")
    else:
        async with rig.beside() as beside:
            (row,) = await beside.store.read(
                lambda reports: list(reports.conversations_of(side, amira.id))
            )
            assert await beside.door.erase(row.id)
    notes = [SENT] if rig.on == "telegram" else []
    await rig.until(
        lambda: rig.staff.texts == [*notes, shown(bens)] or rig.staff.texts == [shown(bens), *notes]
    )
    await rig.hears(amira, "erased")
    assert rig.rows("SELECT count(*) FROM outbox WHERE state = 'dead'") == [(0,)]
    assert await rig.staff.answer(bens, "For you too.") == SENT
    await rig.hears(ben, "For you too.")
