"""A Slack of one's own, on loopback: Web API and Socket Mode, people who type and tap, and faults.

    async with SlackServer(bot_token="xoxb-test", app_token="xapp-test") as server:
        amira = server.person("U100", name="Amira")
        await amira.says("hello")
        await server.until(lambda: amira.chat[-1].from_bot)

The real slack_sdk and slack_bolt work with it unchanged (`AsyncWebClient(base_url=server.api_url)`)
in this process or in another one. All state is in the server object; nothing is kept on disk.
"""

import asyncio
import itertools
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import web

from .slack_channels import Channel, member_ids
from .slack_methods import ApiError, WebApi, decoded
from .slack_people import Person
from .slack_posting import PostedLine
from .slack_socket import Ack, Clock, Connection, Envelope, Hub
from .slack_world import BOT_USER, Json, Room, World

T = TypeVar("T")
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>"
_APP_METHODS = {"apps.connections.open"}


@dataclass(slots=True, eq=False)
class Call:
    """One request of the app. `status` is None while it waits and where no answer was sent.

    `ok` is the answer's word; `done` whether it took effect, answered or not; `fault` what was
    done to it.
    """

    method: str
    params: Json
    at: float
    status: int | None = None
    answer: Json = field(default_factory=dict)
    done: bool = False
    fault: str | None = None

    @property
    def ok(self) -> bool:
        return bool(self.status == 200 and self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        return self.answer.get("error")


@dataclass(slots=True, eq=False)
class Fault:
    """A fault waiting for its requests; `hits` counts them. `release` ends a "delay"."""

    method: str
    kind: str
    times: int
    channel: str | None
    retry_after: int
    release: asyncio.Event
    hits: int = 0

    def end(self) -> None:
        """No more of it; requests it holds go on."""
        self.times = 0
        self.release.set()

    def takes(self, method: str, params: Json) -> bool:
        if self.times <= 0 or self.method not in {"*", method}:
            return False
        return self.channel is None or self.channel == params.get("channel")


class SlackServer:
    """The server: `async with`, then `url`, people, channels, faults, and what the app did.

    ack_timeout: seconds for an acknowledgement; retries: how often an event is sent again after
    that; keep_interactions: see slack_socket. `advance(seconds)` moves the server's clock.
    """

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-test",
        app_token: str = "xapp-test",
        ack_timeout: float = 3.0,
        retries: int = 3,
        keep_interactions: bool = True,
    ) -> None:
        self._bot_token, self._app_token = bot_token, app_token
        self.clock = Clock()
        self.hub = Hub(
            self.clock,
            ack_timeout=ack_timeout,
            retries=retries,
            keep_interactions=keep_interactions,
            changed=self._changed,
        )
        self.world = World(self.hub, self.clock, self._changed)
        self.api = WebApi(self.world, self._ticket)
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        self.url = ""
        self._faults: list[Fault] = []
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self._posted: list[PostedLine] = []

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._on_api)
        app.router.add_post("/response/{token}", self._on_response_url)
        app.router.add_get("/link", self._on_link)
        app.router.add_get("/files/{id}", self._on_file)
        app.router.add_post("/upload/{id}", self._on_upload)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = self.world.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await web.SockSite(self._runner, listener).start()
        self._watch = asyncio.create_task(self.hub.watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        for fault in self._faults:
            fault.end()
        self._watch.cancel()
        self.drop_sockets()
        for line in self._posted:
            await line.end()
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The base_url for slack_sdk."""
        return f"{self.url}/api/"

    def posts_to(self, address: str, secret: str) -> PostedLine:
        """What happens is posted there, signed with the app's secret, in place of a socket."""
        line = PostedLine(self.hub, next(self._numbers), address, secret)
        self._posted.append(line)
        self.hub.join(line)
        return line

    # -- people and places

    def person(self, user: str, *, name: str) -> Person:
        """Somebody with that user id (U...); asked again, the same person."""
        self.world.users.setdefault(user, name)
        return Person(self, user, name)

    def channel(
        self,
        channel: str,
        *,
        name: str,
        members: Iterable[Person | str] = (),
        bot_in: bool = True,
        private: bool = False,
    ) -> Channel:
        """A channel with that id (C...) and its members; `bot_in`: the app is one of them."""
        people = member_ids(members) + ([BOT_USER] if bot_in else [])
        room = Room(channel, name, "group" if private else "channel", people)
        self.world.rooms[channel] = room
        return Channel(self.world, room)

    # -- faults and time

    def fault(
        self,
        *,
        method: str = "*",
        kind: str,
        times: int = 1,
        channel: str | None = None,
        retry_after: int = 1,
        until: asyncio.Event | None = None,
    ) -> Fault:
        """The next `times` requests for `method` ("*": any, or "response_url") go wrong by `kind`:

        "429" (Retry-After `retry_after` s) · "500" · "drop": the connection is cut, nothing
        happened · "lost": it happened, the answer is lost · "delay": waits until the event
        `until` (or Fault.release) is set · any other word: that error code.
        """
        fault = Fault(method, kind, times, channel, retry_after, until or asyncio.Event())
        self._faults.append(fault)
        return fault

    def advance(self, seconds: float) -> None:
        """Move the server's clock: acknowledgements fall due, triggers and response_urls expire."""
        self.clock.skipped += seconds
        self.hub.tick()

    def drop_sockets(self) -> None:
        """Every Socket Mode connection breaks off, without a word."""
        for connection in list(self.connections):
            connection.abort()

    def cut_after_events(self, times: int = 1) -> None:
        """The next events break their connection off as soon as they are delivered."""
        self.hub.cut_after += times

    def lose_acks(self, times: int = 1) -> None:
        """The next acknowledgements never arrive."""
        self.hub.lose_acks += times

    def duplicate_events(self, times: int = 1) -> None:
        """The next events are delivered twice each."""
        self.hub.duplicate += times

    def redeliver(self, envelope: Envelope) -> None:
        """Deliver this once more: same event_id, a new envelope_id, the next retry_attempt."""
        self.hub.again(envelope)

    def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect; "warning" leaves it to the app, else Slack closes as well."""
        self.hub.refresh(reason, close=reason != "warning")

    # -- what happened

    @property
    def connections(self) -> list[Connection]:
        return self.hub.connections

    @property
    def envelopes(self) -> list[Envelope]:
        """Everything offered to the app, in order, with its deliveries and state."""
        return self.hub.envelopes

    @property
    def acks(self) -> dict[str, Ack]:
        """envelope_id -> its acknowledgement. `on_ack` listeners hear of each as it comes in."""
        return self.hub.acks

    @property
    def on_ack(self) -> list[Callable[[Ack], None]]:
        return self.hub.on_ack

    @property
    def settled(self) -> bool:
        """Everything offered is acknowledged or given up."""
        return all(envelope.settled for envelope in self.envelopes)

    def made(self, method: str) -> list[Call]:
        """The app's calls of one method, in order."""
        return [call for call in self.calls if call.method == method]

    async def until(self, predicate: Callable[[], T], *, timeout: float = 30.0) -> T:  # noqa: ASYNC109 - a test's own limit
        """Wait until `predicate` holds; looked at again after every call, delivery and ack.

        AssertionError, with the last calls and envelopes, when it does not within `timeout` s.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (found := predicate()):
                    await self._news.wait()
        except TimeoutError:
            last = [f"{c.method} {c.status} {c.error or ''}" for c in self.calls[-12:]]
            states = [f"{e.kind} {e.state}" for e in self.envelopes[-12:]]
            raise AssertionError(f"not within {timeout} s; calls {last}; sent {states}") from None
        return found

    def _changed(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    # -- the wire

    async def _on_api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = await self._params(request)
        token = str(params.pop("token", "")) or request.headers.get("Authorization", "")[7:]

        def answer() -> Json:
            self._authorize(method, token)
            return self.api.call(method, decoded(params))

        return await self._serve(request, method, params, answer)

    async def _on_response_url(self, request: web.Request) -> web.StreamResponse:
        params = await self._params(request)
        token = request.match_info["token"]
        return await self._serve(
            request, "response_url", params, lambda: self.api.respond(token, decoded(params))
        )

    async def _params(self, request: web.Request) -> Json:
        params: Json = dict(request.query)
        if request.content_type == "application/json":
            body: Any = await request.json()
            return params | (body if isinstance(body, dict) else {})
        return params | dict(await request.post())

    def _authorize(self, method: str, token: str) -> None:
        wanted, other = self._bot_token, self._app_token
        if method in _APP_METHODS:
            wanted, other = other, wanted
        if token != wanted:
            known = {"": "not_authed", other: "not_allowed_token_type"}
            raise ApiError(known.get(token, "invalid_auth"))

    async def _serve(
        self, request: web.Request, method: str, params: Json, answer: Callable[[], Json]
    ) -> web.StreamResponse:
        """One request through the faults: logged on arrival, answered as the fault says."""
        call = Call(method, params, self.clock.now())
        self.calls.append(call)
        fault = next((f for f in self._faults if f.takes(method, params)), None)
        status, headers = 200, {"x-oauth-scopes": "chat:write,commands,im:history"}
        if fault is not None:
            fault.times -= 1
            fault.hits += 1
            call.fault = fault.kind
        self._changed()
        kind = call.fault
        if fault is not None and kind == "delay":
            await fault.release.wait()
        if kind == "429" and fault is not None:
            status, headers["Retry-After"] = 429, str(fault.retry_after)
            call.answer = {"ok": False, "error": "ratelimited"}
        elif kind == "500":
            status, call.answer = 500, {"ok": False, "error": "internal_error"}
        elif kind == "drop":
            return self._hang_up(request)
        elif kind in {None, "delay", "lost"}:
            try:
                call.answer = answer()
                call.done = True
            except ApiError as refusal:
                call.answer = refusal.json()
                status = 404 if method == "response_url" else 200
            if kind == "lost":
                return self._hang_up(request)
        else:
            call.answer = {"ok": False, "error": kind}
        call.status = status
        self._changed()
        return web.json_response(call.answer, status=status, headers=headers)

    def _hang_up(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        self._changed()
        return web.Response()  # goes nowhere: the connection is gone

    async def _on_file(self, request: web.Request) -> web.Response:
        """A file's bytes; without the right token Slack answers 200 and a page to sign in."""
        if request.headers.get("Authorization") != f"Bearer {self._bot_token}":
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return web.Response(body=self.files[request.match_info["id"]])

    async def _on_upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, as they are; not as many as announced are refused."""
        upload = self.world.uploads.get(request.match_info["id"])
        content = await request.read()

        def take() -> Json:
            if upload is None or len(content) != upload.length:
                raise ApiError("upload_failed")
            upload.content = content
            return {"ok": True}

        answered = await self._serve(request, "upload", {}, take)
        failed = isinstance(answered, web.Response) and self.calls[-1].error is not None
        return web.Response(status=500) if failed else answered

    def _ticket(self) -> str:
        ticket = f"t{next(self._numbers):06d}"
        self._tickets.add(ticket)
        return f"{self.url.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id=A0APP"

    async def _on_link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="the address was used")
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        connection = self.hub.add(ws, request)
        writer = asyncio.create_task(connection.write())
        try:
            async for message in ws:
                if message.type is web.WSMsgType.TEXT:
                    self.hub.receive(message.json())
        finally:
            self.hub.remove(connection)
            writer.cancel()
        return ws
