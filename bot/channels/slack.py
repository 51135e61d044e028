"""The Slack adapter: Socket Mode or signed posts (``slack_hook``) in, chat.postMessage out. The
only file that imports Slack's SDK.

**Order.** Socket Mode runs each envelope as a task of its own; the tasks start in the order of
receipt, and up to ``take()`` nothing here waits, so one person's messages are queued in their order
(``_receive``: keep it free of awaits above ``take``).

**Acknowledged after the commit.** All is done in bolt's first middleware. Bolt's own listeners come
after an authorization that calls auth.test and, when that call fails, answers 200: acknowledged and
lost. An answer other than 200 is not passed on, and Slack sends the event again.

**Reconnecting** is the SDK's. It tries one address for ever, though, and Slack's are good for one
use: a socket that stays down for ``Waits.patience`` seconds is replaced by a new one.

**Sending** is tried once: the SDK's retries would post twice when only the response was lost. The
courier tries again; delivery is at least once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, BinaryIO

import aiohttp
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.channels import Take
from bot.channels.slack_blocks import SlackWords, answer_form
from bot.channels.slack_calls import SlackCalls
from bot.channels.slack_errors import SlackError, refusal
from bot.channels.slack_events import Heard, Opening, read, unreadable
from bot.channels.slack_forms import form_answer, form_view
from bot.channels.slack_home import read_home
from bot.channels.slack_hook import SlackHook
from bot.channels.slack_waits import USUAL, Waits, until_lost
from bot.clock import stamp
from bot.documents import Documents
from bot.environment import ConfigError
from bot.logs import logger
from bot.messages import Incoming, Outcome, Receipt, StaffForm, StaffLine, StaffReply, StaffTap
from bot.store.rows import OutboxRow, StoreUnavailable

Json = dict[str, Any]
log = logger("slack")

BOT_TOKEN, APP_TOKEN = "FRONTDESK_SLACK_BOT_TOKEN", "FRONTDESK_SLACK_APP_TOKEN"


class _First(AsyncMiddleware):
    """Bolt's first middleware, and its last: no other is asked after it. A plain function would
    not do: bolt looks into the payload for its arguments, and fails on one of another shape."""

    def __init__(self, receive: Callable[[Json], Awaitable[BoltResponse]]) -> None:
        self._receive = receive

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse:
        return await self._receive(req.body)


class SlackChannel:
    """Implements ``bot.channels.Channel``. ``staff_chat``: id of the staff channel; ``now``: the
    time, for what bears none of Slack's and for how long the staff's names are good; ``documents``:
    makes the files that are sent; ``signing_secret``: Slack posts, no app token is used."""

    name = "slack"

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        *,
        words: SlackWords,
        base_url: str = AsyncWebClient.BASE_URL,
        staff_chat: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        waits: Waits = USUAL,
        documents: Documents | None = None,
        signing_secret: str = "",
    ) -> None:
        base = base_url.rstrip("/") + "/"
        self._web = AsyncWebClient(bot_token, base_url=base, retry_handlers=[])
        self._app_token, self._staff_chat = app_token, staff_chat
        self._words, self._now, self._waits = words, now, waits
        self._app = AsyncApp(
            name="slack",
            client=self._web,
            process_before_response=True,
            before_authorize=_First(self._receive),
        )
        self._app.error(_crashed)
        self._calls = SlackCalls(self._ask, self._upload, documents)
        self.connected = asyncio.Event()
        self.hook: SlackHook | None = None
        if signing_secret:
            self.hook = SlackHook(SignatureVerifier(signing_secret).is_valid_request, self._posted)
            self.connected.set()
        self._take: Take | None = None
        self._busy: set[asyncio.Future[None]] = set()

    # -- receiving

    async def listen(self, take: Take) -> None:
        """Receive until cancelled. ConfigError: a token is refused."""
        self._take = take
        wait, longest = self._waits.backoff
        while True:
            try:
                await self._whose()
                address = await self._address() if self.hook is None else ""
            except SlackError as failure:
                log.warning("slack cannot be reached", reason=failure.code, wait=wait)
                await asyncio.sleep(max(wait, failure.seconds or 0))
                wait = min(wait * 2, longest)
                continue
            wait = self._waits.backoff[0]
            if self.hook is None:
                await self._serve(address)
                continue
            try:
                await self.hook.listen()
            finally:
                await self._finish()

    async def check(self) -> str:
        """Who the bot token belongs to. ConfigError: a token is refused, Slack cannot be reached,
        or the bot is not in the staff channel."""
        try:
            whose = await self._whose()
            if self.hook is None:
                await self._address()
            if self._staff_chat is not None:
                await self._check_staff_chat(self._staff_chat)
        except SlackError as failure:
            mend = f"Slack cannot be reached there ({failure.code})"
            raise ConfigError("slack.base_url", mend) from None
        how = "" if self.hook is None else ", by signed posts"
        return f"Slack: {whose['user']} in {whose['team']}{how}"

    async def close(self) -> None:
        """Close the connections for sending."""
        if self._web.session is not None:
            await self._web.session.close()
            self._web.session = None

    async def _check_staff_chat(self, chat: str) -> None:
        mend = "invite the bot to the channel, and check the channel's id"
        try:
            answer = await self._ask("conversations.info", {"channel": chat}, reading=True)
        except SlackError as failure:
            if failure.code == "channel_not_found":
                raise ConfigError("staff.chat", mend) from None
            raise failure.about(BOT_TOKEN) from None
        if not answer["channel"].get("is_member"):
            raise ConfigError("staff.chat", mend)

    async def _whose(self) -> Json:
        """Who the bot is. ConfigError, SlackError."""
        try:
            return await self._answer(self._web.auth_test())
        except SlackError as failure:
            raise failure.about(BOT_TOKEN) from None

    async def _address(self) -> str:
        """A new address for a socket. ConfigError, SlackError."""
        try:
            call = self._web.apps_connections_open(app_token=self._app_token)
            opened = await self._answer(call)
        except SlackError as failure:
            raise failure.about(APP_TOKEN) from None
        return str(opened["url"])

    async def _finish(self) -> None:
        """Acknowledgements, and notes to whoever tapped."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=self._waits.grace)

    async def _serve(self, address: str) -> None:
        """One socket, until it has been down for too long."""
        socket = SocketModeClient(
            self._app_token,
            web_client=self._web,
            ping_interval=self._waits.ping,
        )
        socket.wss_uri = address
        socket.socket_mode_request_listeners.append(self._envelope)
        connect: Coroutine[Any, Any, None] = socket.connect()  # type: ignore[no-untyped-call]  # the SDK's
        connecting = asyncio.ensure_future(connect)
        connecting.add_done_callback(self._connected)
        try:
            await until_lost(socket, self._waits.patience)
            log.warning("the socket to Slack stays down, opening another")
        finally:
            self._take, take = None, self._take  # from here on nothing is accepted
            await self._finish()
            connecting.cancel()
            await _close(socket, connecting)
            self._take = take

    def _connected(self, connecting: asyncio.Future[None]) -> None:
        if not connecting.cancelled() and connecting.exception() is None:
            self.connected.set()

    async def _envelope(self, client: Any, request: SocketModeRequest) -> None:
        """What came through the socket. Runs without a wait down to ``take()``."""
        task = asyncio.current_task()
        assert task is not None  # the SDK starts one for each envelope
        self._wait_for(task)
        try:
            asked = AsyncBoltRequest(mode="socket_mode", body=request.payload)
        except (AttributeError, KeyError, TypeError) as error:
            # Bolt looks into the payload before any middleware: this one is not shaped as Slack's.
            response = await self._strange(request.payload, type(error).__name__)
        else:
            response = await self._app.async_dispatch(asked)
        if response.status != 200:
            log.info("not acknowledged", kind=request.type)
            return
        payload = json.loads(response.body) if response.body else None
        answer = SocketModeResponse(envelope_id=request.envelope_id, payload=payload)
        try:
            await client.send_socket_mode_response(answer)
        except (ConnectionError, aiohttp.ClientError):
            log.info("an acknowledgement was lost", kind=request.type)

    async def _posted(self, payload: Any) -> BoltResponse:
        """The signature says that it is Slack's, not which shape it has."""
        if isinstance(payload, dict):
            return await self._receive(payload)
        return await self._strange(payload, type(payload).__name__)

    async def _receive(self, body: Json) -> BoltResponse:
        """A payload, committed -> what Slack is answered; 503: it should send it again."""
        at = stamp(self._now())
        home = read_home(body, at=at)
        heard = Heard(home) if home else read(body, at=at, staff_chat=self._staff_chat)
        return await self._heard(heard, slash="command" in body)

    async def _strange(self, payload: Any, error: str) -> BoltResponse:
        return await self._heard(Heard(unreadable(payload, stamp(self._now()), error)))

    async def _heard(self, heard: Heard, *, slash: bool = False) -> BoltResponse:
        take, arrival = self._take, heard.arrival
        if take is None:
            return BoltResponse(status=503)
        try:
            if isinstance(arrival, StaffReply | StaffLine | StaffTap | StaffForm):
                return await self._of_staff(take, arrival, heard)
            if heard.opening is not None:
                return await self._open(heard.opening)
            if heard.refused:
                log.warning("a staff form came back with other metadata than ours")
                return _json(form_answer(self._words, Receipt(note=self._words.refused)))
            if arrival is None:
                return BoltResponse(status=200)
            receipt = await asyncio.shield(take(arrival))
        except StoreUnavailable:
            log.warning("not stored, Slack is to send it again")
            return BoltResponse(status=503)
        if isinstance(arrival, Incoming):
            return self._told(arrival, heard, receipt, slash=slash)
        return BoltResponse(status=200)

    def _told(
        self, arrival: Incoming, heard: Heard, receipt: Receipt, *, slash: bool
    ) -> BoltResponse:
        """The answer to a committed arrival: a slash command's has a text, a tap's cannot."""
        if slash:
            here = heard.where == self._calls.known(arrival.person)
            text = receipt.note or ("" if here else self._words.see_dm)
            return _json({"response_type": "ephemeral", "text": text}) if text else _ok()
        if heard.where:  # a tap in the Home tab is in no channel
            self._calls.learn(arrival.person, heard.where)
        if receipt.note:
            self._wait_for(self._calls.whisper(heard.where, arrival.person, receipt.note))
        return _ok()

    def _wait_for(self, work: Awaitable[None]) -> None:
        """A stop lets it end."""
        task = asyncio.ensure_future(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    # -- the staff form

    async def _open(self, opening: Opening) -> BoltResponse:
        """[Answer] was tapped: the form, at once, because the trigger lives for 3 s."""
        await self._calls.open_form(opening.trigger, answer_form(self._words, opening.metadata))
        return _ok()

    async def _of_staff(
        self, take: Take, arrival: StaffReply | StaffLine | StaffTap | StaffForm, heard: Heard
    ) -> BoltResponse:
        """Whoever is not in the staff channel is refused here, whatever it came with. While Slack
        does not say who is, nothing is taken: a form stays open."""
        try:
            member = await self._calls.is_member(arrival.chat, arrival.by, self._now())
        except SlackError as failure:
            log.warning("the staff channel's members are not known", reason=failure.code)
            return BoltResponse(status=503)
        if member:
            receipt = await asyncio.shield(take(arrival))
        else:
            log.warning("something of staff's from outside of the staff channel", by=arrival.by)
            receipt = Receipt(note=self._words.refused)
        if isinstance(arrival, StaffLine):
            return _ok()
        if isinstance(arrival, StaffTap):
            if receipt.form is not None:
                await self._calls.open_form(heard.trigger, form_view(self._words, receipt.form))
            if receipt.note:
                self._wait_for(self._calls.whisper(arrival.chat, arrival.by, receipt.note))
            return _ok()
        answer = form_answer(self._words, receipt)
        return _json(answer) if answer else _ok()

    # -- sending

    async def send(self, row: OutboxRow) -> Outcome:
        """Carry out one row."""
        return await self._calls.send(row)

    async def _ask(self, method: str, arguments: Json, *, reading: bool = False) -> Json:
        """One call -> the answer. SlackError."""
        if reading:  # these methods take no JSON
            return await self._answer(self._web.api_call(method, http_verb="GET", params=arguments))
        return await self._answer(self._web.api_call(method, json=arguments))

    async def _upload(self, address: str, file: BinaryIO) -> None:
        """SlackError. Streamed, and only sent: the address is Slack's own, for this file."""
        assert self._web.session is not None  # the address came through it
        try:
            async with self._web.session.post(address, data=file) as answer:
                if answer.status != 200:
                    raise SlackError("upload_failed", passing=True)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackError(type(error).__name__, passing=True) from None

    async def _answer(self, call: Awaitable[AsyncSlackResponse]) -> Json:
        if self._web.session is None or self._web.session.closed:
            limit = aiohttp.ClientTimeout(total=self._waits.answer)
            self._web.session = aiohttp.ClientSession(timeout=limit)
        try:
            data: Any = (await call).data
        except SlackApiError as error:
            answer = error.response
            if not isinstance(answer, AsyncSlackResponse):  # it was not even JSON
                raise SlackError("unexpected_answer", passing=True) from None
            retry_after = answer.headers.get("Retry-After")
            raise refusal(answer.status_code, answer.data, retry_after) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackError(type(error).__name__, passing=True) from None
        except AttributeError:  # the SDK, on an answer of 200 that is a text (a proxy's page)
            raise SlackError("unexpected_answer", passing=True) from None
        return data if isinstance(data, dict) else {}


async def _crashed(error: Exception) -> None:
    """A bug of ours. The envelope is not acknowledged; bolt answers 500 by itself."""
    log.error("an envelope crashed", exc_info=error)


async def _close(socket: SocketModeClient, connecting: asyncio.Future[None]) -> None:
    """Close it, and wait for its tasks, which the SDK only cancels."""
    with contextlib.suppress(aiohttp.ClientError, OSError):  # it may be broken already
        await socket.close()  # type: ignore[no-untyped-call]  # the SDK's
    tasks = [
        socket.message_processor,
        socket.message_receiver,
        socket.current_session_monitor,
        connecting,
    ]
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


def _ok() -> BoltResponse:
    return BoltResponse(status=200)


def _json(body: Json) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body))
