"""One human answer resolves every waiting question that asks the same: shown first, each quoted
with its own question, each once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import StaffChat
from bot.likeness import Waiting, waiting_like
from bot.store.rows import EscalationRow
from tests.applications import STRAIGHT
from tests.test_desk import FAILED, GROUP, LATE, REFUSED, Desk, desk_of

ONE, OTHER = "can two firms share one shop?", "may two companies use the same shop together?"
FAR, BAHASA = "how much rent does a shop cost?", "apakah dua perusahaan boleh berbagi satu toko?"
ANSWER = "Each firm needs its own staff there."


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = await desk_of(tmp_path / "frontdesk.db", StaffChat("telegram", GROUP))
    yield one
    await one.store.close()


async def like(desk: Desk, id: int) -> list[Waiting]:
    escalation = await desk.store.run(lambda tx: tx.escalation(id))
    assert escalation is not None
    return list(await desk.store.read(lambda reports: waiting_like(reports, escalation)))


async def escalation(desk: Desk, id: int) -> EscalationRow:
    row = await desk.store.run(lambda tx: tx.escalation(id))
    assert row is not None
    return row


async def test_what_waits_and_asks_the_same_is_listed_with_no_word_about_the_person(
    desk: Desk,
) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    await desk.asks(FAR, "9")
    assert await like(desk, one) == [Waiting(other, "telegram", OTHER)]
    await desk.replies(ANSWER, escalation=other)
    assert await like(desk, one) == []


async def test_another_language_is_not_like_it(desk: Desk) -> None:
    await desk.says("bahasa indonesia", "8")
    await desk.says("bicara dengan orang", "8")
    await desk.says(BAHASA, "8")
    one = await desk.asks(BAHASA, "7")
    assert len(await desk.store.read(lambda r: list(r.questions()))) == 2
    assert await like(desk, one) == []


async def test_each_reads_the_answer_under_its_own_question(desk: Desk) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    receipt = await desk.replies(ANSWER, escalation=one, also=(other, other, one))
    assert receipt.answered == (one, other)
    assert receipt.note == "Passed on to 2 applicants."
    for person, question, foreign in (("7", ONE, OTHER), ("8", OTHER, ONE)):
        assert ANSWER in desk.heard(person)[-1]
        assert question in desk.heard(person)[-1]
        assert foreign not in desk.heard(person)[-1]
        assert sum(ANSWER in said for said in desk.heard(person)) == 1


async def test_the_same_reply_again_reaches_nobody_twice(desk: Desk) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    for _ in range(2):
        await desk.replies(ANSWER, escalation=one, also=(other,), key="telegram:1")
    receipt = await desk.replies("Something else.", escalation=one, also=(other,))
    assert (receipt.note, receipt.answered) == (LATE, ())
    for person in ("7", "8"):
        assert sum("Staff have answered" in said for said in desk.heard(person)) == 1


async def test_one_answered_meanwhile_is_skipped_and_named(desk: Desk) -> None:
    one, other, third = [await desk.asks(q, p) for q, p in ((ONE, "7"), (OTHER, "8"), (FAR, "9"))]
    await desk.replies("No, says the other desk.", escalation=one)
    receipt = await desk.replies(ANSWER, escalation=one, also=(other, third, 404))
    assert receipt.answered == (other, third)
    assert receipt.note == (
        f"Passed on, 2 in all. Answered or taken by somebody, so not sent: {one}, 404."
    )
    assert ANSWER not in "".join(desk.heard("7"))
    assert (await escalation(desk, one)).answer == "No, says the other desk."


async def test_one_that_cannot_be_taken_takes_all_back(desk: Desk) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    state = desk.poison("8")
    receipt = await desk.replies(ANSWER, escalation=one, also=(other,))
    assert (receipt.note, receipt.answered) == (FAILED, ())
    assert ANSWER not in "".join(desk.heard("7"))
    assert await desk.answered() == []
    (failure,) = await desk.failures()
    desk.mend(state, "8")
    assert await desk.door.retry(int(failure.id.removeprefix("turn-"))) is True
    assert await desk.answered() == [one, other]


async def test_what_one_applicant_told_goes_to_no_other(desk: Desk) -> None:
    for line in STRAIGHT[: STRAIGHT.index("Indonesia")]:
        await desk.says(line, "7")
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    receipt = await desk.replies("Dear Siti, yes.", escalation=one, also=(other,))
    assert (
        receipt.note == "One applicant told us Siti. Others may not read that, so nothing was sent."
    )
    assert await desk.answered() == []
    assert (await desk.replies("Dear Siti, yes.", escalation=one)).answered == (one,)


async def test_nobody_outside_the_staff_chat_answers_several(desk: Desk) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "8")
    receipt = await desk.replies(ANSWER, escalation=one, also=(other,), chat="-5")
    assert (receipt.note, receipt.answered) == (REFUSED, ())
    assert await desk.answered() == []


async def test_one_person_who_asked_twice_is_answered_twice(desk: Desk) -> None:
    one, other = await desk.asks(ONE, "7"), await desk.asks(OTHER, "7")
    receipt = await desk.replies(ANSWER, escalation=one, also=(other,))
    assert receipt.answered == (one, other)
    said = "\n".join(desk.heard("7")[-2:])
    assert ONE in said
    assert OTHER in said
