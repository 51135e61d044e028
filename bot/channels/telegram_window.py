"""Which updates are taken and which of them are committed, and the offset that follows from it.

Telegram forgets every update below the offset that it is asked with, and gives at most 100 from it
on. So the offset is the lowest update that is not committed; the ones above it come again with each
answer and are known by their ids. The store needs to keep no offset: after a restart Telegram gives
whatever was never confirmed, and what of that was committed is known by its key.

Ids are no clock: after a week without updates Telegram goes on at a random one. Nothing here asks
whether an id is high enough, only whether it is known.
"""

from __future__ import annotations

from collections.abc import Iterable

LIMIT = 100
"""Updates that one answer holds at most"""


class Window:
    def __init__(self) -> None:
        self._open: set[int] = set()
        self._committed: set[int] = set()  # above the lowest open one
        self._lost: set[int] = set()  # could not be committed: must come again
        self._next = 0  # above everything in the last answer

    @property
    def offset(self) -> int:
        return min(self._open | self._lost, default=self._next)

    @property
    def settled(self) -> bool:
        """Nothing taken waits for its commit."""
        return not self._open

    @property
    def lossy(self) -> bool:
        """Something taken could not be committed, and must come again."""
        return bool(self._lost)

    @property
    def full(self) -> bool:
        """As long as the offset stands, Telegram's answer could hold nothing new."""
        offset = self.offset
        return sum(number >= offset for number in self._open | self._committed) >= LIMIT

    def ask(self) -> int:
        """The offset for the next getUpdates: it confirms, and so forgets, all that is below."""
        offset = self.offset
        waiting = self._open or self._lost
        self._committed = (
            {number for number in self._committed if number > offset} if waiting else set()
        )
        return offset

    def admit(self, ids: Iterable[int]) -> frozenset[int]:
        """The ids of an answer -> those that were not taken before; these are open now."""
        received = frozenset(ids)
        # An answer is whole from the offset to its last: a lost update in that range is in it, or
        # Telegram has let it go. One above was cut off and must still come.
        last = max(received, default=None)
        self._lost = {number for number in self._lost if last is not None and number > last}
        if last is not None:
            self._next = last + 1
        new = received - self._open - self._committed
        self._open |= new
        return new

    def commit(self, id: int) -> None:
        self._open.discard(id)
        self._committed.add(id)

    def lose(self, id: int) -> None:
        self._open.discard(id)
        self._lost.add(id)
