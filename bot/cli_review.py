"""``frontdesk queue``, ``claim``, ``request``: what staff do with applications. Parsing only."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)

Reference = Annotated[str, typer.Argument(metavar="REF")]
By = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who does it, if that is somebody who claims.")
]
COMMAND_LINE = "command line"


@app.command()
def queue(context: typer.Context) -> None:
    """The applications that staff have: state, claims, doubts; the longest waiting first."""
    from bot.commands import reviewing

    asyncio.run(reviewing.queue(context.obj.settings()))


@app.command()
def claim(
    context: typer.Context,
    reference: Reference,
    by: Annotated[str, typer.Option("--as", metavar="NAME", help="Who takes it up.")],
) -> None:
    """Take an application up: for four hours nobody else acts on it."""
    from bot.commands import reviewing

    asyncio.run(reviewing.claim(context.obj.settings(), reference, by))


@app.command()
def release(context: typer.Context, reference: Reference, by: By = COMMAND_LINE) -> None:
    """Let a claimed application go, for others to take up."""
    from bot.commands import reviewing

    asyncio.run(reviewing.release(context.obj.settings(), reference, by))


@app.command()
def request(
    context: typer.Context,
    reference: Reference,
    reasons: Annotated[
        list[str],
        typer.Argument(
            metavar="REASON",
            help="Of each field, right after it, in quotes; the applicant reads it.",
            show_default=False,
        ),
    ],
    fields: Annotated[
        list[str],
        typer.Option(
            "--field",
            metavar="FIELD",
            help="email, locations.2.phone; what can be asked is named where one is unknown.",
        ),
    ],
    by: By = COMMAND_LINE,
) -> None:
    """Ask the applicant about some answers, and nothing else.

    They are walked through these fields in the chat, the reason shown with each, and send them as
    a new version, which comes back to whoever asked:

    frontdesk request FD-7K3Q-X9MB --field email "It bounces." --field website "It is empty."
    """
    from bot.commands import reviewing

    asyncio.run(reviewing.request(context.obj.settings(), reference, by, fields, reasons))


@app.command()
def approve(
    context: typer.Context,
    reference: Reference,
    message: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Said under the decision, in place of ours.", show_default=False
        ),
    ] = None,
    by: By = COMMAND_LINE,
) -> None:
    """Approve a claimed application; the applicant is told that, and nothing more."""
    from bot.commands import reviewing

    asyncio.run(
        reviewing.decide(context.obj.settings(), reference, by, "approved", message or None)
    )


@app.command()
def decline(
    context: typer.Context,
    reference: Reference,
    message: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="Said under the decision, in place of ours.", show_default=False
        ),
    ] = None,
    no_comment: Annotated[
        bool, typer.Option("--no-comment", help="Only the decision, without any message.")
    ] = False,
    by: By = COMMAND_LINE,
) -> None:
    """Decline an application; the applicant is told."""
    from bot.commands import reviewing

    if no_comment and message:
        raise typer.BadParameter("either --message or --no-comment")
    text = "" if no_comment else message or None
    asyncio.run(reviewing.decide(context.obj.settings(), reference, by, "declined", text))


@app.command()
def history(context: typer.Context, reference: Reference) -> None:
    """What became of an application: its versions, what was asked, how it was decided."""
    from bot.commands import reviewing

    asyncio.run(reviewing.history(context.obj.settings(), reference))
