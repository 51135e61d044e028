"""Two of staff tap at once, each served by a process of its own: one is first, the other is told.

Between what a process reads and what it writes there is time here, so that two who do not wait for
each other would both have read the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot import cards, pings, question_deeds, reviews
from bot.cards import anothers, in_force
from bot.desk_rules import DeskRules
from bot.messages import Receipt
from dialogs.review import decide
from tests import postgres
from tests.applications import STRAIGHT
from tests.questioning import NAMES, PEOPLE, QuestionDesk

Desks = tuple[QuestionDesk, QuestionDesk]
QUESTION = "Would you sponsor my team FC Lakeside?"


@pytest.fixture
async def desks() -> AsyncIterator[Desks]:
    url = postgres.fresh()
    one = await QuestionDesk(url, "slack", DeskRules()).open()
    two = await QuestionDesk(url, "slack", DeskRules()).open()
    two.rows = one.rows  # what stands in the chat is the same for both
    yield one, two
    await one.close()
    await two.close()


def slowly(of: Callable[..., Any]) -> Callable[..., Any]:
    def does(*given: Any, **named: Any) -> Any:
        time.sleep(0.2)
        return of(*given, **named)

    return does


async def both_tap(desks: Desks, words: str, label: str) -> tuple[Receipt, Receipt]:
    one, two = desks
    card = one.card(words)
    return await asyncio.gather(one.taps(card, label, 0), two.taps(card, label, 1))


async def test_of_two_who_take_a_question_one_has_it(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desks[0].asks(QUESTION)
    monkeypatch.setattr(question_deeds, "anothers", slowly(anothers))
    notes = [receipt.note for receipt in await both_tap(desks, "Question 1:", "I take it")]
    ((holder,),) = desks[0].sql("SELECT claimed_by FROM question_cards")
    first = PEOPLE["slack"].index(holder.removeprefix("slack:"))
    assert notes[first].startswith("You have it until")
    assert notes[1 - first].startswith(f"{NAMES[first]} has it")
    assert desks[0].sql("SELECT actor, action FROM audit") == [(holder, "claimed")]


async def test_of_two_who_answer_a_question_one_reaches_the_applicant(desks: Desks) -> None:
    await desks[0].asks(QUESTION)
    card = desks[0].card("Question 1:")
    done = await asyncio.gather(desks[0].replies(card, "No."), desks[1].replies(card, "Never.", 1))
    assert sorted(len(receipt.answered) for receipt in done) == [0, 1]
    answer = "No." if done[0].answered else "Never."
    assert desks[0].sql("SELECT answer FROM escalations") == [(answer,)]
    heard = [
        said for said in (*desks[0].heard(), *desks[1].heard()) if "Staff have answered" in said
    ]
    assert len(set(heard)) == 1
    assert answer in heard[0]


async def test_a_card_shows_both_what_arrived_and_who_has_the_rest(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = desks
    await one.asks(QUESTION)
    await one.asks("And on Sundays?")
    one.stalls = True
    await one.replies(one.card("for question 1"), "Not on Sundays.")
    one.stalls = False
    card = two.card("Question 1:")
    monkeypatch.setattr(cards, "_message", slowly(cards._message))
    await asyncio.gather(two.taps(card, "I take it", 1), soon(one.deliver()))
    edits = "SELECT body FROM outbox WHERE body LIKE '%\"edit\"%' ORDER BY id DESC LIMIT 1"
    ((body,),) = one.sql(edits)
    assert "Taken by" in body
    assert "Delivered at" in body


async def test_a_card_that_arrives_while_it_is_taken_shows_who_has_it(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = desks
    one.holds = True
    await one.asks(QUESTION)
    one.holds = False
    (row,) = (row for row in one.rows if row.id in one.unsent)
    one.unsent.clear()
    shown = one.card("Question 1:")
    monkeypatch.setattr(question_deeds, "_text", slowly(question_deeds._text))  # before it commits
    await asyncio.gather(two.taps(shown, "I take it", 1), soon(one.settle(row)))
    edits = one.sql("SELECT body FROM outbox WHERE body LIKE '%\"edit\"%'")
    assert ["Taken by" in body for (body,) in edits] == [True]


async def soon(does: Awaitable[None]) -> None:
    await asyncio.sleep(0.1)
    await does


async def test_of_two_who_take_an_application_one_has_it(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in STRAIGHT:
        await desks[0].says(said)
    monkeypatch.setattr(reviews, "decide", slowly(decide))
    notes = [receipt.note for receipt in await both_tap(desks, "New application", "Take it")]
    ((holder,),) = desks[0].sql("SELECT claimed_by FROM reviews")
    first = PEOPLE["slack"].index(holder.removeprefix("slack:"))
    assert "is yours until" in notes[first]
    assert notes[1 - first].startswith(f"{NAMES[first]} has FD-")


async def test_a_question_is_named_again_by_one_process(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desks[0].asks(QUESTION)
    monkeypatch.setattr(pings, "in_force", slowly(in_force))
    await asyncio.gather(desks[0].passes(31), desks[1].passes(31))
    assert desks[0].sql("SELECT pings FROM question_cards") == [(1,)]
    again = desks[0].sql("SELECT count(*) FROM outbox WHERE body LIKE '%still waits%'")
    assert again == [(1,)]
