"""``frontdesk queue``, ``claim``, ``audit``: what staff do with applications, and what was done.
Parsing only."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.cli_knowledge import COMMAND_LINE, JsonOption

app = typer.Typer(rich_markup_mode=None)

Reference = Annotated[str, typer.Argument(metavar="REF")]
By = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who does it, if that is somebody who claims.")
]
Message = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", help="Said under the decision, in place of ours.", show_default=False
    ),
]


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
    message: Message = None,
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
    message: Message = None,
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
def distinct(
    context: typer.Context,
    reference: Reference,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another application's.")],
    by: By = COMMAND_LINE,
) -> None:
    """Say that two applications are not the same one; it is not shown again that they may be."""
    from bot.commands import applications

    asyncio.run(applications.distinct(context.obj.settings(), reference, other, by))


@app.command()
def audit(
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="One application's history.", show_default=False)
    ] = "",
    by: Annotated[
        str,
        typer.Option(metavar="WHO", help="What they did: slack:U1, cli:Ana.", show_default=False),
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="What was done from this day (2026-11-22) or ISO time on, UTC.",
            show_default=False,
        ),
    ] = "",
    head: Annotated[
        bool, typer.Option("--head", help="Only say where the record ends: to be noted down.")
    ] = False,
    expect: Annotated[
        str,
        typer.Option(
            metavar="HASH", help="A head that was noted down; it must be in it.", show_default=False
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Who did what, when: is the record whole? Or what is on it.

    Without REF, --by and --since the whole record is checked, and every application against it;
    exit code 1 where a row was changed, added or taken away. Rows hold no answer of anybody, so an
    erase leaves them as they are. What was asked, changed and said of an application stands beside
    its rows while the application is kept.
    """
    from bot.commands import auditing

    settings = context.obj.settings()
    if head:
        asyncio.run(auditing.head(settings))
    elif reference:
        asyncio.run(auditing.history(settings, reference, by, since, as_json=as_json))
    elif by or since:
        asyncio.run(auditing.listed(settings, by, since, as_json=as_json))
    else:
        asyncio.run(auditing.verify(settings, expect, as_json=as_json))
