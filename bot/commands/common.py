"""What the commands share: the store opened beside a serving process, the words, the printing."""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.channels.terminal_text import harmless
from bot.config import Settings
from bot.environment import ConfigError
from bot.rendering import Renderer
from bot.sheet import Words
from bot.store import Store
from bot.store.databases import open_store
from bot.store.rows import StoreError
from bot.words import read_words
from dialogs.application import Application
from dialogs.form import Form
from dialogs.machine import ORDERS
from dialogs.wording import WordingError

MANY = 200
"""rows; fewer are done before a progress bar could be read"""


class Failure(Exception):
    """The command could not do it; the text says what to do next. Exit code 1."""


def read_form(settings: Settings) -> Words:
    form = Form(Application)
    try:
        wording = read_words(form.names(), ORDERS)
    except WordingError as error:
        raise ConfigError("words", str(error)) from None
    names = {"program": settings.program.name, "company": settings.program.company}
    return Words(form, wording, Renderer(wording, {**names, "brand": settings.program.brand}))


NAME = 80
"""characters of a name at most"""
UNNAMED = "command line"
"""who gives a command, where they do not say it"""


def operator(name: str = UNNAMED) -> str:
    """Who gives this command, for the record of what was done: the name that they gave, else that
    of their login."""
    if name == UNNAMED:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            name = "?"
    if not name.strip() or len(name) > NAME or not name.isprintable():
        raise Failure(f"Who does it has a name, in one line of at most {NAME} characters.")
    return f"cli:{name}"


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store, beside whatever serves it. Raises StoreError where there is none yet, since a
    command in the wrong folder must not leave an empty database there."""
    require_database(settings)
    store = await open_store(settings.database, serving=False)
    try:
        yield store
    finally:
        await store.close()


def require_database(settings: Settings) -> None:
    path = settings.database.file
    if path is not None and not path.exists():
        raise StoreError(
            f"There is no database {path} yet: `frontdesk chat` or `frontdesk run` makes it. "
            "If it is elsewhere, go to its folder, or name it in [store] of the settings."
        )


def console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table at a terminal; tab-separated lines with a header elsewhere. What stands in the first
    column is to be copied, so it is never cut."""
    screen = console()
    if not screen.is_terminal:
        for row in (columns, *rows):
            sys.stdout.write("\t".join(" ".join(harmless(cell).split()) for cell in row) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    first = max((len(row[0]) for row in rows), default=0)
    table.add_column(columns[0], no_wrap=True, min_width=max(first, len(columns[0])))
    for name in columns[1:]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    screen.print(table)


@contextmanager
def progress(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, where there is something to wait for; it is given how many are done."""
    screen = Console(stderr=True)
    if total < MANY or not screen.is_terminal:
        yield lambda _: None
        return
    with Progress(console=screen, transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done: bar.update(task, completed=done)
