"""The library in force, and how it is replaced while questions are being answered.

Files are looked at every two seconds. A change is taken when two looks in a row see the same: an
editor saves in steps, and copying a folder takes a while. Then all of it is read and a new library
is built in a thread, beside the writer and the event loop; questions that come meanwhile are
answered from the old one. Putting the new one into force is one assignment, so a question sees
either the one or the other, whole.

What cannot be read or built is refused: the old library stays, and the refusal is told once. It is
looked at again when the files change again.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.logs import logger
from bot.store.rows import StoreUnavailable
from knowledge.article import Article, ArticleError
from knowledge.library import Library
from knowledge.sources import Sources

LOOK = 2.0
"""seconds between two looks"""

log = logger("shelf")

T = TypeVar("T")


class Source(Protocol):
    """Where articles come from; both are called in a thread."""

    def fingerprint(self) -> str:
        """Cheap; equal while nothing has changed. Never raises."""

    def read(self) -> Sources:
        """Raises ArticleError for what cannot be used."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new library is in force."""

    articles: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The old one stays."""

    reason: str
    """the file and the mend"""


class Shelf:
    """Whoever puts several questions to the same library takes it once."""

    def __init__(
        self, source: Source, build: Callable[[Sources], Library], *, at_once: bool = True
    ) -> None:
        """`at_once`: read and build the first one now, else when it is first asked for. Raises
        ArticleError, now or then."""
        self._source = source
        self._build = build
        self._held: tuple[Sources, Library] | None = None
        self._seen = ""
        """by the last look"""
        self._tried = ""
        """in force, or refused"""
        self.refused = ""
        """why the files as they are now are not in force"""
        self.swapped = asyncio.Event()
        """set at each swap, for whoever waits for one"""
        if at_once:
            self.stock()

    @property
    def library(self) -> Library:
        return (self._held or self.stock())[1]

    @property
    def articles(self) -> tuple[Article, ...]:
        return (self._held or self.stock())[0].articles

    def stock(self) -> tuple[Sources, Library]:
        """Read and build now, whatever is in force. Raises ArticleError."""
        sources = self._source.read()
        self._held = (sources, self._build(sources))
        self._seen = self._tried = sources.fingerprint
        return self._held

    async def refresh(self) -> Refreshed | Refused | None:
        """One look, and the new library where it is time for it. None: nothing to tell. Call it
        from one task at a time."""
        before, self._seen = self._seen, await asyncio.to_thread(self._source.fingerprint)
        if self._held and self._seen == self._held[0].fingerprint:
            self._tried, self.refused = self._seen, ""  # a mistake was taken back
        if self._seen == self._tried or self._seen != before:
            return None
        tried = self._seen
        try:
            built = await _aside(lambda: self._read(tried))
        except ArticleError as error:
            return self._refuse(tried, str(error))
        except Exception as error:  # the old ones answer on, whatever was wrong with the new
            log.exception("the articles could not be built")
            return self._refuse(tried, f"they could not be built ({type(error).__name__})")
        if built is None:
            return None
        self._held = built
        self._tried, self.refused = tried, ""
        log.info("articles reloaded", articles=len(self.articles))
        self.swapped.set()
        return Refreshed(len(self.articles))

    async def keep(
        self,
        tell: Callable[[Refreshed | Refused], Awaitable[None]],
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Look again and again, until cancelled. `tell` hears each swap and refusal once; where it
        raises, again at the next look. `before` is awaited before each look.

        The first library is trained meanwhile: a question that comes before that is done waits for
        it, and nothing else does."""
        untold: Refreshed | Refused | None = None
        training = asyncio.create_task(_aside(self.library.prepare))
        training.add_done_callback(_untrained)
        while True:
            await asyncio.sleep(LOOK)
            try:
                if before is not None:
                    await before()
                untold = await self.refresh() or untold
                if isinstance(untold, Refused) and self.refused != untold.reason:
                    untold = None  # mended meanwhile
                if untold is not None:
                    await tell(untold)
                untold = None
            except StoreUnavailable as error:
                log.warning("the articles are looked at later", reason=str(error))
            except Exception:  # a defect of ours must not stop the looking
                log.exception("the articles could not be looked at")

    def _read(self, wanted: str) -> tuple[Sources, Library] | None:
        """In a thread. None: the files moved while they were read; the next looks will see."""
        sources, fault = None, None
        try:
            sources = self._source.read()
        except ArticleError as error:
            fault = error
        if self._source.fingerprint() != wanted:
            return None
        if sources is None:
            raise fault or RuntimeError("nothing was read")
        library = self._build(sources)
        library.prepare()  # before it is in force: nobody waits for it
        return sources, library

    def _refuse(self, tried: str, reason: str) -> Refused | None:
        self._tried = tried
        if reason == self.refused:  # saved again, and broken as before
            return None
        self.refused = reason
        log.warning("articles refused; the old ones stay", reason=reason)
        return Refused(reason)


def _untrained(training: asyncio.Task[None]) -> None:
    if not training.cancelled() and (error := training.exception()) is not None:
        log.error("the search could not be trained", exc_info=error)


async def _aside(work: Callable[[], T]) -> T:
    """Done in a thread that no stop waits for: building can take half a minute."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(put: Callable[[Any], None], value: object) -> None:
        if not done.done():
            put(value)

    def run() -> None:
        result: tuple[Callable[[Any], None], object]
        try:
            result = (done.set_result, work())
        except BaseException as error:
            result = (done.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, *result)

    threading.Thread(target=run, name="articles", daemon=True).start()
    return await done
