"""A local Telegram: the Bot API over HTTP on the loopback, and the people who talk to the bot.

    async with TelegramServer(token="123:TEST") as server:
        amira = server.person(id=1001, first_name="Amira")
        await amira.says("hello")
        await server.until(lambda: amira.chat[-1].from_bot)

The bot, in this process or in another, uses `f"{server.url}/bot"` as its base URL. All state is in
the server object. Differences from the real one: MarkdownV2 is not spoken, no flood limits unless
scripted, webhooks go to `posting.addresses` alone, message ids count from 1 in every chat.
"""

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.telegram_faults import Call, Fault, Kind
from tests.fakes.telegram_html import Json, parse_html, utf16
from tests.fakes.telegram_http import answer, connected, hang_up, number, parameters, refused
from tests.fakes.telegram_methods import BotMethods
from tests.fakes.telegram_people import Group, Person, group_of
from tests.fakes.telegram_posting import Posting
from tests.fakes.telegram_updates import OustedError, update_bytes
from tests.fakes.telegram_world import Chat, Message, RefusedError, Tap, World

__all__ = [
    "Call",
    "Fault",
    "Group",
    "Message",
    "Person",
    "Tap",
    "TelegramServer",
    "parse_html",
    "update_bytes",
    "utf16",
]

T = TypeVar("T")

BODY_LIMIT = 60 * 1024 * 1024  # bytes; bots may upload 50 MB
OUSTED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
    "the webhook first"
)
UPDATE_METHODS = frozenset({"getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"})


class TelegramServer:
    """One bot's Telegram. An async context manager; see the module for its use."""

    def __init__(
        self,
        token: str = "123:TEST",
        *,
        username: str = "frontdesk_test_bot",
        privacy: bool = True,
        first_update_id: int = 1,
        polling_limits: bool = False,
    ) -> None:
        """`polling_limits`: the same getUpdates offset again within 3 s waits 3 s when nothing is
        there, and within 0.5 s yields one update, as on the real server."""
        self.token = token
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Frontdesk",
            "username": username,
        }
        self._changed = asyncio.Event()
        self.world = World(bot, privacy=privacy, changed=self._tell)
        self.updates = self.world.updates
        self.updates.next_id = first_update_id
        self.updates.polling_limits = polling_limits
        self.methods = BotMethods(self.world)
        self._names = {
            name.lower(): name for name in itertools.chain(self.methods.names, UPDATE_METHODS)
        }
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.posting = Posting(self.updates, self._tell)
        self.updates.on_new = self.posting.look
        # (method, chat id) -> end of a 429's retry_after
        self._not_before: dict[tuple[str, int | None], float] = {}
        self._down = asyncio.Event()
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Without a path; the bot's base URL is this and `/bot`."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.comes_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.posting.close()
        await self.goes_down()

    async def comes_up(self) -> None:
        """Listen: on a free port, after `goes_down` on the same as before."""
        self._down.clear()
        self.updates.open()
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host_and_port = self._runner.addresses[0]
        self._port = host_and_port[1]

    @property
    def webhook(self) -> str:
        """The address that the bot has registered."""
        return self.posting.url

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.posting.url = url

    async def goes_down(self) -> None:
        """Refuse connections and end the open ones, as in an outage; all state is kept."""
        self._down.set()
        self.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # People and what they see

    def person(
        self, id: int, first_name: str = "Amira", *, language_code: str = "en", **more: str
    ) -> Person:
        """Somebody who has not written to the bot yet; `more`: last_name, username."""
        user = {"id": id, "is_bot": False, "first_name": first_name} | more
        user["language_code"] = language_code
        self.world.chats[id] = Chat(id, person=user, started=False)
        return Person(self.world, user, self.world.chats[id])

    def group(
        self, id: int, title: str, members: Sequence[Person] = (), *, admin_bot: bool = False
    ) -> Group:
        """A group with the bot; unless `admin_bot`, its privacy mode decides what it is shown."""
        return group_of(self.world, id, title, members, admin_bot=admin_bot)

    @property
    def taps(self) -> list[Tap]:
        """Every press of a button, in order."""
        return self.world.taps

    @property
    def unanswered(self) -> list[Tap]:
        """The presses that the bot has left spinning."""
        return [tap for tap in self.world.taps if not tap.answered and not tap.expired]

    def expire_taps(self) -> None:
        """All presses so far are too old to be answered."""
        for tap in self.world.taps:
            tap.expired = True

    # Updates

    @property
    def next_update_id(self) -> int:
        return self.updates.next_id

    @next_update_id.setter
    def next_update_id(self, value: int) -> None:
        self.updates.next_id = value

    @property
    def pending(self) -> list[int]:
        """Ids of the updates that the bot has not confirmed."""
        return self.updates.pending

    def push(self, raw: Json) -> int:
        """Deliver this update as it is, however broken; its id."""
        return self.updates.push(raw)

    def repeat(self, update_id: int) -> None:
        """Deliver an update again, confirmed or not: a duplicate."""
        self.updates.repeat(update_id)

    def withhold(self, update_id: int) -> None:
        """Take an update out of the queue; `repeat` delivers it later: out of order."""
        self.updates.withhold(update_id)

    def batch(self, *, backwards: bool = False) -> contextlib.AbstractContextManager[None]:
        """`with server.batch():` what is done inside reaches the bot in one getUpdates answer."""
        return self.updates.batch(backwards=backwards)

    # Faults, calls, waiting

    def fault(self, method: str | None, kind: Kind, times: int = 1, **details: Any) -> Fault:
        """Let the next `times` calls of this method (None: of any) go wrong; see `Fault`."""
        fault = Fault(method, kind, times, **details)
        self.faults.append(fault)
        return fault

    def calls_of(self, method: str, *, chat_id: int | None = None) -> list[Call]:
        """The calls of one method, in order of arrival, those in flight included."""
        return [
            call for call in self.calls if call.method == method and chat_id in (None, call.chat_id)
        ]

    async def until(self, predicate: Callable[[], T], *, timeout: float = 30) -> T:  # noqa: ASYNC109 - its message is the point
        """Wait for the predicate; a LookupError in it counts as "not yet". Gives its value.

        It is looked at again at every API call and every deed of a person. Raises AssertionError
        with the last calls after `timeout` seconds.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            changed = self._changed
            with contextlib.suppress(LookupError):
                if value := predicate():
                    return value
            try:
                async with asyncio.timeout_at(deadline):
                    await changed.wait()
            except TimeoutError:
                raise AssertionError(f"not within {timeout} s; {self.digest()}") from None

    def digest(self, last: int = 12) -> str:
        """The last calls and messages, for the message of a failed test."""
        calls = [
            f"{call.method} {call.status} {call.params}"
            for call in [call for call in self.calls if call.method != "getUpdates"][-last:]
        ]
        lines = [
            f"{chat.id} {message.sender['first_name']}: {message.text!r} {message.buttons}"
            for chat in self.world.chats.values()
            for message in chat.visible[-last:]
        ]
        heads = [f"unconfirmed updates: {self.pending[:last]}", "calls:", *calls]
        return "\n".join([*heads, "messages:", *lines])

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # HTTP

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        token, wanted = request.match_info["token"], request.match_info["method"]
        method = self._names.get(wanted.lower())
        if token != self.token:
            if not re.fullmatch(r"[0-9]+:[\w-]+", token):
                return answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
            return answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        now = asyncio.get_running_loop().time()
        try:
            call = Call(method or wanted, await parameters(request), now)
        except UnicodeDecodeError:
            return refused(RefusedError(400, "Bad Request: strings must be encoded in UTF-8"))
        if self._down.is_set():
            return hang_up(request, call)
        call.hasty = now < self._not_before.get((call.method, call.chat_id), 0)
        self.calls.append(call)
        self._tell()
        try:
            return await self._through_faults(request, call, known=method is not None)
        finally:
            self._tell()

    async def _through_faults(
        self, request: web.Request, call: Call, *, known: bool
    ) -> web.StreamResponse:
        fault = next((fault for fault in self.faults if fault.strikes(call)), None)
        call.fault = fault.kind if fault else None
        if fault and fault.kind == "429":
            self._not_before[call.method, call.chat_id] = call.at + fault.retry_after
            sentence = f"Too Many Requests: retry after {fault.retry_after}"
            return self._end(call, RefusedError(429, sentence, retry_after=fault.retry_after))
        if fault and fault.kind == "500":
            if fault.status != 500:  # a gateway's answer, not the API's
                call.status, call.result = fault.status, "no JSON"
                page = fault.page or f"<html><body><h1>{fault.status}</h1></body></html>"
                kind = "application/json" if fault.page else "text/html"
                return web.Response(status=fault.status, text=page, content_type=kind)
            return self._end(call, RefusedError(500, "Internal Server Error"))
        if fault and fault.kind == "drop":
            return hang_up(request, call)
        if fault and fault.kind == "delay":
            await _first_of(fault.until, self._down)
            if not fault.until.is_set():
                return hang_up(request, call)
        arrives = not fault or fault.kind == "delay"
        try:
            if not known:
                raise RefusedError(404, "Not Found")
            call.result = await self._run(request, call, arrives=arrives)
            call.took_effect = True
        except RefusedError as refusal:
            if arrives:
                return self._end(call, refusal)
        if self._down.is_set() or (fault and fault.kind == "lost"):
            return hang_up(request, call)
        call.status = 200
        if fault and fault.kind == "malformed":
            whole = json.dumps({"ok": True, "result": call.result})
            return web.Response(text=whole[: len(whole) // 2], content_type="application/json")
        return answer(200, {"ok": True, "result": call.result})

    async def _run(self, request: web.Request, call: Call, *, arrives: bool) -> Any:
        if call.method == "getUpdates":
            if self.webhook:
                raise RefusedError(409, WEBHOOK_ACTIVE)
            allowed = call.params.get("allowed_updates")
            try:
                return await self.updates.get(
                    offset=number(call.params, "offset", 0),
                    limit=number(call.params, "limit", 100),
                    timeout_s=number(call.params, "timeout", 0),
                    allowed=allowed if isinstance(allowed, list) else None,
                    arrives=arrives,
                    alive=lambda: connected(request),
                )
            except OustedError:
                raise RefusedError(409, OUSTED) from None
        if call.method in UPDATE_METHODS:
            return self._set_up_webhook(call)
        return self.methods.call(call.method, call.params)

    def _set_up_webhook(self, call: Call) -> Any:
        if call.method == "getWebhookInfo":
            waiting = len(self.pending)
            return {
                "url": self.webhook,
                "has_custom_certificate": False,
                "pending_update_count": waiting,
                **self.posting.trouble,
            }
        url = str(call.params.get("url") or "") if call.method == "setWebhook" else ""
        if url and not url.startswith("https://"):
            raise RefusedError(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        secret = str(call.params.get("secret_token") or "")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise RefusedError(400, "Bad Request: secret token contains unallowed characters")
        if call.params.get("drop_pending_updates"):
            self.updates.drop()
        allowed = call.params.get("allowed_updates")
        if isinstance(allowed, list):
            self.updates.allowed = frozenset(allowed)
        self.posting.url, self.posting.secret = url, secret
        self.posting.look()
        return True

    def _end(self, call: Call, refusal: RefusedError) -> web.Response:
        call.status, call.result = refusal.status, refusal.description
        return refused(refusal)


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
