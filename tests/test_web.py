"""The HTTP server by itself, over real sockets: limits, health, stopping."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.requests import Request

from bot import config
from bot.channels import Answer, Posted
from bot.config import Settings
from bot.environment import ConfigError, Secrets
from bot.store import Store
from bot.store.sqlite import open_store
from bot.web import health
from bot.web.bodies import Bodies, RefusedError
from bot.web.configured import asked_for, configured_web
from bot.web.health import Health
from bot.web.server import Limits, WebServer
from tests.rig import Rig
from tests.web_rig import web_rigged

LIMITS = Limits(body=1000, body_seconds=0.4, head_seconds=0.4, connections=6, grace=20)
PATIENT = replace(LIMITS, body_seconds=60, head_seconds=60)
LONG = 30
"""seconds before a test gives up; nothing waits that long"""
ROOT = Path(__file__).parents[1]


@dataclass
class Ear:
    """A hook that keeps what it hears; it may be made to wait, or to fail."""

    path: str = "/ear"
    ready: bool = True
    heard: list[bytes] = field(default_factory=list)
    waits: asyncio.Event | None = None
    fails: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)

    def admits(self, headers: Mapping[str, str]) -> bool:
        return "x-no" not in headers

    async def hear(self, posted: Posted) -> Answer:
        self.began.set()
        if self.fails:
            raise RuntimeError("a secret detail")
        if self.waits is not None:
            await self.waits.wait()
        self.heard.append(posted.body)
        return Answer(200, {"ok": True})


@dataclass
class Running:
    web: WebServer
    ear: Ear
    store: Any
    closing: Callable[[], None]

    @property
    def port(self) -> int:
        return self.web.ports[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def raw(self, *pieces: bytes, pause: float = 0.0) -> bytes:
        """Send the pieces -> all that comes back until the line is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answered = bytearray()

        async def read() -> None:  # beside the sending: a line that is reset loses what is unread
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(65536):
                    answered.extend(piece)

        reading = asyncio.create_task(read())
        try:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause)
            async with asyncio.timeout(LONG):
                await reading
            return bytes(answered)
        finally:
            reading.cancel()
            writer.close()


@contextlib.asynccontextmanager
async def running(
    path: Path, limits: Limits = LIMITS, settings: config.Server | None = None
) -> AsyncIterator[Running]:
    ear = Ear()
    store = await open_store(path, serving=True, busy_seconds=0.05)
    web = WebServer(settings or config.Server(listen="127.0.0.1:0"), [ear], limits)
    close = asyncio.Event()

    async def serve() -> None:
        async with web.open(store):
            web.serving = True
            await close.wait()
            web.serving = False

    task = asyncio.create_task(serve())
    try:
        yield Running(web, ear, store, close.set)
    finally:
        close.set()
        await task
        await store.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path / "frontdesk.db") as server:
        yield server


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Running]:
    """One that cuts nobody for being slow."""
    async with running(tmp_path / "frontdesk.db", PATIENT) as server:
        yield server


# --- what is answered ---


async def test_what_is_posted_to_a_hook_is_heard_and_answered(server: Running) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.url}/ear", content=b"hello")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert server.ear.heard == [b"hello"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/nowhere", 404),
        ("GET", "/ear/", 404),
        ("GET", "/../etc/passwd", 404),
        ("GET", "/%2e%2e/%00", 404),
        ("GET", "/ear", 405),
        ("DELETE", "/ear", 405),
        ("POST", "/healthz", 405),
        ("POST", "/metrics", 405),
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/readyz", 200),
    ],
)
async def test_what_is_unknown_is_404_and_another_method_405(
    server: Running, method: str, path: str, status: int
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.request(method, server.url + path)
    assert answer.status_code == status
    assert "server" not in answer.headers


async def test_a_defect_of_ours_is_500_and_says_nothing(server: Running) -> None:
    server.ear.fails = True
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.url}/ear", content=b"x")
    assert (answer.status_code, answer.content) == (500, b"")


async def test_who_is_not_admitted_is_not_read(server: Running) -> None:
    head = b"POST /ear HTTP/1.1\r\nHost: x\r\nX-No: 1\r\nContent-Length: 900\r\n\r\n"
    assert (await server.raw(head)).startswith(b"HTTP/1.1 401 ")
    assert not server.ear.began.is_set()


# --- limits ---

HEAD = b"POST /ear HTTP/1.1\r\nHost: x\r\n"


async def test_a_body_that_is_announced_as_too_large_is_not_waited_for(server: Running) -> None:
    answer = await server.raw(HEAD + b"Content-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


async def test_a_body_that_grows_too_large_is_cut(server: Running) -> None:
    piece = b"1f4\r\n" + b"a" * 500 + b"\r\n"
    answer = await server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[piece] * 5)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert not server.ear.heard


async def test_a_slow_body_is_cut_however_it_trickles(server: Running) -> None:
    began = asyncio.get_running_loop().time()
    drops = [b"a"] * 40
    answer = await server.raw(HEAD + b"Content-Length: 100\r\n\r\n", *drops, pause=0.05)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert asyncio.get_running_loop().time() - began < LONG
    assert not server.ear.heard


async def test_a_slow_head_and_a_silent_line_are_cut(server: Running) -> None:
    async with asyncio.timeout(LONG):
        assert await server.raw(b"POST /ear HT", *[b"x"] * 20, pause=0.05) == b""
        assert await server.raw() == b""


async def test_a_kept_line_is_cut_when_the_next_head_trickles(server: Running) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    async with asyncio.timeout(LONG):
        answer = await server.raw(first, b"GET /hea", *[b"x"] * 20, pause=0.05)
    assert answer.count(b"HTTP/1.1 200 OK") == 1


async def test_what_is_no_http_is_400(server: Running) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n"):
        assert (await server.raw(nonsense)).startswith(b"HTTP/1.1 400 ")
    huge = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n"
    assert (await server.raw(huge))[:13] in {b"HTTP/1.1 400 ", b""}


async def test_a_body_cut_off_in_the_middle_is_not_heard(server: Running) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Content-Length: 100\r\n\r\nhalf of it")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server.url}/healthz")).status_code == 200
    assert not server.ear.heard


async def test_more_connections_than_allowed_are_sent_away(patient: Running) -> None:
    held = [await asyncio.open_connection("127.0.0.1", patient.port) for _ in range(6)]
    answer = await patient.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503 ")
    for _, writer in held:
        writer.close()
        await writer.wait_closed()
    async with httpx.AsyncClient() as client, asyncio.timeout(LONG):
        while (await client.get(f"{patient.url}/healthz")).status_code != 200:
            pass


async def test_hundreds_of_silent_lines_are_gone_in_time(server: Running) -> None:
    held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(100)]
    async with asyncio.timeout(LONG):
        for reader, writer in held:
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server.url}/healthz")).status_code == 200


# --- health ---


async def test_ready_is_who_serves_has_open_hooks_and_a_store_that_answers(
    server: Running,
) -> None:
    async with httpx.AsyncClient() as client:

        async def ready() -> tuple[int, str]:
            answer = await client.get(f"{server.url}/readyz")
            return answer.status_code, answer.text.strip()

        assert await ready() == (200, "ready")
        server.ear.ready = False
        assert await ready() == (503, "not ready: channels")
        server.ear.ready = True
        server.web.serving = False
        assert await ready() == (503, "not ready: serving")
        assert (await client.get(f"{server.url}/healthz")).status_code == 200


async def test_a_locked_store_makes_it_unready_and_not_dead(tmp_path: Path) -> None:
    async with web_rigged(tmp_path / "frontdesk.db") as rig, httpx.AsyncClient() as client:
        with rig.locked():
            async with asyncio.timeout(LONG):
                while True:
                    answer = await client.get(f"{rig.url}/readyz")
                    if answer.status_code == 503:
                        break
            assert answer.text == "not ready: store\n"
            assert (await client.get(f"{rig.url}/healthz")).status_code == 200
        await rig.ready(rig.replicas[0])


async def test_who_asks_while_another_waits_for_the_store_has_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else those who look stand in a line that only grows, until no connection is left."""

    class Away:
        asked = 0

        async def run(self, _: object) -> None:
            self.asked += 1
            await asyncio.Event().wait()

    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setattr(health, "GOOD_FOR", 0.04)
    looked, store = Health([]), Away()
    looked.watch(cast("Store", store))
    assert await asyncio.gather(*(looked.store_answers() for _ in range(20))) == [False] * 20
    assert store.asked == 1


async def test_it_is_ready_once_the_socket_to_slack_was_open(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    async with web_rigged(path, start=False) as rig, httpx.AsyncClient() as client:
        fault = rig.slack.fault(method="apps.connections.open", kind="500", times=100_000)
        rig.make_channels = partial(Rig.make_channels, rig)  # type: ignore[method-assign]  # fetched, and by a socket
        replica = await rig.replica(serve=False)
        replica.serving = asyncio.create_task(replica.app.serve())
        await rig.until(lambda: rig.slack.made("apps.connections.open")[1:])
        answer = await client.get(f"{replica.url}/readyz")
        assert (answer.status_code, answer.text) == (503, "not ready: serving\n")
        fault.times = 0
        await rig.ready(replica)
        rig.slack.drop_sockets()
        assert (await client.get(f"{replica.url}/readyz")).status_code == 200


# --- stopping ---


async def test_what_was_taken_is_answered_and_who_still_sends_is_told_to_come_again(
    patient: Running,
) -> None:
    patient.ear.waits = asyncio.Event()
    async with httpx.AsyncClient() as client:
        taken = asyncio.create_task(client.post(f"{patient.url}/ear", content=b"taken"))
        await patient.ear.began.wait()
        slow = asyncio.create_task(patient.raw(HEAD + b"Content-Length: 10\r\n\r\nhalf"))
        kept = asyncio.create_task(patient.raw(b""))  # asks for nothing
        async with asyncio.timeout(LONG):
            while not patient.web._bodies._reading:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        patient.closing()
        assert (await slow).startswith(b"HTTP/1.1 503 ")
        assert await kept == b""
        assert not taken.done()
        patient.ear.waits.set()
        assert (await taken).json() == {"ok": True}
    with pytest.raises(OSError):  # noqa: PT011 - refused, however the system says so
        await asyncio.wait_for(patient.raw(b"GET / HTTP/1.1\r\n\r\n"), LONG)


@pytest.mark.parametrize("turns", range(5))
async def test_a_stop_at_the_moment_of_a_cut_is_a_stop(turns: int) -> None:
    async def silent() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # never

    bodies = Bodies(10, seconds=0)
    request = Request({"type": "http", "headers": []}, silent)
    reading = asyncio.create_task(bodies.read(request))
    for _ in range(turns):
        await asyncio.sleep(0)
    bodies.stop()
    with pytest.raises(RefusedError):
        await reading


async def test_a_stop_in_the_middle_of_a_post_loses_nothing(tmp_path: Path) -> None:
    """The whole program: what Telegram was told is kept; what it was not told it posts again."""
    path = tmp_path / "frontdesk.db"
    async with web_rigged(path) as rig:
        amira = rig.applicant("telegram")
        for number in range(20):
            await amira.says(f"hello {number}")
        await rig.until(lambda: [p for p in rig.telegram.posting.posts if p.status == 200])
        await rig.end(rig.replicas[0])
        said = {p.update for p in rig.telegram.posting.posts if p.status == 200}
        kept = {key for (key,) in rig.rows("SELECT key FROM events")}
        assert {f"telegram:{update}" for update in said} <= kept
        await rig.replica()
        await rig.taken()
        assert rig.events() == 20


# --- what the operator must mend ---


def test_a_port_that_is_taken_is_named_with_its_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=r"server\.listen: .*stop what is there") as refused:
            WebServer(config.Server(listen=f"127.0.0.1:{port}"), [])
    assert str(port) in refused.value.mend


@pytest.mark.parametrize("address", ["203.0.113.7:80", "no-such-host.invalid:80", "127.0.0..1:80"])
def test_an_address_that_is_not_ours_is_named(address: str) -> None:
    host = re.escape(address.rpartition(":")[0])
    named = rf"server\.listen: {host} is no address of this machine"
    with pytest.raises(ConfigError, match=named):
        WebServer(config.Server(listen=address), [])
    with pytest.raises(ConfigError, match=named):  # `frontdesk check` too
        asked_for(Settings(server=config.Server(listen=address)), [])


def test_a_port_that_the_running_program_has_is_no_mistake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        assert asked_for(Settings(server=config.Server(listen=listen)), [])


def test_what_is_posted_needs_a_server() -> None:
    with pytest.raises(ConfigError, match=r"server\.listen: must be set.*/ear is posted to"):
        configured_web(Settings(), [Ear()])
    assert configured_web(Settings(), []) is None


def test_without_its_packages_the_mend_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from bot import config\n"
        "from bot.config import ConfigError, Settings\n"
        "from bot.web.configured import configured_web\n"
        "try: configured_web(Settings(server=config.Server(listen='127.0.0.1:0')), [])\n"
        "except ConfigError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "server.listen: uvicorn is not installed" in done.stdout
    assert 'pip install "frontdesk[server]"' in done.stdout


def test_the_program_needs_no_server_packages_where_none_is_asked_for() -> None:
    code = (
        "import sys; import bot.commands.serving, bot.app\n"
        "print(*({'uvicorn', 'starlette', 'prometheus_client'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_addresses_and_secrets_that_cannot_be_are_named() -> None:
    for address in ("8080", "localhost", "127.0.0.1:99999", "http://127.0.0.1:8080", "a b:1"):
        with pytest.raises(ValueError, match="an address of this machine and a port"):
            config.Server(listen=address)
    for address in ("127.0.0.1:8080", "0.0.0.0:80", "[::1]:8080", "localhost:0", ""):
        assert config.Server(listen=address).listen == address
    for url in (
        "http://bot.example.com/telegram",
        "https://bot.example.com/",
        "https://bot.example.com:9000/telegram",
        "https://user@bot.example.com/telegram",
        "https://bot.example.com/telegram?x=1",
    ):
        with pytest.raises(ValueError, match="https address that ends in /telegram"):
            config.Telegram(webhook_url=url)
    for url in ("https://bot.example.com/telegram", "https://b.example:8443/frontdesk/telegram"):
        assert config.Telegram(webhook_url=url).webhook_url == url
    for secret in ("", "two words", "é", "a" * 257):
        with pytest.raises(ConfigError, match="FRONTDESK_TELEGRAM_WEBHOOK_SECRET"):
            _ = Secrets.model_validate({"telegram_webhook_secret": secret}).hook_secret
    assert Secrets.model_validate({"telegram_webhook_secret": "a"}).hook_secret == "a"


def test_the_new_secrets_are_cut_out_of_the_logs_and_a_letter_is_not() -> None:
    given = {"telegram_webhook_secret": "hook-secret-1", "slack_signing_secret": "signing-2"}
    ends = {name: f"{secret}\r" for name, secret in given.items()}
    assert {*given.values()} <= set(Secrets.model_validate(given).values())
    assert given["slack_signing_secret"] in set(Secrets.model_validate(ends).values())
    assert list(Secrets.model_validate({"telegram_webhook_secret": "a"}).values()) == []
