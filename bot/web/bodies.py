"""Reading what somebody posts: so much, in so long, and no longer once the program stops."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request


class RefusedError(Exception):
    """``status``: what the sender is answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Bodies:
    """``most``: bytes of one body; ``seconds``: for the whole of it, however it trickles in."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._reading: set[asyncio.Timeout] = set()
        self._stopped = False

    async def read(self, request: Request) -> bytes:
        """The whole body. RefusedError: 413, 408, 503 where the program stops, 400 where the sender
        has gone."""
        if self._stopped:
            raise RefusedError(503)
        if int(request.headers.get("content-length", 0)) > self._most:
            raise RefusedError(413)
        body = bytearray()
        timeout = asyncio.timeout(self._seconds)
        try:
            async with timeout:
                self._reading.add(timeout)
                async for piece in request.stream():
                    body += piece
                    if len(body) > self._most:
                        raise RefusedError(413)
        except TimeoutError:
            raise RefusedError(503 if self._stopped else 408) from None
        except ClientDisconnect:
            raise RefusedError(400) from None
        finally:
            self._reading.discard(timeout)
        return bytes(body)

    def stop(self) -> None:
        """Who is still sending is told to come again; nobody is read any more."""
        self._stopped = True
        now = asyncio.get_running_loop().time()
        for timeout in self._reading:
            if not timeout.expired():  # one that is over cannot be moved
                timeout.reschedule(now)
