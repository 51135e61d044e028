"""The queue behind getUpdates: what waits for the bot, and how it is confirmed.

An update waits until getUpdates is called with an offset above its id. One poll at a time: a newer
one ends the older with 409. What a test repeats by force ignores offsets: it is delivered once more
even if it was confirmed long ago.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from tests.fakes.telegram_html import Json

MAX_BATCH = 100
MAX_TIMEOUT = 50.0  # seconds
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class OustedError(Exception):
    """A newer getUpdates took this one's place."""


@dataclass(slots=True, eq=False)
class _Entry:
    body: Json
    forced: bool = False  # delivered whatever the offset
    delivered: bool = False

    @property
    def id(self) -> int:
        return int(self.body["update_id"])


@dataclass(slots=True, eq=False)
class _Poll:
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ousted: bool = False


class Updates:
    """All updates ever made, and those that wait."""

    def __init__(self) -> None:
        self.next_id = 1
        self.allowed: frozenset[str] = frozenset()  # empty: all but NOT_BY_DEFAULT
        self.polling_limits = False
        self.time = time.monotonic  # what `polling_limits` measure by, seconds
        self.made: dict[int, Json] = {}  # update id -> the update
        self._waiting: list[_Entry] = []
        self._held: list[_Entry] | None = None  # not None inside `batch`
        self._poll: _Poll | None = None
        self._last: tuple[int, float] = (0, float("-inf"))  # offset and time of the last poll
        self._closed = False
        self.on_new: Callable[[], None] = lambda: None

    @property
    def pending(self) -> list[int]:
        """Ids of the updates that the bot has not confirmed, in the order of delivery."""
        return [entry.id for entry in self._waiting + (self._held or [])]

    @property
    def polled(self) -> bool:
        """Whether a getUpdates is waiting right now."""
        return self._poll is not None

    def put(self, kind: str, body: Json) -> int:
        """Queue an update with the next id; 0, and nothing queued, if its kind is not wanted."""
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return 0
        return self.push({kind: body})

    def push(self, raw: Json) -> int:
        """Queue this very object, however broken; without an update_id it gets the next one."""
        forced = "update_id" in raw
        body = raw if forced else {"update_id": self.next_id, **raw}
        self.next_id = max(self.next_id, body["update_id"] + 1)
        self.made[body["update_id"]] = body
        self._add(_Entry(body, forced))
        return int(body["update_id"])

    def repeat(self, update_id: int) -> None:
        """Deliver this update once more, the bot having confirmed it or not."""
        self._add(_Entry(self.made[update_id], forced=True))

    def withhold(self, update_id: int) -> None:
        """Take a waiting update out; `repeat` delivers it, late and out of order."""
        for queue in (self._waiting, self._held or []):
            queue[:] = [entry for entry in queue if entry.id != update_id]

    @contextlib.contextmanager
    def batch(self, *, backwards: bool = False) -> Iterator[None]:
        """What is queued inside becomes visible to the bot at once, at the end."""
        held: list[_Entry] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            for entry in held:
                entry.forced = entry.forced or backwards  # a later id must not confirm it unseen
            self._waiting += reversed(held) if backwards else held
            self.wake()

    def waiting_bodies(self) -> list[Json]:
        """What a webhook would be given now."""
        return [entry.body for entry in self._waiting]

    def confirm(self, update_id: int) -> None:
        """It was taken by a webhook."""
        self._waiting = [entry for entry in self._waiting if entry.id != update_id]

    def drop(self) -> None:
        """Forget all that waits (drop_pending_updates)."""
        self._waiting.clear()

    def wake(self) -> None:
        """Let a waiting poll look again."""
        if self._poll is not None:
            self._poll.wake.set()
        self.on_new()

    def close(self) -> None:
        """Let a waiting poll end with what there is."""
        self._closed = True
        self.wake()

    def open(self) -> None:
        self._closed = False

    async def get(
        self,
        *,
        offset: int = 0,
        limit: int = MAX_BATCH,
        timeout_s: float = 0,
        allowed: Collection[str] | None = None,
        arrives: bool = True,
        alive: Callable[[], bool] = lambda: True,
    ) -> list[Json]:
        """One getUpdates call; `arrives` false: the answer will be lost on its way.

        Waits up to `timeout_s` seconds for an update. Raises `OustedError` when a newer call comes.
        """
        loop = asyncio.get_running_loop()
        if self._poll is not None:
            self._poll.ousted = True
            self._poll.wake.set()
        poll = self._poll = _Poll()
        if allowed is not None:
            self.allowed = frozenset(allowed)
        limit = min(max(limit, 1), MAX_BATCH)
        timeout_s = min(max(timeout_s, 0), MAX_TIMEOUT)
        if self.polling_limits and offset == self._last[0]:
            since = self.time() - self._last[1]
            timeout_s = max(timeout_s, 3) if since < 3 else timeout_s
            limit = 1 if since < 0.5 else limit
        self._last = (offset, self.time())
        self._confirm(offset)
        deadline = loop.time() + timeout_s
        try:
            while True:
                if poll.ousted:
                    raise OustedError
                batch = self._waiting[:limit] if alive() else []
                if batch or self._closed or not alive() or loop.time() >= deadline:
                    for entry in batch:
                        entry.delivered = entry.delivered or arrives
                    return [entry.body for entry in batch]
                poll.wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(deadline):
                        await poll.wake.wait()
        finally:
            if self._poll is poll:
                self._poll = None

    def _add(self, entry: _Entry) -> None:
        if self._held is not None:
            self._held.append(entry)
        else:
            self._waiting.append(entry)
            self.wake()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self._waiting = self._waiting[offset:]
            return
        self._waiting = [
            entry
            for entry in self._waiting
            if entry.id >= offset or (entry.forced and not entry.delivered)
        ]


def update_bytes(update_id: int, user_id: int, message_id: int, text: str, date: int) -> bytes:
    """The JSON of one update as Telegram sends it: a text message in a private chat.

    `date` in seconds since 1970. For benchmarks: no server, no state.
    """
    name = {"id": user_id, "first_name": f"Person {user_id}", "username": f"person_{user_id}"}
    message = {
        "message_id": message_id,
        "from": {**name, "is_bot": False, "language_code": "en"},
        "chat": {**name, "type": "private"},
        "date": date,
        "text": text,
    }
    return json.dumps({"update_id": update_id, "message": message}).encode()
