"""``frontdesk knowledge ...``: what authors do with the articles. Parsing only, as ``cli.py``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

app = typer.Typer(
    name="knowledge",
    help="The articles: check, evaluate, import, learn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def relied(
    context: typer.Context,
    article: Annotated[
        str, typer.Argument(metavar="[ARTICLE]", help="Its id: who they are.", show_default=False)
    ] = "",
) -> None:
    """Who was told something else than what an article says now.

    An article says something new from when the program that serves the bot uses it.
    """
    from bot.commands import reliance

    asyncio.run(reliance.relied(context.obj.settings(), article))


@app.command()
def inform(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its id.")],
    only_open: Annotated[
        bool,
        typer.Option(
            "--only-open", help="Only people whose application is unfinished or with staff."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Send what an article says now to everybody who was told something else."""
    from bot.commands import reliance

    def sure(question: str) -> bool:
        return yes or typer.confirm(question)

    asyncio.run(reliance.inform(context.obj.settings(), article, only_open, sure))
