"""What a straight application types, and conversations held without a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.app import App, assemble
from bot.config import Settings
from bot.house import House, utc_now
from bot.messages import Incoming
from bot.store.sqlite import open_store

CHECK = ("yes",) * 9
BEFORE_OWNERS = ("I agree", "service business", "PT Lembayung Servis", "skip")
STRAIGHT = (
    "apply",
    *CHECK,
    *BEFORE_OWNERS,
    "Siti Rahma",
    "that is all",
    "Indonesia",
    "Jl Kemang Raya 45, Jakarta Selatan 12730",
    "021 7179 1234",
    "that is all",
    "service@lembayung.co.id",
    "lembayung.co.id",
    "We have repaired phones since 2016, with four technicians.",
    "submit",
    "yes",
)
"""one owner, one location, no doubts"""
DOUBTFUL = (
    "apply",
    "skip the check",
    "I agree",
    "reseller",
    "Lakeside Repairs",  # no legal form
    "+Plus Repairs",
    "Maria Santos",
    "add another",
    "Jan de Vries",
    "that is all",
    "Indonesia",
    "PO Box 1277, Jakarta",
    "PO Box 1277 in Jakarta",
    "keep it",
    "+62 21 7179 1234",
    "add another",
    "United Kingdom",
    "12 Kirkgate, Leeds LS1 6BY",
    "0113 496 0271",
    "that is all",
    "service@lakesidecare.co.uk",
    "lakesidecare.co.uk",
    "@home since 2016,\nand in the shop.",
    "submit",
    "yes",
)
"""two owners, two locations, a flag, an answer that was kept, the self-check skipped, no trading
name that a spreadsheet would not run"""


def holding(house: House, path: Path, *talks: tuple[str, str, Sequence[str]]) -> None:
    """Hold these conversations (channel, person, what is typed) one after the other."""
    asyncio.run(_hold(house, path, talks))


async def _hold(house: House, path: Path, talks: Sequence[tuple[str, str, Sequence[str]]]) -> None:
    store = await open_store(path, serving=False)
    try:
        app = assemble(Settings(), house, store, {})
        for channel, person, lines in talks:
            await talk(app, channel, person, lines)
    finally:
        await store.close()


async def talk(app: App, channel: str, person: str, lines: Sequence[str]) -> None:
    for n, line in enumerate(lines):
        id = f"{person}-{n}"
        await app.door.handle(
            Incoming(channel, f"{channel}:{id}", person, person, id, utc_now(), text=line)
        )
