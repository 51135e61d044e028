"""What is kept of staff answers that may become articles, and what an erase takes out of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store, Transaction
from bot.store.rows import CandidateRow
from tests.test_store import STORES, T0, T1, T2
from tests.test_store_erase import assert_gone

WAITING = CandidateRow(0, "answer", "waiting", "en", "", "")


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


@dataclass(frozen=True, slots=True)
class Asked:
    conversation: int
    escalation: int


def asks(tx: Transaction, person: str, question: str, answer: str, at: str = T1) -> Asked:
    conversation = tx.open_conversation("telegram", person, person, "", T0).id
    escalation = tx.add_escalation(conversation, "question", question, "", "", at)
    if answer:
        tx.answer_escalation(escalation, answer, "U1", T1)
    return Asked(conversation, escalation)


def two_ask(tx: Transaction, **more: Any) -> tuple[int, Asked, Asked]:
    """Ann's words are the candidate's; Bob asked the same. -> the candidate, Ann, Bob"""
    ann = asks(tx, "ann", "Ann's question", "For Ann")
    bob = asks(tx, "bob", "Bob's\nquestion", "For Bob")
    row = replace(WAITING, question="Ann's question", answer="For Ann", title="Ann's title", **more)
    id_ = tx.learning.add_candidate(row)
    tx.learning.add_source(id_, ann.escalation)
    tx.learning.add_source(id_, bob.escalation)
    return id_, ann, bob


async def candidate(store: Store, id_: int) -> CandidateRow | None:
    return await store.read(lambda reports: reports.learning.candidate(id_))


class TestCandidates:
    async def test_each_who_asked_is_counted_once(self, store: Store) -> None:
        id_, ann, bob = await store.run(two_ask)
        assert not await store.run(lambda tx: tx.learning.add_source(id_, bob.escalation))
        row = await candidate(store, id_)
        assert row is not None
        assert row.asked == 2
        sources = await store.read(lambda reports: reports.learning.sources(id_))
        assert [source.id for source in sources] == [ann.escalation, bob.escalation]
        assert await store.read(lambda r: r.learning.taught(bob.escalation)) == row
        assert await store.read(lambda r: r.learning.taught(404)) is None

    async def test_of_two_decisions_the_first_counts(self, store: Store) -> None:
        id_, _, _ = await store.run(two_ask)
        row = await candidate(store, id_)
        assert row is not None
        one, other = replace(row, state="approved"), replace(row, state="dismissed")
        assert await store.run(lambda tx: tx.learning.save_candidate(one, "waiting"))
        assert not await store.run(lambda tx: tx.learning.save_candidate(other, "waiting"))
        assert await candidate(store, id_) == one

    async def test_the_revision_moves_with_what_is_in_force_and_with_nothing_else(
        self, store: Store
    ) -> None:
        async def revision() -> int:
            return await store.read(lambda reports: reports.learning.revision())

        assert await revision() == 0
        id_, _, _ = await store.run(two_ask)
        row = await candidate(store, id_)
        assert row is not None
        edited = replace(row, question="a kiosk?", worded=1)
        await store.run(lambda tx: tx.learning.save_candidate(edited, "waiting"))
        assert await revision() == 0
        approved = replace(edited, state="approved")
        await store.run(lambda tx: tx.learning.save_candidate(approved, "waiting"))
        assert await revision() == 1
        withdrawn = replace(edited, state="dismissed")
        await store.run(lambda tx: tx.learning.save_candidate(withdrawn, "approved"))
        assert await revision() == 2
        assert [
            row.id for row in await store.read(lambda r: r.learning.candidates("waiting"))
        ] == []

    async def test_questions_that_got_the_very_same_answer(self, store: Store) -> None:
        one = await store.run(lambda tx: asks(tx, "ann", "a?", "Yes."))
        await store.run(lambda tx: asks(tx, "bob", "b?", "Yes!"))
        await store.run(lambda tx: asks(tx, "cid", "c?", ""))
        found = await store.read(lambda reports: reports.learning.answered_with("Yes."))
        assert [row.id for row in found] == [one.escalation]


class TestErasing:
    async def test_a_waiting_one_takes_the_words_of_who_asked_it_too(self, store: Store) -> None:
        id_, ann, bob = await store.run(two_ask)
        await store.run(lambda tx: tx.forget(ann.conversation, [], "staff", T2))
        row = await candidate(store, id_)
        assert row is not None
        assert (row.question, row.answer, row.title) == ("Bob's question", "For Bob", "")
        assert row.asked == 2, "a number is nobody's words"
        await store.run(lambda tx: tx.forget(bob.conversation, [], "staff", T2))
        assert await candidate(store, id_) is None

    async def test_one_that_merely_asked_it_too_takes_nothing_along(self, store: Store) -> None:
        id_, _, bob = await store.run(two_ask)
        before = await candidate(store, id_)
        await store.run(lambda tx: tx.forget(bob.conversation, [], "staff", T2))
        assert await candidate(store, id_) == before

    @pytest.mark.parametrize(
        ("fields", "stays"),
        [
            ({"state": "waiting"}, False),
            ({"state": "waiting", "worded": 1}, False),
            ({"state": "approved", "worded": 1}, True),
            ({"state": "dismissed"}, False),
            ({"state": "dismissed", "worded": 1}, True),
            ({"kind": "not_covered", "state": "approved"}, False),
            ({"kind": "not_covered", "state": "approved", "worded": 1}, True),
        ],
    )
    async def test_what_a_person_put_in_general_words_and_decided_stays(
        self, store: Store, fields: dict[str, Any], stays: bool
    ) -> None:
        def make(tx: Transaction) -> tuple[int, int]:
            ann = asks(tx, "ann", "Ann's question", "For Ann")
            words: dict[str, Any] = {"question": "a question", "answer": "an answer"}
            id_ = tx.learning.add_candidate(replace(WAITING, **words, **fields))
            tx.learning.add_source(id_, ann.escalation)
            return id_, ann.conversation

        id_, conversation = await store.run(make)
        before = await store.read(lambda reports: reports.learning.revision())
        await store.run(lambda tx: tx.forget(conversation, [], "staff", T2))
        row = await candidate(store, id_)
        assert (row is not None) == stays
        if row is not None:
            dismissed = row.state == "dismissed"
            assert (row.question, row.answer) == ("a question", "" if dismissed else "an answer")
        after = await store.read(lambda reports: reports.learning.revision())
        gone_from_force = fields["state"] == "approved" and not stays
        assert (after > before) == gone_from_force

    async def test_erasing_since_a_time_takes_what_was_asked_since_alone(
        self, store: Store
    ) -> None:
        def make(tx: Transaction) -> tuple[int, int, int]:
            old = asks(tx, "ann", "old", "one", at=T0)
            new = asks(tx, "ann", "new", "two", at=T2)
            ids = []
            for asked, question in ((old, "old"), (new, "new")):
                row = replace(WAITING, question=question, answer="x")
                ids.append(tx.learning.add_candidate(row))
                tx.learning.add_source(ids[-1], asked.escalation)
            return ids[0], ids[1], old.conversation

        old, new, conversation = await store.run(make)
        await store.run(lambda tx: tx.forget_since(conversation, T1, "retention", T2))
        assert await candidate(store, old) is not None
        assert await candidate(store, new) is None

    async def test_no_byte_of_words_that_were_replaced_is_left(self, tmp_path: Path) -> None:
        store = await STORES["sqlite"](tmp_path)
        try:
            _, ann, _ = await store.run(lambda tx: two_ask(tx, button="Ann's button"))
            await store.run(lambda tx: tx.forget(ann.conversation, [], "staff", T2))
            await store.shrink()
            words = ("Ann's question", "For Ann", "Ann's title", "Ann's button")
            assert_gone(tmp_path / "frontdesk.db", words)
        finally:
            await store.close()
