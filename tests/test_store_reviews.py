"""What staff do with records, in the store: where each stands, what was asked, sent and decided."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.reviews import Moved, carry_out, review_of
from bot.store import Store, Transaction
from bot.store.rows import RecordRow, ReviewRow, VersionRow
from bot.store.schema import STEPS, migrate
from bot.store.sqlite import open_store
from dialogs.review import Action, Denied, Review, Stage
from tests.test_store import STORES, T0, T1, T2, ann

T3 = "2026-11-23T10:00:00.000Z"


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    await opened.run(lambda tx: tx.add_record("R-1", ann(tx), 1, '{"v": 1}', T0))
    yield opened
    await opened.close()


def moved(
    tx: Transaction, action: Action, by: str = "Ana", at: str = T1, ref: str = "R-1"
) -> Moved:
    done = carry_out(tx, ref, action, by, at)
    assert isinstance(done, Moved), done
    return done


async def stands(store: Store, reference: str = "R-1") -> ReviewRow:
    row = await store.read(lambda r: r.reviews.get(reference))
    assert row is not None
    return row


class TestReviews:
    async def test_what_nobody_has_touched_waits_since_it_was_sent(self, store: Store) -> None:
        row = await stands(store)
        assert review_of(row) == Review(Stage.SUBMITTED, T0)
        assert await store.read(lambda r: r.reviews.get("R-2")) is None
        versions = await store.read(lambda r: r.reviews.versions("R-1"))
        assert versions == [VersionRow("R-1", 1, '{"v": 1}', T0, 0)]

    async def test_what_was_moved_is_read_back_as_it_is(self, store: Store) -> None:
        for action in ("claim", "request", "release"):
            done = await store.run(lambda tx, a=action: moved(tx, a))  # type: ignore[misc]  # bound early
            assert review_of(await stands(store)) == done.review

    async def test_what_is_denied_changes_nothing(self, store: Store) -> None:
        await store.run(lambda tx: moved(tx, "claim"))
        before = await stands(store)
        denied = await store.run(lambda tx: carry_out(tx, "R-1", "decline", "Ben", T1))
        assert isinstance(denied, Denied)
        assert (denied.reason, denied.by) == ("held", "Ana")
        assert await stands(store) == before
        assert await store.run(lambda tx: carry_out(tx, "R-9", "claim", "Ben", T1)) is None

    async def test_each_version_is_kept_with_what_was_asked(self, store: Store) -> None:
        def ask_and_answer(tx: Transaction, number: int, at: str) -> int:
            asked = moved(tx, "request", at=at)
            id = tx.reviews.add_request(asked.before, f'[["email", "Why {number}?"]]', "Ana", at)
            sent = moved(tx, "resubmit", "", at)
            tx.reviews.add_version(sent.before, f'{{"v": {number}}}', at)
            return id

        first = await store.run(lambda tx: ask_and_answer(tx, 2, T1))
        second = await store.run(lambda tx: ask_and_answer(tx, 3, T2))
        versions = await store.read(lambda r: r.reviews.versions("R-1"))
        assert versions == [
            VersionRow("R-1", 1, '{"v": 1}', T0, 0),
            VersionRow("R-1", 2, '{"v": 2}', T1, first),
            VersionRow("R-1", 3, '{"v": 3}', T2, second),
        ]
        requests = await store.read(lambda r: r.reviews.requests("R-1"))
        assert [(row.version, json.loads(row.asked)) for row in requests] == [
            (1, [["email", "Why 2?"]]),
            (2, [["email", "Why 3?"]]),
        ]
        record = (await stands(store)).record
        assert (record.body, record.submitted_at, record.changed_at) == ('{"v": 3}', T0, T2)
        assert record.state == "submitted", "staff have it"

    @pytest.mark.parametrize("how", ["approve", "decline", "withdraw"])
    async def test_how_it_ended_is_the_records_state(self, store: Store, how: Action) -> None:
        await store.run(lambda tx: moved(tx, "claim"))
        by = "" if how == "withdraw" else "Ana"
        done = await store.run(lambda tx: moved(tx, how, by, T2))
        row = await stands(store)
        assert row.record.state == row.stage == done.review.stage.value
        assert row.record.changed_at == row.since == T2
        assert await store.read(lambda r: list(r.reviews.queue())) == []
        assert (
            await store.read(lambda r: list(r.open_by_conversation(row.record.conversation))) == []
        )

    async def test_a_record_is_decided_once(self, store: Store) -> None:
        done = await store.run(lambda tx: moved(tx, "decline"))
        await store.run(lambda tx: tx.reviews.add_decision(done.before, "declined", "", "Ana", T1))
        with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
            await store.run(
                lambda tx: tx.reviews.add_decision(done.before, "approved", "", "Ben", T1)
            )
        decision = await store.read(lambda r: r.reviews.decision("R-1"))
        assert decision is not None
        assert (decision.verdict, decision.decided_by) == ("declined", "Ana")

    async def test_the_queue_begins_with_what_waits_longest_for_staff(self, store: Store) -> None:
        def more(tx: Transaction) -> None:
            for number, at in ((2, T1), (3, T2), (4, T3)):
                tx.add_record(f"R-{number}", ann(tx), number, "{}", at)
            moved(tx, "request", at=T3, ref="R-1")  # waits for the applicant
            moved(tx, "claim", at=T3, ref="R-3")  # a claim moves nobody
            moved(tx, "request", at=T3, ref="R-2")
            sent = moved(tx, "resubmit", "", "2026-11-24T10:00:00.000Z", "R-2")
            tx.reviews.add_version(sent.before, "{}", T3)

        await store.run(more)
        queue = await store.read(lambda r: r.reviews.queue())
        assert [(row.record.reference, row.stage) for row in queue] == [
            ("R-3", "claimed"),
            ("R-4", "submitted"),
            ("R-2", "resubmitted"),
            ("R-1", "needs_info"),
        ]

    async def test_forgetting_what_was_said_since_leaves_the_review(self, store: Store) -> None:
        def ask(tx: Transaction) -> None:
            asked = moved(tx, "request", at=T2)
            tx.reviews.add_request(asked.before, '[["email", "Why?"]]', "Ana", T2)

        await store.run(ask)
        before = await stands(store)
        await store.run(lambda tx: tx.forget_since(ann(tx), T1, "retention", T3))
        assert await stands(store) == before
        assert len(await store.read(lambda r: r.reviews.requests("R-1"))) == 1


async def test_two_processes_at_once_and_one_of_them_wins(tmp_path: Path) -> None:
    """Two connections to one file, as a command beside the serving process has."""
    path = tmp_path / "desk.db"
    stores = [await open_store(path, serving=False) for _ in range(2)]
    for number in range(20):
        ref = f"R-{number}"
        await stores[0].run(lambda tx, r=ref, n=number: tx.add_record(r, ann(tx), n, "{}", T0))  # type: ignore[misc]  # bound early
        ends = await asyncio.gather(
            *(
                store.run(lambda tx, r=ref, b=by: carry_out(tx, r, "claim", b, T1))  # type: ignore[misc]  # bound early
                for store, by in zip(stores, ("Ana", "Ben"), strict=True)
            )
        )
        (won,) = [done for done in ends if isinstance(done, Moved)]
        (lost,) = [done for done in ends if isinstance(done, Denied)]
        assert won.review.claim is not None
        assert (lost.reason, lost.by) == ("held", won.review.claim.by)
    for store in stores:
        await store.close()


# --- files and programs of an earlier version ---


def earlier_file(path: Path) -> None:
    """A file as the first version made it, with two records of one person."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        migrate(database, path, {"0001": STEPS["0001"]})
        database.execute(
            "INSERT INTO conversations (channel, person, chat, thread, created_at, updated_at)"
            " VALUES ('telegram', 'ann', 'ann', '', ?, ?)",
            (T0, T0),
        )
        for number, state, changed in ((1, "submitted", T0), (2, "withdrawn", T2)):
            database.execute(
                "INSERT INTO records (reference, conversation, number, submitted_at, state,"
                " changed_at, body) VALUES (?, 1, ?, ?, ?, ?, ?)",
                (f"R-{number}", number, T0, state, changed, f'{{"v": {number}}}'),
            )


async def test_a_file_of_the_first_version_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    earlier_file(path)
    store = await open_store(path, serving=True)
    assert review_of(await stands(store, "R-1")) == Review(Stage.SUBMITTED, T0)
    assert review_of(await stands(store, "R-2")) == Review(Stage.WITHDRAWN, T2)
    queue = await store.read(lambda r: r.reviews.queue())
    assert [row.record for row in queue] == [
        RecordRow("R-1", 1, 1, "telegram", T0, "submitted", T0, '{"v": 1}')
    ]

    def ask_and_answer(tx: Transaction) -> None:
        asked = moved(tx, "request")
        tx.reviews.add_request(asked.before, '[["email", "Why?"]]', "Ana", T1)
        tx.reviews.add_version(moved(tx, "resubmit", "", T2).before, '{"v": 2}', T2)

    await store.run(ask_and_answer)
    versions = await store.read(lambda r: r.reviews.versions("R-1"))
    assert [version.body for version in versions] == ['{"v": 1}', '{"v": 2}']
    await store.run(lambda tx: tx.forget(1, [], "staff", T3))
    assert await store.read(lambda r: r.reviews.versions("R-1")) == []
    await store.close()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # it never knew another database
async def test_what_an_earlier_program_withdraws_beside_this_one_is_withdrawn(
    store: Store, tmp_path: Path
) -> None:
    await store.run(lambda tx: moved(tx, "claim"))
    with closing(sqlite3.connect(tmp_path / "frontdesk.db")) as database:
        database.execute("UPDATE records SET state = 'withdrawn', changed_at = ?", (T2,))
        database.commit()
    assert review_of(await stands(store)) == Review(Stage.WITHDRAWN, T2)
    denied = await store.run(lambda tx: carry_out(tx, "R-1", "approve", "Ana", T3))
    assert isinstance(denied, Denied)
    assert denied.reason == "withdrawn"
