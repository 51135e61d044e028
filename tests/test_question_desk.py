"""Questions at the desk: who has one, what joins it, what reaches whom. On a real store, with the
clock in hand; through the channels in ``test_question_cards.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.desk_rules import DeskRules
from bot.door import Door
from bot.messages import StaffLine
from bot.question_deeds import QUESTION_DEEDS
from bot.roles import Roles
from bot.taps import DEEDS
from dialogs.slots import Parked
from dialogs.state import State
from tests.commands import frontdesk
from tests.questioning import STAFF, QuestionDesk
from tests.test_cli_review import good

BOTH = pytest.mark.parametrize("channel", ["telegram", "slack"])
PING = DeskRules(on_call=("slack:U0901", "telegram:901", "slack:U0902", "telegram:902"))


@pytest.fixture
async def desk(tmp_path: Path, channel: str) -> AsyncIterator[QuestionDesk]:
    one = await QuestionDesk(tmp_path / "frontdesk.db", channel).open()
    yield one
    await one.close()


# The card


@BOTH
async def test_the_card_has_what_helps_to_answer_and_hides_what_is_private(
    desk: QuestionDesk,
) -> None:
    for text in (
        "apply",
        "skip the check",
        "I agree",
        "Service business",
        "Lakeside Mobile Care Ltd",
        "none",
        "Amira Rahman",
        "that is all",
        "Malaysia",
        "12 Jalan Ampang, 50450 Kuala Lumpur",
        "what does it cost to join?",
    ):
        await desk.says(text)
    await desk.asks("May my cousin apply as well?")
    card = desk.card("May my cousin")
    assert "Legal name: Lakeside Mobile Care Ltd" in card.text
    assert "Owner: given" in card.text
    assert "Applicant: what does it cost to join?" in card.text
    assert "Amira Rahman" not in card.text
    assert "Jalan Ampang" not in card.text
    assert "not shown, may be private" in card.text


@BOTH
async def test_a_long_question_leaves_its_card_one_message_where_it_can(
    desk: QuestionDesk,
) -> None:
    long = " ".join(["Is this fine?"] * 142)
    await desk.asks(long)
    (card,) = desk.shown()
    assert long in card.text
    assert "Open field: none" in card.text


@BOTH
async def test_the_longest_question_still_shows_its_end_and_its_buttons(
    desk: QuestionDesk,
) -> None:
    emoji = "\N{GRINNING FACE}" * 1990
    await desk.asks(emoji)
    *question, card = desk.shown()
    assert "".join(part.text for part in question).count("\N{GRINNING FACE}") == 1990
    await desk.taps(card, "I take it")
    assert [*question, desk.shown()[-1]] == desk.shown()
    assert "Taken by Dana" in desk.shown()[-1].text


@BOTH
async def test_a_card_keeps_its_question_however_much_was_asked_and_answered_since(
    desk: QuestionDesk,
) -> None:
    question = "\N{GRINNING FACE}" * 1240
    await desk.asks(question)
    for n in range(6):
        await desk.asks(f"And on day {n}? " + " ".join(["Please tell me."] * 12))
        await desk.replies(desk.card(f"for question 1\n> And on day {n}?"), "Never then. " * 30)
    assert question in desk.card("Question 1:").text
    assert "I take it" in desk.card("Question 1:").labels


# Claims


@BOTH
async def test_of_two_who_take_a_question_one_has_it_and_the_other_is_told_who(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Is it fine?")
    before = desk.card("Is it fine?")
    assert (await desk.taps(before, "I take it", by=0)).note == "You have it until 18:30 UTC."
    late = await desk.taps(before, "I take it", by=1)
    assert late.note.startswith("Dana has it, until 18:30 UTC")
    card = desk.card("Is it fine?")
    assert "Taken by Dana until 18:30 UTC." in card.text
    assert "Release" in card.labels
    assert "I take it" not in card.labels


@BOTH
async def test_what_another_has_is_answered_by_nobody_else(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.taps(desk.card("Is it fine?"), "I take it", by=0)
    before = len(desk.heard())
    refused = await desk.replies(desk.card("Is it fine?"), "No.", by=1)
    assert refused.note.startswith("Dana has it")
    assert bool(refused.faults) == (desk.channel == "slack")  # the form stays open
    assert len(desk.heard()) == before
    await desk.replies(desk.card("Is it fine?"), "It is.", by=0)
    assert "It is." in desk.heard()[-1]


@BOTH
async def test_what_somebody_took_and_answered_is_answered_to_the_next(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.taps(desk.card("Is it fine?"), "I take it", by=0)
    await desk.replies(desk.card("Is it fine?"), "It is.", by=0)
    late = await desk.replies(desk.card("Question 1:"), "No.", by=1)
    assert late.note.startswith("This question was answered already")
    assert not late.faults


async def test_a_form_that_stayed_open_can_be_sent_again(tmp_path: Path) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    await desk.asks("Is it fine?")
    card = desk.card("Is it fine?")
    await desk.taps(card, "I take it", by=0)
    assert (await desk.replies(card, "It is.", by=1, key="slack:V1")).faults
    await desk.taps(desk.card("Is it fine?"), "Release", by=0)
    again = await desk.replies(card, "It is.", by=1, key="slack:V1")
    assert again.note == "Passed on to the applicant."
    assert (await desk.replies(card, "It is.", by=1, key="slack:V1")).duplicate
    await desk.close()


@BOTH
async def test_a_claim_ends_by_itself_and_can_be_taken_over_before(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.taps(desk.card("Is it fine?"), "I take it", by=0)
    assert (await desk.taps(desk.card("Is it fine?"), "Release", by=1)).note.startswith("Dana")
    told = await desk.taps(desk.card("Is it fine?"), "Take over", by=1)
    assert told.note == "You have it until 18:30 UTC."
    assert desk.card("has taken over").text == "Eli has taken over question 1 from Dana."
    assert (await desk.replies(desk.card("Is it fine?"), "No.", by=0)).note.startswith("Eli")
    await desk.passes(31)
    assert (await desk.replies(desk.card("> Is it fine?"), "It is.", by=0)).answered == (1,)


@BOTH
async def test_the_command_line_is_held_up_by_no_claim(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.taps(desk.card("Is it fine?"), "I take it")
    done = await desk.replies_by_command(1, "It is.")
    assert done.answered == (1,)


@BOTH
async def test_a_name_that_somebody_gave_themselves_is_harmless(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    evil = "\u202eDana\n**{id}** <a>" + "x" * 500
    await desk.taps(desk.card("Is it fine?"), "I take it", name=evil)
    (line,) = (row for row in desk.card("Is it fine?").text.splitlines() if "Taken by" in row)
    assert line.startswith("Taken by Danaid ax")
    assert len(line) < 100
    assert desk.sql("SELECT claimed_by FROM question_cards WHERE claimed_name LIKE '%*%'") == []
    await desk.taps(desk.card("Is it fine?"), "Take over", name="\u200b", by=1)
    assert (
        "Taken by U0901" in desk.card("> Is it").text or "Taken by 901" in desk.card("> Is it").text
    )


# What joins a card


@BOTH
async def test_more_of_the_same_person_joins_the_card_and_one_answer_answers_all(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Is it fine?")
    await desk.asks("One more thing: on Sundays too?")
    line = desk.card("for question 1")
    card = desk.card("Question 1:")
    assert "on Sundays too?" in card.text
    under = int(line.thread or 0) if desk.channel == "slack" else line.under
    assert under == desk.first(card)
    done = await desk.replies(card, "Always.")
    assert done.answered == (1, 2)
    assert done.note == "Passed on to the applicant."
    heard = desk.heard()[-1]
    assert heard.index("Is it fine?") < heard.index("on Sundays too?") < heard.index("Always.")
    assert heard.count("Always.") == 1


@BOTH
async def test_an_answer_to_the_line_answers_that_alone(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.asks("On Sundays too?")
    done = await desk.replies(desk.card("for question 1"), "Not on Sundays.")
    assert done.answered == (2,)
    assert "Is it fine?" not in desk.heard()[-1]
    assert "I take it" in desk.card("Question 1:").labels
    assert (await desk.replies(desk.card("Question 1:"), "It is.")).answered == (1,)


@BOTH
async def test_another_person_s_question_has_a_card_of_its_own(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?", "7")
    await desk.asks("Is it not?", "8")
    assert len(desk.shown()) == 2
    assert (await desk.replies(desk.card("Question 1:"), "It is.")).answered == (1,)
    assert not any("It is." in line for line in desk.heard("8"))


@BOTH
async def test_what_comes_after_the_answer_has_a_card_of_its_own(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.replies(desk.card("Question 1:"), "It is.")
    await desk.asks("And now?")
    assert "I take it" in desk.card("Question 2:").labels


# One tap


@BOTH
async def test_an_article_is_sent_with_one_tap_with_its_source_and_is_remembered(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Do I need audited accounts?")
    card = desk.card("Question 1:")
    label = next(label for label in card.labels if label.startswith("Send: "))
    done = await desk.taps(card, label)
    assert done.note == "Passed on to the applicant."
    heard = desk.heard()[-1]
    assert "Do I need audited accounts?" in heard
    assert "Source: " in heard
    await desk.says("what was I told?")
    ((article,),) = desk.sql("SELECT article FROM told")
    assert desk.house.library.get(article, "en").title in desk.heard()[-1]  # type: ignore[union-attr]
    assert (await desk.taps(card, label)).note.startswith("This question was answered already")
    assert len(desk.sql("SELECT 1 FROM told")) == 1
    assert "Teach the bot" not in desk.card("Question 1:").labels


# Did it arrive


@BOTH
async def test_the_card_says_when_the_answer_arrived(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?")
    await desk.replies(desk.card("Question 1:"), "It is.")
    text = desk.card("Question 1:").text
    assert "Answered by Dana" in text
    assert "Delivered at 18:00 UTC." in text


@BOTH
async def test_an_answer_arrives_though_the_question_put_after_it_is_taken_back(
    desk: QuestionDesk,
) -> None:
    for text in ("apply", "skip the check", "I agree"):
        await desk.says(text)
    await desk.asks("Is it fine?")
    card = desk.card("Question 1:")
    desk.stalls = True
    await desk.replies(card, "word " * 1000)  # more than one message takes
    await desk.says("Service business")
    desk.stalls = False
    back = {id for (id,) in desk.sql("SELECT id FROM outbox WHERE state = 'superseded'")}
    assert back
    await desk.deliver(but=back)
    assert "Delivered at 18:00 UTC." in desk.card("Question 1:").text


@BOTH
async def test_a_card_that_was_sent_late_shows_what_happened_meanwhile(
    desk: QuestionDesk,
) -> None:
    desk.holds = True
    await desk.asks("Is it fine?")
    (row,) = (row for row in desk.rows if row.id in desk.unsent)
    await desk.replies_by_command(1, "It is.")
    desk.holds = False
    await desk.settle(row)
    await desk.deliver()
    assert "Answered by command line" in desk.card("Question 1:").text


async def test_staff_that_moved_to_another_platform_go_on_there(tmp_path: Path) -> None:
    before = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    await before.asks("Is it fine?")
    await before.close()
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "telegram", now=before.now).open()
    await desk.asks("And on Sundays?")
    line = desk.card("And on Sundays?")
    assert line.under == 0
    assert (await desk.replies_by_command(1, "It is.")).answered == (1, 2)
    assert "It is." in desk.heard()[-1]
    await desk.close()


async def asks_for_questions(desk: QuestionDesk) -> None:
    key, at = f"line:{len(desk.rows)}", "2026-11-22T18:00:00.000Z"
    line = StaffLine(desk.channel, key, STAFF[desk.channel], "901", "5", at, "questions")
    await desk.door.handle(line)
    await desk.deliver()


@BOTH
async def test_a_card_that_could_not_be_shown_comes_once_staff_ask_what_waits(
    desk: QuestionDesk,
) -> None:
    desk.holds = True
    await desk.asks("Is it fine?")
    (row,) = (row for row in desk.rows if row.id in desk.unsent)
    await desk.settle(row, "is_archived")
    desk.rows.remove(row)
    desk.holds = False
    await asks_for_questions(desk)
    assert "Is it fine?" in desk.card("wants a person\n").text
    await asks_for_questions(desk)
    assert (await desk.replies(desk.card("> Is it fine?"), "It is.")).answered == (1,)
    assert "Delivered at" in desk.card("> Is it fine?").text


@BOTH
async def test_a_question_from_before_there_was_a_staff_chat_gets_its_card(
    desk: QuestionDesk,
) -> None:
    with_staff = desk.door
    desk.door = Door(replace(desk.house, staff=None), desk.store, desk.rows.extend, lambda: None)
    await desk.asks("Is it fine?")
    desk.door = with_staff
    await asks_for_questions(desk)
    await asks_for_questions(desk)
    await desk.taps(desk.card("> Is it fine?"), "I take it")
    assert (await desk.replies(desk.card("> Is it fine?"), "It is.")).answered == (1,)


async def test_staff_that_moved_are_named_what_waits_with_its_card(tmp_path: Path) -> None:
    before = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    await before.asks("Is it fine?")
    await before.asks("And on Sundays?")
    await before.close()
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "telegram", now=before.now).open()
    await desk.passes(31)
    await desk.passes(31)
    assert pings(desk) == 2
    assert (await desk.replies(desk.card("> Is it fine?"), "Always.")).answered == (1, 2)
    await desk.close()


# Nobody takes it


@BOTH
async def test_a_question_that_nobody_takes_is_named_again_to_the_next_on_call(
    tmp_path: Path, channel: str
) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", channel, PING).open()
    await desk.asks("Is it fine?")
    await desk.passes(29)
    assert len(desk.shown()) == 1
    await desk.passes(1)
    await desk.close()
    again = QuestionDesk(tmp_path / "frontdesk.db", channel, PING, now=desk.now, rows=desk.rows)
    await again.open()
    for _ in range(8):
        await again.passes(30)
    pings = [row for row in again.rows if "still waits" in row.body]
    called = [
        next(who for who in ("901", "902", "") if who in row.body.partition("plain")[0])
        for row in pings
    ]
    assert called == ["901", "902", "901", "902"]
    assert again.sql("SELECT ping_at FROM question_cards") == [("",)]
    await again.close()


@BOTH
async def test_what_somebody_has_is_not_named_again_before_they_had_their_time(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Is it fine?")
    await desk.passes(20)
    await desk.taps(desk.card("Question 1:"), "I take it")
    await desk.passes(15)
    assert not any("still waits" in shown.text for shown in desk.shown())
    await desk.passes(20)
    assert sum("still waits" in shown.text for shown in desk.shown()) == 1
    await desk.replies(desk.card("wants a person"), "Yes.")
    await desk.passes(600)
    assert sum("still waits" in shown.text for shown in desk.shown()) == 1


def pings(desk: QuestionDesk) -> int:
    return sum("still waits" in shown.text for shown in desk.shown())


@BOTH
async def test_a_part_that_still_waits_is_named_again(desk: QuestionDesk) -> None:
    await desk.asks("Do I need audited accounts?")
    desk.now += timedelta(minutes=7)
    await desk.asks("And on Sundays?")
    card = desk.card("Question 1:")
    await desk.taps(card, next(label for label in card.labels if label.startswith("Send: ")))
    assert desk.sql("SELECT id FROM escalations WHERE answered_at = ''") == [(2,)]
    await desk.passes(31)
    assert pings(desk) == 1
    assert "since 2026-11-22 18:07 UTC" in desk.card("still waits").text
    await desk.replies(desk.card("for question 1"), "Not on Sundays.")
    await desk.passes(600)
    assert pings(desk) == 1


@BOTH
async def test_what_was_named_often_enough_is_named_again_once_more_is_asked(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Is it fine?")
    for _ in range(9):
        await desk.passes(30)
    assert pings(desk) == 3
    await desk.asks("And on Sundays?")
    await desk.passes(30)
    assert pings(desk) == 4


@BOTH
@pytest.mark.parametrize("lets_go", [True, False])
async def test_what_somebody_had_and_left_is_named_again(desk: QuestionDesk, lets_go: bool) -> None:
    await desk.asks("Is it fine?")
    for _ in range(9):
        await desk.passes(30)
    await desk.taps(desk.card("Question 1:"), "I take it")
    if lets_go:
        await desk.taps(desk.card("Question 1:"), "Release")
    await desk.passes(29)
    assert pings(desk) == 3
    await desk.passes(1)
    assert pings(desk) == 4


async def test_talk_of_staff_about_a_question_reaches_nobody(tmp_path: Path) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "telegram", PING).open()
    await desk.asks("Do you sponsor football teams?", "7")
    await desk.asks("do you sponsor football teams", "8")
    await desk.passes(30)
    await desk.taps(desk.card("Question 2:"), "I take it", by=0)
    await desk.taps(desk.card("Question 2:"), "Take over", by=1)
    await desk.replies(desk.card("Question 1:"), "No, we do not.", by=2)
    await desk.taps(desk.card("Question 1:"), "Answer the 1 like it")
    before = {person: len(desk.heard(person)) for person in "78"}
    only_told = (
        "Question 2 still waits",  # "in a minute"
        "has taken over question 2",  # "thanks"
        "Question 2 waits too",
        "Send them the same answer?",  # "yes, do"
    )
    for words in only_told:
        told = await desk.replies(desk.card(words), "In a minute.", by=1)
        assert told.note.startswith("That message only tells staff something")
    assert {person: len(desk.heard(person)) for person in "78"} == before
    assert (await desk.replies(desk.card("Question 2:"), "Never.", by=1)).answered == (2,)
    await desk.close()


async def test_no_minutes_is_never(tmp_path: Path) -> None:
    rules = DeskRules(ping=timedelta())
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "slack", rules).open()
    await desk.asks("Is it fine?")
    await desk.passes(60 * 24 * 7)
    assert len(desk.shown()) == 1
    await desk.close()


# Lines of the thread


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[QuestionDesk]:
    one = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    yield one
    await one.close()


async def test_a_line_is_sent_as_it_stands_when_its_button_is_tapped(slack: QuestionDesk) -> None:
    await slack.asks("Is it fine?")
    card = slack.card("Question 1:")
    await slack.notes(card, "It is.", "m1")
    await slack.notes(card, "It is not.", "m1", "edited")
    offer = slack.card("Internal so far")
    assert "It is not." in offer.text
    before = len(slack.heard())
    done = await slack.taps(offer, "Send to applicant", by=1)
    assert done.answered == (1,)
    assert len(slack.heard()) == before + 1
    assert "It is not." in slack.heard()[-1]
    assert "Answered by Eli" in slack.card("Question 1:").text
    assert slack.card("Sent to the applicant").labels == []


async def test_a_line_that_was_taken_back_cannot_be_sent(slack: QuestionDesk) -> None:
    await slack.asks("Is it fine?")
    card = slack.card("Question 1:")
    await slack.notes(card, "It is.", "m1")
    offer = slack.card("Internal so far")
    await slack.notes(card, "", "m1", "deleted")
    before = len(slack.heard())
    done = await slack.taps(offer, "Send to applicant")
    assert done.note == "That line was taken back, so nothing was sent."
    assert len(slack.heard()) == before
    assert "taken back" in slack.card("This line was").text


@pytest.mark.parametrize(("text", "kind"), [("It is not.", "edited"), ("", "deleted")])
async def test_an_offer_that_was_sent_late_shows_the_line_as_it_is(
    slack: QuestionDesk, text: str, kind: str
) -> None:
    await slack.asks("Is it fine?")
    card = slack.card("Question 1:")
    slack.stalls = True
    await slack.notes(card, "It is.", "m1")
    await slack.notes(card, text, "m1", kind)
    slack.stalls = False
    await slack.deliver()
    assert not any("> It is.\n" in f"{shown.text}\n" for shown in slack.shown()[1:])
    offer = slack.card(text) if text else slack.card("This line was taken back")
    assert offer.labels == (["Send to applicant"] if text else [])


async def test_a_line_elsewhere_is_offered_nowhere(slack: QuestionDesk) -> None:
    await slack.asks("Is it fine?")
    card = slack.card("Question 1:")
    await slack.replies(card, "It is.")
    await slack.notes(card, "Good, then.", "m1")
    assert len(slack.shown()) == 1
    assert slack.sql("SELECT count(*) FROM staff_notes") == [(0,)]


async def test_an_erase_takes_lines_and_cards_with_it(slack: QuestionDesk) -> None:
    await slack.asks("Is it fine?")
    await slack.notes(slack.card("Question 1:"), "It is.", "m1")
    await slack.taps(slack.card("Question 1:"), "I take it")
    assert await slack.door.erase(1)
    await slack.deliver()
    for table in ("escalations", "question_cards", "staff_notes"):
        assert slack.sql(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - ours
    gone = "SELECT count(*) FROM outbox WHERE kind = 'delete'"
    assert slack.sql(gone) == [(2,)]  # the card, and the offer under it


# The same asked by others


@BOTH
async def test_others_that_ask_the_same_are_shown_and_then_answered_with_one_tap(
    desk: QuestionDesk,
) -> None:
    await desk.asks("Do you sponsor football teams?", "7")
    await desk.asks("do you sponsor football teams", "8")
    await desk.asks("Do you sponsor a football team?", "9")
    await desk.replies(desk.card("Question 1:"), "No, we do not.")
    card = desk.card("Question 1:")
    label = next(label for label in card.labels if "like it" in label)
    assert label == "Answer the 2 like it"
    before = {person: len(desk.heard(person)) for person in "789"}
    await desk.taps(card, label)
    shown = desk.card("Send them the same answer?")
    assert "do you sponsor football teams" in desk.card("Question 2 waits too").text
    assert {person: len(desk.heard(person)) for person in "789"} == before
    done = await desk.taps(shown, "Send to all 2", by=1)
    assert done.answered == (2, 3)
    assert done.note == "Passed on to 2 applicants."
    assert "do you sponsor football teams\n" in desk.heard("8")[-1]
    assert "a football team?" in desk.heard("9")[-1]
    assert len(desk.heard("7")) == before["7"]
    again = await desk.taps(shown, "Send to all 2", by=1)
    assert again.note.startswith("This question was answered already")


@BOTH
async def test_of_those_like_it_only_what_another_has_is_left_out(desk: QuestionDesk) -> None:
    await desk.asks("Do you sponsor football teams?", "7")
    await desk.asks("do you sponsor football teams", "8")
    await desk.asks("Do you sponsor a football team?", "9")
    await desk.replies(desk.card("Question 1:"), "No, we do not.")
    await desk.taps(desk.card("Question 1:"), "Answer the 2 like it")
    shown = desk.card("Send them the same answer?")
    await desk.taps(desk.card("Question 2:"), "I take it", by=2)
    before = len(desk.heard("8"))
    done = await desk.taps(shown, "Send to all 2", by=1)
    assert done.answered == (3,)
    assert done.note == "Passed on, 1 in all. Answered or taken by somebody, so not sent: 2."
    assert len(desk.heard("8")) == before
    assert "No, we do not." in desk.heard("9")[-1]
    held = await desk.taps(shown, "Send to all 2", by=1)
    assert held.note.startswith("Farah has it")
    assert (await desk.taps(shown, "Send to all 2", by=2)).answered == (2,)


@BOTH
async def test_one_answer_opens_each_field_again_that_waited_for_it(desk: QuestionDesk) -> None:
    for text in ("apply", "skip the check", "I agree"):
        await desk.says(text, "8")
    await desk.asks("Do you sponsor football teams?", "8")  # about the kind of organisation
    await desk.asks("do you sponsor football teams", "8")  # about the legal name
    await desk.asks("Do you sponsor a football team?", "7")
    assert await waiting_fields(desk) == ["kind", "legal_name"]
    await desk.replies(desk.card("Question 3:"), "No, we do not.")
    await desk.taps(desk.card("Question 3:"), "Answer the 2 like it")
    done = await desk.taps(desk.card("Send them the same answer?"), "Send to all 2")
    assert done.answered == (1, 2)
    assert done.note == "Passed on to the applicant."
    assert await waiting_fields(desk) == []


async def waiting_fields(desk: QuestionDesk) -> list[str]:
    """Of who asked first: what is open at staff."""
    row = await desk.store.run(lambda tx: tx.conversation(1))
    draft = State.from_json(row.state).draft if row is not None else None
    return [p for p, slot in draft.slots.items() if isinstance(slot, Parked)] if draft else []


@BOTH
async def test_what_one_told_about_themselves_goes_to_nobody_else(desk: QuestionDesk) -> None:
    for text in ("apply", "skip the check", "I agree", "Service business", "Lakeside Care Ltd"):
        await desk.says(text)
    await desk.asks("Do you sponsor football teams?", "7")
    await desk.asks("Do you sponsor football teams?", "8")
    await desk.replies(desk.card("Question 1:"), "No, not Lakeside Care Ltd either.")
    card = desk.card("Question 1:")
    await desk.taps(card, "Answer the 1 like it")
    refused = await desk.taps(desk.card("the same answer?"), "Send to all 1")
    assert "Lakeside Care Ltd" in refused.note
    assert not any("either" in line for line in desk.heard("8"))


# Who may


@BOTH
async def test_who_may_not_answer_does_nothing_with_any_button_or_reply(
    tmp_path: Path, channel: str
) -> None:
    desk = QuestionDesk(tmp_path / "frontdesk.db", channel)
    desk.roles = Roles(frozenset({"review", "export", "admin"}))
    await desk.open()
    await desk.asks("Do I need audited accounts?")
    before = len(desk.rows)
    card = desk.card("Question 1:")
    for label in card.labels:
        if label != "Answer":
            assert (await desk.taps(card, label)).note.startswith("You are not among those who an")
    refused = await desk.replies(card, "It is.")
    assert refused.note.startswith("You are not among those who answer")
    assert desk.sql("SELECT count(*) FROM escalations WHERE answered_at <> ''") == [(0,)]
    assert len(desk.rows) - before == (1 if channel == "telegram" else 0)
    await desk.close()


@BOTH
@pytest.mark.parametrize("verb", sorted(QUESTION_DEEDS))
async def test_a_forged_button_does_nothing(desk: QuestionDesk, verb: str) -> None:
    assert verb in DEEDS
    await desk.asks("Is it fine?")
    card = desk.card("Question 1:")
    before = len(desk.rows)
    applicants = next(row.id for row in desk.rows if row.chat == "7")
    for button in ((applicants, 0), (10**6, 0), (card.row, 90), None):
        told = await desk.taps(card, card.labels[0], button=button)
        assert told.note.startswith("That button is from an earlier card")
    elsewhere: tuple[dict[str, Any], ...] = (
        {"chat": "C0OTHER"},
        {"chat": "7"},
        {"channel": "terminal"},
    )
    for where in elsewhere:
        told = await desk.taps(card, "I take it", **where)
        assert told.note == "Only members of the staff chat can do that."
    assert len(desk.rows) == before


@BOTH
async def test_a_button_tapped_twice_does_it_once(desk: QuestionDesk) -> None:
    await desk.asks("Do I need audited accounts?")
    card = desk.card("Question 1:")
    label = next(label for label in card.labels if label.startswith("Send: "))
    first = await desk.taps(card, label, key="twice")
    heard = len(desk.heard())
    assert first.answered
    assert (await desk.taps(card, label, key="twice")).duplicate
    assert len(desk.heard()) == heard


# The list


@BOTH
async def test_the_list_has_what_waits_the_oldest_first_and_who_has_it(desk: QuestionDesk) -> None:
    await desk.asks("Is it fine?", "7")
    desk.now += timedelta(minutes=5)
    await desk.asks("And on Sundays?", "8")
    await desk.taps(desk.card("Question 2:"), "I take it", by=2)
    line = StaffLine(
        desk.channel, "l1", "-1001" if desk.channel == "telegram" else "C0STAFF", "1", "5", "",
        "Questions?",
    )  # fmt: skip
    await desk.door.handle(line)
    await desk.deliver()
    text = desk.card("Open questions: 2").text
    assert text.index("Question 1, since 2026-11-22 18:00") < text.index("Question 2, since")
    assert text.endswith("Farah has it until 18:35.")
    assert "Sundays" not in text  # it stands on the card, which is erased with who asked


@BOTH
@pytest.mark.parametrize("whole", [True, False])
async def test_what_shows_another_s_question_is_erased_with_that_person(
    desk: QuestionDesk, whole: bool
) -> None:
    await desk.asks("Do you sponsor football teams?", "7")
    await desk.asks("do you sponsor the football teams", "8")
    await desk.replies(desk.card("Question 1:"), "No, we do not.")
    await desk.taps(desk.card("Question 1:"), "Answer the 1 like it")
    if whole:
        assert await desk.door.erase(2)
    else:  # what was said since a time
        since, at = "2026-11-01", "2026-12-01"
        await desk.store.run(lambda tx: tx.forget_since(2, since, "retention", at))
    left = "SELECT count(*) FROM outbox WHERE body LIKE '%sponsor the football%'"
    assert desk.sql(left) == [(0,)]
    assert desk.sql("SELECT count(*) FROM outbox WHERE kind = 'delete'") == [(2,)]


@BOTH
async def test_the_command_line_shows_who_has_taken_a_question(
    desk: QuestionDesk, tmp_path: Path
) -> None:
    desk.now = datetime.now(UTC)
    await desk.asks("Do you open on Sundays?")
    await desk.asks("And on Mondays?", "8")
    await desk.taps(desk.card("Question 1:"), "I take it", by=1)
    listed = good(await asyncio.to_thread(frontdesk, tmp_path, "questions")).splitlines()[1:]
    until = f"{desk.now + desk.rules.claim:%H:%M}"
    assert [row.split("\t")[3] for row in listed] == [f"Eli until {until}", ""]
