"""``frontdesk check``: tries everything that can be wrong before it is needed, and says what to
mend."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.app import build_house
from bot.channels import Channel, hooks_of
from bot.channels.configured import configured_channels
from bot.config import Settings
from bot.environment import ConfigError
from bot.handoff import configured_sinks
from bot.house import House, utc_now
from bot.sinks import Sink
from bot.store.databases import Database, open_store
from bot.store.rows import StoreError, StoreUnavailable
from bot.store.schema import STEPS
from bot.store.serving_lock import NoLock, ServingLock
from bot.web.configured import asked_for

PATIENCE = 20.0
"""seconds for a platform to answer"""
SERVED = "served by a running process"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    good: bool
    told: str
    """how it is, or what to do"""


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """One finding after the other, as they are made."""
    yield Finding("settings", True, "can be read")
    house: House | None = None
    try:
        house = await asyncio.to_thread(build_house, settings)
    except ConfigError as error:
        served = error.key == "articles" and _is_served(settings.database)
        old = " (the running process answers from the ones it read before)" if served else ""
        yield Finding(error.key, False, f"{error.mend}{old}")
    if house is not None:
        languages = house.script.wording.languages.values()
        yield Finding("words", True, ", ".join(sorted(language.name for language in languages)))
        yield Finding("articles", True, _articles(house))
    yield await _database(settings.database)
    if house is not None:
        async for finding in _channels(settings, house):
            yield finding
        async for finding in _sinks(settings, house):
            yield finding


def _articles(house: House) -> str:
    """``38 in English (all-MiniLM-L6-v2), 38 in Indonesian (light)``: what finds them"""
    known = house.script.wording.languages
    count = Counter(article.language for article in house.shelf.articles)
    names = {code: known[code].name if code in known else code for code in count}
    return ", ".join(
        f"{number} in {names[code]} ({house.library.encoder_name(code)})"
        for code, number in sorted(count.items())
    )


def _is_served(database: Database) -> bool:
    return database.file is not None and database.file.exists() and _served(database.file) == SERVED


async def _database(database: Database) -> Finding:
    path = database.file
    missing = await asyncio.to_thread(_missing, path) if path is not None else None
    if missing is not None:
        return missing
    served = f", {await asyncio.to_thread(_served, path)}" if path is not None else ""
    try:
        store = await open_store(database, serving=False)
        try:
            await store.run(lambda tx: tx.set_meta("checked_at", utc_now()))
            failed = await store.read(lambda reports: len(reports.failures()))
            waiting = await store.read(lambda reports: reports.waiting())
        finally:
            await store.close()
    except (StoreError, StoreUnavailable) as error:
        return Finding("database", False, str(error))
    news = f"; {failed} failures (frontdesk failures)" if failed else ""
    return Finding(
        "database",
        True,
        f"{store.name} can be written, schema {max(STEPS)}{served}, {waiting} messages to send"
        f"{news}",
    )


def _missing(path: Path) -> Finding | None:
    """None where the file is there."""
    if path.exists():
        return None
    if not path.parent.is_dir():
        return Finding("database", False, f"make the folder {path.parent} first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return Finding("database", False, f"the folder {path.parent} cannot be written")
    return Finding("database", True, f"{path} is not there yet; chat and run make it")


def _served(path: Path) -> str:
    try:
        ServingLock(path).release()
    except NoLock:
        return "not to be locked"
    except StoreError:
        return SERVED
    return "not served at the moment"


async def _channels(settings: Settings, house: House) -> AsyncIterator[Finding]:
    try:
        channels = configured_channels(settings, house.script.wording)
    except ConfigError as error:
        yield Finding(error.key, False, error.mend)
        return
    for name, channel in channels.items():
        yield await _other_side(name, channel)
    if not channels:
        yield Finding("channels", True, "none is configured; `frontdesk chat` works without")
    try:
        if asked_for(settings, hooks_of(channels)):
            yield Finding("server", True, f"listens on {settings.server.listen}")
    except ConfigError as error:
        yield Finding(error.key, False, error.mend)
    staff = settings.staff.chat
    if staff is not None and staff.channel not in channels:
        yield Finding("staff.chat", False, f"is on {staff.channel}, whose token is not set")


async def _sinks(settings: Settings, house: House) -> AsyncIterator[Finding]:
    try:
        sinks = configured_sinks(settings, house)
    except ConfigError as error:
        yield Finding(error.key, False, error.mend)
        return
    for name, sink in sinks.items():
        yield await _other_side(f"hand-off, {name}", sink)


async def _other_side(name: str, side: Channel | Sink) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return Finding(name, True, await side.check())
    except ConfigError as error:
        return Finding(error.key, False, error.mend)
    except TimeoutError:
        return Finding(name, False, f"does not answer within {PATIENCE:.0f} seconds; try again")
    finally:
        await side.close()
