"""``frontdesk knowledge ...``: what authors do with the articles. Parsing only, as ``cli.py``."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="knowledge",
    help="The articles: check, evaluate, import, learn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
