"""An article that changes in a transcript, and the person who is told of it."""

from __future__ import annotations

from dataclasses import replace

from bot.door import Door
from bot.reliance import found_of
from bot.store import Store, Transaction
from bot.store.rows import SeenRow
from dialogs.events import Found
from tests.play import house

SINCE = "2026-11-22T10:00:00.000Z"


def says_now(article: str, language: str, passage: str) -> SeenRow:
    """The article, or the English one, with another passage."""
    now = house().library.get(article, language)
    if now is None:
        raise LookupError(f"no article {article}")
    now = replace(now, passage=passage, version="2" * 12)
    return SeenRow(
        now.id,
        now.language,
        now.version,
        now.substance,
        now.title,
        now.source,
        now.passage,
        SINCE,
        SINCE,
    )


def found_now(article: str, language: str, passage: str) -> Found:
    return found_of(says_now(article, language, passage))


async def informed(store: Store, door: Door, person: int, article: str, passage: str) -> None:
    """It says this from now on, in every language, and the person is told."""

    def put(tx: Transaction) -> None:
        for language in house().script.wording.languages:
            tx.told.put_in_force(says_now(article, language, passage))

    await store.run(put)
    assert await door.inform(person, article) == "told"
