"""The application by e-mail: as text in the form's order, doubts first, and the record as a file.

What an applicant wrote stands in the body alone, made harmless; the headers hold the reference and
the operator's addresses. The only file that imports aiosmtplib.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Literal

import aiosmtplib

from bot.channels.terminal_text import harmless
from bot.environment import ConfigError
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.sheet import Words, sheet_lines
from bot.sinks import PATIENCE, Parcel

HOST = "handoff.smtp_host"
LOGIN = "FRONTDESK_SMTP_USER"
COMPLETE = frozenset({"submitted", "resubmitted"})
"""events whose mail holds the whole application; of the others the mail before it does"""


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = ""


class EmailSink:
    name = "email"

    def __init__(
        self,
        server: Server,
        sender: str,
        recipient: str,
        words: Words,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """``trust``: another set of authorities than the system's."""
        self._server = server
        self._sender = Address(addr_spec=sender)
        self._recipient = Address(addr_spec=recipient)
        self._words = words
        self._now = now
        self._patience = patience
        self._trust = trust

    async def deliver(self, parcel: Parcel) -> Outcome:
        message = await asyncio.to_thread(self.compose, parcel)
        try:
            async with asyncio.timeout(self._patience):
                return await self._send(message)
        except TimeoutError:
            return Later(f"no answer within {self._patience:.0f} seconds")
        except (aiosmtplib.SMTPException, OSError) as error:
            return Later(_reason(error))

    async def _send(self, message: EmailMessage) -> Outcome:
        client = self._client()
        try:
            await client.connect()
            return await self._hand_over(client, message)
        finally:
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage) -> Outcome:
        try:
            await client.send_message(
                message,
                sender=self._sender.addr_spec,
                recipients=[self._recipient.addr_spec],
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused("the recipient", error.recipients[0].code)
        except aiosmtplib.SMTPSenderRefused as error:
            return _refused("the sender", error.code)
        except aiosmtplib.SMTPDataError as error:
            return _refused("the message", error.code)
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit()  # it has the message: a poor goodbye must not have it sent again
        return Delivered("")

    def compose(self, parcel: Parcel) -> EmailMessage:
        delivery = parcel.delivery
        text = self._words.text
        message = EmailMessage(policy=POLICY)
        message["From"] = self._sender
        message["To"] = self._recipient
        message["Subject"] = text("handoff.subject", reference=delivery.reference)
        message["Date"] = self._now()
        message["Message-ID"] = f"<{parcel.id}@{self._sender.domain}>"
        message["References"] = f"<{delivery.reference}@{self._sender.domain}>"  # one thread
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join(self._lines(parcel)) + "\n")
        if parcel.record is not None and delivery.event in COMPLETE:
            message.add_attachment(
                parcel.body(),
                maintype="application",
                subtype="json",
                filename=f"{delivery.reference}.json",
            )
        return message

    def _lines(self, parcel: Parcel) -> Iterator[str]:
        delivery = parcel.delivery
        yield self._words.text(f"handoff.{delivery.event}", reference=delivery.reference)
        if parcel.record is not None and delivery.event in COMPLETE:
            yield ""
            for line, _ in sheet_lines(self._words, parcel.record):
                yield harmless(line)

    async def check(self) -> str:
        """Connects, logs in where there is a user, and says nothing more."""
        client = self._client()
        try:
            async with asyncio.timeout(self._patience):
                await client.connect()
                await client.noop()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise ConfigError(LOGIN, f"the mail server refuses the login ({error.code})") from None
        except TimeoutError:
            late = f"does not answer within {self._patience:.0f} seconds"
            raise ConfigError(HOST, late) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ConfigError(HOST, _reason(error)) from None
        finally:
            client.close()
        login = ", logged in" if self._server.user else ""
        return f"{self._server.host}:{self._server.port} answers{login}"

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._trust,
            timeout=self._patience,
        )

    async def close(self) -> None:
        """Each delivery has a connection of its own."""


def _refused(what: str, code: int) -> Outcome:
    reason = f"the mail server refuses {what} ({code})"
    return RefusedForGood(reason) if code >= 500 else Later(reason)


def _reason(error: Exception) -> str:
    """Never the server's own words."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"the mail server refuses the login ({error.code})"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"the mail server answers {error.code}"
    return f"the mail server cannot be reached ({type(error).__name__})"
