"""Replicas as an operator runs them, several processes on one PostgreSQL, and what they did as the
database itself saw it.

    async with platforms() as (telegram, slack):
        replicas = Replicas(folder, postgres.fresh(), telegram, slack)
        await replicas.start(3)
        await replicas.kill(replicas.running[0])

The database writes down what no replica could tell: triggers note, inside each turn's transaction,
when it took its event and when it committed, whose lanes went to whom, and which process was struck
off when. They are the tests' own; the program knows nothing of them.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.channels.telegram import TelegramChannel
from tests import postgres
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.terminals import environment
from tests.test_web_run import free_port
from tests.web_rig import HOOK

TOKEN = "123:TEST"
SECRETS = {
    "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
    "FRONTDESK_TELEGRAM_WEBHOOK_SECRET": HOOK.secret,
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-test",
    "FRONTDESK_SLACK_APP_TOKEN": "xapp-test",
}
PATIENCE = 120.0
"""seconds until a start that hangs fails the test; the first one on a machine trains the search"""

WATCH = """
CREATE TABLE watched_turns (conversation BIGINT, tx BIGINT, at TIMESTAMPTZ);
CREATE TABLE watched_lanes (lane TEXT, was TEXT, now TEXT, at TIMESTAMPTZ);
CREATE TABLE watched_replicas (id TEXT, name TEXT, born TIMESTAMPTZ, gone TIMESTAMPTZ);

CREATE FUNCTION watch_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO watched_turns VALUES (NEW.conversation, txid_current(), clock_timestamp());
    RETURN NULL; END $$;
CREATE TRIGGER watch_event AFTER INSERT ON events
    FOR EACH ROW WHEN (NEW.conversation IS NOT NULL) EXECUTE FUNCTION watch_event();

CREATE FUNCTION watch_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO watched_turns VALUES (NEW.id, txid_current(), clock_timestamp());
    RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER watch_commit AFTER UPDATE ON conversations
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION watch_commit();

CREATE FUNCTION watch_lane() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO watched_lanes VALUES (NEW.kind || ' ' || NEW.channel || ' ' || NEW.chat,
        OLD.holder, NEW.holder, clock_timestamp());
    RETURN NULL; END $$;
CREATE TRIGGER watch_lane AFTER UPDATE ON lanes
    FOR EACH ROW WHEN (NEW.holder <> OLD.holder) EXECUTE FUNCTION watch_lane();

CREATE FUNCTION watch_replica() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO watched_replicas VALUES
            (NEW.id, current_setting('application_name'), clock_timestamp(), NULL);
    ELSE
        UPDATE watched_replicas SET gone = clock_timestamp() WHERE id = OLD.id AND gone IS NULL;
    END IF;
    RETURN NULL; END $$;
CREATE TRIGGER watch_replica AFTER INSERT OR DELETE ON replicas
    FOR EACH ROW EXECUTE FUNCTION watch_replica();
"""

OVERLAPS = """
WITH turns AS (
    SELECT conversation, tx, min(at) AS began, max(at) AS ended FROM watched_turns
    GROUP BY conversation, tx HAVING count(*) > 1)
SELECT count(*) FROM turns AS a JOIN turns AS b
ON a.conversation = b.conversation AND a.tx < b.tx AND a.began < b.ended AND b.began < a.ended
"""
"""pairs of turns of one conversation of which one took its event before the other's COMMIT"""

TAKEN_OVER = """
WITH dead AS (SELECT id FROM watched_replicas WHERE name = ?),
left_behind AS (
    SELECT lane, at FROM watched_lanes
    WHERE was IN (SELECT id FROM dead) AND now = '' AND at > to_timestamp(?))
SELECT count(*), extract(epoch FROM max(taken) - to_timestamp(?)) FROM (
    SELECT (SELECT min(w.at) FROM watched_lanes AS w
            WHERE w.lane = l.lane AND w.at >= l.at AND w.now <> '') AS taken
    FROM left_behind AS l) AS each_one
"""
TAKEN_FOR_DEAD = """
SELECT name, extract(epoch FROM gone), (SELECT count(*) FROM watched_lanes AS l
    WHERE l.was = r.id AND l.now = '' AND abs(extract(epoch FROM l.at - r.gone)) < 1)
FROM watched_replicas AS r WHERE gone IS NOT NULL
"""
STRUCK_OFF = """
SELECT extract(epoch FROM max(gone) - to_timestamp(?)) FROM watched_replicas WHERE name = ?
"""


@dataclass(frozen=True, slots=True)
class Kill:
    """What became of what a killed process had in hand, in seconds after the signal."""

    struck_off: float
    chats: int
    """in which it was to send at that moment"""
    taken_over: float | None
    """the last of these was another's; None where there was none"""


@dataclass(eq=False)
class Replica:
    """One process."""

    name: str
    port: int
    process: asyncio.subprocess.Process
    ready: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def platforms() -> AsyncIterator[tuple[TelegramServer, SlackServer]]:
    """As often as processes die, Slack must send again: its three retries are for one outage. A
    busy machine is no reason to take a button for dead."""
    slack = SlackServer(
        bot_token="xoxb-test", app_token="xapp-test", retries=10_000, ack_timeout=60
    )
    async with TelegramServer(token=TOKEN) as telegram, slack:
        operator = TelegramChannel(TOKEN, base_url=telegram.url)
        await operator.register(HOOK)
        await operator.close()
        try:
            yield telegram, slack
        finally:
            await telegram.posting.close()


@dataclass
class Replicas:
    """Telegram posts to each in turn, as through a proxy that asks /readyz and hears of a death by
    posts that fail; Slack has a socket to each."""

    folder: Path
    database: str
    telegram: TelegramServer
    slack: SlackServer
    running: list[Replica] = field(default_factory=list)
    killed: list[tuple[str, float]] = field(default_factory=list)
    """name, when: seconds since 1970, by the clock that the database has too"""
    started: int = 0
    stopped: float = 0.0
    """when the operator stopped those that served"""

    @property
    def ready(self) -> list[Replica]:
        return [one for one in self.running if one.ready]

    def watch(self) -> None:
        """Have the database write down what happens."""
        postgres.rows(self.database, WATCH)

    async def start(self, count: int = 1) -> None:
        """Until all of them serve."""
        await asyncio.gather(*(self._start(free_port()) for _ in range(count)))

    async def _start(self, port: int) -> None:
        self.started += 1
        name = f"replica-{self.started}"
        join = "&" if "?" in self.database else "?"
        config = self.folder / f"{name}.toml"
        config.write_text(
            f'[store]\nurl = "{self.database}{join}application_name={name}"\nconnections = 4\n'
            f'[telegram]\nbase_url = "{self.telegram.url}"\nwebhook_url = "{HOOK.url}"\n'
            f'[slack]\nbase_url = "{self.slack.api_url}"\n'
            f'[server]\nlisten = "127.0.0.1:{port}"\n'
        )
        with (self.folder / "stderr.txt").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "--config", str(config), "run"),
                env=environment(**SECRETS),
                stdout=log,
                stderr=log,
            )
        replica = Replica(name, port, process)
        self.running.append(replica)
        async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE):
            while not await _answers(client, replica.url):
                if process.returncode is not None:
                    return  # killed while it started
                await asyncio.sleep(0.1)
        replica.ready = True
        self.telegram.posting.addresses.append(f"{replica.url}/telegram")
        self.telegram.posting.look()

    async def kill(self, replica: Replica) -> None:
        """``kill -9``."""
        self.running.remove(replica)
        self.killed.append((replica.name, time.time()))
        replica.process.send_signal(signal.SIGKILL)
        await replica.process.wait()

    async def replace(self, replica: Replica) -> None:
        """Another process at the same address, to which nothing is posted before it is ready."""
        self.telegram.posting.addresses.remove(f"{replica.url}/telegram")
        await self._start(replica.port)

    async def stop(self) -> list[int]:
        """As the operator stops those that serve: their exit codes."""
        stopping, self.stopped = self.ready, time.time()
        self.running = [one for one in self.running if not one.ready]
        for one in stopping:
            one.process.send_signal(signal.SIGTERM)
        return [await asyncio.wait_for(one.process.wait(), 60) for one in stopping]

    async def end(self) -> None:
        """Whatever happened."""
        for one in self.running:
            if one.process.returncode is None:
                one.process.kill()
                await one.process.wait()

    # What the database wrote down.

    @property
    def overlaps(self) -> int:
        return int(postgres.rows(self.database, OVERLAPS)[0][0])

    @property
    def turns(self) -> int:
        query = "SELECT count(DISTINCT tx) FROM watched_turns"
        return int(postgres.rows(self.database, query)[0][0])

    @property
    def taken_for_dead(self) -> tuple[int, int]:
        """(how often a process that lived was struck off, since it had no processor for that long;
        chats in which it was to send: what is with a platform then comes twice too)"""
        dead = dict(self.killed)
        struck = [
            (name, at, chats)
            for name, at, chats in postgres.rows(self.database, TAKEN_FOR_DEAD)
            if at < min(dead.get(name, self.stopped), self.stopped)
        ]
        return len(struck), sum(chats for _, _, chats in struck)

    @property
    def kills(self) -> list[Kill]:
        found = []
        for name, at in self.killed:
            ((chats, taken),) = postgres.rows(self.database, TAKEN_OVER, name, at, at)
            ((struck,),) = postgres.rows(self.database, STRUCK_OFF, at, name)
            found.append(Kill(float(struck), chats, None if taken is None else float(taken)))
        return found


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).status_code == 200
    except httpx.TransportError:
        return False
