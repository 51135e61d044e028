"""What every store must do, whichever database does it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.reviews import carry_out
from bot.store import Store, Transaction
from bot.store.databases import open_store as open_database
from bot.store.rows import KEYBOARD, QUESTION, EscalationRow, NewOutbox, RecordExists, RecordRow
from bot.store.sqlite import open_store
from tests import postgres

T0 = "2026-03-01T10:00:00.000Z"
T1 = "2026-03-01T10:00:01.000Z"
T2 = "2026-03-01T10:00:02.000Z"
NEVER = "9999-01-01T00:00:00.000Z"


async def _sqlite(folder: Path) -> Store:
    return await open_store(folder / "frontdesk.db", serving=True)


async def _postgres(folder: Path) -> Store:
    return await open_database(postgres.database(postgres.fresh()), serving=True)


STORES: dict[str, Callable[[Path], Awaitable[Store]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgres,
}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


def ann(tx: Transaction) -> int:
    """The conversation of the applicant whom these tests speak with."""
    return tx.open_conversation("telegram", "ann", "chat-of-ann", "", T0).id


def message(chat: str, text: str = "hello", **more: object) -> NewOutbox:
    return NewOutbox("telegram", chat, json.dumps({"body": text}), **more)  # type: ignore[arg-type]  # fields by name


async def due_texts(store: Store, now: str = T2, limit: int = 100) -> list[tuple[str, str]]:
    rows = await store.run(lambda tx: tx.unsent(now, limit))
    return [(row.chat, json.loads(row.body)["body"]) for row in rows]


class TestTurns:
    async def test_an_event_is_taken_once(self, store: Store) -> None:
        first = await store.run(lambda tx: tx.add_event("telegram:1", ann(tx), "{}", T0, T0))
        again = await store.run(lambda tx: tx.add_event("telegram:1", ann(tx), "other", T0, T1))
        other = await store.run(lambda tx: tx.add_event("telegram:2", ann(tx), "{}", T0, T1))
        assert first is not None
        assert again is None
        assert other not in {None, first}

    async def test_a_person_has_one_conversation_that_remembers_where_they_are(
        self, store: Store
    ) -> None:
        made = await store.run(lambda tx: tx.open_conversation("slack", "U1", "D1", "", T0))
        moved = await store.run(lambda tx: tx.open_conversation("slack", "U1", "D1", "17.2", T1))
        other = await store.run(lambda tx: tx.open_conversation("telegram", "U1", "D1", "", T1))
        assert (made.state, made.version) == ("", 0)
        assert (moved.id, moved.thread) == (made.id, "17.2")
        assert other.id != made.id
        assert await store.run(lambda tx: tx.find_conversation("slack", "U1")) == moved
        assert await store.run(lambda tx: tx.conversation(made.id)) == moved
        assert await store.run(lambda tx: tx.find_conversation("slack", "U2")) is None
        assert await store.read(lambda reports: reports.conversations_of("slack", "U1")) == [moved]

    async def test_saving_a_state_counts_the_version_up(self, store: Store) -> None:
        id_ = await store.run(ann)
        for state in ("one", "two"):
            await store.run(lambda tx, state=state: tx.save_state(id_, state, T1))  # type: ignore[misc]  # bound early
        row = await store.run(lambda tx: tx.conversation(id_))
        assert row is not None
        assert (row.state, row.version) == ("two", 2)

    async def test_what_a_job_raises_undoes_that_job_alone(self, store: Store) -> None:
        def job(text: str, bad: bool = False) -> Callable[[Transaction], int]:
            def run(tx: Transaction) -> int:
                id_ = tx.post(message("a", text), T0)
                if bad:
                    raise LookupError(text)
                return id_

            return run

        async with asyncio.TaskGroup() as group:
            one = group.create_task(store.run(job("one")))
            two = group.create_task(_error_of(store.run(job("two", bad=True))))
            three = group.create_task(store.run(job("three")))
        assert isinstance(two.result(), LookupError)
        assert one.result() != three.result()
        assert sorted(await due_texts(store)) == [("a", "one"), ("a", "three")]

    async def test_a_job_that_raises_stop_iteration_is_heard(self, store: Store) -> None:
        def job(_: Transaction) -> None:
            next(iter(()))

        with pytest.raises(RuntimeError):
            await store.run(job)

    async def test_a_cancelled_caller_harms_nobody_else(self, store: Store) -> None:
        entered, leave = threading.Event(), threading.Event()

        def slow(tx: Transaction) -> None:
            entered.set()
            leave.wait(30)
            tx.set_meta("slow", "done")

        caller = asyncio.create_task(store.run(slow))
        assert await asyncio.to_thread(entered.wait, 30)
        caller.cancel()
        beside = asyncio.create_task(store.run(lambda tx: tx.set_meta("beside", "done")))
        await asyncio.sleep(0)
        leave.set()
        await beside
        assert caller.cancelled()
        assert await store.run(lambda tx: tx.get_meta("slow")) == "done"

    async def test_closing_finishes_what_is_queued(self, store: Store) -> None:
        keys = [str(n) for n in range(1000)]
        jobs = [asyncio.create_task(store.run(_setting(key))) for key in keys]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*jobs)

    async def test_its_own_writing_is_no_change(self, store: Store) -> None:
        await store.run(lambda tx: tx.set_meta("a", "1"))
        await store.changed()
        await store.run(lambda tx: tx.set_meta("a", "2"))
        assert not await store.changed()

    async def test_settings_are_kept(self, store: Store) -> None:
        assert await store.run(lambda tx: tx.get_meta("offset")) is None
        await store.run(lambda tx: tx.set_meta("offset", "1"))
        await store.run(lambda tx: tx.set_meta("offset", "2"))
        assert await store.run(lambda tx: tx.get_meta("offset")) == "2"


class TestButtons:
    async def test_a_button_means_what_its_row_says_in_its_own_chat(self, store: Store) -> None:
        choices = json.dumps([{"verb": "answer", "value": "ja"}, {"verb": "order"}])
        row = await store.run(lambda tx: tx.post(message("a", choices=choices), T0))

        async def meaning(row: int, index: int, channel: str, chat: str) -> object:
            found = await store.run(lambda tx: tx.choice(row, index, channel, chat))
            return None if found is None else json.loads(found)

        assert await meaning(row, 0, "telegram", "a") == {"verb": "answer", "value": "ja"}
        assert await meaning(row, 1, "telegram", "a") == {"verb": "order"}
        for stale in (
            (row, 2, "telegram", "a"),
            (row, -1, "telegram", "a"),
            (row, 0, "telegram", "b"),
            (row, 0, "slack", "a"),
            (row + 1, 0, "telegram", "a"),
            (2**63 - 1, 0, "telegram", "a"),
        ):
            assert await meaning(*stale) is None, stale

    async def test_a_row_number_is_never_used_twice(self, store: Store) -> None:
        def erase(tx: Transaction) -> int:
            last = tx.post(message("chat-of-ann", conversation=ann(tx)), T0)
            tx.forget(ann(tx), [], "staff", T1)
            return last

        last = await store.run(erase)
        assert await store.run(lambda tx: tx.post(message("b"), T1)) > last


class TestOutbox:
    async def test_each_chat_keeps_its_order_and_waits_for_its_first(self, store: Store) -> None:
        def fill(tx: Transaction) -> list[int]:
            return [
                tx.post(message(chat, text), T0)
                for chat, text in (("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"), ("c", "c1"))
            ]

        a1, b1, a2, _, _ = await store.run(fill)
        assert await due_texts(store) == [
            ("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"), ("c", "c1"),
        ]  # fmt: skip
        assert await due_texts(store, limit=2) == [("a", "a1"), ("b", "b1")]

        await store.run(lambda tx: tx.mark_later(a1, T2, "try again"))
        assert await due_texts(store, T1) == [("b", "b1"), ("b", "b2"), ("c", "c1")]
        (row, *_) = await store.run(lambda tx: tx.unsent(T2, 1))
        assert (row.id, row.attempts, row.due_at) == (a1, 1, T2)

        await store.run(lambda tx: tx.mark_sent(a1, "m1", T1))
        assert await due_texts(store, T1, limit=2) == [("b", "b1"), ("a", "a2")]
        # One that waits in the middle holds back what is behind it, not what is before.
        await store.run(lambda tx: tx.post(message("a", "a3"), T0))
        await store.run(lambda tx: tx.mark_later(a2, T2, "try again"))
        await store.run(lambda tx: tx.mark_sent(b1, "m2", T1))
        assert await due_texts(store, T1) == [("b", "b2"), ("c", "c1")]
        assert await store.read(lambda reports: reports.waiting()) == 4

    async def test_a_chat_is_one_channels(self, store: Store) -> None:
        first = await store.run(lambda tx: tx.post(message("a", "telegram's"), T0))
        await store.run(lambda tx: tx.post(NewOutbox("slack", "a", '{"body": "slack\'s"}'), T0))
        await store.run(lambda tx: tx.mark_later(first, NEVER, "try again"))
        assert await due_texts(store) == [("a", "slack's")]

    async def test_busy_chats_are_left_out_and_starve_nobody(self, store: Store) -> None:
        def fill(tx: Transaction) -> None:
            for n in range(50):
                tx.post(message("staff", f"card {n}"), T0)
            tx.post(message("ann", "hello"), T0)

        await store.run(fill)
        rows = await store.run(lambda tx: tx.unsent(T1, 10, {("telegram", "staff")}))
        assert [row.chat for row in rows] == ["ann"]

    async def test_a_dead_letter_blocks_nothing_and_can_be_sent_again(self, store: Store) -> None:
        dead = await store.run(lambda tx: tx.post(message("a", "a1"), T0))
        await store.run(lambda tx: tx.post(message("a", "a2"), T0))
        await store.run(lambda tx: tx.mark_later(dead, T0, "try again"))
        await store.run(lambda tx: tx.mark_dead(dead, "bot was blocked", T1))
        assert await due_texts(store) == [("a", "a2")]
        (failure,) = await store.read(lambda reports: reports.failures())
        assert (failure.id, failure.kind, failure.channel, failure.at, failure.error) == (
            f"send-{dead}", "send", "telegram", T1, "bot was blocked",
        )  # fmt: skip

        assert await store.run(lambda tx: tx.revive(dead, T1))
        assert not await store.run(lambda tx: tx.revive(dead, T1))
        assert await due_texts(store) == [("a", "a1"), ("a", "a2")]
        assert (await store.run(lambda tx: tx.unsent(T1, 1)))[0].attempts == 0
        assert await store.read(lambda reports: reports.failures()) == []

    async def test_a_later_prompt_takes_the_place_of_those_not_sent(self, store: Store) -> None:
        def turns(tx: Transaction) -> int:
            person = tx.open_conversation("telegram", "ann", "a", "", T0)
            id_ = person.id
            other = tx.open_conversation("telegram", "bob", "b", "", T0).id
            sent = tx.post(message("a", "sent", prompt=True, conversation=id_), T0)
            tx.mark_sent(sent, "m1", T0)
            old = tx.post(message("a", "old", prompt=True, conversation=id_), T0)
            tx.post(message("a", "answer", conversation=id_), T0)
            tx.post(message("b", "bob's", prompt=True, conversation=other), T0)
            new = tx.post(message("a", "new", prompt=True, conversation=id_), T0)
            assert tx.supersede(person, new) == {old: None}
            return old

        old = await store.run(turns)
        assert await due_texts(store) == [("a", "answer"), ("b", "bob's"), ("a", "new")]
        # The courier held it already: it counts as sent, whatever came later.
        await store.run(lambda tx: tx.mark_later(old, T0, "try again"))
        assert len(await due_texts(store)) == 3
        await store.run(lambda tx: tx.mark_sent(old, "m2", T1))
        assert await store.read(lambda reports: reports.waiting()) == 3

    async def test_what_is_said_before_a_prompt_is_still_sent(self, store: Store) -> None:
        both = json.dumps({"body": "ack and question", "said": {"body": "ack"}})
        choices = '[["order","skip","",0],["order","change","name",0]]'

        def turns(tx: Transaction) -> int:
            person = tx.open_conversation("telegram", "ann", "a", "", T0)
            old = tx.post(
                NewOutbox(
                    "telegram", "a", both, prompt=QUESTION, choices=choices, conversation=person.id
                ),
                T0,
            )
            new = tx.post(message("a", "new", prompt=QUESTION, conversation=person.id), T0)
            assert tx.supersede(person, new) == {old: '{"body": "ack"}'}
            assert tx.supersede(person, new) == {}
            return old

        old = await store.run(turns)
        rows = await store.run(lambda tx: tx.unsent(T2, 9))
        assert [json.loads(row.body) for row in rows] == [{"body": "ack"}, {"body": "new"}]
        for index, command in enumerate(("skip", "change")):
            stored = await store.run(lambda tx, n=index: tx.choice(old, n, "telegram", "a"))  # type: ignore[misc]  # bound early
            assert stored is not None
            assert json.loads(stored)[1] == command

    async def test_nothing_but_this_conversation_s_prompts_in_its_chat_is_taken_back(
        self, store: Store
    ) -> None:
        def turns(tx: Transaction) -> int:
            person = tx.open_conversation("telegram", "ann", "a", "", T0)
            mine = {"conversation": person.id}
            tx.post(message("staff", "card", case_kind="record", case_id="R", **mine), T0)
            tx.post(message("staff", "another chat", prompt=QUESTION, **mine), T0)
            tx.post(message("a", "receipt", **mine), T0)
            tx.post(message("a", "a notice", prompt=QUESTION), T0)
            dead = tx.post(message("a", "dead", prompt=QUESTION, **mine), T0)
            tx.mark_dead(dead, "blocked", T0)
            new = tx.post(message("a", "new", prompt=QUESTION, **mine), T0)
            tx.post(message("a", "newer", prompt=QUESTION, **mine), T0)
            assert tx.supersede(person, new) == {}
            return dead

        dead = await store.run(turns)
        assert len(await due_texts(store)) == 6
        assert await store.run(lambda tx: tx.revive(dead, T0))

    async def test_a_keyboard_is_taken_back_only_with_its_question(self, store: Store) -> None:
        def turns(tx: Transaction) -> list[int]:
            person = tx.open_conversation("telegram", "ann", "a", "", T0)
            tx.post(message("a", "keyboard", prompt=KEYBOARD, conversation=person.id), T0)
            new = tx.post(message("a", "new", conversation=person.id), T0)
            before = tx.supersede(person, new)
            return [len(before), len(tx.supersede(person, new, most=KEYBOARD))]

        assert await store.run(turns) == [0, 1]
        assert await due_texts(store) == [("a", "new")]

    async def test_what_was_taken_back_is_erased_with_the_rest(self, store: Store) -> None:
        def turns(tx: Transaction) -> None:
            person = tx.open_conversation("telegram", "ann", "a", "", T0)
            old = message("a", "a secret", prompt=QUESTION, conversation=person.id)
            tx.post(old, T0)
            new = tx.post(message("a", "another", prompt=QUESTION, conversation=person.id), T0)
            tx.supersede(person, new)
            tx.forget(person.id, (), "applicant", T1)

        await store.run(turns)
        assert await due_texts(store) == []
        left = await store.run(lambda tx: [tx.choice(id_, 0, "telegram", "a") for id_ in range(9)])
        assert left == [None] * 9


class TestStaff:
    async def test_a_card_is_known_by_its_message(self, store: Store) -> None:
        def card(tx: Transaction) -> None:
            row = tx.post(message("staff", case_kind="escalation", case_id="7"), T0)
            plain = tx.post(message("staff", "no card"), T0)
            tx.post(message("staff", case_kind="escalation", case_id="8"), T0)
            tx.mark_sent(row, "m1", T1)
            tx.mark_sent(plain, "m2", T1)

        await store.run(card)
        assert await store.run(lambda tx: tx.case("telegram", "staff", "m1")) == ("escalation", "7")
        for unknown in (("telegram", "staff", "m2"), ("slack", "staff", "m1"),
                        ("telegram", "a", "m1"), ("telegram", "staff", "")):  # fmt: skip
            assert await store.run(lambda tx, u=unknown: tx.case(*u)) is None  # type: ignore[misc]  # bound early

    async def test_a_question_is_answered_once(self, store: Store) -> None:
        id_ = await store.run(
            lambda tx: tx.add_escalation(ann(tx), "question", "How much?", "website", "", T0)
        )
        waiting = await store.read(lambda reports: reports.questions())
        conversation = await store.run(ann)
        assert waiting == [
            EscalationRow(id_, conversation, "question", "How much?", "website", "", T0, "", "", "")
        ]
        assert await store.run(lambda tx: tx.answer_escalation(id_, "That much.", "U1", T1))
        assert not await store.run(lambda tx: tx.answer_escalation(id_, "Or not.", "U2", T2))
        answered = await store.run(lambda tx: tx.escalation(id_))
        assert answered is not None
        assert (answered.answer, answered.answered_by, answered.answered_at) == (
            "That much.", "U1", T1,
        )  # fmt: skip
        assert await store.read(lambda reports: reports.questions()) == []
        assert await store.run(lambda tx: tx.escalation(id_ + 1)) is None

    async def test_an_application_is_handed_off_once(self, store: Store) -> None:
        id_ = await store.run(ann)
        await store.run(lambda tx: tx.add_record("R-1", id_, 1, "{}", T1))
        for reference, number in (("R-1", 2), ("R-2", 1)):
            with pytest.raises(RecordExists):
                await store.run(
                    lambda tx, r=reference, n=number: tx.add_record(r, id_, n, "{}", T2)  # type: ignore[misc]  # bound early
                )
        assert await store.read(lambda reports: list(reports.records())) == [
            RecordRow("R-1", id_, 1, "telegram", T1, "submitted", T1, "{}")
        ]

    async def test_the_queue_is_what_was_submitted_oldest_first(self, store: Store) -> None:
        def hand_off(tx: Transaction) -> None:
            tx.add_record("R-2", ann(tx), 2, "second", T1)
            tx.add_record("R-1", ann(tx), 1, "first", T0)
            tx.add_record("R-3", ann(tx), 3, "third", T2)
            carry_out(tx, "R-2", "withdraw", "", T2)

        await store.run(hand_off)
        id_ = await store.run(ann)
        assert await _references(store, lambda r: [row.record for row in r.reviews.queue()]) == [
            "R-1",
            "R-3",
        ]
        assert await _references(store, lambda r: r.open_by_conversation(id_)) == ["R-1", "R-3"]
        assert await _references(store, lambda r: list(r.records())) == ["R-1", "R-2", "R-3"]
        assert await _references(store, lambda r: list(r.records(since=T1))) == ["R-2", "R-3"]
        assert await store.read(lambda r: (r.count_records(), r.count_records(T1))) == (3, 2)
        withdrawn = await store.read(lambda r: r.record("R-2"))
        assert withdrawn is not None
        assert (withdrawn.state, withdrawn.changed_at, withdrawn.submitted_at) == (
            "withdrawn", T2, T1,
        )  # fmt: skip
        assert await store.read(lambda r: r.record("R-9")) is None

    async def test_a_chat_is_given_a_notice_once(self, store: Store) -> None:
        assert not await store.run(lambda tx: tx.noticed("telegram", "group", "notices.group"))
        assert await store.run(lambda tx: tx.noticed("telegram", "group", "notices.group"))
        assert not await store.run(lambda tx: tx.noticed("slack", "group", "notices.group"))


class TestDues:
    async def test_a_reminder_fires_once_and_the_later_word_counts(self, store: Store) -> None:
        await store.run(lambda tx: tx.remind(ann(tx), "nudge", T1))
        await store.run(lambda tx: tx.remind(ann(tx), "expire", T2))
        assert await store.run(lambda tx: tx.due(T0)) == []
        (first,) = await store.run(lambda tx: tx.due(T1))
        assert (first.kind, first.due_at) == ("nudge", T1)

        await store.run(lambda tx: tx.remind(ann(tx), "nudge", NEVER))
        assert not await store.run(lambda tx: tx.fire(first.id))
        (second,) = await store.run(lambda tx: tx.due(T2))
        assert second.kind == "expire"
        assert await store.run(lambda tx: tx.fire(second.id))
        assert not await store.run(lambda tx: tx.fire(second.id))


async def _error_of(work: Awaitable[object]) -> Exception | None:
    try:
        await work
    except Exception as error:  # the test looks at it
        return error
    return None


def _setting(key: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.set_meta(key, "set")


async def _references(store: Store, query: Callable[..., object]) -> list[str]:
    rows = await store.read(query)
    return [row.reference for row in rows]  # type: ignore[attr-defined]  # records, whichever query
