"""What the door tells of itself while it works, for whoever counts: kinds and codes, no person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.messages import Arrival, Incoming
from dialogs.events import Finding
from dialogs.funnel import Count

CLOCK = "clock"
"""the channel of what came due"""


class Watch(Protocol):
    """Called in the event loop, after the commit. Must return at once and never raise."""

    def turn(self, channel: str, kind: str, seconds: float, counts: Sequence[Count]) -> None:
        """One was taken. ``kind``: ``kind_of`` the arrival, or what came due; ``counts``: what it
        added to the funnel."""

    def duplicate(self, channel: str) -> None:
        """It was taken before, and changed nothing."""

    def question(self, finding: Finding) -> None:
        """The library was asked."""

    def failed(self, channel: str) -> None:
        """A turn raised, and is kept as a failure."""

    def not_stored(self, channel: str) -> None:
        """An arrival was turned back; the platform is to send it again."""


class Unwatched:
    """Nobody counts."""

    def turn(self, channel: str, kind: str, seconds: float, counts: Sequence[Count]) -> None: ...
    def duplicate(self, channel: str) -> None: ...
    def question(self, finding: Finding) -> None: ...
    def failed(self, channel: str) -> None: ...
    def not_stored(self, channel: str) -> None: ...


def kind_of(arrival: Arrival) -> str:
    """``said``, ``picked``, ``edited``; of all others their class: ``staffreply``, ``notice``."""
    return arrival.kind if isinstance(arrival, Incoming) else type(arrival).__name__.lower()
