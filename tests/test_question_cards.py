"""Questions at the desk through the real channels: the card as people see it, its buttons, a
thread's lines, what arrives and what does not. Rules: ``test_question_desk.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.messages import StaffReply
from tests.rig import Platform, Rig, rigged, shown
from tests.test_staff_chat import ALL_FOUR, BOTH, SENT, asks, by_command

SLACK_DESK = pytest.mark.parametrize(("side", "staff"), [("telegram", "slack"), ("slack", "slack")])


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


def mentioned(rig: Rig, message: Any) -> list[str]:
    """Whom a message of the bot's calls."""
    if rig.on == "telegram":
        return [str(e["user"]["id"]) for e in message.entities if e["type"] == "text_mention"]
    return [
        element["user_id"]
        for block in message.blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        for element in part["elements"]
        if element["type"] == "user"
    ]


@BOTH
async def test_of_two_who_tap_at_once_one_has_it_and_the_card_says_who(rig: Rig) -> None:
    amira = rig.applicant("telegram")
    card = await asks(rig, amira, "Is it fine?")
    told = await asyncio.gather(*(rig.staff.hears(card, "I take it", by) for by in (0, 1, 2)))
    assert sum(text.startswith("You have it until") for text in told) == 1
    assert sum("has it, until" in text for text in told) == 2
    await rig.until(lambda: "Taken by" in shown(card))
    winner = next(n for n, text in enumerate(told) if text.startswith("You have it"))
    assert mentioned(rig, card) == [str(rig.staff.people[winner].id)]
    assert "Take over" in rig.staff.buttons(card)
    await rig.staff.hears(card, "Release", winner)
    await rig.until(lambda: "Taken by" not in shown(card))
    assert "I take it" in rig.staff.buttons(card)
    assert rig.staff.messages == [card]


@ALL_FOUR
async def test_an_article_goes_out_with_one_tap_and_its_card_says_so(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Do I need audited accounts?")
    label = next(label for label in rig.staff.buttons(card) if label.startswith("Send: "))
    assert await rig.staff.hears(card, label, by=1) == SENT
    heard = await rig.hears(amira, "Source: ")
    assert heard.index("Do I need audited accounts?") < heard.index("Source: ")
    await rig.until(lambda: "Delivered at" in shown(card))
    assert not [label for label in rig.staff.buttons(card) if label.startswith("Send: ")]


@ALL_FOUR
async def test_what_joins_a_card_is_answered_with_it(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    await amira.says("talk to a person")
    await rig.hears(amira, "What would you like to tell them?")
    await amira.says("And on Sundays?")
    line = await rig.staff.card("for question 1")
    await rig.until(lambda: "And on Sundays?" in shown(card))
    if rig.on == "slack":
        assert line.thread_ts == card.ts
    else:
        assert line.reply_to is card
    await rig.until(lambda: amira.asked("passed it to staff"))
    assert await rig.staff.answer(card, "Always.") == SENT
    heard = await rig.hears(amira, "Always.")
    assert "Is it fine?" in heard
    assert "And on Sundays?" in heard


@SLACK_DESK
async def test_a_line_of_the_thread_goes_out_by_its_button_as_it_stands_then(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    dana = rig.staff.people[0]
    written = rig.written_to(amira)
    first = await dana.says("It is & so on.", channel=rig.staff.room, thread_ts=card.ts)
    offer = await rig.staff.card("Internal so far")
    assert offer.thread_ts == card.ts
    assert rig.staff.buttons(offer) == ["Send to applicant"]
    await dana.edits(first, "It is <not>.", channel=rig.staff.room)
    await rig.until(lambda: "It is <not>." in shown(offer))
    second = await dana.says("No, wait.", channel=rig.staff.room, thread_ts=card.ts)
    await rig.until(lambda: len(rig.staff.cards("Internal so far")) == 2)
    (other,) = (one for one in rig.staff.cards("Internal so far") if one is not offer)
    await dana.deletes(second, channel=rig.staff.room)
    await rig.until(lambda: rig.staff.buttons(other) == [])
    assert rig.written_to(amira) == written
    assert await rig.staff.hears(offer, "Send to applicant", by=2) == SENT
    await rig.hears(amira, "It is <not>.")
    await rig.until(lambda: "Delivered at" in shown(card))
    assert rig.staff.buttons(offer) == []
    await dana.edits(first, "Never.", channel=rig.staff.room)
    await rig.taken()
    assert rig.written_to(amira) == written + 1


@BOTH
async def test_a_blocked_bot_is_said_under_the_card_and_a_retry_puts_it_right(rig: Rig) -> None:
    amira = rig.applicant("telegram")
    card = await asks(rig, amira, "Is it fine?")
    await amira.human.blocks()
    await rig.taken()
    assert await rig.staff.answer(card, "It is.") == SENT
    warning = await rig.staff.card("could not be delivered")
    if rig.on == "slack":
        assert warning.thread_ts == card.ts
    else:
        assert warning.reply_to is card
    await rig.until(lambda: "Not delivered" in shown(card))
    await amira.human.unblocks()
    ((row,),) = rig.rows("SELECT id FROM outbox WHERE state = 'dead'")
    await rig.app.store.run(lambda tx: tx.revive(row, rig.house.now()))
    rig.app.courier.recheck()
    await rig.until(lambda: any("It is." in text for text in amira.heard))
    await rig.until(lambda: "Delivered at" in shown(card))


@SLACK_DESK
async def test_a_tap_from_outside_the_channel_does_nothing(rig: Rig, side: Platform) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Do I need audited accounts?")
    outsider = rig.slack.person("U0666", name="Mallory")
    written = rig.written_to(amira)
    labels = [label for label in rig.staff.buttons(card) if label != "Answer"]
    former = rig.staff.people[2]
    rig.staff.room.room.members.remove(former.id)
    for person in (outsider, former):
        for label in labels:
            envelope = await person.taps(label, message=card)
            assert envelope.payload["user"]["id"] == person.id
    await rig.taken()
    assert rig.written_to(amira) == written
    assert rig.rows("SELECT claimed_by FROM question_cards") == [("",)]


@ALL_FOUR
async def test_what_was_committed_before_a_kill_is_sent_once_after_it(
    rig: Rig, side: Platform
) -> None:
    amira = rig.applicant(side)
    card = await asks(rig, amira, "Is it fine?")
    await rig.stop()
    async with rig.beside() as beside:
        assert (await beside.door.handle(by_command(1, "It is."))).note == SENT
    await rig.start()
    await rig.hears(amira, "It is.")
    await rig.until(lambda: "Delivered at" in shown(card))
    assert sum("It is." in text for text in amira.heard) == 1
    brought_once(rig)


def brought_once(rig: Rig) -> None:
    """Exactly one row has brought the answer."""
    brought = "SELECT count(*) FROM outbox WHERE case_kind = '' AND body LIKE '%It is.%'"
    assert rig.rows(brought) == [(1,)]


def known(rig: Rig) -> Any:
    """The card that the bot knows of: where an answer was lost, there is another before it."""
    sent = "SELECT message FROM outbox WHERE case_kind = 'escalation' AND state = 'sent'"
    ((id,),) = rig.rows(sent) or [("",)]
    return next((m for m in rig.staff.messages if id in {_id(m), str(_id(m))}), None)


def _id(message: Any) -> Any:
    return getattr(message, "ts", None) or message.message_id


@BOTH
@pytest.mark.parametrize("trouble", ["429", "500", "lost"])
async def test_a_platform_in_trouble_still_shows_it_all_in_the_end(rig: Rig, trouble: Any) -> None:
    other: Platform = "slack" if rig.on == "telegram" else "telegram"
    amira = rig.applicant(other)
    if rig.on == "telegram":
        for method in ("sendMessage", "editMessageText"):
            rig.telegram.fault(method, trouble, times=2, retry_after=0)
    else:
        for method in ("chat.postMessage", "chat.update"):
            rig.slack.fault(method=method, kind=trouble, times=2, retry_after=0)
    await amira.says("talk to a person")
    await rig.hears(amira, "What would you like to tell them?")
    await amira.says("Is it fine?")
    card = await rig.until(lambda: known(rig), timeout=30)
    await rig.staff.hears(card, "I take it")
    await rig.until(lambda: "Taken by" in shown(card), timeout=30)
    assert await rig.staff.answer(card, "It is.") == SENT
    await rig.until(lambda: any("It is." in text for text in amira.heard), timeout=30)
    await rig.until(lambda: "Delivered at" in shown(card), timeout=30)


async def test_a_form_whose_question_another_has_taken_stays_open_with_its_text(
    tmp_path: Path,
) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        amira = rig.applicant("telegram")
        card = await asks(rig, amira, "Is it fine?")
        await rig.staff.open_form(card, by=0)
        await rig.staff.hears(card, "I take it", by=1)
        written = rig.written_to(amira)
        faults = await rig.staff.faults({"text": "It is."}, by=0)
        assert faults["reply"].startswith("staff1 has it")
        assert rig.written_to(amira) == written
        await rig.staff.hears(card, "Release", by=1)
        assert await rig.staff.submit("It is.", by=0) == SENT
        await rig.hears(amira, "It is.")


async def test_a_form_on_slack_teaches_the_bot(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        amira = rig.applicant("telegram")
        card = await asks(rig, amira, "Would you sponsor my team FC Lakeside?")
        assert await rig.staff.answer(card, "The program's page names no sponsoring.") == SENT
        await rig.until(lambda: "Teach the bot" in rig.staff.buttons(card))
        await rig.staff.hears(card, "Teach the bot", told=False)
        candidate = await rig.staff.card("May the bot learn this?")
        await rig.staff.hears(candidate, "Approve", told=False)
        worded: dict[str, Any] = {
            "question": "Does the program sponsor sports teams?",
            "title": "Sponsoring",
            "facts": ["B1"],
        }
        (facts,) = (f for n, f in rig.staff.people[0].modal.fields.items() if "facts" in n)
        labels = [option["text"]["text"] for option in facts["options"]]
        assert "B1: Time in operation" in labels
        faults = await rig.staff.faults({**worded, "title": "Would you sponsor FC Lakeside?"})
        assert "19 characters" in faults["button"]
        assert await rig.staff.faults(worded) == {}
        await rig.until(lambda: "Approved by" in shown(candidate))
        assert rig.staff.buttons(candidate) == []


async def test_a_reply_from_another_chat_is_refused(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        amira = rig.applicant("telegram")
        card = await asks(rig, amira, "Is it fine?")
        written = rig.written_to(amira)
        reply = StaffReply("telegram", "k", "-1002", "900", "1", "", "No.", str(card.message_id))
        told = await rig.app.door.handle(reply)
        assert told.note == "Only members of the staff chat can do that."
        assert rig.written_to(amira) == written
