"""The commands. Parsing only: what each one does is in ``bot/commands`` and ``bot/check.py``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from bot import cli_database, cli_knowledge, cli_review, cli_server
from bot.cli_knowledge import ArticlesOption, JsonOption, NotCoveredOption
from bot.cli_review import Reference
from bot.config import Settings, load
from bot.environment import ConfigError
from bot.logs import set_up
from bot.store.rows import StoreError, StoreUnavailable

MEND = 2
"""exit code: the operator has to mend something first"""
FAILED = 1

app = typer.Typer(
    name="frontdesk",
    help="An applicant assistant that talks: in the terminal, on Telegram and on Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_knowledge.app)
app.add_typer(cli_database.app)


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Options:
    """The global ones."""

    config: Path | None

    def settings(self) -> Settings:
        settings = load(self.config)
        set_up(settings.log.level, settings.log.format, settings.secrets.values())
        return settings

    def as_typed(self) -> str:
        return f" --config {self.config}" if self.config else ""


app.add_typer(cli_review.app)
app.add_typer(cli_server.app)


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The settings. Else the file that FRONTDESK_CONFIG names, else ./config.toml",
            show_default=False,
        ),
    ] = None,
) -> None:
    context.obj = Options(config)


@app.command()
def chat(
    context: typer.Context,
    person: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who talks; each name is a person.")
    ] = "me",
) -> None:
    """Talk with the bot in this terminal; needs no settings."""
    from bot.commands import serving

    given: Options = context.obj
    _do(serving.chat(given.settings(), person, given.as_typed()))


@app.command()
def run(context: typer.Context) -> None:
    """Serve every configured channel, until it is stopped (SIGTERM, Ctrl-C)."""
    from bot.commands import serving

    _do(serving.run(context.obj.settings()))


@app.command()
def show(context: typer.Context, reference: Reference) -> None:
    """One application, whole: its doubts first, then every answer."""
    from bot.commands import applications

    _do(applications.show(context.obj.settings(), reference))


@app.command()
def export(
    context: typer.Context,
    form: Annotated[
        Format, typer.Option("--format", help="jsonl is exact; csv and xlsx are for spreadsheets.")
    ] = Format.JSONL,
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="Only what was received from this day (2026-11-22) or ISO time on, UTC.",
            show_default=False,
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="Only what was received up to the end of this day, or up to this ISO time, UTC.",
            show_default=False,
        ),
    ] = "",
    state: Annotated[
        str,
        typer.Option(
            metavar="STATE",
            help="Only submitted (staff have it), approved, declined, or withdrawn.",
            show_default=False,
        ),
    ] = "",
    output: Annotated[
        str,
        typer.Option(
            metavar="FILE|FOLDER|-",
            help="jsonl: a file, or - (the default) for standard output. "
            "csv: a folder (default: frontdesk-export). xlsx: a file "
            "(default: frontdesk-export.xlsx).",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Write the applications to files (0600).

    jsonl: one record a line, exactly as it is kept. `frontdesk schema` describes it.

    csv: applications.csv, one row an application; owners.csv and locations.csv, one row an item
    with its application's reference. Beside each answer its status; doubts in the column "flags";
    "rest" is for `frontdesk import`. UTF-8 with a byte order mark. A cell that starts with
    = + - @ TAB or CR gets a leading apostrophe, so that no spreadsheet runs it as a formula; and so
    does one that has apostrophes before such a start, so that the import can take one off again.

    xlsx: the same tables as sheets, every cell a text, exactly as it was given. Characters that
    XML cannot hold stand as _xHHHH_. A text longer than a cell's 32,767 characters is cut there,
    which the cell says, and whole in the sheet "long".
    """
    from bot.commands import transfer

    _do(transfer.export(context.obj.settings(), form.value, since, until, state, output))


@app.command(name="import")
def import_(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE|FOLDER")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check it and say what would be done.")
    ] = False,
) -> None:
    """Take applications back from an export: JSON Lines, XLSX, a folder or ZIP of CSV.

    Every record is checked first; where one does not fit, nothing is imported. An application whose
    reference is here already is left as it is, and one that was erased here stays erased. Nobody
    can be written to about an imported application: it belongs to no conversation of a channel, but
    to one of its own (import:REF).
    """
    from bot.commands import transfer

    _do(transfer.import_(context.obj.settings(), path, dry_run=dry_run))


@app.command()
def schema() -> None:
    """The JSON Schema of a line of `frontdesk export`."""
    from bot.commands import transfer

    transfer.schema()


@app.command()
def stats(
    context: typer.Context,
    since: Annotated[
        str,
        typer.Option(metavar="DATE", help="The first day (2026-11-22), UTC.", show_default=False),
    ] = "",
    until: Annotated[
        str,
        typer.Option(metavar="DATE", help="The last day, counted in.", show_default=False),
    ] = "",
    as_json: JsonOption = False,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it into this file too.", show_default=False),
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Likewise, as pixels; needs the extra frontdesk[picture].",
            show_default=False,
        ),
    ] = None,
) -> None:
    """How far the applications come that were begun on these days, question by question.

    It counts what happened, and holds nothing of anybody: erased people stay in the counts.

    abandoned: nothing was said for seven days, or it was erased by its silence. stopped: ended
    there by the applicant. time: the median from the question to its passing. refused: how often
    (and how many people).
    """
    from bot.commands import stats

    _do(
        stats.stats(context.obj.settings(), since, until, as_json=as_json, svg=svg, image=png),
    )


@app.command()
def questions(context: typer.Context) -> None:
    """The questions of applicants that wait for an answer."""
    from bot.commands import desk

    _do(desk.questions(context.obj.settings()))


@app.command()
def answer(
    context: typer.Context,
    id: Annotated[int, typer.Argument(metavar="ID", help="As `frontdesk questions` shows it.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Sent to the applicant as it is.")],
    also: Annotated[
        str,
        typer.Option(
            metavar="ID,ID", help="Answers these questions too: 12,15", show_default=False
        ),
    ] = "",
    all_like_it: Annotated[
        bool, typer.Option("--all-like-it", help="Answers all that wait and ask the same.")
    ] = False,
) -> None:
    """Answer a question; the applicant reads it where they asked.

    Others' questions that wait and ask the same are shown. They get the answer too, each with its
    own question, where they are named or --all-like-it is given.
    """
    from bot.commands import desk

    _do(desk.answer(context.obj.settings(), id, text, also, all_like_it))


@app.command()
def deliveries(context: typer.Context) -> None:
    """What was handed on to the webhook, the e-mail address and the folder, and how it stands."""
    from bot.commands import desk

    _do(desk.deliveries(context.obj.settings()))


@app.command()
def failures(context: typer.Context) -> None:
    """What could not be handled, read or delivered."""
    from bot.commands import desk

    _do(desk.failures(context.obj.settings()))


@app.command()
def retry(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="As `frontdesk failures` shows it.")],
) -> None:
    """Try a failure again: a message that could not be handled, or something not delivered."""
    from bot.commands import desk

    _do(desk.retry(context.obj.settings(), id))


@app.command()
def erase(
    context: typer.Context,
    whom: Annotated[
        str,
        typer.Argument(
            metavar="REF|CHANNEL:PERSON", help="An application's reference, or telegram:1001."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase everything that is kept of a person; only a note that it was done stays."""
    from bot.commands import desk

    def sure(question: str) -> bool:
        return yes or typer.confirm(question)

    _do(desk.erase(context.obj.settings(), whom, sure))


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    language: Annotated[str, typer.Option(metavar="CODE", help="Of the question.")] = "en",
    previous: Annotated[
        str, typer.Option(metavar="TEXT", help="The question before it.", show_default=False)
    ] = "",
    articles: ArticlesOption = None,
    not_covered: NotCoveredOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the bot would answer, from which article, how surely, and what else came near."""
    from bot.commands import asking

    asking.ask(
        context.obj.settings(),
        question,
        language=language,
        previous=previous,
        articles=articles,
        not_covered=not_covered,
        as_json=as_json,
    )


@app.command()
def check(context: typer.Context) -> None:
    """Try settings, words, articles, database, tokens and hand-off, and say what to mend."""
    from bot.commands import checking

    try:
        settings: Settings = context.obj.settings()
    except ConfigError as error:
        checking.tell(error.key, False, error.mend)
        raise typer.Exit(FAILED) from None
    if not _do(checking.check(settings)):
        raise typer.Exit(FAILED)


def _do(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def main() -> None:
    """The program. Whatever the operator can mend is one line, never a traceback."""
    from bot.commands.common import Failure
    from bot.export import ExportError

    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # replaced by something that is no text file
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except (ConfigError, StoreError) as error:
        _end(str(error), MEND)
    except (Failure, ExportError, StoreUnavailable) as error:
        _end(str(error), FAILED)
    except KeyboardInterrupt:
        _end("stopped", 130)
    except BrokenPipeError:
        sys.exit(FAILED)
    finally:
        _let_go(sys.stdout)


def _let_go(stream: TextIO) -> None:
    """Where nobody reads any more, that is no news; but the interpreter would complain of it."""
    try:
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end(sentence: str, code: int) -> None:
    typer.echo(f"frontdesk: {sentence}", err=True)
    sys.exit(code)
