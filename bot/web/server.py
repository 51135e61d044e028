"""The HTTP server: what platforms post to us, and whether we are well. Starlette on uvicorn, in the
event loop of everything else. The only file that imports uvicorn.

Everybody may knock, so nothing is believed and little is given: a body has a limit and a time, so
has the head of a request and a connection that asks for nothing; there are so many connections and
no more; what is unknown is 404, what is not posted 405, and no answer says why something failed.

**/metrics** is for the operator: on ``server.metrics_listen``, or where that is empty on
``server.listen`` as long as it is an address of this very machine. A proxy there would lead the
whole world to it, so what bears a proxy's mark is not answered.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot import config
from bot.channels import Hook, Posted
from bot.environment import ConfigError
from bot.logs import logger
from bot.store import Store
from bot.watch import Watch
from bot.web.bodies import Bodies, RefusedError
from bot.web.health import Health
from bot.web.metrics import TYPE, Metrics

log = logger("web")

Endpoint = Callable[[Request], Awaitable[Response]]
PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")
"""headers that a proxy leaves"""
CLOSE = {"connection": "close"}
"""of a refusal: what is still being sent is not waited for"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds, connections."""

    body: int = 1_048_576
    body_seconds: float = 10.0
    head_seconds: float = 10.0
    """for the head of a request, and for a connection that has not asked for anything yet"""
    connections: int = 256
    """more are answered 503; twice as many are not answered"""
    grace: int = 10
    """how long a stop waits for the answers that are still to be given"""


class WebServer:
    """``bot.web.Web``. Takes its ports when it is made. Raises ConfigError."""

    def __init__(
        self, settings: config.Server, hooks: Sequence[Hook], limits: Limits | None = None
    ) -> None:
        self._limits = limits = limits or Limits()
        self._metrics = Metrics()
        self.watch: Watch = self._metrics
        self._health = Health(hooks)
        self._bodies = Bodies(limits.body, limits.body_seconds)
        routes = [Route(hook.path, self._hook(hook), methods=["POST"]) for hook in hooks]
        routes += [self._get("/healthz", self._alive), self._get("/readyz", self._ready)]
        apart = settings.metrics_listen not in {"", settings.listen}
        if not apart and (settings.metrics_listen or _is_local(settings.listen)):
            shown = self._counted if settings.metrics_listen else self._counted_here
            routes.append(self._get("/metrics", shown))
        listening = [("server.listen", settings.listen, routes)]
        if apart:
            own = [
                self._get("/healthz", self._alive),
                self._get("/readyz", self._ready),
                self._get("/metrics", self._counted),
            ]
            listening.append(("server.metrics_listen", settings.metrics_listen, own))
        self._paths = {route.path for _, _, routes in listening for route in routes}
        self._sockets = [bound(key, address) for key, address, _ in listening]
        self._servers = [self._server(routes) for _, _, routes in listening]

    @property
    def serving(self) -> bool:
        return self._health.serving

    @serving.setter
    def serving(self, serving: bool) -> None:
        self._health.serving = serving

    @property
    def ports(self) -> list[int]:
        """Of each address: they may have been left to the system."""
        return [int(each.getsockname()[1]) for each in self._sockets]

    @asynccontextmanager
    async def open(self, store: Store) -> AsyncIterator[None]:
        self._health.watch(store)
        self._metrics.watch(store)
        inside = asyncio.current_task()
        assert inside is not None  # a coroutine runs in a task
        tasks = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in zip(self._servers, self._sockets, strict=True)
        ]

        def broken(_: asyncio.Task[None]) -> None:
            """A server that nobody reaches would look like silence: end, and be started."""
            inside.cancel()

        for task in tasks:
            task.add_done_callback(broken)
        try:
            yield
        finally:
            for task in tasks:
                task.remove_done_callback(broken)
            self._bodies.stop()
            for server in self._servers:
                server.should_exit = True
            await asyncio.wait(tasks)
            for task in tasks:
                if (error := task.exception()) is not None:
                    log.error("the server broke down", exc_info=error)

    # answering

    def _hook(self, hook: Hook) -> Endpoint:
        async def post(request: Request) -> Response:
            headers = dict(request.headers)
            if not hook.admits(headers):
                return Response(status_code=401, headers=CLOSE)
            try:
                body = await self._bodies.read(request)
            except RefusedError as refused:
                return Response(status_code=refused.status, headers=CLOSE)
            try:
                answer = await hook.hear(Posted(headers, body))
            except Exception:  # a defect of ours: not for the world to see, and sent again
                log.exception("a post was not handled", path=hook.path)
                return Response(status_code=500)
            if answer.json is not None:
                return JSONResponse(answer.json, answer.status)
            return Response(status_code=answer.status)

        return post

    def _get(self, path: str, endpoint: Endpoint) -> Route:
        return Route(path, endpoint, methods=["GET"])

    async def _alive(self, request: Request) -> Response:
        return _plain(200, "alive")

    async def _ready(self, request: Request) -> Response:
        missing = await self._health.missing()
        return _plain(503, f"not ready: {missing}") if missing else _plain(200, "ready")

    async def _counted(self, request: Request) -> Response:
        page = await self._metrics.page(store_answers=await self._health.store_answers())
        return Response(page, media_type=TYPE, headers={"cache-control": "no-store"})

    async def _counted_here(self, request: Request) -> Response:
        if any(name in request.headers for name in PROXIED):
            return _plain(404, "Not Found")
        return await self._counted(request)

    # the parts of uvicorn

    def _server(self, routes: Sequence[Route]) -> _Server:
        given = self._limits
        app = Starlette(routes=routes)
        app.router.redirect_slashes = False
        return _Server(
            uvicorn.Config(
                self._told(app),
                http=_patience(given),
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",  # what a stranger sends is no news of ours
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=given.connections,
                timeout_graceful_shutdown=given.grace,
            )
        )

    def _told(self, app: Starlette) -> Callable[..., Awaitable[None]]:
        """The same, with its answers counted."""

        async def counting(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path", "")
            path = path if path in self._paths else "other"

            async def counted(message: Mapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    self._metrics.request(path, message["status"])
                await send(message)

            await app(dict(scope), receive, counted)

        return counting


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's, which stops all of its parts in their order."""
        yield


def _patience(limits: Limits) -> type[H11Protocol]:
    """uvicorn waits for ever for the head of a request; this does not."""

    class Impatient(H11Protocol):
        _ends: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            if len(self.connections) > 2 * limits.connections:
                transport.abort()
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _wait(self) -> None:
            """The time runs from the end of one request to the head of the next one, whatever
            comes in between."""
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_waiting()
            elif self._ends is None:
                self._ends = self.loop.call_later(limits.head_seconds, self.transport.abort)

        def _stop_waiting(self) -> None:
            if self._ends is not None:
                self._ends.cancel()
                self._ends = None

    return Impatient


def bound(key: str, address: str) -> socket.socket:
    """A listening socket. Raises ConfigError."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        (family, kind, number, _, where), *_ = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        listener = socket.socket(family, kind, number)
    except (OSError, UnicodeError) as error:  # the latter: two dots, or a part of 64 letters
        why = getattr(error, "strerror", None) or "no name of a machine is written so"
        raise ConfigError(key, f"{host} is no address of this machine ({why})") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(128)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise ConfigError(key, f"{host} is no address of this machine") from None
        why = os.strerror(error.errno or 0)
        mend = f"{address} cannot be listened on ({why}): stop what is there, or name another port"
        raise ConfigError(key, mend) from None
    return listener


def _is_local(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, media_type="text/plain")
