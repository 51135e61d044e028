"""Where both sides' messages end: python-telegram-bot's own request class, answered at once.

All that the SDK does before the network and after it is done; the network is not.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from telegram.request import BaseRequest, RequestData

from tests.benchmarks.people import FIRST_CHAT

TOKEN = "700000:benchmark-bot-without-a-network"

_ME = {
    "ok": True,
    "result": {
        "id": 700_000,
        "is_bot": True,
        "first_name": "Bench",
        "username": "bench_bot",
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    },
}
_SENT = {
    "ok": True,
    "result": {
        "message_id": 11,
        "from": {"id": 700_000, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
        "chat": {
            "id": FIRST_CHAT,
            "first_name": "Maribel",
            "last_name": "Ostrander",
            "type": "private",
        },
        "date": 1_790_000_001,
        "text": "Question 2 of 8: what is the name that you trade under?",
    },
}
_KEYBOARD = {"keyboard", "remove_keyboard"}


class Wire(BaseRequest):
    """Takes every sendMessage; whoever awaits ``reply`` hears of the next one to that chat, but for
    those that bring or take the keyboard for one's own number."""

    def __init__(self) -> None:
        self.sent = 0
        """messages taken so far, but for those"""
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._me, self._answer = (json.dumps(answer).encode() for answer in (_ME, _SENT))

    def reply(self, chat: int) -> asyncio.Future[None]:
        """Resolves with the next message to this chat. Ask before giving what it replies to."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[str(chat)] = future
        return future

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        if not url.lower().endswith("/sendmessage"):
            return 200, self._me
        assert request_data is not None
        markup = request_data.parameters.get("reply_markup", {})
        if isinstance(markup, dict) and not _KEYBOARD.isdisjoint(markup):
            return 200, self._answer  # it comes before or after the message that is waited for
        self.sent += 1
        future = self._waiting.pop(str(request_data.parameters["chat_id"]), None)
        if future is not None and not future.done():
            future.set_result(None)
        return 200, self._answer
