"""Calls of Telegram's Bot API, by python-telegram-bot's ``Bot``. The only file that knows the SDK.

No Application and no Updater: these confirm updates when they are fetched, and one update that does
not parse takes its whole batch with it.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from telegram import Bot, InputFile
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram_errors import kind, refusal, told
from bot.messages import Later, RefusedForGood

__all__ = ["BadRequest", "ChatMigrated", "Conflict", "Forbidden", "TelegramError"]

PARALLEL_CALLS = 32
READ_TIMEOUT = 15


class Client:
    """``base_url`` without "/bot"."""

    def __init__(self, token: str, base_url: str) -> None:
        # One pool for all calls: the long poll holds one connection, the others are for the rest.
        self._http = _Http(connection_pool_size=PARALLEL_CALLS + 1, pool_timeout=READ_TIMEOUT)
        self._bot = Bot(
            token,
            base_url=f"{base_url.rstrip('/')}/bot",
            request=self._http,
            get_updates_request=self._http,
        )

    async def call(self, method: str, **arguments: Any) -> Any:
        """The call's result as JSON. Raises TelegramError."""
        # Telegram does not mind the case of a method's name; spelled small, PTB does not take it
        # for its own typed method, whose parsing is what we do without.
        wait = READ_TIMEOUT + arguments.get("timeout", 0)
        try:
            call = self._bot.do_api_request
            return await call(method.lower(), api_kwargs=arguments, read_timeout=wait)
        except (KeyError, TypeError):  # a 200 that is not Telegram's: no result in it
            raise UnclearAnswer("unclear answer") from None

    async def close(self) -> None:
        await self._http.shutdown()


def upload(file: BinaryIO, name: str) -> InputFile:
    """A file as an argument of a call; read while it is sent."""
    return InputFile(file, name, read_file_handle=False)


class FloodLimit(TelegramError):
    """429. PTB's own ``RetryAfter`` warns of its deprecation whenever it is made."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("flood limit")
        self.seconds = seconds


class TokenRefused(TelegramError):
    """401 or 404 of Telegram itself."""


class UnclearAnswer(TelegramError):
    """An answer that is not Telegram's."""


class _Http(HTTPXRequest):
    """PTB gives a gateway's page and Telegram's refusal the same error; here only what Telegram
    itself says ends the program, or has a message never sent."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code in {400, 401, 403, 404, 429}:
            answer = told(payload)
            if code == 429:
                seconds = answer.get("parameters", {}).get("retry_after")
                raise FloodLimit(seconds if isinstance(seconds, int | float) else None)
            if answer.get("error_code") != code:
                raise UnclearAnswer(f"HTTP {code}")
            if code in {401, 404}:
                raise TokenRefused("token refused")
        return code, payload


def is_markup(error: TelegramError) -> bool:
    """It cannot read the markup of what was sent."""
    return isinstance(error, BadRequest) and "can't parse entities" in error.message.lower()


def outcome(error: TelegramError) -> Later | RefusedForGood:
    """What becomes of a row that could not be sent."""
    if isinstance(error, FloodLimit):
        return Later("flood limit", error.seconds)
    if isinstance(error, ChatMigrated):
        return RefusedForGood("the group became a supergroup; its old messages are out of reach")
    if isinstance(error, BadRequest | Forbidden):
        return RefusedForGood(refusal(error.message))
    # No answer to this message: it may have arrived, and then comes twice rather than never.
    return Later(kind(error))
