"""A signed POST, as the Standard Webhooks specification says: the receiver checks
``webhook-signature`` (HMAC-SHA256 of "id.timestamp.body", one signature for each secret, so that
secrets can be exchanged without a gap) and knows a repeat by its ``webhook-id``.

Nothing of an answer but its status and Retry-After is looked at. The only file that imports httpx.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.environment import ConfigError
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.sinks import PATIENCE, Parcel

URL, SECRETS = "handoff.webhook_url", "FRONTDESK_WEBHOOK_SECRETS"
PREFIX = "whsec_"
LONGEST_PAUSE = 3600.0
"""seconds; a receiver cannot have us wait longer than this at a time"""
PASSING = frozenset({408, 429})
"""the answers of 400 to 499 that another attempt may mend"""


class WebhookSink:
    name = "webhook"

    def __init__(
        self,
        url: str,
        keys: Sequence[str],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
    ) -> None:
        """``keys``: one or several ``whsec_...``; each signs."""
        self._url = url
        self._keys = [base64.b64decode(key.removeprefix(PREFIX)) for key in keys]
        self._now = now
        self._patience = patience
        self._client = httpx.AsyncClient(follow_redirects=False, timeout=patience)

    async def deliver(self, parcel: Parcel) -> Outcome:
        body = await asyncio.to_thread(parcel.body)  # may be large
        try:
            status, pause = await self._post(parcel.id, body)
        except TimeoutError:
            return Later(f"no answer within {self._patience:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            return Later(f"no answer ({type(error).__name__})")
        if 200 <= status < 300:
            return Delivered("")
        if 400 <= status < 500 and status not in PASSING:
            return RefusedForGood(f"the receiver answers {status}")
        return Later(f"the receiver answers {status}", pause)

    async def _post(self, id: str, body: bytes) -> tuple[int, float | None]:
        """(status, seconds to wait where the receiver says so)"""
        headers = {
            "content-type": "application/json",
            "user-agent": "Frontdesk",
            **signed(self._keys, id, int(self._now().timestamp()), body),
        }
        async with (
            asyncio.timeout(self._patience),  # httpx limits each read, not all of them together
            self._client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer.status_code, self._pause(answer.headers.get("retry-after", ""))

    def _pause(self, text: str) -> float | None:
        """Retry-After: seconds, or a date."""
        if text.isascii() and text.isdigit():
            return min(float(text[:9]), LONGEST_PAUSE)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max((until - self._now()).total_seconds(), 0.0), LONGEST_PAUSE)

    async def check(self) -> str:
        """Sends a signed ``{"event": "ping"}``: an OPTIONS would not try the secret."""
        try:
            status, _ = await self._post(f"ping_{secrets.token_hex(8)}", b'{"event": "ping"}')
        except TimeoutError:
            raise ConfigError(URL, f"does not answer within {self._patience:.0f} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise ConfigError(URL, f"cannot be reached ({type(error).__name__})") from None
        if status in (401, 403):
            raise ConfigError(SECRETS, f"the receiver answers {status}: is its secret another one?")
        if 300 <= status < 400:
            raise ConfigError(URL, f"leads on to another address ({status}): name that one")
        if not 200 <= status < 300:
            raise ConfigError(URL, f"the receiver answers {status} to a signed ping")
        return f"takes a signed ping ({status})"

    async def close(self) -> None:
        await self._client.aclose()


def signed(keys: Sequence[bytes], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of the specification."""
    content = f"{id}.{timestamp}.".encode() + body
    marks = (base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
