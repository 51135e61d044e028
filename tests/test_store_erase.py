"""Erasing a person: what goes, what stays, and that no byte of theirs is left on the disk."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bot.reviews import Moved, carry_out
from bot.store import TRACES, Store, Transaction, sqlite_wal
from bot.store.rows import CandidateRow, NewOutbox, RequestDraft, StoreUnavailable
from bot.store.sqlite import open_store
from bot.store.transaction import SqlTransaction
from tests.test_store import STORES, T0, T1, T2

SECRETS = (
    "Zanzibarquell-Name", "Quittenfeld-Event", "Uhrenkranz-Message", "Wolkenpfad-Card",
    "Kieselbrunn-Choice", "Tannenohr-Question", "Moosglanz-Answer", "Birkenzoll-Record",
    "Funkenried-Failure", "Haselwind-Error", "Dohlenmark-Stray", "Erlenkopf-Reason",
    "Amselgrund-Told", "Rohrdommel-Asked", "Silberkarpfen-Version", "Wacholder-Decision",
    "Nebelhorn-Reviewer",
    "Lerchental-Candidate", "Ginsterhof-Title", "Rotdorn-Uncovered", "Ulmenstieg-Dismissed",
    "Kranichfeld-Draft",
)  # fmt: skip


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


def fill(tx: Transaction, person: str = "7001", secrets: Iterable[str] = SECRETS) -> int:
    """Something of one person in every place that can hold it; a card of theirs sent as m1."""
    (
        name, event, text, card, choice, question, answer, record, body, error, stray, reason,
        told, again, version, decided, reviewer, edited, title, uncovered, dismissed,
        drafted,
    ) = (f"{secret} of {person}" for secret in secrets)  # fmt: skip
    id_ = tx.open_conversation("telegram", person, person, "", T0).id
    tx.save_state(id_, json.dumps({"name": name}), T0)
    taken = tx.add_event(f"telegram:{person}:1", id_, event, T0, T0)
    tx.told.add(id_, told, "en", "v1", "s1", T0, taken or 0)
    tx.add_failed_event(f"telegram:{person}:2", id_, body, T0, T0, error)
    tx.add_failed_event(f"telegram:{person}:3", None, f'{{"id":{person},"t":"{stray}"', T0, T0, "x")
    tx.post(NewOutbox("telegram", person, text, id_, choices=json.dumps([choice])), T0)
    dead = tx.post(NewOutbox("telegram", person, text, id_), T0)
    tx.mark_dead(dead, reason, T0)
    sent = tx.post(
        NewOutbox("slack", "C-STAFF", card, id_, case_kind="record", case_id="R-" + person), T0
    )
    tx.mark_sent(sent, "m1-" + person, T0)
    asked = tx.add_escalation(id_, "question", question, "website", "", T0)
    tx.answer_escalation(asked, answer, "U1", T0)
    for candidate in (
        CandidateRow(0, "answer", "waiting", "en", question, answer, title=title),
        CandidateRow(0, "answer", "waiting", "en", edited, answer, worded=1),
        CandidateRow(0, "not_covered", "approved", "en", uncovered, ""),
        CandidateRow(0, "answer", "dismissed", "en", dismissed, answer),
    ):
        tx.learning.add_source(tx.learning.add_candidate(candidate), asked)
    tx.add_record("R-" + person, id_, 1, record, T0)
    review(tx, "R-" + person, again, version, decided, reviewer)
    tx.add_record("R-open-" + person, id_, 2, "{}", T0)
    draft = RequestDraft("R-open-" + person, 1, reviewer, json.dumps([["email", drafted]]))
    tx.reviews.save_draft(draft, id_)
    tx.remind(id_, "nudge", T1)
    tx.noticed("telegram", person, "notices.welcome")
    return id_


def review(
    tx: Transaction, reference: str, again: str, version: str, decided: str, reviewer: str
) -> None:
    """A whole life: asked about, sent again, claimed, declined."""
    asked = carry_out(tx, reference, "request", reviewer, T0)
    assert isinstance(asked, Moved)
    tx.reviews.add_request(asked.before, json.dumps([["email", again]]), reviewer, T0)
    sent = carry_out(tx, reference, "resubmit", "", T0)
    assert isinstance(sent, Moved)
    tx.reviews.add_version(sent.before, version, T0)
    done = carry_out(tx, reference, "decline", reviewer, T0)
    assert isinstance(done, Moved)
    tx.reviews.add_decision(done.before, "declined", decided, reviewer, T0)


class TestErasing:
    async def test_nothing_of_the_person_can_be_read_any_more(self, store: Store) -> None:
        id_ = await store.run(fill)
        before = await store.run(lambda tx: tx.conversation(id_))
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T2))

        after = await store.run(lambda tx: tx.conversation(id_))
        assert before is not None
        assert after is not None
        assert after.state == ""
        assert after.version > before.version, "a serving process must not go on with its copy"
        reports = await store.read(
            lambda r: [r.reviews.queue(), r.questions(), r.failures(), list(r.records())]
        )
        assert reports == [[], [], [], []]
        assert await store.run(lambda tx: tx.due("9999")) == []
        assert not await store.run(lambda tx: tx.noticed("telegram", "7001", "notices.welcome"))
        assert await store.run(lambda tx: tx.case("slack", "C-STAFF", "m1-7001")) is None
        told = f"{SECRETS[12]} of 7001"
        assert await store.run(lambda tx: tx.told.latest(id_, told)) is None

    async def test_what_was_taken_is_not_taken_again(self, store: Store) -> None:
        id_ = await store.run(fill)
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T2))
        for n in (1, 2, 3):
            key = f"telegram:7001:{n}"
            assert await store.run(lambda tx, k=key: tx.add_event(k, id_, "", T2, T2)) is None  # type: ignore[misc]  # bound early

    async def test_a_tombstone_says_what_when_and_by_whom(self, store: Store) -> None:
        id_ = await store.run(fill)
        await store.run(lambda tx: tx.forget(id_, ["R-older"], "U-STAFF", T2))
        for reference in ("R-older", "R-7001"):
            stone = await store.read(lambda r, ref=reference: r.tombstone(ref))  # type: ignore[misc]  # bound early
            assert stone is not None
            assert (stone.conversation, stone.reference) == (id_, reference)
            assert (stone.erased_at, stone.erased_by) == (T2, "U-STAFF")
        assert await store.read(lambda r: r.tombstone("R-other")) is None

    async def test_cards_that_staff_hold_are_deleted_even_when_erased_twice(
        self, store: Store
    ) -> None:
        id_ = await store.run(fill)
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T1))
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T2))
        (row,) = await store.run(lambda tx: tx.unsent(T2, 10))
        assert (row.channel, row.chat, row.kind) == ("slack", "C-STAFF", "delete")
        assert json.loads(row.body) == {"message": "m1-7001"}

    async def test_a_card_under_way_while_it_is_erased_is_deleted_once_it_arrived(
        self, store: Store
    ) -> None:
        def begin(tx: Transaction) -> tuple[int, int]:
            id_ = tx.open_conversation("telegram", "7001", "7001", "", T0).id
            card = NewOutbox("slack", "C-STAFF", "card", id_, case_kind="record", case_id="R-1")
            return id_, tx.post(card, T0)

        id_, card = await store.run(begin)
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T1))
        assert await store.run(lambda tx: tx.unsent(T2, 10)) == []
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T1))
        await store.run(lambda tx: tx.mark_sent(card, "m9", T2))
        (row,) = await store.run(lambda tx: tx.unsent(T2, 10))
        assert (row.kind, json.loads(row.body)) == ("delete", {"message": "m9"})

    async def test_others_keep_theirs(self, store: Store) -> None:
        id_ = await store.run(fill)
        await store.run(lambda tx: fill(tx, "7002"))
        theirs = await store.run(lambda tx: tx.find_conversation("telegram", "7002"))
        await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T2))
        assert await store.run(lambda tx: tx.find_conversation("telegram", "7002")) == theirs
        reviews = await store.read(lambda r: [row.record.reference for row in r.reviews.queue()])
        assert reviews == ["R-open-7002"]
        for reference, kept in (("R-7001", 0), ("R-7002", 1)):
            asked = await store.read(lambda r, ref=reference: r.reviews.requests(ref))  # type: ignore[misc]  # bound early
            assert len(asked) == kept
            versions = await store.read(lambda r, ref=reference: r.reviews.versions(ref))  # type: ignore[misc]  # bound early
            assert len(versions) == 2 * kept
            decision = await store.read(lambda r, ref=reference: r.reviews.decision(ref))  # type: ignore[misc]  # bound early
            assert (decision is not None) == bool(kept)
        assert len(await store.read(lambda r: r.failures())) == 3
        unsent = await store.run(lambda tx: tx.unsent(T2, 10))
        assert {row.kind for row in unsent if row.chat == "7002"} == {"send"}

    async def test_the_goodbye_is_sent(self, store: Store) -> None:
        def turn(tx: Transaction) -> None:
            id_ = fill(tx)
            tx.forget(id_, [], "themselves", T1)
            tx.save_state(id_, "new", T1)
            tx.post(NewOutbox("telegram", "7001", '"gone"', id_), T1)

        await store.run(turn)
        unsent = await store.run(lambda tx: tx.unsent(T2, 10))
        assert [row.body for row in unsent if row.kind == "send"] == ['"gone"']

    async def test_a_stranger_number_is_no_error(self, store: Store) -> None:
        await store.run(lambda tx: tx.forget(404, [], "U-STAFF", T1))


def on_disk(database: Path, needles: Iterable[str]) -> dict[str, list[str]]:
    """Which of the needles each file of the database holds. In a process of its own: closing the
    file here would drop the locks of this process's SQLite connections."""
    code = (
        "import json, pathlib, sys\n"
        "needles = json.load(sys.stdin)\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "files = {f.name: f.read_bytes() for f in path.parent.glob(path.name + '*')}\n"
        "print(json.dumps({n: [x for x in needles if x.encode() in b] for n, b in files.items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(database)],
        input=json.dumps(list(needles)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def assert_gone(database: Path, needles: Iterable[str] = SECRETS, wal: bool = True) -> None:
    found = on_disk(database, needles)
    assert {database.name, database.name + "-wal"} <= found.keys() or not wal
    assert not any(found.values()), found


async def test_the_server_tidies_every_table_that_an_erase_takes_from(tmp_path: Path) -> None:
    from bot.store.postgres import ERASED_FROM

    made: list[str] = []

    def job(tx: Transaction) -> None:
        assert isinstance(tx, SqlTransaction)
        id_ = fill(tx)
        tx.homes.show("slack", "U7", "x")
        do = tx._do

        def noted(sql: str, values: tuple[object, ...]) -> Any:
            made.append(sql)
            return do(sql, values)

        erasing = SqlTransaction(noted)
        erasing.forget_since(id_, T0, "U-STAFF", T1)
        erasing.forget(id_, [], "U-STAFF", T1)
        assert erasing.forget_home("slack", "U7", "home:U7", T1)

    store = await open_store(tmp_path / "frontdesk.db", serving=False)
    await store.run(job)
    await store.close()
    found = [re.match(r"\s*(?:DELETE FROM|UPDATE) (\w+)", sql) for sql in made]
    taken_from = {match[1] for match in found if match}
    assert len(taken_from) > 20
    assert taken_from <= {*ERASED_FROM}


class TestBytes:
    """SQLite's own: what is left in its file, -wal and -shm."""

    async def test_no_byte_is_left_after_shrinking(self, tmp_path: Path) -> None:
        path = tmp_path / "frontdesk.db"
        store = await open_store(path, serving=True)
        try:
            id_ = await store.run(fill)
            held = {needle for names in on_disk(path, SECRETS).values() for needle in names}
            assert held == set(SECRETS), "the search must be able to find them"
            await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T1))
            await store.shrink()
            assert_gone(path)
        finally:
            await store.close()
        assert_gone(path, wal=False)

    async def test_rows_moved_between_pages_leave_nothing_either(self, tmp_path: Path) -> None:
        # Growing states split pages; SQLite leaves the moved rows' bytes in the old page's gap.
        path = tmp_path / "frontdesk.db"
        store = await open_store(path, serving=True)
        chance = random.Random(5)
        people = [f"Secret{n:03d}x" for n in range(500)]
        gone = people[::2]
        try:
            for size in (10, 90, 200):
                await asyncio.gather(
                    *(
                        store.run(_growing(who, size * chance.randint(5, 10) // 10))
                        for who in chance.sample(people, len(people))
                    )
                )
            await asyncio.gather(
                *(store.run(_erasing(who)) for who in chance.sample(gone, len(gone)))
            )
            await store.shrink()
            assert_gone(path, gone)
            assert on_disk(path, people)[path.name] == people[1::2]
        finally:
            await store.close()

    async def test_who_erases_again_and_again_holds_up_nobody_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "frontdesk.db"
        monkeypatch.setattr(sqlite_wal, "LONG", 0.0)  # as in a file of gigabytes
        monkeypatch.setattr(sqlite_wal, "REST", 1e6)
        store = await open_store(path, serving=True)
        try:
            for person, left in (("7001", False), ("7002", True)):
                id_ = await store.run(lambda tx, person=person: fill(tx, person))  # type: ignore[misc]  # bound early
                await store.run(lambda tx, id_=id_: tx.forget(id_, [], "U-STAFF", T1))  # type: ignore[misc]
                await store.shrink()
                traces = await store.run(lambda tx: tx.get_meta(TRACES))
                assert bool(traces) is left, "what rests is still to be done"
            store._checkpointer._rests_until = 0.0
            await store.shrink()
            assert not await store.run(lambda tx: tx.get_meta(TRACES))
            assert_gone(path)
        finally:
            await store.close()

    @pytest.mark.parametrize("serving_reads", [False, True])
    async def test_erased_by_another_process_while_one_serves(
        self, tmp_path: Path, serving_reads: bool
    ) -> None:
        path = tmp_path / "frontdesk.db"
        serving = await open_store(path, serving=True)
        try:
            id_ = await serving.run(fill)
            if serving_reads:  # its connections have the pages in their caches
                assert await serving.read(lambda r: len(r.reviews.queue())) == 1
            await serving.changed()
            code = (
                "import asyncio, pathlib, sys\n"
                "from bot.store.sqlite import open_store\n"
                "async def main():\n"
                "    store = await open_store(pathlib.Path(sys.argv[1]), serving=False)\n"
                f"    await store.run(lambda tx: tx.forget({id_}, [], 'operator', '{T1}'))\n"
                "    await store.shrink()\n"
                "    await store.close()\n"
                "asyncio.run(main())\n"
            )
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, str(path), cwd=Path(__file__).parents[1]
            )
            assert await process.wait() == 0
            assert await serving.changed()
            assert_gone(path)
            # The serving process writes on, with nothing old in its pages.
            for n in range(50):
                await serving.run(lambda tx, n=n: tx.set_meta(f"key {n}", "x" * 500))  # type: ignore[misc]  # bound early
            assert await serving.read(lambda r: r.reviews.queue()) == []
            assert_gone(path)
        finally:
            await serving.close()

    async def test_shrinking_waits_for_readers_and_says_who_is_in_the_way(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "frontdesk.db"
        store = await open_store(path, serving=True)
        beside = await open_store(path, serving=False)
        loop = asyncio.get_running_loop()
        reading, finish = asyncio.Event(), asyncio.Event()

        def export(reports: object) -> None:
            assert reports.count_records() == 0  # type: ignore[attr-defined]  # any report will do
            loop.call_soon_threadsafe(reading.set)
            asyncio.run_coroutine_threadsafe(finish.wait(), loop).result()

        try:
            id_ = await store.run(fill)
            await store.run(lambda tx: tx.forget(id_, [], "U-STAFF", T1))
            report = asyncio.create_task(beside.read(export))
            # A report that began before the erase holds the old pages.
            await reading.wait()
            await store.run(lambda tx: tx.set_meta("after", "the report began"))
            with pytest.raises(StoreUnavailable, match="export"):
                await store.shrink(patience=0)
            shrinking = asyncio.create_task(store.shrink())
            finish.set()
            await asyncio.gather(report, shrinking)
            assert_gone(path)
        finally:
            await beside.close()
            await store.close()


def _growing(who: str, size: int) -> Callable[[Transaction], None]:
    def job(tx: Transaction) -> None:
        row = tx.open_conversation("telegram", who[-4:], who[-4:], "", T0)
        tx.save_state(row.id, who * size, T0)

    return job


def _erasing(who: str) -> Callable[[Transaction], None]:
    def job(tx: Transaction) -> None:
        row = tx.find_conversation("telegram", who[-4:])
        assert row is not None
        tx.forget(row.id, [], "U-STAFF", T1)

    return job
