"""``frontdesk telegram register``, ``backup``: what an operator of servers does. Parsing only."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)
telegram = typer.Typer(
    name="telegram",
    help="Where Telegram's updates go: posted to a server, or fetched.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(telegram)


@telegram.command()
def register(context: typer.Context) -> None:
    """Have Telegram post this bot's updates to telegram.webhook_url. Once, not on each replica."""
    from bot.commands import hooking

    asyncio.run(hooking.register(context.obj.settings()))


@telegram.command()
def unregister(context: typer.Context) -> None:
    """Have them fetched again. What waits at Telegram is kept."""
    from bot.commands import hooking

    asyncio.run(hooking.unregister(context.obj.settings()))


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="It must not be there yet.")],
) -> None:
    """Copy the SQLite database as it is now, also while it is served."""
    from bot.commands import backing

    asyncio.run(backing.backup(context.obj.settings(), file))
