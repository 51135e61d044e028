"""What can go wrong on the way: scripted faults, and the log of every API call."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.telegram_html import Json

Kind = Literal["429", "500", "drop", "lost", "delay", "malformed"]
"""429: Too Many Requests. 500: an HTTP 5xx of any `status`. drop: the connection ends before
anything is done. lost: the call takes effect, then the connection ends without an answer. delay:
nothing happens until `until` is set. malformed: the call takes effect, the answer is cut JSON."""


@dataclass(slots=True, eq=False)
class Call:
    """One API call of the bot. Parameters that travel as JSON are decoded."""

    method: str  # as Telegram spells it; an unknown one as the bot wrote it
    params: Json
    at: float  # the event loop's time of arrival, seconds
    status: int | None = None  # HTTP status answered; None: in flight; 0: no answer was given
    result: Any = None  # what was answered, or the description of the error
    took_effect: bool = False
    fault: Kind | None = None
    hasty: bool = False  # came before a 429's retry_after was over

    @property
    def chat_id(self) -> int | None:
        chat_id = self.params.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None


@dataclass(slots=True, eq=False)
class Fault:
    """The next `times` calls that fit go wrong; `hits` are the calls that did."""

    method: str | None
    kind: Kind
    times: int = 1
    skip: int = 0  # so many fitting calls go well before
    chat_id: int | None = None
    where: Callable[[Call], bool] = lambda _: True
    retry_after: int = 1
    status: int = 500
    page: str = ""  # what a gateway says with its `status`; empty: a page of HTML
    until: asyncio.Event = field(default_factory=asyncio.Event)
    hits: list[Call] = field(default_factory=list)

    def strikes(self, call: Call) -> bool:
        """Whether this call goes wrong; counts it."""
        fits = (
            len(self.hits) < self.times
            and self.method in (None, call.method)
            and self.chat_id in (None, call.chat_id)
            and self.where(call)
        )
        if not fits:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits.append(call)
        return True
