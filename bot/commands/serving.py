"""``chat`` and ``run``: the commands that serve the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TextIO, cast

from bot.app import App, assemble, build_house
from bot.channels import hooks_of
from bot.channels.configured import configured_channels
from bot.channels.terminal import TerminalChannel
from bot.config import Settings
from bot.desk import conflict_card
from bot.documents import Document, make_document
from bot.environment import ConfigError
from bot.handoff import configured_sinks
from bot.house import House
from bot.logs import logger, set_up, watch
from bot.store.databases import open_store
from bot.web.configured import configured_web

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log = logger("serving")


async def chat(settings: Settings, person: str, arguments: str) -> None:
    """The terminal. ``arguments``: the global options as they were given, for the hints."""
    _check_name(person)
    house = await asyncio.to_thread(build_house, settings)
    values = {
        "person": person,
        "database": _nearby(path) if (path := settings.database.file) else settings.store.url,
        "queue": f"{_ourselves()}{arguments} queue",
    }
    channel = TerminalChannel(person, sys.stdin, sys.stdout, _words(house, values))
    if channel.interactive:
        # What goes well is no news beside a conversation.
        level = "warning" if settings.log.level == "info" else settings.log.level
        set_up(level, settings.log.format, settings.secrets.values(), _stderr())
    sinks = configured_sinks(settings, house)
    store = await open_store(settings.database, serving=True)
    app = assemble(
        settings,
        house,
        store,
        {channel.name: channel},
        reaches=lambda _, chat: channel.reaches(chat),
        sinks=sinks,
    )
    channel.settled = app.courier.drain
    await _serve(app)


async def run(settings: Settings) -> None:
    """Every configured channel, until a signal ends it."""
    house = await asyncio.to_thread(build_house, settings)

    async def tell_conflict() -> None:
        await app.tell_staff(conflict_card)

    def documents(asked: Mapping[str, str]) -> AbstractAsyncContextManager[Document]:
        return make_document(house, app.store, asked)

    channels = configured_channels(settings, house.script.wording, tell_conflict, documents)
    if not channels:
        raise ConfigError(
            "FRONTDESK_TELEGRAM_TOKEN",
            "no channel is configured. Set this variable for Telegram, or FRONTDESK_SLACK_BOT_TOKEN"
            " and FRONTDESK_SLACK_APP_TOKEN, or FRONTDESK_SLACK_SIGNING_SECRET, for Slack, or both."
            " `frontdesk chat` needs neither.",
        )
    staff = settings.staff.chat
    if staff is not None and staff.channel not in channels:
        raise ConfigError("staff.chat", f"is on {staff.channel}, whose token is not set")
    sinks = configured_sinks(settings, house)
    web = configured_web(settings, hooks_of(channels))
    store = await open_store(settings.database, serving=True)
    app = assemble(settings, house, store, channels, sinks=sinks, web=web)
    ways = {"handing_on": ", ".join(sinks)} if sinks else {}
    if web is not None:
        ways["listening"] = settings.server.listen
    log.info("serving", channels=", ".join(channels), database=store.name, **ways)
    await _serve(app)
    log.info("stopped")


async def _serve(app: App) -> None:
    loop = asyncio.get_running_loop()
    watch(loop)
    serving = loop.create_task(app.serve())

    def stop() -> None:
        """The first signal stops cleanly, the next one at once."""
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        serving.cancel()

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and jobs of a script
            loop.add_signal_handler(number, stop)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    finally:
        await app.close()


def _words(house: House, values: dict[str, str]) -> dict[str, str]:
    texts = house.script.wording.language("en").texts
    words = {}
    for key, text in texts.items():
        if key.startswith("terminal."):
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", value)  # noqa: PLW2901 - filled in step by step
            words[key.removeprefix("terminal.")] = text
    return words


def _check_name(person: str) -> None:
    if not person.strip() or not person.isprintable() or len(person) > 64:
        raise ConfigError("--as", "must be a name of 1 to 64 printable characters")


def _nearby(path: Path) -> str:
    """The path as a person in this folder would write it."""
    path = path.absolute()
    try:
        return f"./{path.relative_to(Path.cwd())}"
    except ValueError:
        return str(path)


def _ourselves() -> str:
    """How this very program is called from here."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{_nearby(Path(sys.executable))} -m bot"
    found = shutil.which("frontdesk")
    if found is not None and Path(found).absolute() == called.absolute():
        return "frontdesk"
    return _nearby(called).removeprefix("./") if os.sep in str(called) else "frontdesk"


def _stderr() -> TextIO:
    return cast("TextIO", _Stderr())  # all of one that a log needs


class _Stderr:
    """Standard error as it is when something is written: at the prompt, above the prompt."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
