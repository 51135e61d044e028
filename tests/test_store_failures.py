"""What every store keeps of turns and updates that failed, until somebody takes them up again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.store import Store, Transaction
from tests.test_store import STORES, T0, T1, T2, ann


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


class TestFailures:
    async def test_a_failed_turn_is_shown_and_can_be_taken_again(self, store: Store) -> None:
        id_ = await store.run(
            lambda tx: tx.add_failed_event("telegram:1", ann(tx), "said", T0, T1, "KeyError: 'x'")
        )
        assert id_ is not None
        assert await store.run(lambda tx: tx.add_event("telegram:1", ann(tx), "", T0, T2)) is None
        (failure,) = await store.read(lambda reports: reports.failures())
        assert (failure.id, failure.kind, failure.channel, failure.at, failure.error) == (
            f"turn-{id_}", "turn", "telegram", T1, "KeyError: 'x'",
        )  # fmt: skip

        def retry(tx: Transaction) -> int | None:
            failed = tx.failed_event(id_)
            assert failed is not None
            assert tx.clear_failure(id_)
            return tx.add_event(
                failed.key, failed.conversation, failed.body, failed.platform_at, T2
            )

        assert await store.run(retry) is not None
        assert await store.read(lambda reports: reports.failures()) == []
        assert await store.run(lambda tx: tx.failed_event(id_)) is None
        assert not await store.run(lambda tx: tx.clear_failure(id_))

    async def test_a_turn_that_fails_again_keeps_its_latest_error(self, store: Store) -> None:
        def fail(error: str) -> Callable[[Transaction], int | None]:
            return lambda tx: tx.add_failed_event("telegram:1", None, "said", T0, T1, error)

        first = await store.run(fail("one"))
        assert await store.run(fail("two")) == first
        (failure,) = await store.read(lambda reports: reports.failures())
        assert failure.error == "two"

    async def test_an_event_that_was_taken_well_never_becomes_a_failure(self, store: Store) -> None:
        await store.run(lambda tx: tx.add_event("telegram:1", ann(tx), "said", T0, T0))
        failed = await store.run(
            lambda tx: tx.add_failed_event("telegram:1", ann(tx), "said", T0, T1, "late")
        )
        assert failed is None
        assert await store.read(lambda reports: reports.failures()) == []

    async def test_an_unreadable_update_is_shown_as_one(self, store: Store) -> None:
        id_ = await store.run(
            lambda tx: tx.add_failed_event("slack:Ev1", None, "{", "", T1, "bad JSON", "update")
        )
        (failure,) = await store.read(lambda reports: reports.failures())
        assert (failure.id, failure.kind, failure.channel) == (f"update-{id_}", "update", "slack")
