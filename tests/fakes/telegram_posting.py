"""Telegram's side of a webhook: updates posted to the bot's addresses until each is taken.

The rules, from the Bot API server's source: a queue for each chat, whose next update is posted only
after the last was answered with 2xx; chats side by side; what failed is posted again, at once and
then ever later. Taps have a queue of their own. Any of several addresses may get any update, as
behind a proxy: here in turn.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from tests.fakes.telegram_html import Json
from tests.fakes.telegram_updates import Updates

SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(slots=True)
class Post:
    """One try: which update, where to, what was answered (0: nothing)."""

    update: int
    address: str
    status: int = 0


@dataclass
class Posting:
    """``addresses``: where the registered address really leads. ``copies``: so often is each
    update posted at once; ``orderly`` false: a chat's next update does not wait for the last."""

    updates: Updates
    changed: Callable[[], None]
    addresses: list[str] = field(default_factory=list)
    url: str = ""
    secret: str = ""
    copies: int = 1
    orderly: bool = True
    first_wait: float = 0.01
    most_wait: float = 0.05
    posts: list[Post] = field(default_factory=list)
    trouble: Json = field(default_factory=dict)
    """of getWebhookInfo: the last failed try"""
    _busy: set[int] = field(default_factory=set)
    _queues: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _session: aiohttp.ClientSession | None = None

    def look(self) -> None:
        """Post what waits, as far as its queue is free."""
        if not self.url or not self.addresses:
            return
        for body in self.updates.waiting_bodies():
            id, queue = int(body["update_id"]), _queue(body)
            if id in self._busy or (self.orderly and queue in self._queues):
                continue
            self._busy.add(id)
            self._queues.add(queue)
            task = asyncio.get_running_loop().create_task(self._deliver(body, id, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, body: Json, id: int, queue: str) -> None:
        wait = 0.0
        while self.url:
            answered = await asyncio.gather(*(self._post(body, id) for _ in range(self.copies)))
            if all(200 <= status < 300 for status in answered):
                self.updates.confirm(id)
                break
            said = f"Wrong response from the webhook: {max(answered)}"
            self.trouble = {"last_error_date": int(time.time()), "last_error_message": said}
            await asyncio.sleep(wait)
            wait = min(max(2 * wait, self.first_wait), self.most_wait)
        self._busy.discard(id)
        self._queues.discard(queue)
        self.look()
        self.changed()

    async def _post(self, body: Json, id: int) -> int:
        if not self.addresses:  # nobody is there at the moment
            return 0
        address = self.addresses[next(self._turn) % len(self.addresses)]
        post = Post(id, address)
        self.posts.append(post)
        if self._session is None:
            # A line each: one that is kept may be closed just when it is used again.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers[SECRET] = self.secret
        try:
            data = json.dumps(body).encode()
            async with self._session.post(address, data=data, headers=headers) as answer:
                post.status = answer.status
        except aiohttp.ClientError:
            post.status = 0
        self.changed()
        return post.status

    async def close(self) -> None:
        self.url = ""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def _queue(body: Json) -> str:
    if tap := body.get("callback_query"):
        return f"tap {tap['from']['id']}"
    for kind in ("message", "edited_message", "my_chat_member"):
        if told := body.get(kind):
            return f"chat {told['chat']['id']}"
    return f"update {body['update_id']}"
