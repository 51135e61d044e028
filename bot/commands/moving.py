"""``move``: everything of one database into another, of either kind."""

from __future__ import annotations

import asyncio
import contextlib

from bot.commands.common import Failure, progress
from bot.config import Settings
from bot.setting_texts import database as checked
from bot.store.copying import End, begin, copy, count, digest, finish, shapes
from bot.store.databases import Database, open_store
from bot.store.ends import open_end
from bot.store.rows import HalfFilled


async def move(settings: Settings, source: str, target: str) -> None:
    """Copy, compare, and say what to set. Raises StoreError for what the operator must mend."""
    old, new = (_database(settings, url) for url in (source, target))
    if old.url == new.url:
        raise Failure("--from and --to name the same database.")
    with contextlib.closing(open_end(old, reading=True)) as left:
        # Made, or brought up to date, as any start of the program does it.
        with contextlib.suppress(HalfFilled):
            await (await open_store(new, serving=False)).close()
        await asyncio.to_thread(_move, left, new)
    print(f'Set url = "{target}" in [store] of the settings, and start the program.')


def _move(source: End, new: Database) -> None:
    with contextlib.closing(open_end(new, reading=False)) as target:
        begin(source, target)
        total = sum(count(source, shape) for shape in shapes())
        before = 0
        with progress("Moving", total) as told:
            for shape in shapes():
                copy(source, target, shape, lambda rows, before=before: told(before + rows))  # type: ignore[misc]  # bound early
                before += count(source, shape)
        before = 0
        with progress("Comparing", total) as told:
            for shape in shapes():
                there = digest(source, shape, target)
                if there != digest(target, shape, target):
                    raise Failure(
                        f"{shape.name} is not the same on both sides: {source.name} has changed "
                        f"since the move began. Empty {target.name} and run this again."
                    )
                before += there[0]
                told(before)
                if there[0]:
                    print(f"{shape.name}: {there[0]} rows, SHA-256 {there[1][:16]} on both sides")
        if source.served():
            raise Failure(
                f"{source.name} has been served since the move began: stop what serves it, empty "
                f"{target.name}, and run this again."
            )
        finish(source, target)
        print(f"{before} rows are in {target.name}. {source.name} is as it was.")


def _database(settings: Settings, url: str) -> Database:
    try:
        checked(url)
    except ValueError as error:
        raise Failure(f"{url.partition('@')[2] or url}: it {error}") from None
    return Database(url, settings.database.password, settings.store.connections)
