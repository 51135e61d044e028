"""What is asked again, by forms of several pages and by replies: nothing is lost on the way, what
was not confirmed is not sent, and what has run out is not gone on with."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot import review_deeds, review_drafts
from bot.reviewing import MESSAGE, REASON
from bot.store.rows import OutboxRow
from dialogs.review import HELD
from tests.rig import Platform, Rig, rigged
from tests.taps import Taps, labels, plain
from tests.test_review_desk import received

PICK = "Tap the answers to ask about"


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Taps]:
    desk = await Taps(tmp_path / "slack.db", "slack").open()
    yield desk
    await desk.store.close()


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Taps]:
    desk = await Taps(tmp_path / "telegram.db", "telegram").open()
    yield desk
    await desk.store.close()


async def asked(desk: Taps) -> list[str]:
    rows = await desk.store.read(lambda r: r.reviews.requests(desk.reference))
    return [row.asked for row in rows]


async def test_a_form_of_several_pages_asks_about_what_was_written_on_any(slack: Taps) -> None:
    with patch.object(review_deeds, "PAGE", 8):
        form = (await slack.tap("Ana", "Ask for more")).form
        pages = []
        reasons = {"self_check.technicians": "How many?", "email": "It bounces."}
        while form is not None:
            pages.append([one.name for one in form.inputs])
            written = {path: reason for path, reason in reasons.items() if path in pages[-1]}
            receipt = await slack.fill("Ana", form, written)
            assert receipt.faults == ()
            form = receipt.form
    assert [len(page) for page in pages] == [8, 8, 3]
    (sent,) = await asked(slack)
    assert sent == '[["self_check.technicians", "How many?"], ["email", "It bounces."]]'


async def test_a_form_without_a_reason_or_with_a_long_one_stays_open(slack: Taps) -> None:
    form = (await slack.tap("Ana", "Ask for more")).form
    assert form is not None
    receipt = await slack.fill("Ana", form, {})
    assert receipt.faults == ((form.inputs[0].name, "Give a reason for at least one answer."),)
    receipt = await slack.fill("Ana", form, {"email": "x" * (REASON + 1), "dba": " "})
    assert [name for name, _ in receipt.faults] == ["email"]
    assert await asked(slack) == []


async def test_what_is_asked_already_stands_in_the_form(slack: Taps) -> None:
    form = (await slack.tap("Ana", "Ask for more")).form
    await slack.fill("Ana", form, {"email": "It bounces."})
    form = (await slack.tap("Ana", "Ask for more")).form
    assert form is not None
    assert {one.name: one.value for one in form.inputs if one.value} == {"email": "It bounces."}
    labelled = {one.name: one.label for one in form.inputs}
    assert labelled["email"] == "Business e-mail: given"
    assert labelled["website"] == "Website: lembayung.co.id"


async def test_a_form_that_comes_after_another_s_decision_says_who_was_first(slack: Taps) -> None:
    form = (await slack.tap("Ana", "Ask for more")).form
    slack.now += HELD + timedelta(minutes=1)
    other = (await slack.tap("Ben", "Decline")).form
    await slack.fill("Ben", other, {"message": ""})
    receipt = await slack.fill("Ana", form, {"email": "It bounces."})
    assert receipt.note.startswith("Ben has decided")
    assert await asked(slack) == []


async def test_a_message_that_is_too_long_is_not_sent(slack: Taps, telegram: Taps) -> None:
    form = (await slack.tap("Ana", "Decline")).form
    receipt = await slack.fill("Ana", form, {"message": "x" * (MESSAGE + 1)})
    assert [name for name, _ in receipt.faults] == ["message"]
    await telegram.tap("Ana", "Decline")
    words = f"Decline {telegram.reference}?"
    await telegram.reply("Ana", "x" * (MESSAGE + 1), words)
    assert "That is too long" in plain(telegram.rows[-1])
    for desk in (slack, telegram):
        assert (await desk.review()).stage.value == "claimed"


async def test_answers_are_tapped_page_by_page(telegram: Taps) -> None:
    with patch.object(review_drafts, "PAGE", 8):
        await telegram.tap("Ana", "Ask for more")
        await telegram.tap("Ana", "[ ] Technicians", await turned(telegram, 1))
        await telegram.tap("Ana", "[ ] Business e-mail", await turned(telegram, 1))
        assert "[x] Business e-mail" in labels(telegram.card(PICK))
        await telegram.tap("Ana", "More answers", telegram.card(PICK))
        assert labels(telegram.card(PICK))[0] == "[ ] In operation", "it begins again"
        await telegram.tap("Ana", "Write the reasons", telegram.card(PICK))
    await telegram.reply("Ana", "How many?", "asking about Technicians")
    await telegram.reply("Ana", "It bounces.", "asking about Business e-mail")
    await telegram.reply("Ana", "It comes back.", "Business e-mail, in")
    await telegram.tap("Ana", "Send to the applicant", telegram.card("To the applicant of"))
    (sent,) = await asked(telegram)
    assert "How many?" in sent
    assert "It comes back." in sent
    assert "It bounces." not in sent, "a reason is written anew by another reply"


async def turned(desk: Taps, times: int) -> OutboxRow:
    for _ in range(times):
        await desk.tap("Ana", "More answers", desk.card(PICK))
    return desk.card(PICK)


async def test_what_is_being_written_is_over_when_the_claim_is(telegram: Taps) -> None:
    await telegram.tap("Ana", "Ask for more")
    await telegram.tap("Ana", "[ ] Business e-mail", telegram.card(PICK))
    await telegram.tap("Ana", "Write the reasons", telegram.card(PICK))
    telegram.now += HELD + timedelta(minutes=1)
    await telegram.reply("Ana", "It bounces.", "asking about Business e-mail")
    assert "no longer being written" in plain(telegram.rows[-1])
    assert await asked(telegram) == []


async def test_a_draft_without_all_its_reasons_is_not_sent(telegram: Taps) -> None:
    await telegram.tap("Ana", "Ask for more")
    pick = telegram.card(PICK)
    await telegram.tap("Ana", "[ ] Business e-mail", pick)
    await telegram.tap("Ana", "Write the reasons", telegram.card(PICK))
    await telegram.reply("Ana", "It bounces.", "asking about Business e-mail")
    draft = telegram.card("To the applicant of")
    await telegram.tap("Ana", "[ ] Website", pick)  # an old message's button
    receipt = await telegram.tap("Ana", "Send to the applicant", draft)
    assert "Nothing was done" in receipt.note
    assert await asked(telegram) == []


async def test_that_an_applicant_is_gone_is_told_to_who_decides(telegram: Taps) -> None:
    last = next(row for row in reversed(telegram.rows) if row.chat == "7")
    refused = "UPDATE outbox SET state = 'dead', reason = ? WHERE id = ?"
    with sqlite3.connect(telegram.path) as connection:
        connection.execute(refused, ("bot was blocked by the user", last.id))
    connection.close()
    await telegram.tap("Ana", "Decline")
    await telegram.reply("Ana", "No shop.", f"Decline {telegram.reference}?")
    assert (await telegram.review()).stage.value == "declined"
    assert any("They have blocked the bot" in plain(row) for row in telegram.rows[-5:])


@pytest.mark.parametrize("staff", ["slack"])
async def test_slack_turns_the_pages_of_the_form(tmp_path: Path, staff: Platform) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as rig:
        await turns_pages(rig)


async def turns_pages(rig: Rig) -> None:
    with patch.object(review_deeds, "PAGE", 15):
        card, amira = await received(rig)
        await rig.staff.taps(card, "Ask for more")
        first = await rig.staff.form()
        assert first.body["submit"]["text"] == "Next page"
        assert await rig.staff.fills({"dba": "Which name?"}) == ""
        second = await rig.staff.form()
        assert second.body["submit"]["text"] == "Send to the applicant"
        assert await rig.staff.fills({"email": "It bounces."}) == ""
        assert rig.staff.people[0].modal is None
    await rig.hears(amira, "questions: 2")
