"""What staff do with applications, through the door on a real store: who is told, and what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import StaffChat
from bot.conversation import States
from bot.house import House
from bot.reviewing import MESSAGE, Reviewed, ReviewError, claim, decide, release, request
from bot.store import Transaction
from dialogs.review import Stage
from dialogs.slots import Asked
from tests.applications import STRAIGHT
from tests.test_desk import GROUP, NOW, Desk, desk_of, said

ASKED = (Asked("email", "It bounces."), Asked("kind", "Do you resell?"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = await desk_of(tmp_path / "frontdesk.db", StaffChat("telegram", GROUP))
    for line in STRAIGHT:
        await one.says(line)
    yield one
    await one.store.close()


async def reference(desk: Desk) -> str:
    (row,) = await desk.store.read(lambda r: list(r.records()))
    return row.reference


async def asks(desk: Desk, by: str = "Ana", *asked: Asked) -> Reviewed:
    ref = await reference(desk)

    def act(house: House, states: States, tx: Transaction) -> Reviewed:
        return request(house, states, tx, ref, by, asked or ASKED)

    return await desk.door.review(act)


async def decides(desk: Desk, verdict: str, message: str | None = None) -> Reviewed:
    ref = await reference(desk)

    def act(house: House, states: States, tx: Transaction) -> Reviewed:
        claim(house, tx, ref, "Ana")
        return decide(house, states, tx, ref, "Ana", verdict, message)  # type: ignore[arg-type]  # one of the two

    return await desk.door.review(act)


async def test_the_card_of_a_new_version_is_for_who_asked_and_shows_what_was_asked(
    desk: Desk,
) -> None:
    await asks(desk)
    for line in ("reseller", "info@lembayung.co.id", "send"):
        await desk.says(line)
    card = said(desk.cards("Answered")[-1])
    assert "for Ana" in card
    assert "Service business → Reseller" in card.replace("~", "")
    assert "Business e-mail: changed" in card
    assert "lembayung.co.id" not in card.partition("Doubts")[0], "private answers are masked"
    assert "Legal name" not in card.partition("Doubts")[0]


async def test_what_was_let_go_comes_back_for_anybody(desk: Desk) -> None:
    await asks(desk)
    ref = await reference(desk)
    await desk.door.review(lambda house, _, tx: release(house, tx, ref, "Ana"))
    for line in ("reseller", "keep what i sent", "send"):
        await desk.says(line)
    assert "for anybody" in said(desk.cards("Answered")[-1])


async def test_the_request_is_kept_in_the_order_of_the_form(desk: Desk) -> None:
    done = await asks(desk)
    assert done.review is not None
    assert done.review.stage is Stage.NEEDS_INFO
    ref = await reference(desk)
    (row,) = await desk.store.read(lambda r: r.reviews.requests(ref))
    assert json.loads(row.asked) == [["kind", "Do you resell?"], ["email", "It bounces."]]
    assert "Do you resell?" in desk.heard()[-1]
    assert "It bounces." not in desk.heard()[-1]


async def test_the_decision_keeps_what_the_applicant_read(desk: Desk) -> None:
    await decides(desk, "declined")
    ref = await reference(desk)
    decision = await desk.store.read(lambda r: r.reviews.decision(ref))
    assert decision is not None
    assert decision.message
    assert decision.message in desk.heard()[-1]


@pytest.mark.parametrize("message", ["", "  \n"])
async def test_without_comment_the_applicant_reads_the_decision_alone(
    desk: Desk, message: str
) -> None:
    await decides(desk, "declined", message)
    assert desk.heard()[-1].count("\n") == 0
    assert "declined" in desk.heard()[-1]


async def test_a_message_is_never_markup(desk: Desk) -> None:
    await decides(desk, "declined", "**bold** {reference} <b>x</b>\n- no list")
    assert "**bold** {reference} <b>x</b>\n- no list" in desk.heard()[-1]


async def test_what_is_too_long_is_not_sent(desk: Desk) -> None:
    heard = len(desk.heard())
    with pytest.raises(ReviewError, match="too long"):
        await decides(desk, "declined", "x" * (MESSAGE + 1))
    with pytest.raises(ReviewError, match="too long"):
        await asks(desk, "Ana", Asked("email", "x" * 500))
    ref = await reference(desk)
    with pytest.raises(ReviewError, match="at least one"):
        await desk.door.review(lambda house, states, tx: request(house, states, tx, ref, "A", ()))
    assert len(desk.heard()) == heard
    (row,) = await desk.store.read(lambda r: r.reviews.queue())
    assert row.stage == "submitted", "the claim went back with it"


@pytest.mark.parametrize("by", ["", "  ", "two\nlines", "x" * 81])
async def test_a_reviewer_has_a_name(desk: Desk, by: str) -> None:
    with pytest.raises(ReviewError, match="has a name"):
        await asks(desk, by)


async def test_a_conversation_that_cannot_be_read_changes_nothing(desk: Desk) -> None:
    ref = await reference(desk)
    before = desk.poison()
    with pytest.raises(ReviewError, match=f"The conversation of {ref} cannot be read"):
        await decides(desk, "declined")
    assert await desk.store.read(lambda r: r.reviews.decision(ref)) is None
    desk.mend(before)
    assert (await decides(desk, "declined")).denied is None


async def test_what_is_erased_is_unknown(desk: Desk) -> None:
    ref = await reference(desk)
    await asks(desk)
    await desk.says("delete my data")
    await desk.says("yes, delete it all")
    for act in (claim, release):
        done = await desk.door.review(lambda house, _, tx, a=act: a(house, tx, ref, "Ana"))  # type: ignore[misc]  # bound early
        assert done.review is None
    for table in ("reviews", "requests", "versions", "decisions"):
        assert desk.sql(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - our own names


async def test_a_withdrawal_and_a_decision_one_after_the_other(desk: Desk) -> None:
    await desk.says("withdraw")
    await decides(desk, "approved")
    await desk.says("yes")
    (record,) = await desk.store.read(lambda r: list(r.records()))
    assert record.state == "approved"
    assert not desk.cards("Withdrawn")


async def test_a_decision_after_a_withdrawal_is_denied(desk: Desk) -> None:
    await desk.says("withdraw")
    await desk.says("yes")
    done = await decides(desk, "approved")
    assert done.denied is not None
    assert (done.denied.reason, done.denied.at) == ("withdrawn", NOW)
    assert "approved" not in desk.heard()[-1]


async def test_what_staff_and_the_applicant_do_goes_on_beyond_the_chat(desk: Desk) -> None:
    desk.door._house = replace(desk.door._house, sinks=("files",))
    await asks(desk)
    for line in ("reseller", "info@lembayung.co.id", "send"):
        await desk.says(line)
    await decides(desk, "declined")
    listed = await desk.store.read(lambda r: r.deliveries.listed())
    assert [(row.event, row.version) for row in listed] == [("resubmitted", 2), ("declined", 2)]
