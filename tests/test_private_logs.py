"""Nothing personal and no token outside the database: whole conversations with the real process, at
DEBUG, through faults, updates that cannot be read and a traceback; then every byte that it wrote
anywhere but into the database is searched.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from tests.fakes.slack import SlackServer
from tests.fakes.slack_channels import Channel
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram_faults import Kind
from tests.rig import (
    SLACK_APP_TOKEN,
    SLACK_BOT_TOKEN,
    SLACK_STAFF,
    TELEGRAM_TOKEN,
    Person,
    shown,
    until,
)

T = TypeVar("T")

PATIENCE = 60.0
"""seconds until a hanging process fails the test"""
TOKENS = (TELEGRAM_TOKEN, SLACK_BOT_TOKEN, SLACK_APP_TOKEN)
DATABASE = ("frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm")
FAILED = "A message could not be handled. See: frontdesk failures"

ANSWERS = (
    "apply",
    "skip the check",
    "I agree",
    "Service business",
    "Quokkaville Gerätehaus & Søn Ltd",
    "Wombatfix Élite",
    "Thessaly Vandermolen-Okafor",
    "that is all",
    "United Kingdom",
    "77 Wobbleton Crescent, Leeds LS1 6DT",
    "0113 496 0835",
    "that is all",
    "bookings@quokkaville-repairs.co.uk",
    "https://quokkaville-repairs.co.uk/aboutmarsupials",
    "We have mended gramophones & harmoniums for Zanzibar's <navy> since 1987.",
    "submit",
    "yes",
)
BROKEN = "Bandicoot 4417 cannot be read"
POISON = "Pademelon 9931"
CRASHING = "Does my brother Balthazar need a chrysoberyl badge?"
QUESTION = "May cousin Ermintrude repair xylophones?"
STAFF_SAYS = "Cousin Ermintrude may repair glockenspiels."

WORDS = (
    *("Quokkaville", "Gerätehaus", "Wombatfix", "Élite", "Thessaly", "Vandermolen", "Okafor"),
    *("Wobbleton", "0113 496 0835", "01134960835", "1134960835", "496 0835", "aboutmarsupials"),
    *("gramophones", "harmoniums", "Zanzibar", "<navy>", "Bandicoot", "Pademelon", "Balthazar"),
    *("chrysoberyl", "Ermintrude", "xylophones", "glockenspiels", "Zebedee", "zebedee_handle"),
)
"""of the persona, each found nowhere else"""


# The search


def forms(word: str) -> Iterator[str]:
    """How a word may stand in a file, lower-case."""
    for each in (word, word.lower(), word.upper()):
        yield each.casefold()
        yield quote(each).casefold()
        yield quote_plus(each).casefold()
        yield html.escape(each).casefold()
        yield json.dumps(each)[1:-1].casefold()
        yield repr(each.encode())[2:-1].casefold()


def found(content: bytes, words: tuple[str, ...]) -> list[str]:
    """Those of the words that stand in it, in whichever form."""
    text = content.decode("utf-8", "replace")
    wide = content.decode("utf-16-le", "replace")
    once = re.sub(r"\\+", r"\\", text)  # JSON in JSON
    hay = "\0".join((text, once, unquote_plus(text), html.unescape(text), wide)).casefold()
    return [word for word in words if any(form in hay for form in forms(word))]


@pytest.mark.parametrize("word", WORDS + TOKENS)
def test_the_search_finds_what_it_looks_for(word: str) -> None:
    for written in (
        word,
        word.upper(),
        quote(word),
        quote_plus(word),
        json.dumps({"a": word}),
        json.dumps(json.dumps(word)),
        html.escape(word),
        repr(word.encode()),
        f"https://127.0.0.1/bot{quote(word, safe='')}/getMe",
    ):
        assert found(f"x {written} y".encode(), (word,)) == [word], written
    assert found(word.encode("utf-16-le"), (word,)) == [word]
    assert found(b"level=debug logger=frontdesk.door key=telegram:17", (word,)) == []


# The process


@dataclass
class Process:
    """``frontdesk run`` on a database of its own, as an operator would start it."""

    folder: Path
    telegram: TelegramServer
    slack: SlackServer
    staff: Channel
    form: str
    running: asyncio.subprocess.Process | None = None
    printed: list[Path] = field(default_factory=list)
    """what went to stdout and stderr"""

    def __post_init__(self) -> None:
        self.config.write_text(
            f'[store]\nurl = "sqlite:///{self.database}"\n'
            f'[telegram]\nbase_url = "{self.telegram.url}"\n'
            f'[slack]\nbase_url = "{self.slack.api_url}"\n'
            f'[staff]\nchat = "slack:{self.staff.id}"\n'
            f'[log]\nlevel = "debug"\nformat = "{self.form}"\n'
        )
        for name in ("home", "tmp", "cwd"):
            (self.folder / name).mkdir()

    @property
    def config(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def database(self) -> Path:
        return self.folder / "frontdesk.db"

    async def start(self) -> None:
        self.running = await self._frontdesk("run")
        await self.until(lambda: self.telegram.updates.polled and self.slack.connections)

    async def stop(self) -> int:
        """As an operator stops it -> the exit code."""
        assert self.running is not None
        if self.running.returncode is None:
            self.running.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.running.wait(), PATIENCE)

    async def command(self, *arguments: str) -> str:
        """Another command, beside it -> what it printed."""
        process = await self._frontdesk(*arguments)
        code = await asyncio.wait_for(process.wait(), PATIENCE)
        out, errors = (path.read_text() for path in self.printed[-2:])
        assert code == 0, errors
        return out

    async def _frontdesk(self, *arguments: str) -> asyncio.subprocess.Process:
        number = len(self.printed) // 2
        paths = [self.folder / f"printed-{number}.{kind}" for kind in ("out", "err")]
        self.printed += paths
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "default",
            "FRONTDESK_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
            "FRONTDESK_SLACK_BOT_TOKEN": SLACK_BOT_TOKEN,
            "FRONTDESK_SLACK_APP_TOKEN": SLACK_APP_TOKEN,
        }
        with paths[0].open("wb") as out, paths[1].open("wb") as errors:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "--config", str(self.config), *arguments),
                cwd=self.folder / "cwd",
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                umask=0,  # so that the modes are the program's own doing
            )

    async def until(self, predicate: Callable[[], T]) -> T:
        return await until(self.telegram, self.slack, predicate, PATIENCE)

    @property
    def cards(self) -> list[str]:
        return [shown(message) for message in self.staff.messages if message.from_bot]

    def poison(self, person: Person) -> None:
        """The person's state becomes something that does not parse, and holds their words."""
        with sqlite3.connect(self.database, timeout=10) as connection:
            connection.execute(
                "UPDATE conversations SET state = ? WHERE channel = ? AND person = ?",
                (json.dumps({"phase": POISON, "asked": [POISON]}), person.channel, person.id),
            )
        connection.close()

    def written(self) -> dict[Path, bytes]:
        """Every file that came to be, but the database."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files if path.name not in DATABASE}


@asynccontextmanager
async def process(folder: Path, form: str) -> AsyncIterator[Process]:
    slack = SlackServer(bot_token=SLACK_BOT_TOKEN, app_token=SLACK_APP_TOKEN, retries=1000)
    async with TelegramServer(TELEGRAM_TOKEN) as telegram, slack:
        dana = slack.person("U0900", name="Dana")
        staff = slack.channel(SLACK_STAFF, name="staff", members=[dana], private=True)
        one = Process(folder, telegram, slack, staff, form)
        await one.start()
        try:
            yield one
        finally:
            await one.stop()


def people(one: Process) -> tuple[Person, Person]:
    named = {"last_name": "Vandermolen", "username": "zebedee_handle"}
    return (
        Person("telegram", one.telegram.person(1001, "Zebedee", **named)),
        Person("slack", one.slack.person("U0101", name="Zebedee")),
    )


def go_wrong(one: Process, telegram: Person, slack: Person) -> None:
    """Each kind of fault on each kind of call, each on another message."""
    kinds: tuple[Kind, ...] = ("429", "500", "drop", "lost", "malformed")
    for n, kind in enumerate(kinds):
        one.telegram.fault("getUpdates", kind, skip=2 * n)
        one.telegram.fault("sendMessage", kind, skip=2 * n, chat_id=int(telegram.id))
    for fault in ("429", "500", "drop", "lost", "invalid_blocks"):
        one.slack.fault(method="chat.postMessage", kind=fault, channel=slack.human.dm.id)
    one.slack.fault(method="chat.postMessage", kind="500", channel=one.staff.id)
    one.slack.duplicate_events(2)
    one.slack.lose_acks(1)


async def talk(one: Process) -> None:
    """Two whole applications, a question and its answer, what cannot be read, what raises."""
    telegram, slack = people(one)
    go_wrong(one, telegram, slack)
    for person in (telegram, slack):
        # All at once: the bot's own pace of sending would be what the test waits for.
        for text in ANSWERS:
            await person.says(text)
    await one.until(lambda: sum("New application" in card for card in one.cards) == 2)
    asking = Person("slack", one.slack.person("U0102", name="Zebedee"))
    await asking.says("talk to a person")
    await asking.says(QUESTION)
    await one.until(lambda: any(QUESTION in card for card in one.cards))
    told = await one.command("answer", "1", STAFF_SAYS)
    assert told.startswith("Passed on to the applicant.")
    await one.until(lambda: any(STAFF_SAYS in line for line in asking.heard))

    one.telegram.push({"message": {"message_id": BROKEN, "text": BROKEN}})
    one.telegram.push({"callback_query": {"id": "1", "from": {"id": BROKEN}, "data": BROKEN}})
    one.slack.world.emit({"type": "message", "channel": [BROKEN], "text": BROKEN})
    one.slack.world.tell("interactive", {"type": "block_actions", "user": BROKEN}, "x")
    for person in (telegram, slack):
        one.poison(person)
        await person.says(CRASHING)
    await one.until(lambda: sum(FAILED in card for card in one.cards) >= 6)
    failures = await one.command("failures")
    assert failures.count("ValidationError") == 2
    assert failures.count("update-") == 4
    one.slack.drop_sockets()
    await one.until(lambda: one.slack.connections and one.slack.settled)


async def test_nothing_personal_and_no_token_is_written_but_into_the_database(
    tmp_path: Path,
) -> None:
    async with process(tmp_path, "json") as one:
        await talk(one)
        assert await one.stop() == 0
    log = one.printed[1].read_text()
    events = [json.loads(line) for line in log.splitlines()]
    for foreign in ("httpcore", "slack_sdk", "slack_bolt", "asyncio"):
        assert any(e["logger"].startswith(foreign) for e in events), f"{foreign} speaks at DEBUG"
    raised = [event for event in events if event.get("event") == "a turn raised"]
    assert len(raised) == 2
    assert all(event["error"] == "ValidationError" for event in raised)
    assert all("conversation.py:" in event["frames"] for event in raised)
    assert database_holds(one, ("Quokkaville", "Balthazar", "Bandicoot", "Ermintrude"))
    assert leaks(one) == {}
    assert wide_open(one) == []


async def test_the_same_holds_for_the_log_as_text_and_for_the_commands(tmp_path: Path) -> None:
    async with process(tmp_path, "text") as one:
        _, slack = people(one)
        await slack.says("hello")
        await one.until(lambda: slack.heard)
        one.poison(slack)
        await slack.says(CRASHING)
        await one.until(lambda: slack.asked("Something went wrong on our side"))
        await one.telegram.updates.get()  # another program polls: this one is told 409
        await one.until(lambda: any("Another program is reading" in card for card in one.cards))
        assert "frontdesk in Frontdesk test" in await one.command("check")
        assert await one.stop() == 0
    log = one.printed[1].read_text()
    assert 'event="a turn raised"' in log
    assert "error=ValidationError" in log
    assert database_holds(one, ("Balthazar", "Pademelon"))
    assert leaks(one) == {}
    assert wide_open(one) == []


def leaks(one: Process) -> dict[str, list[str]]:
    """Files beside the database that hold a token or a word of the persona's, with what."""
    return {
        path.name: leaked
        for path, content in one.written().items()
        if (leaked := found(content, WORDS + TOKENS))
    }


def database_holds(one: Process, words: tuple[str, ...]) -> bool:
    """It is really there that the words went."""
    content = b"".join(path.read_bytes() for path in one.folder.iterdir() if path.name in DATABASE)
    return found(content, words) == list(words)


def wide_open(one: Process) -> list[tuple[str, str]]:
    """Files of the program's making that others may read or write, with their modes."""
    ours = {one.config, *one.printed}
    files = [path for path in one.folder.rglob("*") if path.is_file() and path not in ours]
    assert one.database in files
    modes: list[tuple[str, Any]] = [(path.name, path.stat().st_mode & 0o777) for path in files]
    return [(name, oct(mode)) for name, mode in modes if mode != 0o600]
