"""After an erase no byte of the person is left of all that the desk keeps and shows about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.applications import STRAIGHT
from tests.questioning import PEOPLE, QuestionDesk
from tests.test_store_erase import assert_gone, on_disk

THEIRS = {
    "PT Lembayung Servis": "PT Zuhalqi Servis",
    "Siti Rahma": "Wulandari Ekaputri",
    "Jl Kemang Raya 45, Jakarta Selatan 12730": "Jl Cempedak Hutan 45, Jakarta Selatan 12730",
    "021 7179 1234": "021 7654 3219",
    "service@lembayung.co.id": "meja@zuhalqi.co.id",
    "lembayung.co.id": "zuhalqi.co.id",
}
QUESTION, MORE = "Would you sponsor my team FC Qantara?", "We play in Xylosurf."
ANSWER, LINE, REASON = "It sponsors no Vellichor.", "They wrote from Brontide.", "Is it Petrichor?"
WORDS = (
    "Zuhalqi", "zuhalqi", "Wulandari", "Cempedak", "76543219", "Qantara", "Xylosurf", "Vellichor",
    "Brontide", "Petrichor",
)  # fmt: skip


async def everything_is_kept(desk: QuestionDesk) -> None:
    """An application, a question with what joined it, lines under its card, an answer, a
    candidate, a look at the whole application, and a request that is being written."""
    for said in STRAIGHT:
        await desk.says(THEIRS.get(said, said))
    await desk.asks(QUESTION)
    await desk.taps(desk.card("Question 1:"), "I take it")
    await desk.asks(MORE)
    if desk.channel == "slack":
        await desk.notes(desk.card("Question 1:"), LINE, "77.1")
    await desk.replies(desk.card("Question 1:"), ANSWER)
    await desk.taps(desk.card("Question 1:"), "Teach the bot")
    if desk.channel == "telegram":
        worded = "Question: Do you sponsor PT Zuhalqi Servis?\nTitle: Sponsoring\nFacts: B1"
        refused = await desk.replies(desk.card("May the bot"), worded)
        assert "Zuhalqi" in refused.note
    card = desk.card("New application")
    await desk.says("hello", PEOPLE[desk.channel][0])
    await desk.taps(card, "Whole application")
    await desk.taps(card, "Take it")
    asked = await desk.taps(desk.card("New application"), "Ask for more")
    if desk.channel == "slack":
        await desk.fills(asked, {"email": REASON})
        return
    pick = "Tap the answers to ask about"
    await desk.taps(desk.card(pick), "[ ] Business e-mail")
    await desk.taps(desk.card(pick), "Write the reasons")
    await desk.replies(desk.card("the reason for asking about"), REASON)


@pytest.mark.parametrize("channel", ["slack", "telegram"])
async def test_an_erase_leaves_no_byte_of_what_the_desk_has_of_a_person(
    tmp_path: Path, channel: str
) -> None:
    path = tmp_path / "frontdesk.db"
    desk = await QuestionDesk(path, channel).open()
    await everything_is_kept(desk)
    words = [word for word in WORDS if channel == "slack" or word != "Brontide"]
    kept = {word for found in on_disk(path, words).values() for word in found}
    assert kept == set(words), "the search must be able to find them"
    about = desk.sql(
        "SELECT message FROM outbox WHERE case_kind <> '' AND message <> '' AND conversation = 1"
    )
    await desk.says("delete my data")
    await desk.says("yes, delete it all")
    await desk.deliver()
    assert_gone(path, words)
    for table in ("question_cards", "staff_notes", "request_drafts", "marks", "candidates"):
        assert desk.sql(f"SELECT * FROM {table}") == [], table  # noqa: S608 - our own names
    deleted = desk.sql("SELECT body FROM outbox WHERE kind = 'delete'")
    assert len(deleted) >= len({message for (message,) in about}) > 3
    await desk.close()
    assert_gone(path, words, wal=False)
