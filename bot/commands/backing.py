"""``backup``: the database of one machine as a file of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bot.commands.common import Failure, require_database
from bot.config import Settings
from bot.store.sqlite_backup import back_up


async def backup(settings: Settings, file: Path) -> None:
    path = settings.database.file
    if path is None:
        raise Failure(
            "store.url is no SQLite file: `pg_dump --format=custom` copies a PostgreSQL one"
        )
    require_database(settings)
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Copying", total=None)

        def told(done: int, pages: int) -> None:
            bar.update(task, completed=done, total=pages)

        size = await asyncio.to_thread(back_up, path, file, told)
    print(f"{file}: {size / 1_000_000:.1f} MB, checked.", file=sys.stderr)
