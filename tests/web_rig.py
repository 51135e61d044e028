"""The rig, heard through posts: the platforms post to the real server over HTTP.

    async with web_rigged(path) as rig:
        await rig.applicant("telegram").says("hello")

``rig.replica()`` is another program on the same database, with an address of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from bot import config, courier, pacing
from bot.app import App, assemble
from bot.channels import Channel, hooks_of
from bot.channels.slack import SlackChannel
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_webhook import Registration
from bot.config import Settings
from bot.platform_words import slack_words
from bot.web.server import Limits, WebServer
from tests.fakes.slack import SlackServer
from tests.fakes.slack_posting import PostedLine
from tests.fakes.telegram import TelegramServer
from tests.places import open_at
from tests.play import house
from tests.rig import (
    LOOKS,
    QUICK,
    SLACK_APP_TOKEN,
    SLACK_BOT_TOKEN,
    SLACK_STAFF,
    TELEGRAM_STAFF,
    TELEGRAM_TOKEN,
    WAITS,
    Platform,
    Rig,
)

HOOK = Registration("https://bot.example.com/telegram", "a-secret_of-Telegrams-0123456789")
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class Replica:
    """One program: its parts, its address, where Slack posts to it."""

    app: App
    web: WebServer
    line: PostedLine
    serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web.ports[0]}"


@dataclass
class WebRig(Rig):
    limits: Limits = field(default_factory=Limits)
    server: config.Server = field(default_factory=lambda: config.Server(listen="127.0.0.1:0"))
    replicas: list[Replica] = field(default_factory=list)

    def make_channels(self) -> dict[str, Channel]:
        return {
            "telegram": TelegramChannel(
                TELEGRAM_TOKEN,
                base_url=self.telegram.url,
                staff_chat=str(TELEGRAM_STAFF) if self.on == "telegram" else "",
                pace=QUICK,
                documents=self.documents,
                webhook=HOOK,
            ),
            "slack": SlackChannel(
                SLACK_BOT_TOKEN,
                "",
                words=slack_words(house().script.wording),
                base_url=self.slack.api_url,
                staff_chat=SLACK_STAFF if self.on == "slack" else None,
                waits=WAITS,
                documents=self.documents,
                signing_secret=SIGNING,
            ),
        }

    async def replica(self, *, serve: bool = True) -> Replica:
        """The first one serves the file; with SQLite the others only write into it."""
        first = not self.replicas
        store = await open_at(self.path, serving=first, busy_seconds=self.busy_seconds)
        channels = self.make_channels()
        web = WebServer(self.server, hooks_of(channels), self.limits)
        app = assemble(Settings(), self.house, store, channels, web=web)
        url = f"http://127.0.0.1:{web.ports[0]}"
        replica = Replica(app, web, self.slack.posts_to(f"{url}/slack/events", SIGNING))
        if first:
            self.app, self.channels = app, channels
        self.replicas.append(replica)
        if serve:
            replica.serving = asyncio.create_task(app.serve())
            await self.ready(replica)
        self.telegram.posting.addresses.append(f"{url}/telegram")
        self.telegram.posting.look()
        return replica

    async def ready(self, replica: Replica) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(60):
            while (await client.get(f"{replica.url}/readyz")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # as whoever leads messages here asks

    async def start(self) -> None:
        operator = TelegramChannel(TELEGRAM_TOKEN, base_url=self.telegram.url)
        await operator.register(HOOK)
        await operator.close()
        await self.replica()

    async def end(self, replica: Replica) -> None:
        """As SIGTERM does it."""
        replica.line.leaving = True
        address = f"{replica.url}/telegram"
        if address in self.telegram.posting.addresses:
            self.telegram.posting.addresses.remove(address)
        self.replicas.remove(replica)
        if replica.serving is not None:
            replica.serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await replica.serving
        await replica.app.close()

    async def stop(self) -> None:
        for replica in list(self.replicas):
            await self.end(replica)

    @property
    def url(self) -> str:
        return self.replicas[0].url

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """The store takes nothing inside."""
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
        finally:
            connection.close()

    def events(self) -> int:
        """How many arrivals were ever kept, whatever became of them."""
        return int(self.rows("SELECT count(*) FROM events")[0][0])


@contextlib.asynccontextmanager
async def web_rigged(
    path: Path, *, staff: Platform | None = None, start: bool = True, **more: Any
) -> AsyncIterator[WebRig]:
    """``more``: fields of the rig."""
    unpaced = dict.fromkeys(pacing.PACES, pacing.UNPACED)
    slack = SlackServer(bot_token=SLACK_BOT_TOKEN, app_token=SLACK_APP_TOKEN, retries=1000)
    async with TelegramServer(TELEGRAM_TOKEN) as telegram, slack as workspace:
        rig = WebRig(path, telegram, workspace, staff, **more)
        with patch.dict(pacing.PACES, unpaced), patch.object(courier, "TICK", LOOKS):
            if start:
                await rig.start()
            try:
                yield rig
            finally:
                await rig.stop()
                await telegram.posting.close()
