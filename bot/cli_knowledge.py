"""``frontdesk knowledge ...``: what authors do with the articles. Parsing only, as ``cli.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="knowledge",
    help="The articles: check, evaluate, import, learn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Articles to check instead of the bot's own: a folder with one for each language.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Name everything to mend in the articles and in the lists of what they do not cover.

    Exit code 2 where there is something. With --folder, the lists are those of the folder
    "not_covered" beside it, if there is one.
    """
    from bot.cli import MEND
    from bot.commands import knowledge

    if not knowledge.check(context.obj.settings(), folder):
        raise typer.Exit(MEND)
