"""Telegram's button for one's own number: with the phone question, in a message of its own, and
gone with it. Through the whole program, on the local Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.rig import Person, Rig, rigged
from tests.test_superseding import asked, hits, hold_up

ASK, AGAIN = "phone number of this location", "another service location"
LABEL = "Share my number"
OFFER = "If it is the number of this Telegram account, the button below sends it."
GONE = "You no longer need the button for your number, so I have put it away."


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as one:
        yield one


async def at_phone(rig: Rig, *, shown: bool = True) -> Person:
    amira = rig.applicant("telegram")
    await asked(rig, amira, ASK)
    if shown:
        await rig.until(lambda: amira.human.keyboard)
        await rig.app.courier.drain()
    return amira


def ours(person: Person) -> list[Any]:
    return [message for message in person.chat if message.from_bot]


def markups(person: Person) -> list[str]:
    """What each message of the bot's does to the keyboard and whether it has buttons."""
    return [
        "shows" if m.shows_keyboard else "takes" if m.takes_keyboard else "buttons" * bool(m.labels)
        for m in ours(person)
    ]


async def test_it_comes_after_the_question_and_goes_with_what_was_understood(rig: Rig) -> None:
    amira = await at_phone(rig)
    question, offer = ours(amira)[-2:]
    assert ASK in question.text
    assert question.labels
    assert (offer.text, amira.human.keyboard) == (OFFER, [[LABEL]])
    assert offer.markup == {
        "keyboard": [[{"text": LABEL, "request_contact": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    before = len(ours(amira))
    await amira.human.taps_key(LABEL, phone_number="441134960271")
    await rig.until(lambda: amira.asked(AGAIN))
    await rig.app.courier.drain()
    understood, following = ours(amira)[before:]
    assert understood.text == "Phone: +44 113 496 0271"
    assert understood.takes_keyboard
    assert following.labels == ["Add another", "That is all", "More", "Change that"]
    assert amira.human.keyboard == []
    assert markups(amira).count("shows") == markups(amira).count("takes") == 1
    await amira.taps("Change that")
    await rig.until(lambda: amira.human.keyboard)
    assert "+44 113 496 0271" in amira.newest


async def test_it_is_not_shown_again_after_a_side_question(rig: Rig) -> None:
    amira = await at_phone(rig)
    await amira.says("why")
    await rig.until(lambda: amira.asked("reach each location"))
    await amira.says("thanks")
    await rig.until(lambda: amira.asked("You are welcome"))
    await amira.says("Kemang")  # refused
    await rig.taken()
    await rig.app.courier.drain()
    assert markups(amira).count("shows") == 1
    assert amira.human.keyboard == [[LABEL]]


async def test_a_typed_number_takes_it_away_too(rig: Rig) -> None:
    amira = await at_phone(rig)
    await amira.says("0113 496 0271")
    await rig.until(lambda: amira.asked(AGAIN))
    assert amira.human.keyboard == []


async def test_a_pause_takes_it_away_and_coming_back_brings_it(rig: Rig) -> None:
    amira = await at_phone(rig)
    before = len(ours(amira))
    await amira.says("pause")
    await rig.until(lambda: not amira.human.keyboard)
    await rig.app.courier.drain()
    assert [m.text == GONE for m in ours(amira)[before:]] == [True, False]
    await amira.says("continue")
    await rig.until(lambda: amira.human.keyboard)


@pytest.mark.parametrize("by", ["applicant", "staff"])
async def test_erasing_takes_it_away(rig: Rig, by: str) -> None:
    amira = await at_phone(rig)
    if by == "applicant":
        await amira.says("delete my data")
        await rig.until(lambda: amira.asked("Delete it all"))
        await amira.taps("Yes, delete it all")
    else:
        ((conversation,),) = rig.rows("SELECT id FROM conversations WHERE channel = 'telegram'")
        assert await rig.app.door.erase(conversation)
    await rig.until(lambda: not amira.human.keyboard)
    await rig.app.courier.drain()
    assert markups(amira).count("shows") == 1


async def test_a_restart_does_not_lose_what_is_shown(rig: Rig) -> None:
    amira = await at_phone(rig)
    await rig.stop()
    await rig.start()
    await amira.says("thanks")
    await rig.until(lambda: amira.asked("You are welcome"))
    await amira.human.taps_key(LABEL, phone_number="+441134960271")
    await rig.until(lambda: amira.asked(AGAIN))
    assert markups(amira).count("shows") == markups(amira).count("takes") == 1


async def test_somebody_else_s_card_is_asked_about(rig: Rig) -> None:
    amira = await at_phone(rig)
    await amira.human.sends_contact("0113 496 0272", user_id=77)
    await rig.until(lambda: amira.asked("Is 0113 496 0272 the phone number of this location?"))
    assert amira.human.keyboard == [[LABEL]]
    await amira.taps("Yes")
    await rig.until(lambda: amira.asked(AGAIN))
    assert amira.human.keyboard == []
    assert any("+44 113 496 0272" in text for text in amira.heard)


async def test_of_an_answer_that_came_before_it_was_sent_nothing_is_offered(rig: Rig) -> None:
    amira = rig.applicant("telegram")
    await asked(rig, amira, "street address")
    before = len(ours(amira))
    fault = hold_up(rig, amira, "429", retry_after=1)
    await amira.says("1 Market Street, Leeds LS1 6DT")
    await rig.until(lambda: hits(fault))
    await amira.says("0113 496 0271")
    await rig.taken()
    await rig.until(lambda: amira.asked(AGAIN))
    await rig.app.courier.drain()
    address, phone, following = ours(amira)[before:]
    assert address.text == "Address: 1 Market Street, Leeds LS1 6DT"
    assert phone.text == "Phone: +44 113 496 0271"
    assert AGAIN in following.text
    assert amira.human.keyboard == []


async def test_a_side_question_before_it_is_sent_leaves_it(rig: Rig) -> None:
    amira = rig.applicant("telegram")
    await asked(rig, amira, "street address")
    before = len(ours(amira))
    fault = hold_up(rig, amira, "429", retry_after=1)
    await amira.says("1 Market Street, Leeds LS1 6DT")
    await rig.until(lambda: hits(fault))
    await amira.says("thanks")
    await rig.taken()
    await rig.until(lambda: amira.asked("You are welcome"))
    await rig.app.courier.drain()
    address, offer, thanks = ours(amira)[before:]
    assert (address.text, offer.text) == ("Address: 1 Market Street, Leeds LS1 6DT", OFFER)
    assert ASK in thanks.text
    assert amira.human.keyboard == [[LABEL]]


async def test_slack_has_no_such_thing(rig: Rig) -> None:
    ben = rig.applicant("slack")
    await asked(rig, ben, ASK)
    before = len(ben.heard)
    await ben.says("0113 496 0271")
    await rig.until(lambda: ben.asked(AGAIN))
    await rig.app.courier.drain()
    assert len(ben.heard) == before + 1
    assert not any(text in (OFFER, GONE) for text in ben.heard)
