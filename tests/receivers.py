"""The other side of the hand-off, real and local: an HTTP receiver and a mail server that answer as
the test says, and can be away."""

from __future__ import annotations

import asyncio
import contextlib
import email.policy
import socket
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

How = int | Literal["drop", "hang", "endless", "drip"]
USER, PASSWORD = "clerk", "correct-horse-battery"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Down until ``up``; the address stays the same."""

    port: int = field(default_factory=free_port)
    answer: Callable[[Request], How] = lambda _: 200
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Request] = field(default_factory=list)
    """every request that came in whole, whatever was answered"""
    written: int = 0
    """bytes of an endless answer that somebody took"""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """what hangs is answered once this is set"""
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def up(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def down(self) -> None:
        self.go_on.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def _take(self, request: web.Request) -> web.StreamResponse:
        whole = Request(
            request.method,
            request.path,
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        self.got.append(whole)
        self.arrived.set()
        how = self.answer(whole)
        if how == "drop":
            assert request.transport is not None
            request.transport.abort()
            await asyncio.Event().wait()
        if how == "hang":
            await self.go_on.wait()
            return web.Response()
        if isinstance(how, int):
            return web.Response(status=how, headers=self.headers, text="Dear Siti Rahma")
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(b"x" * 4096)
                self.written += 4096
        return answer


@contextlib.asynccontextmanager
async def receiving(**given: Any) -> AsyncIterator[Receiver]:
    receiver = Receiver(**given)
    await receiver.up()
    try:
        yield receiver
    finally:
        await receiver.down()


@dataclass
class MailServer:
    """Takes mail; ``rcpt`` and ``data`` are what it answers to the recipient and to a message."""

    port: int = field(default_factory=free_port)
    rcpt: str = "250 OK"
    data: str = "250 OK"
    login: bool = False
    tls: ssl.SSLContext | None = None
    wrapped: bool = False
    """TLS from the first byte, else by STARTTLS"""
    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def up(self) -> None:
        server = self

        class Taking:
            async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
                self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
            ) -> str:
                if server.rcpt.startswith("2"):
                    envelope.rcpt_tos.append(address)
                return server.rcpt

            async def handle_DATA(  # noqa: N802 - as above
                self, _: SMTP, __: Session, envelope: Envelope
            ) -> str:
                if server.data.startswith("2"):
                    assert isinstance(envelope.content, bytes)
                    parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
                    assert isinstance(parsed, EmailMessage)
                    server.got.append(parsed)
                    server.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
                return server.data

        def known(_: Any, __: Any, ___: Any, ____: Any, given: Any) -> AuthResult:
            right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
            return AuthResult(success=right, handled=False)

        def session() -> SMTP:
            with warnings.catch_warnings():  # of a login without encryption, which is meant here
                warnings.simplefilter("ignore")
                return SMTP(
                    Taking(),
                    hostname="mail.test",
                    data_size_limit=64 * 1024 * 1024,
                    tls_context=None if self.wrapped else self.tls,
                    require_starttls=self.tls is not None and not self.wrapped,
                    auth_required=self.login,
                    auth_require_tls=False,
                    authenticator=known if self.login else None,
                )

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            session, "127.0.0.1", self.port, ssl=self.tls if self.wrapped else None
        )

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self._server = None


@contextlib.asynccontextmanager
async def mail_server(**given: Any) -> AsyncIterator[MailServer]:
    server = MailServer(**given)
    await server.up()
    try:
        yield server
    finally:
        await server.down()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(what a server on localhost shows, what trusts it and nothing else)"""
    key, shown = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(shown)],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown, key)
    return server, ssl.create_default_context(cafile=str(shown))
