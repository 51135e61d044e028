"""``frontdesk knowledge ...``: what authors do with the articles. Parsing only, as ``cli.py``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="knowledge",
    help="The articles: check, evaluate, import, learn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ArticlesOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Other articles than those in force.", show_default=False),
]
NotCoveredOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Questions that must not be answered; with --articles there are none without it.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object and nothing else.")]


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


@app.command()
def evaluate(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help='{"question": ..., "article": ID or null}, ...')
    ],
    articles: ArticlesOption = None,
    not_covered: NotCoveredOption = None,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="Of the questions that name none.")
    ] = "en",
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a page with tables and a curve.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """How well the questions of a JSON Lines file are answered.

    Each line is {"question": "...", "article": ID}, or null for a question that should not be
    answered. Optional: "also", a list of other right ids; "language". Other keys are ignored.
    """
    from bot.commands import evaluating

    evaluating.run(
        context.obj.settings(),
        file,
        language=language,
        articles=articles,
        not_covered=not_covered,
        html=html,
        as_json=as_json,
    )


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or JSON Lines.")],
    folder: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="A new one, best.")],
    language: Annotated[str, typer.Option(metavar="CODE", help="Of the questions.")] = "en",
    fact: Annotated[str, typer.Option(metavar="ID", help="The fact id they all cite.")] = "X1",
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Make articles of labelled questions, so that any set of them can be tried.

    Columns or keys: question (or text), article (or category, label, intent); optional: title,
    passage, section. Rows of the same article are gathered; it needs five different questions.
    """
    from bot.commands import importing

    importing.run(context.obj.settings(), file, folder, language=language, fact=fact, force=force)


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
