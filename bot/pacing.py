"""How fast each platform may be written to, and the arithmetic of keeping to it.

A ``Limit`` lets ``burst`` messages through at once and then one every ``every`` seconds, so that
at most ``burst + window / every`` pass in any window of seconds. The theory is the generic cell
rate algorithm: of each key only the time when its allowance is full again is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limit:
    every: float
    """seconds; 0: no limit"""
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Pace:
    chat: Limit
    """one person's chat, or one channel of a workspace"""
    group: Limit
    """a group chat, where the platform counts these apart"""
    overall: Limit
    """the whole bot"""

    def of(self, chat: str) -> Limit:
        """Telegram's groups have negative ids; no other platform's chats begin with "-"."""
        return self.group if chat.startswith("-") else self.chat


NONE = Limit(0)
UNPACED = Pace(NONE, NONE, NONE)

# Telegram: about 1 a second in a chat, 20 a minute in a group, 30 a second overall. Slack: about
# 1 a second in a channel. Both allow short bursts and publish no exact figure.
PACES: Mapping[str, Pace] = {
    "telegram": Pace(chat=Limit(1.0, 4), group=Limit(3.75, 4), overall=Limit(1 / 25, 5)),
    "slack": Pace(chat=Limit(1.0, 4), group=Limit(1.0, 4), overall=NONE),
    "terminal": UNPACED,
    # A sink: each mail is a connection, and a mail server takes few at a time from one client.
    "email": Pace(chat=NONE, group=NONE, overall=Limit(0.2, 5)),
}


@dataclass(slots=True)
class Meter:
    """What has been used of one channel's limits. Times are the clock's seconds."""

    pace: Pace
    among: int = 1
    """so many processes share the overall limit; a chat is written to by one of them"""
    _full_at: dict[str, float] = field(default_factory=dict)
    _all_full_at: float = 0.0

    def chat_free_at(self, chat: str) -> float:
        """When this chat's next message may go, as far as the chat's own limit is concerned."""
        limit = self.pace.of(chat)
        return self._full_at.get(chat, 0.0) - limit.every * (limit.burst - 1)

    def free_at(self) -> float:
        """When the next message of any chat may go, as far as the overall limit is concerned."""
        return self._all_full_at - self._every * (self.pace.overall.burst - 1)

    def count(self, chat: str, now: float) -> None:
        """A message goes to this chat now."""
        if every := self.pace.of(chat).every:
            self._full_at[chat] = max(self._full_at.get(chat, 0.0), now) + every
        self._all_full_at = max(self._all_full_at, now) + self._every

    @property
    def _every(self) -> float:
        return self.pace.overall.every * self.among

    def tidy(self, now: float) -> None:
        """Drop the chats whose allowance is full."""
        for chat in [chat for chat, full_at in self._full_at.items() if full_at <= now]:
            del self._full_at[chat]
