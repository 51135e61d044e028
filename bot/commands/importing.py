"""``knowledge import``: a sheet of questions becomes a folder of articles."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bot.app import article_values
from bot.channels.terminal_text import harmless
from bot.commands.common import Failure, print_table
from bot.config import Settings
from knowledge.article import parse
from knowledge.drafts import Made, make_articles
from knowledge.folder import load_articles
from knowledge.question_sheet import SheetError, read_sheet
from knowledge.sources import ARTICLES, MAX_BYTES, MAX_FILES

SHOWN = 20
"""rows of what was left out"""
NAMED = 5


def run(
    settings: Settings, file: Path, folder: Path, *, language: str, fact: str, force: bool
) -> None:
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise Failure(f'--language: "{language}" is no code of a language, such as en or id')
    if not re.fullmatch(r"[A-Z][0-9]+", fact):
        raise Failure(f'--fact: "{fact}" is no fact id, such as X1 or B3')
    try:
        rows = read_sheet(file)
    except SheetError as error:
        raise Failure(str(error)) from None
    today = datetime.now(UTC).date()
    made = make_articles(rows, language=language, fact=fact, updated=today)
    if made.files:
        _check_size(made)
        _write(made, folder, language, force, settings)
        again = f" ({made.repeated} more were repeated)" if made.repeated else ""
        print(f"{len(made.files)} articles, {made.questions} questions{again}: {folder / language}")
    if made.left_out:
        _tell_left_out(made)
    if not made.files:
        raise Failure("No article could be made, so nothing was written.")
    id, text = next(iter(made.files.items()))
    question = parse(text, id=id, language=language).questions[0]
    options = f"--articles {shlex.quote(str(folder))} --language {language}"
    print("\nNext:")
    print(f"frontdesk ask {options} {shlex.quote(harmless(question))}")
    print(f"frontdesk knowledge evaluate {options} FILE")


def _check_size(made: Made) -> None:
    size = sum(len(text.encode()) for text in made.files.values())
    if size > MAX_BYTES or len(made.files) >= MAX_FILES:
        raise Failure(
            f"{len(made.files)} articles of {size / 1e6:.1f} MB are more than can be served "
            f"({MAX_FILES} articles, {MAX_BYTES / 1e6:.0f} MB); import a part of the file."
        )


def _write(made: Made, folder: Path, language: str, force: bool, settings: Settings) -> None:
    """All or nothing: beside the folder, tried, and then put into its place."""
    target = folder / language
    there = sorted(id for id in made.files if (target / f"{id}.md").exists())
    if there and not force:
        named = ", ".join(f"{id}.md" for id in there[:NAMED])
        more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
        raise Failure(f"{target} has {named}{more} already; --force writes over them.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise Failure(f"{folder} cannot be written ({error.strerror})") from None
    try:
        fresh = beside / "articles" / language
        fresh.mkdir(parents=True)
        for id, text in made.files.items():
            (fresh / f"{id}.md").write_text(text, encoding="utf-8")
        shutil.copyfile(_words(target, language), fresh / "words.toml")
        load_articles(fresh.parent, article_values(settings))
        if folder.exists():
            target.mkdir(exist_ok=True)
            for path in fresh.iterdir():
                path.replace(target / path.name)
        else:
            fresh.parent.rename(folder)
    except OSError as error:
        raise Failure(f"{folder} cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _words(target: Path, language: str) -> Path:
    """What stands for settings that are empty: the folder's own, the language's, the English."""
    places = (target, ARTICLES / language, ARTICLES / "en")
    return next(path for place in places if (path := place / "words.toml").exists())


def _tell_left_out(made: Made) -> None:
    questions = sum(left.questions for left in made.left_out)
    print(f"\nLeft out: {questions} questions")
    print_table(
        ("questions", "what", "why"),
        [(str(left.questions), left.what, left.why) for left in made.left_out[:SHOWN]],
    )
    if len(made.left_out) > SHOWN:
        print(f"... and {len(made.left_out) - SHOWN} more lines like these")
