"""What every store must know of what was told: who, of which article, and what holds now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.reviews import carry_out
from bot.store import Store, Transaction
from bot.store.rows import SeenRow, ToldRow
from tests.test_store import STORES, T0, T1, T2

CREDIT = "credit-line"


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


def person(tx: Transaction, name: str) -> int:
    return tx.open_conversation("telegram", name, name, "", T0).id


def tell(
    name: str, substance: str, article: str = CREDIT, language: str = "en"
) -> Callable[[Transaction], int]:
    """The person is told of the article in a turn of their own."""

    def job(tx: Transaction) -> int:
        who = person(tx, name)
        tx.told.add(who, article, language, f"v-{substance}", substance, T0, 0)
        return who

    return job


def in_force(substance: str, article: str = CREDIT, language: str = "en", at: str = T0) -> SeenRow:
    version = f"v-{substance}"
    passage = f"It says {substance}."
    return SeenRow(article, language, version, substance, "Credit", "B3", passage, at, at)


async def put(store: Store, *rows: SeenRow) -> None:
    for row in rows:
        await store.run(lambda tx, row=row: tx.told.put_in_force(row))  # type: ignore[misc]  # bound early


async def relying(store: Store, article: str = CREDIT) -> list[str]:
    rows = await store.read(lambda r: r.told.relied(article))
    people = [
        await store.run(lambda tx, r=row: tx.conversation(r.told.conversation))  # type: ignore[misc]  # bound early
        for row in rows
    ]
    return [row.person for row in people if row is not None]


class TestRelying:
    async def test_only_who_was_told_otherwise_relies_on_it(self, store: Store) -> None:
        await put(store, in_force("old"))
        for name in ("ann", "bob"):
            await store.run(tell(name, "old"))
        assert await relying(store) == []
        await put(store, in_force("new", at=T1))
        await store.run(tell("cid", "new"))
        assert await relying(store) == ["ann", "bob"]

    async def test_the_latest_that_a_person_was_told_counts_and_counts_once(
        self, store: Store
    ) -> None:
        await put(store, in_force("new"))
        for substance in ("older", "old", "new"):
            await store.run(tell("ann", substance))
        for substance in ("older", "old"):
            await store.run(tell("bob", substance))
        assert await relying(store) == ["bob"]
        (row,) = await store.read(lambda r: r.told.relied(CREDIT))
        assert row.told.substance == "old"

    async def test_put_back_it_concerns_who_was_told_in_between(self, store: Store) -> None:
        await put(store, in_force("first"))
        await store.run(tell("ann", "first"))
        await put(store, in_force("second", at=T1))
        await store.run(tell("bob", "second"))
        await put(store, in_force("first", at=T2))
        assert await relying(store) == ["bob"]

    async def test_each_language_is_held_against_its_own_words_or_the_english_ones(
        self, store: Store
    ) -> None:
        await put(store, in_force("en1"), in_force("id1", language="id"))
        await store.run(tell("ann", "en1"))
        await store.run(tell("budi", "id1", language="id"))
        await put(store, in_force("id2", language="id"))
        assert await relying(store) == ["budi"]
        await store.run(lambda tx: tx.told.end_force(CREDIT, "id"))
        assert await relying(store) == ["budi"], "English stands in, and says it in other words"
        now = await store.run(lambda tx: tx.told.in_force(CREDIT, "id"))
        assert now is not None
        assert now.language == "en"

    async def test_of_an_article_that_is_gone_all_who_were_told_rely_on_nothing(
        self, store: Store
    ) -> None:
        await put(store, in_force("old"))
        await store.run(tell("ann", "old"))
        await store.run(lambda tx: tx.told.end_force(CREDIT, "en"))
        assert await store.run(lambda tx: tx.told.in_force(CREDIT, "en")) is None
        assert await relying(store) == ["ann"]

    async def test_another_article_is_another_matter(self, store: Store) -> None:
        await put(store, in_force("new"), in_force("old", "audits"))
        await store.run(tell("ann", "old", "audits"))
        assert await relying(store) == []

    async def test_the_application_that_staff_have_is_named(self, store: Store) -> None:
        await put(store, in_force("new"))
        await store.run(tell("bob", "old"))

        def apply(tx: Transaction) -> None:
            for number, state in ((1, "submitted"), (2, "submitted"), (3, "withdrawn")):
                tx.add_record(f"R-{number}", person(tx, "bob"), number, "{}", T0)
                if state == "withdrawn":
                    carry_out(tx, f"R-{number}", "withdraw", "", T1)

        await store.run(apply)
        (row,) = await store.read(lambda r: r.told.relied(CREDIT))
        assert (row.channel, row.reference) == ("telegram", "R-2")


class TestArticles:
    async def test_one_version_is_in_force_and_the_others_are_remembered(
        self, store: Store
    ) -> None:
        await put(store, in_force("old"), in_force("new", at=T1))
        seen = await store.read(lambda r: r.told.seen(CREDIT))
        assert [(row.substance, bool(row.in_force_since)) for row in seen] == [
            ("old", False),
            ("new", True),
        ]
        assert [row.substance for row in await store.read(lambda r: r.told.all_in_force())] == [
            "new"
        ]

    async def test_a_version_that_returns_keeps_when_it_was_first_seen(self, store: Store) -> None:
        await put(store, in_force("old"), in_force("new", at=T1), in_force("old", at=T2))
        now = await store.run(lambda tx: tx.told.in_force(CREDIT, "en"))
        assert now == replace(in_force("old"), in_force_since=T2)

    async def test_other_settings_are_another_version_of_the_same_file(self, store: Store) -> None:
        one = in_force("old")
        await put(store, one, replace(one, substance="filled otherwise"))
        assert len(await store.read(lambda r: r.told.seen(CREDIT))) == 2


class TestErasing:
    async def test_it_goes_with_the_person(self, store: Store) -> None:
        ann = await store.run(tell("ann", "old"))
        bob = await store.run(tell("bob", "old"))
        await store.run(lambda tx: tx.forget(ann, [], "U-STAFF", T2))
        assert await store.run(lambda tx: tx.told.latest(ann, CREDIT)) is None
        assert isinstance(await store.run(lambda tx: tx.told.latest(bob, CREDIT)), ToldRow)

    async def test_what_was_told_since_goes_and_what_was_told_before_stays(
        self, store: Store
    ) -> None:
        def talk(tx: Transaction) -> int:
            who = person(tx, "ann")
            for n, at in enumerate((T0, T1, T2)):
                event = tx.add_event(f"telegram:{n}", who, "{}", at, at)
                assert event is not None
                tx.told.add(who, f"article-{n}", "en", "v1", "s1", at, event)
            return who

        who = await store.run(talk)
        await store.run(lambda tx: tx.forget_since(who, T1, "retention", T2))
        left = [
            n
            for n in range(3)
            if await store.run(lambda tx, n=n: tx.told.latest(who, f"article-{n}"))  # type: ignore[misc]  # bound early
        ]
        assert left == [0, 1]
