"""Slack's posts in place of Socket Mode: signed, within three seconds, and again where they fail.

A ``PostedLine`` stands among the server's connections: what Slack would send through a socket is
posted to one address instead. An answer of 2xx is the acknowledgement, its JSON the payload of it;
any other has an event posted again, with X-Slack-Retry-Num, and an interaction fail.
"""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from .slack_socket import Connection, Hub, Json

AGAIN = 0.05
"""seconds until a post that failed is tried again; really at once, after a minute, after five"""


@dataclass(slots=True)
class Request:
    """As it was posted, to be posted again by a test: the body and its headers."""

    body: bytes
    headers: dict[str, str]
    status: int = 0
    answer: str = ""


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers of Slack's signature, as its documentation has them."""
    stamp = str(int(time.time() if at is None else at))
    text = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


class PostedLine(Connection):
    """One address of the app."""

    def __init__(self, hub: Hub, number: int, address: str, secret: str) -> None:
        self.number, self.leaving = number, False
        self._hub, self._address, self._secret = hub, address, secret
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []

    def send(self, message: Json, *, cut: bool = False) -> None:
        if "envelope_id" in message:
            task = asyncio.get_running_loop().create_task(self._post(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        self.leaving = True

    def abort(self) -> None:
        self.leaving = True

    async def end(self) -> None:
        self.leaving = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def post(self, request: Request) -> Request:
        """Post these very bytes and headers."""
        if self._session is None:
            # A line each: one that is kept may be closed just when it is used again.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        try:
            async with self._session.post(
                self._address, data=request.body, headers=request.headers
            ) as answer:
                request.status, request.answer = answer.status, await answer.text()
        except aiohttp.ClientError:
            request.status = 0
        return request

    async def _post(self, message: Json) -> None:
        kind, payload = message["type"], message["payload"]
        if kind == "events_api":
            body, content_type = json.dumps(payload).encode(), "application/json"
        else:
            form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
            body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content_type, **signed(self._secret, body)}
        if message.get("retry_attempt"):
            headers["X-Slack-Retry-Num"] = str(message["retry_attempt"])
            headers["X-Slack-Retry-Reason"] = "http_error"
        request = Request(body, headers)
        self.requests.append(request)
        await self.post(request)
        if 200 <= request.status < 300:
            said = json.loads(request.answer) if request.answer else None
            self._hub.receive({"envelope_id": message["envelope_id"], "payload": said})
        else:
            await asyncio.sleep(AGAIN)
            self._hub.refused(message["envelope_id"])
