"""One card of an application has buttons: the newest. What stood before says so; and nothing that
is written under what is over reaches an applicant."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dialogs.review import HELD
from tests.applications import STRAIGHT
from tests.commands import frontdesk
from tests.rig import Platform, Rig, rigged, shown
from tests.taps import Taps, labels, plain
from tests.test_review_desk import asks_again, received, reference
from tests.test_review_desk import labels as buttons
from tests.test_staff_chat import BOTH
from tests.test_staff_export import asks

PAST = "Its newest card is further down in this chat"
PICK = "Tap the answers to ask about"


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[Taps]:
    desk = await Taps(tmp_path / "slack.db", "slack").open()
    yield desk
    await desk.store.close()


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Taps]:
    desk = await Taps(tmp_path / "frontdesk.db", "telegram").open()
    yield desk
    await desk.store.close()


async def is_past(rig: Rig, card: Any) -> None:
    await rig.until(lambda: PAST in shown(rig.staff.now(card)))
    assert buttons(rig.staff.now(card)) == []


async def answers(rig: Rig, amira: Any) -> None:
    await rig.hears(amira, "Is this the name on the door?")
    await amira.says("Lembayung Door")
    await rig.hears(amira, "Shall I send it to staff?")
    await amira.says("send")
    await rig.hears(amira, "as a new version of your application")


# Where another card has come


@BOTH
async def test_the_card_of_an_earlier_version_says_where_the_new_one_is(rig: Rig) -> None:
    card, amira = await received(rig)
    ref = reference(card)
    await asks_again(rig, card, {"dba": "Is this the name on the door?"})
    await answers(rig, amira)
    again = await rig.staff.card("Answered")
    await is_past(rig, card)
    assert ref in shown(rig.staff.now(card))
    assert "Release" in buttons(rig.staff.now(again))
    await rig.staff.taps(rig.staff.now(again), "Release", 1)
    await rig.until(lambda: "Take it" in buttons(rig.staff.now(again)))
    assert PAST in shown(rig.staff.now(card)), "only the newest one changes from then on"


@BOTH
async def test_an_earlier_card_that_is_gone_hinders_nothing(rig: Rig) -> None:
    card, amira = await received(rig)
    await asks_again(rig, card, {"dba": "Is this the name on the door?"})
    await rig.until(lambda: "is asked by" in shown(rig.staff.now(card)))
    gone: Any = rig.staff.now(card)
    gone.deleted = True
    if rig.on == "slack":
        with contextlib.suppress(ValueError):
            rig.staff.room.room.messages.remove(gone)
    await answers(rig, amira)
    again = await rig.staff.card("Answered")
    await rig.app.courier.drain()
    assert not any(PAST in text for text in rig.staff.texts), "and nothing is said anew"
    assert rig.rows("SELECT 1 FROM outbox WHERE state = 'dead'") == []
    await rig.staff.taps(again, "Decline", 1)
    await rig.until(lambda: "Taken by" in shown(rig.staff.now(again)))


@BOTH
async def test_a_withdrawal_takes_the_buttons_of_its_card(rig: Rig) -> None:
    card, amira = await received(rig)
    await amira.says("withdraw")
    await rig.hears(amira, "Withdraw it?")
    await amira.taps("Yes, withdraw it")
    await rig.staff.card("Withdrawn: application")
    await is_past(rig, card)


@BOTH
async def test_of_a_card_that_staff_ask_for_again_the_newest_has_the_buttons(rig: Rig) -> None:
    card, _ = await received(rig)
    await asks(rig, f"show {reference(card)}")
    await is_past(rig, card)
    fresh = await rig.staff.card("New application")
    await rig.staff.taps(fresh, "Take it")
    await rig.until(lambda: "Taken by" in shown(rig.staff.now(fresh)))
    assert len(rig.staff.messages) == 2


async def test_a_tap_on_a_card_that_could_not_be_changed_puts_it_right(slack: Taps) -> None:
    first = slack.record()
    form = (await slack.tap("Ana", "Ask for more")).form
    await slack.fill("Ana", form, {"dba": "Which one?"})
    for line in ("Lembayung Door", "send"):
        await slack.says(line)
    before = len(slack.rows)
    receipt = await slack.tap("Ben", "Decline", first)
    assert "anew since this card" in receipt.note
    (changed,) = slack.rows[before:]
    assert PAST in plain(changed)
    assert labels(changed) == []


async def test_a_card_that_offers_what_is_over_is_put_right_by_a_tap(slack: Taps) -> None:
    first = slack.record()
    other = (await slack.tap("Ben", "Decline")).form
    await slack.fill("Ben", other, {"message": ""})
    before = len(slack.rows)
    receipt = await slack.tap("Ana", "Take it", first)
    assert receipt.note.startswith("Ben has decided")
    (changed,) = slack.rows[before:]
    assert labels(changed) == ["Whole application"]


async def test_what_is_done_at_the_command_line_stands_on_the_card(
    telegram: Taps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.commands.house_of", lambda *_, **__: telegram.house)
    (telegram.path.parent / "config.toml").write_text(
        f'[store]\nurl = "sqlite:///{telegram.path}"\n[staff]\nchat = "telegram:{telegram.chat}"\n'
    )
    card = f"{telegram.record().id}.1"
    for command, words, offered in (
        ("claim", "Taken by Ana", "Release"),
        ("approve", "Approved by Ana", "Whole application"),
    ):
        folder, ref = telegram.path.parent, telegram.reference
        done = await asyncio.to_thread(frontdesk, folder, command, ref, "--as", "Ana")
        assert (done.code, done.err) == (0, "")
        (row,) = await telegram.store.run(
            lambda tx: [r for r in tx.unsent("9999", 50) if r.chat == telegram.chat]
        )
        telegram.rows.append(row)
        assert words in plain(row)
        assert labels(row)[0] == offered
        assert f'"edit":"{card}"' in row.body
        await telegram.store.run(lambda tx, row=row: tx.mark_sent(row.id, card, "now"))  # type: ignore[misc]  # bound early


# Too long for one message


async def test_what_changed_stays_on_a_card_whose_application_fits_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.taps.STRAIGHT", LONG)
    desk = await Taps(tmp_path / "frontdesk.db", "telegram").open()
    try:
        *whole, tail = (row for row in desk.rows if row.case_kind == "record")
        assert whole
        assert not any(map(labels, whole))
        assert "Take it" in labels(tail)
        await desk.tap("Ana", "Ask for more")
        await desk.tap("Ana", "[ ] Trading name (DBA)", desk.card(PICK))
        await desk.tap("Ana", "Write the reasons", desk.card(PICK))
        await desk.reply("Ana", "Which one?", "the reason for asking about")
        await desk.tap("Ana", "Send to the applicant", desk.card("To the applicant of"))
        for line in ("Lembayung Door", "send"):
            await desk.says(line)
        assert "Lembayung Door" in plain(desk.record())
        await desk.tap("Ana", "Release")
        assert "Lembayung Door" in plain(desk.record())
        assert "waits for anybody" in plain(desk.record())
        assert "Take it" in labels(desk.record())
    finally:
        await desk.store.close()


AT = STRAIGHT.index("021 7179 1234") + 1
SHOPS = [
    line
    for number in range(49)
    for line in (
        "add another",
        "Indonesia",
        f"Jl Kemang Raya {number + 100}, Jakarta Selatan 12730",
        "021 7179 1234",
    )
]
LONG = [*STRAIGHT[:AT], *SHOPS, *STRAIGHT[AT:]]
"""with as many locations as the form takes, and much to tell"""
LONG[-3] = "We have repaired phones since 2016, with four technicians. " * 20


# What is over


@pytest.mark.parametrize("after", ["Cancel", "Without comment"])
async def test_a_reply_to_a_prompt_that_is_over_reaches_nobody(telegram: Taps, after: str) -> None:
    await telegram.tap("Ana", "Decline")
    prompt = telegram.card(f"Decline {telegram.reference}?")
    await telegram.tap("Ana", after, prompt)
    before = [row for row in telegram.rows if row.chat == "7"]
    words = "Not decided" if after == "Cancel" else "is declined, and the applicant"
    await telegram.reply("Ben", "Right, they are no business at all.", words)
    assert "asks for nothing any more" in plain(telegram.rows[-1])
    assert [row for row in telegram.rows if row.chat == "7"] == before
    assert (await telegram.review()).stage.value == ("claimed" if after == "Cancel" else "declined")


async def test_a_second_prompt_says_nothing_untrue_when_it_is_left(telegram: Taps) -> None:
    for _ in range(2):
        await telegram.tap("Ana", "Decline", telegram.record())
    first, second = (row for row in telegram.rows if f"Decline {telegram.reference}?" in plain(row))
    other = await telegram.tap("Ben", "Cancel", first)
    assert other.note.startswith("Ana has")
    await telegram.tap("Ana", "Without comment", second)
    before = len(telegram.rows)
    receipt = await telegram.tap("Ana", "Cancel", first)
    assert receipt.note.startswith("Ana has decided")
    assert not any("Not decided" in plain(row) for row in telegram.rows[before:])


async def test_a_prompt_can_be_left_after_its_application_was_let_go(telegram: Taps) -> None:
    await telegram.tap("Ana", "Take it")
    await telegram.tap("Ana", "Approve")
    prompt = telegram.card(f"Approve {telegram.reference}?")
    await telegram.tap("Ana", "Release")
    await telegram.tap("Ana", "Cancel", prompt)
    assert "Not decided" in plain(telegram.rows[-1])


async def test_nobody_turns_the_pages_of_what_another_one_is_writing(
    telegram: Taps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.review_drafts.PAGE", 8)
    await telegram.tap("Ana", "Ask for more")
    await telegram.tap("Ana", "[ ] In operation", telegram.card(PICK))
    before = telegram.card(PICK)
    receipt = await telegram.tap("Ben", "More answers", before)
    assert receipt.note.startswith("Ana has")
    assert telegram.card(PICK) is before
    assert labels(before)[0] == "[x] In operation"


@pytest.mark.parametrize(
    ("label", "written"),
    [("Ask for more", {"email": "It bounces."}), ("Decline", {"message": "A long one."})],
)
async def test_a_form_that_comes_too_late_stays_open_with_what_was_written(
    slack: Taps, label: str, written: dict[str, str]
) -> None:
    form = (await slack.tap("Ana", label)).form
    assert form is not None
    slack.now += HELD + timedelta(minutes=1)
    await slack.tap("Ben", "Ask for more")
    receipt = await slack.fill("Ana", form, written)
    ((field, fault),) = receipt.faults
    assert field == form.inputs[0].name
    assert fault.startswith("Ben has")
    assert (await slack.review()).claim is not None
    slack.now += HELD + timedelta(minutes=1)
    again = await slack.fill("Ana", form, written)
    assert again.faults == (), "the same form, sent once more, is no repetition"
