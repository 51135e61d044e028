"""Handing applications on, beyond the chat: to a webhook, by e-mail, into a folder.

``hand_on`` writes what is to be delivered in the turn's own transaction, one row a sink and event,
so that exactly one exists however often the turn is tried. A second instance of the one ``Courier``
carries these rows: to it a sink is a channel and an application a chat, so an application's events
go in order, one dead sink holds no other, and retries and dead letters are what they are for
messages. ``Errand`` is all that differs: what it sends is made of the record at that moment.
"""

from __future__ import annotations

from pathlib import Path

from bot.config import Settings
from bot.environment import ConfigError
from bot.house import House
from bot.logs import logger
from bot.messages import Delivered, Later, Outcome
from bot.setting_texts import LOCAL
from bot.sheet import Words
from bot.sinks import Parcel, Sink
from bot.store import Store, Transaction
from bot.store.rows import HandedOn, OutboxRow, StoreUnavailable

log = logger("handoff")


def hand_on(
    house: House,
    tx: Transaction,
    event: HandedOn,
    reference: str,
    occasion: int,
    at: str,
    version: int = 1,
) -> list[OutboxRow]:
    """Every sink is to hear of it. ``occasion``: the stored event whose turn this is. The rows are
    for the courier, after the commit. Where a person is erased, the store does this by itself."""
    rows = [
        tx.deliveries.add(sink, reference, event, version, occasion, at) for sink in house.sinks
    ]
    return [row for row in rows if row is not None]


class Errand:
    """A sink as the courier knows it."""

    def __init__(self, store: Store, sink: Sink) -> None:
        self._store = store
        self._sink = sink

    async def send(self, row: OutboxRow) -> Outcome:
        try:
            delivery = await self._store.run(lambda tx: tx.deliveries.begin(row.id))
            if delivery is None:
                return Delivered("")  # erased or held meanwhile: there is nothing to be done for it
            record = await self._store.read(lambda reports: reports.record(delivery.reference))
        except StoreUnavailable:
            return Later("the database was not available")
        if record is None and delivery.event != "erased":
            return Delivered("")  # erased this moment, and the row with it
        outcome = await self._sink.deliver(Parcel(delivery, record))
        if isinstance(outcome, Delivered):
            log.info("handed on", sink=row.channel, delivery=row.id, reference=row.chat)
        return outcome


def configured_sinks(settings: Settings, house: House) -> dict[str, Sink]:
    """Where applications are handed on to. What sends loads only where it is used."""
    given, secrets = settings.handoff, settings.secrets
    sinks: dict[str, Sink] = {}
    if given.webhook_url:
        from bot.sinks.webhook import WebhookSink  # noqa: PLC0415 - only where it is used

        sinks["webhook"] = WebhookSink(given.webhook_url, secrets.webhook_keys)
    if given.smtp_host:
        from bot.sinks.email import EmailSink, Server  # noqa: PLC0415 - as above

        if given.smtp_security == "none" and given.smtp_host not in LOCAL:
            mend = 'may be "none" only where smtp_host is localhost: anybody on the way could read'
            raise ConfigError("handoff.smtp_security", mend)
        recipient = settings.program.application_email
        if not recipient:
            raise ConfigError("program.application_email", "is where handoff.smtp_host sends to")
        user, password = (
            secret.get_secret_value() if secret is not None else ""
            for secret in (secrets.smtp_user, secrets.smtp_password)
        )
        sinks["email"] = EmailSink(
            Server(given.smtp_host, given.smtp_port, given.smtp_security, user, password),
            given.email_from or recipient,
            recipient,
            Words(house.script.form, house.script.wording, house.renderer),
        )
    if given.folder:
        from bot.sinks.files import FolderSink  # noqa: PLC0415 - as above

        sinks["files"] = FolderSink(Path(given.folder))
    return sinks
