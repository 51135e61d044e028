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
