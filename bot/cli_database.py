"""``frontdesk move``: what is done with a database as a whole. Parsing only."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def move(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Option("--from", metavar="URL", help="As in store.url; it is only read."),
    ],
    target: Annotated[str, typer.Option("--to", metavar="URL", help="An empty database.")],
) -> None:
    """Move everything into another database: from SQLite to PostgreSQL, or back.

    The source is only read, and must not be served meanwhile. What was interrupted goes on where it
    was when it is run again. At the end every table is counted and hashed on both sides.
    """
    from bot.commands import moving

    asyncio.run(moving.move(context.obj.settings(), source, target))
