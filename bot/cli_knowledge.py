"""``frontdesk knowledge ...``: what authors do with the articles. Parsing only, as ``cli.py``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.teaching import Wording

app = typer.Typer(
    name="knowledge",
    help="The articles: check, evaluate, import, learn.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CandidateId = Annotated[
    str, typer.Argument(metavar="ID", help="As `frontdesk knowledge candidates` shows it: c3")
]
About = Annotated[
    list[str] | None,
    typer.Option(metavar="FACT", help="A fact of the program that it is about: B1. Repeatable."),
]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="Of the article, on one line.")]
Button = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Its short title, 19 characters; else the title."),
]
Questions = Annotated[
    list[str] | None,
    typer.Option(
        "--question", metavar="TEXT", help="A way to ask it, in general words. Repeatable."
    ),
]
Answer = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What the bot says; else what staff answered."),
]
Language = Annotated[
    str | None, typer.Option(metavar="CODE", help="en, id; else that of whoever asked.")
]
By = Annotated[str, typer.Option(metavar="NAME", help="Who decides.")]
Role = Annotated[
    str, typer.Option(metavar="ROLE", help="As what they approve it, for the source line: review")
]
COMMAND_LINE = "command line"


@app.command()
def teach(
    context: typer.Context,
    id: Annotated[int, typer.Argument(metavar="QUESTION_ID", help="An answered question's.")],
    by: By = COMMAND_LINE,
) -> None:
    """Make an answered question a candidate: a possible article."""
    from bot.commands import learning

    asyncio.run(learning.teach(context.obj.settings(), id, by))


@app.command()
def candidates(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were approved or dismissed.")
    ] = False,
) -> None:
    """What was learnt from staff answers and waits for approval, with all who asked the same."""
    from bot.commands import learning

    asyncio.run(learning.candidates(context.obj.settings(), everything))


@app.command()
def approve(
    context: typer.Context,
    id: CandidateId,
    by: By,
    role: Role,
    about: About = None,
    title: Title = None,
    button: Button = None,
    question: Questions = None,
    answer: Answer = None,
    language: Language = None,
) -> None:
    """Serve a candidate as an article, at once.

    The question must be given in general words, here or with `edit`: an applicant's own words are
    in no article. Refused is what promises acceptance, what belongs to one case (addresses,
    numbers, references, names), what is too long, and what is about no fact of the program.
    """
    from bot.commands import learning

    wording = _wording(question, answer, title, button, about, language)
    asyncio.run(learning.approve(context.obj.settings(), id, wording, by, role))


@app.command()
def edit(
    context: typer.Context,
    id: CandidateId,
    about: About = None,
    title: Title = None,
    button: Button = None,
    question: Questions = None,
    answer: Answer = None,
    language: Language = None,
    by: By = COMMAND_LINE,
    role: Role = "",
) -> None:
    """Change a candidate. One in force is approved anew, by whoever changes it (--by, --role)."""
    from bot.commands import learning

    wording = _wording(question, answer, title, button, about, language)
    asyncio.run(learning.edit(context.obj.settings(), id, wording, by, role))


@app.command()
def dismiss(context: typer.Context, id: CandidateId, by: By) -> None:
    """Propose a candidate no more, nor what asks the same. One in force is taken out of it."""
    from bot.commands import learning

    asyncio.run(learning.dismiss(context.obj.settings(), id, by))


@app.command("not-covered")
def not_covered(
    context: typer.Context,
    id: Annotated[
        str, typer.Argument(metavar="QUESTION_ID|ID", help="A question's (12) or candidate's (c3).")
    ],
    question: Annotated[
        str, typer.Option(metavar="TEXT", help="In general words; else as it was asked.")
    ] = "",
    instead: Annotated[
        str, typer.Option(metavar="TEXT", help="What the bot says; else its general sentence.")
    ] = "",
    by: By = COMMAND_LINE,
) -> None:
    """Say that the program does not answer a question, so that no near article does. Whoever asked
    still waits for their answer."""
    from bot.commands import learning

    asyncio.run(learning.not_covered(context.obj.settings(), id, question, instead, by))


@app.command()
def export(
    context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="FOLDER")]
) -> None:
    """Write what was approved as files: articles/en/ID.md, and not_covered/en.md."""
    from bot.commands import learning

    asyncio.run(learning.export(context.obj.settings(), folder))


def _wording(
    questions: list[str] | None,
    answer: str | None,
    title: str | None,
    button: str | None,
    about: list[str] | None,
    language: str | None,
) -> Wording:
    from bot.teaching import Wording

    return Wording(
        tuple(questions) if questions else None,
        answer,
        title,
        button,
        tuple(about) if about else None,
        language,
    )
