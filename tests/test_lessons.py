"""The bot learns from an answer, inside the staff chat: candidate, approval, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.learned import learned
from bot.roles import Roles
from dialogs.lesson import Lesson, read_lesson
from dialogs.staff_lines import AskedFor, read_line
from tests.play import house
from tests.questioning import QuestionDesk

BOTH = pytest.mark.parametrize("channel", ["telegram", "slack"])
WORDED = {
    "question": "Does the program sponsor sports teams?\nCan my team get a sponsor?",
    "title": "Sponsoring",
    "facts": "B1",
}
BY_REPLY = """Question: Does the program sponsor sports teams?
Question: Can my team get a sponsor?
Title: Sponsoring
Facts: B1"""


@pytest.fixture
async def desk(tmp_path: Path, channel: str) -> AsyncIterator[QuestionDesk]:
    one = await QuestionDesk(tmp_path / "frontdesk.db", channel).open()
    yield one
    await one.close()


async def taught(
    desk: QuestionDesk,
    answer: str = "The program's page names no sponsoring.",
    asked: str = "Would you sponsor my team FC Lakeside?",
) -> None:
    """Up to the candidate's card."""
    await desk.asks(asked)
    await desk.replies(desk.card("Question 1:"), answer)
    await desk.taps(desk.card("Question 1:"), "Teach the bot", by=1)


@BOTH
async def test_an_answer_becomes_a_candidate_once(desk: QuestionDesk) -> None:
    await taught(desk)
    card = desk.card("May the bot learn this?")
    assert "FC Lakeside" in card.text
    assert card.labels == ["Approve", "Dismiss", "Not covered"]
    assert "Teach the bot" not in desk.card("Question 1:").labels
    assert desk.sql("SELECT kind, state, made_by FROM candidates") == [("answer", "waiting", "Eli")]


async def test_a_form_takes_its_general_words_and_the_bot_answers_with_it(tmp_path: Path) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    await taught(desk)
    opened = await desk.taps(desk.card("May the bot"), "Approve")
    assert opened.form is not None
    inputs = {one.name: one for one in opened.form.inputs}
    assert inputs["question"].value == ""
    assert dict(inputs["facts"].options)["B1"] == "B1: Time in operation"
    done = await desk.fills(opened, WORDED)
    assert done.note == "Approved: Sponsoring. It is in force within seconds."
    (article,) = (await desk.store.read(learned)).articles
    assert article.questions == tuple(WORDED["question"].split("\n"))
    assert article.passage == "The program's page names no sponsoring."
    card = desk.card("the bot was to learn")
    assert "Approved by Dana" in card.text
    assert card.labels == []
    await desk.close()


async def test_on_telegram_a_reply_to_its_card_has_its_words(tmp_path: Path) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "telegram").open()
    await taught(desk)
    card = desk.card("May the bot")
    assert (await desk.taps(card, "Approve")).note.startswith("Reply to the card")
    unread = await desk.replies(card, "yes, do it")
    assert "Question: ..." in unread.note
    for facts in ("", "Facts: Z9"):
        lines = BY_REPLY.replace("Facts: B1", facts)
        refused = (await desk.replies(card, lines)).note.split("\n")
        assert refused[0].startswith("Name the facts of the program")
        assert "B1: Time in operation" in refused
    done = await desk.replies(card, BY_REPLY)
    assert done.note.startswith("Approved: Sponsoring")
    assert len((await desk.store.read(learned)).articles) == 1
    assert "Approved by Dana" in desk.card("the bot was to learn").text
    await desk.close()


@pytest.mark.parametrize(
    ("changed", "place", "said"),
    [
        ({"question": "Would you sponsor FC-0AZZ-9999?\nFD-2222-2222"}, "question", "FD-2222-2222"),
        ({"question": "x" * 300}, "question", "200 characters"),
        ({"title": ""}, "title", "title of one line"),
        ({"title": "A title that is too long", "button": ""}, "button", "19 characters"),
        ({"facts": "Z9"}, "facts", "facts of the program"),
        ({"facts": ""}, "facts", "facts of the program"),
        ({"answer": "Call +44 113 496 0271."}, "answer", "+44 113 496 0271"),
        ({"answer": "You will be accepted."}, "answer", "no promise"),
        ({"answer": "long " * 200}, "answer", "600 characters"),
        ({"answer": "{program"}, "answer", "cannot be shown"),
    ],
)
async def test_what_the_rules_refuse_is_said_at_its_place_and_the_form_stays_open(
    tmp_path: Path, changed: dict[str, str], place: str, said: str
) -> None:
    desk = await QuestionDesk(tmp_path / "frontdesk.db", "slack").open()
    await taught(desk)
    opened = await desk.taps(desk.card("May the bot"), "Approve")
    refused = await desk.fills(opened, {**WORDED, **changed}, key="slack:V1")
    ((name, text),) = refused.faults
    assert (name, said in text) == (place, True), text
    assert (await desk.store.read(learned)).articles == ()
    done = await desk.fills(opened, WORDED, key="slack:V1")
    assert done.note.startswith("Approved")
    await desk.close()


@BOTH
async def test_what_is_decided_is_decided_once(desk: QuestionDesk) -> None:
    await taught(desk)
    card = desk.card("May the bot")
    assert (await desk.taps(card, "Dismiss", by=0)).note.startswith("Dismissed")
    for label in ("Not covered", "Dismiss", "Approve"):
        late = await desk.taps(card, label, by=1)
        assert late.note == "Candidate c1 was decided on by Dana. Nothing was changed."
    assert desk.sql("SELECT kind, state FROM candidates") == [("answer", "dismissed")]
    assert "Dismissed by Dana" in desk.card("the bot was to learn").text


@BOTH
async def test_a_question_is_said_to_be_not_covered(desk: QuestionDesk) -> None:
    await taught(desk)
    done = await desk.taps(desk.card("May the bot"), "Not covered")
    assert done.note == "The bot knows now that this is not covered."
    assert desk.sql("SELECT kind, state FROM candidates") == [("not_covered", "approved")]
    assert "Not covered, says Dana" in desk.card("the bot was to learn").text


@BOTH
@pytest.mark.parametrize(
    "asked",
    [" ".join(["Would you sponsor my team?"] * 9), "Would you sponsor my team@example.com?"],
)
async def test_what_no_card_can_word_names_the_command_that_can(
    desk: QuestionDesk, asked: str
) -> None:
    await taught(desk, asked=asked)
    refused = await desk.taps(desk.card("May the bot"), "Not covered")
    assert "frontdesk knowledge not-covered c1 --question" in refused.note
    assert len(refused.note) <= 200  # Telegram shows no more under a tap
    assert desk.sql("SELECT kind, state FROM candidates") == [("answer", "waiting")]


@BOTH
async def test_whoever_only_answers_decides_nothing_of_it(tmp_path: Path, channel: str) -> None:
    desk = QuestionDesk(tmp_path / "frontdesk.db", channel, roles=Roles(frozenset({"answer"})))
    await desk.open()
    await taught(desk)
    card = desk.card("May the bot")
    for label in card.labels:
        assert (await desk.taps(card, label)).note.startswith("You are not among those who decide")
    if channel == "telegram":
        assert (await desk.replies(card, BY_REPLY)).note.startswith("You are not among those who d")
    assert desk.sql("SELECT kind, state FROM candidates") == [("answer", "waiting")]
    await desk.close()


@BOTH
async def test_an_erase_takes_the_candidate_s_card_too(desk: QuestionDesk) -> None:
    await taught(desk)
    assert await desk.door.erase(1)
    assert desk.sql("SELECT count(*) FROM candidates") == [(0,)]
    left = "SELECT count(*) FROM outbox WHERE body LIKE '%FC Lakeside%'"
    assert desk.sql(left) == [(0,)]
    assert desk.sql("SELECT count(*) FROM outbox WHERE kind = 'delete'") == [(2,)]


def test_a_reply_s_lines_are_read_by_their_labels() -> None:
    words = house().script.wording.language("en").words
    read = read_lesson(
        "title: A b\nQUESTION:One?\nQuestion: Two?\nAnswer: Yes.\n\nNo: never.", words
    )
    assert read == Lesson(("One?", "Two?"), "A b", "", (), "Yes.\n\nNo: never.")
    assert read_lesson("Facts: B1, B2\nButton: Ab", words) == Lesson(
        facts=("B1", "B2"), button="Ab"
    )
    for nothing in ("", "yes", "I think: no", ":", "Title", "\n\n"):
        assert read_lesson(nothing, words) is None


def test_the_list_of_questions_is_asked_for_in_these_words_alone() -> None:
    words = house().script.wording.language("en").words
    for line in ("questions", "/questions", "Questions?", " open questions "):
        assert read_line(line, words) == AskedFor("questions")
    for line in ("", "no questions", "question", "export", "questions for you"):
        assert read_line(line, words) is None
