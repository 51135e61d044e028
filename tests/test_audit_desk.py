"""Every act of staff in their chat leaves one row that says who did it, as the platform knows them.

The deeds are read from their table: one that is new has to stand here, with its row or with None.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import review_drafts
from bot.clock import stamp
from bot.messages import Receipt, StaffLine
from bot.review_replies import REPLIES
from bot.staff_lines import LINES
from bot.taps import DEEDS
from tests.applications import STRAIGHT
from tests.questioning import PEOPLE, STAFF, QuestionDesk

QUESTION = "Would you sponsor my team FC Lakeside?"
WORDED = {"question": "Does the program sponsor teams?", "title": "Sponsoring", "facts": "B1"}
BY_REPLY = "Question: Does the program sponsor teams?\nTitle: Sponsoring\nFacts: B1"

Does = Callable[[QuestionDesk], Awaitable[object]]
_keys = itertools.count(1)


def reference(desk: QuestionDesk, number: int = 0) -> str:
    rows = desk.sql("SELECT reference FROM records ORDER BY submitted_at, reference")
    return str(rows[number][0])


def tap(words: str, label: str, by: int = 0) -> Does:
    """On the newest message in the staff chat with these words and this button."""

    async def does(desk: QuestionDesk) -> Receipt:
        shown = [one for one in desk.shown() if words in one.text and label in one.labels]
        return await desk.taps(shown[-1], label, by)

    return does


def reply(words: str, text: str) -> Does:
    async def does(desk: QuestionDesk) -> Receipt:
        return await desk.replies([one for one in desk.shown() if words in one.text][-1], text)

    return does


def form(words: str, label: str, **values: str) -> Does:
    """Tap a button, fill its form and send it."""

    async def does(desk: QuestionDesk) -> Receipt:
        opened = await tap(words, label)(desk)
        assert isinstance(opened, Receipt)
        return await desk.fills(opened, values)

    return does


def line(text: str) -> Does:
    """Said to the bot. ``{0}``: the reference of the application."""

    async def does(desk: QuestionDesk) -> None:
        said = text.format(reference(desk)) if "{0}" in text else text
        chat, by = STAFF[desk.channel], PEOPLE[desk.channel][0]
        key, at = f"{desk.channel}:line:{next(_keys)}", stamp(desk.now)
        await desk.door.handle(StaffLine(desk.channel, key, chat, by, key, at, said))
        await desk.deliver()

    return does


def all_of(*steps: Does) -> Does:
    async def does(desk: QuestionDesk) -> None:
        for step in steps:
            await step(desk)

    return does


async def asked(desk: QuestionDesk) -> None:
    await desk.asks(QUESTION)


async def asked_by_two(desk: QuestionDesk) -> None:
    await desk.asks(QUESTION, "7")
    await desk.asks(QUESTION, "8")
    await reply("Question 1:", "It sponsors nobody.")(desk)


async def asked_what_is_known(desk: QuestionDesk) -> None:
    """The card has articles to send."""
    await desk.asks("how much is the credit line?")


async def noted(desk: QuestionDesk) -> None:
    await asked(desk)
    await desk.notes(desk.card("Question 1:"), "It sponsors nobody.", "77.1")


async def taught(desk: QuestionDesk) -> None:
    await asked(desk)
    await reply("Question 1:", "It sponsors nobody.")(desk)
    await tap("Question 1:", "Teach the bot", 1)(desk)


async def applied(desk: QuestionDesk) -> None:
    for said in STRAIGHT:
        await desk.says(said)


async def applied_twice(desk: QuestionDesk) -> None:
    await applied(desk)
    desk.now = desk.now.replace(hour=19)
    for said in STRAIGHT:
        await desk.says(said, "8")


async def sends_article(desk: QuestionDesk) -> None:
    card = desk.card("Question 1:")
    await desk.taps(card, next(one for one in card.labels if one.startswith("Send: ")))


TAKEN = all_of(applied, tap("New application", "Take it"))
PICKED = all_of(
    TAKEN,
    tap("New application", "Ask for more"),
    tap("Tap the answers", "[ ] Business e-mail"),
)
WRITING = all_of(PICKED, tap("Tap the answers", "Write the reasons"))
WRITTEN = all_of(WRITING, reply("the reason for asking about", "It bounces."))
DECLINING = all_of(TAKEN, tap("New application", "Decline"))

Row = tuple[str, str, tuple[str, ...]]
"""action, subject, fields; ``{0}``, ``{1}``: the references"""


@dataclass(frozen=True)
class Act:
    before: Does
    act: Does
    row: Row | None
    """None: it changes nothing but what is shown, or what its reviewer is writing"""
    channels: tuple[str, ...] = ("slack", "telegram")
    by: int = 0


SLACK, TELEGRAM = ("slack",), ("telegram",)
CLAIMED: Row = ("claimed", "question-1", ())

ACTS = {
    "question_take": Act(asked, tap("Question 1:", "I take it"), CLAIMED),
    "question_release": Act(
        all_of(asked, tap("Question 1:", "I take it")),
        tap("Question 1:", "Release"),
        ("released", "question-1", ()),
    ),
    "question_take_over": Act(
        all_of(asked, tap("Question 1:", "I take it")),
        tap("Question 1:", "Take over", 1),
        CLAIMED,
        by=1,
    ),
    "question_send": Act(asked_what_is_known, sends_article, ("answered", "question-1", ())),
    "question_note": Act(
        noted, tap("Internal so far", "Send to applicant"), ("answered", "question-1", ()), SLACK
    ),
    "question_like": Act(asked_by_two, tap("Question 1:", "Answer the 1 like it"), None),
    "question_like_all": Act(
        all_of(asked_by_two, tap("Question 1:", "Answer the 1 like it")),
        tap("Send them the same answer", "Send to all 1"),
        ("answered", "question-2", ()),
    ),
    "question_teach": Act(
        all_of(asked, reply("Question 1:", "It sponsors nobody.")),
        tap("Question 1:", "Teach the bot"),
        ("taught", "candidate-1", ("question-1",)),
    ),
    "lesson_approve": Act(
        taught, form("May the bot", "Approve", **WORDED), ("approved", "candidate-1", ()), SLACK
    ),
    "lesson_dismiss": Act(taught, tap("May the bot", "Dismiss"), ("dismissed", "candidate-1", ())),
    "lesson_not_covered": Act(
        taught, tap("May the bot", "Not covered"), ("not_covered", "candidate-1", ())
    ),
    "review:claim": Act(applied, tap("New application", "Take it"), ("claimed", "{0}", ())),
    "review:release": Act(TAKEN, tap("New application", "Release"), ("released", "{0}", ())),
    "review:request": Act(
        TAKEN,
        form("New application", "Ask for more", email="It bounces."),
        ("asked", "{0}", ("email",)),
        SLACK,
    ),
    "review:approve": Act(
        TAKEN, form("New application", "Approve"), ("approved", "{0}", ()), SLACK
    ),
    "review:decline": Act(
        TAKEN, form("New application", "Decline"), ("declined", "{0}", ()), SLACK
    ),
    "review:decide": Act(
        DECLINING, tap("Decline FD-", "Without comment"), ("declined", "{0}", ()), TELEGRAM
    ),
    "review:cancel": Act(DECLINING, tap("Decline FD-", "Cancel"), None, TELEGRAM),
    "review:whole": Act(
        all_of(applied, lambda desk: desk.says("hello", PEOPLE[desk.channel][0])),
        tap("New application", "Whole application"),
        ("saw", "{0}", ()),
    ),
    "review:distinct": Act(
        applied_twice,
        tap("May be the same", "Not a duplicate"),
        ("distinguished", "{1}", ("{0}",)),
    ),
    "review:pick": Act(PICKED, tap("Tap the answers", "[ ] Website"), None, TELEGRAM),
    "review:fields": Act(
        all_of(TAKEN, tap("New application", "Ask for more")),
        tap("Tap the answers", "More answers"),
        None,
        TELEGRAM,
    ),
    "review:write": Act(PICKED, tap("Tap the answers", "Write the reasons"), None, TELEGRAM),
    "review:send": Act(
        WRITTEN,
        tap("To the applicant of", "Send to the applicant"),
        ("asked", "{0}", ("email",)),
        TELEGRAM,
    ),
    "review:discard": Act(WRITTEN, tap("To the applicant of", "Discard"), None, TELEGRAM),
}

REPLIED = {
    "a question": Act(
        asked, reply("Question 1:", "It sponsors nobody."), ("answered", "question-1", ())
    ),
    "lesson": Act(
        taught, reply("May the bot", BY_REPLY), ("approved", "candidate-1", ()), TELEGRAM
    ),
    "reason": Act(WRITING, reply("the reason for asking about", "It bounces."), None, TELEGRAM),
    "decision": Act(
        DECLINING, reply("Decline FD-", "No shop yet."), ("declined", "{0}", ()), TELEGRAM
    ),
    "over": Act(
        all_of(DECLINING, tap("Decline FD-", "Cancel")),
        reply("Not decided", "No shop yet."),
        None,
        TELEGRAM,
    ),
}

SAID = {
    "queue": Act(applied, line("queue"), ("saw", "queue", ())),
    "show": Act(applied, line("show {0}"), ("saw", "{0}", ())),
    "questions": Act(asked, line("questions"), ("saw", "questions", ())),
    "export": Act(applied, line("export csv"), ("exported", "csv", ())),
    "stats": Act(applied, line("stats"), ("exported", "funnel", ())),
    "nothing": Act(applied, line("queue up, please"), None),
    "show nothing": Act(applied, line("show FD-2222-2222"), None),
}

ALL = {
    **ACTS,
    **{f"reply: {name}": act for name, act in REPLIED.items()},
    **{f"line: {name}": act for name, act in SAID.items()},
}


def rows(desk: QuestionDesk) -> list[tuple[Any, ...]]:
    return desk.sql("SELECT actor, action, subject, fields FROM audit ORDER BY number")


def test_every_deed_reply_and_line_of_the_desk_stands_here() -> None:
    assert set(ACTS) == set(DEEDS)
    assert set(REPLIES) <= set(REPLIED)
    assert set(LINES) <= set(SAID)


@pytest.mark.parametrize(
    ("name", "channel"), [(name, channel) for name, act in ALL.items() for channel in act.channels]
)
async def test_each_act_of_the_desk_leaves_one_row_by_who_did_it(
    tmp_path: Path, name: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "review:fields":  # an application of two pages
        monkeypatch.setattr(review_drafts, "PAGE", 5)
    desk = await QuestionDesk(tmp_path / "frontdesk.db", channel).open()
    try:
        act = ALL[name]
        await act.before(desk)
        before = rows(desk)
        await act.act(desk)
        new = rows(desk)[len(before) :]
    finally:
        await desk.close()
    if act.row is None:
        assert new == []
        return
    action, subject, fields = act.row
    named = [reference(desk, n) for n in range(len(desk.sql("SELECT 1 FROM records")))]
    actor = f"{channel}:{PEOPLE[channel][act.by]}"
    wanted = [one.format(*named) for one in (subject, *fields)]
    assert new == [(actor, action, wanted[0], json.dumps(wanted[1:]))]
