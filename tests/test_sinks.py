"""Each sink against a real receiver: what counts as a yes, what as a no, and what it shows."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from bot import logs
from bot.environment import ConfigError
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.sinks import Parcel
from bot.sinks.files import FolderSink
from bot.sinks.webhook import LONGEST_PAUSE, WebhookSink
from bot.store.rows import DeliveryRow, HandedOn, RecordRow
from tests.handoff_world import FROM, NEWER, SECRET, TO, mailbox, webhook
from tests.play import house
from tests.receivers import (
    PASSWORD,
    USER,
    MailServer,
    Receiver,
    certificate,
    free_port,
    mail_server,
    receiving,
)

AT = "2026-11-22T18:22:01.120Z"
REFERENCE = "FD-7K3Q-X9MB"
YES = {"status": "answered", "value": "yes", "typed": "yes", "flags": []}


def answered(value: str, typed: str = "", **flag: Any) -> dict[str, Any]:
    flags = [flag] if flag else []
    return {"status": "answered", "value": value, "typed": typed or value, "flags": flags}


RECORD: dict[str, Any] = {
    "schema": 1,
    "self_check": dict.fromkeys(
        ("operating", "audited", "credit", "promote", "walk_in", "reception", "workshop",
         "commercial", "technicians"),
        YES,
    ),
    "consent": YES,
    "kind": answered("service_business"),
    "legal_name": answered("شركة الإصلاح 12", code="no_legal_form", details={}),
    "dba": {"status": "skipped"},
    "owners": [{"id": "1", "name": answered("Łukasz Ōtani")}],
    "locations": [
        {
            "id": "1",
            "country": answered("ID"),
            "address": {"status": "kept", "typed": "PO Box 12\nJakarta", "refusal": "po_box"},
            "phone": answered("+622171791234"),
        }
    ],
    "email": answered("service@lembayung.co.id"),
    "website": answered("https://lembayung.co.id"),
    "experience": answered("Since 2016.\nخبرة طويلة"),
    "truth": YES,
}  # fmt: skip


def parcel(event: Any = "submitted", record: dict[str, Any] | None = None) -> Parcel:
    row = DeliveryRow(3, "x", REFERENCE, event, 1, 12, AT, AT, "waiting", 0, "", "")
    body = json.dumps(record or RECORD, ensure_ascii=False)
    kept = RecordRow(REFERENCE, 1, 1, "telegram", AT, "submitted", AT, body)
    return Parcel(row, None if event == "erased" else kept)


# --- webhook


async def hook(receiver: Receiver, *keys: str, **given: Any) -> Outcome:
    sink = webhook(receiver, *keys, **given)
    try:
        return await sink.deliver(parcel())
    finally:
        await sink.close()


async def test_another_library_accepts_the_signature_and_refuses_a_changed_body() -> None:
    async with receiving() as receiver:
        assert await hook(receiver) == Delivered("")
        (request,) = receiver.got
        assert Webhook(SECRET).verify(request.body, request.headers) == parcel().payload()
        for body, headers in (
            (request.body.replace(b"Jakarta", b"Bandung"), request.headers),
            (request.body, {**request.headers, "webhook-id": "another"}),
        ):
            with pytest.raises(WebhookVerificationError):
                Webhook(SECRET).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(NEWER).verify(request.body, request.headers)


async def test_while_secrets_are_exchanged_each_of_them_verifies() -> None:
    async with receiving() as receiver:
        await hook(receiver, SECRET, NEWER)
        (request,) = receiver.got
        for secret in (SECRET, NEWER):
            assert Webhook(secret).verify(request.body, request.headers)


async def test_each_attempt_is_signed_anew_with_the_time_of_the_attempt() -> None:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    async with receiving() as receiver:
        for passed in (timedelta(), timedelta(hours=2)):
            await hook(receiver, now=lambda passed=passed: at + passed)
        first, second = receiver.got
        times = [int(request.headers["webhook-timestamp"]) for request in (first, second)]
        assert times[1] - times[0] == 7200
        assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
        assert first.id == second.id == "FD-7K3Q-X9MB_submitted_12"


async def test_the_payload_says_what_happened_and_how_the_application_stands() -> None:
    async with receiving() as receiver:
        await hook(receiver)
        told = json.loads(receiver.got[0].body)
    head = {name: told[name] for name in ("event", "reference", "version", "at", "state")}
    assert head == {
        "event": "submitted",
        "reference": REFERENCE,
        "version": 1,
        "at": AT,
        "state": "submitted",
    }
    assert told["application"]["legal_name"]["value"] == "شركة الإصلاح 12"
    assert parcel("erased").payload() == {"event": "erased", "reference": REFERENCE, "at": AT}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_yes_is_a_yes(status: int) -> None:
    async with receiving(answer=lambda _: status) as receiver:
        assert await hook(receiver) == Delivered("")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 422])
async def test_a_no_is_for_good(status: int) -> None:
    async with receiving(answer=lambda _: status) as receiver:
        assert await hook(receiver) == RefusedForGood(f"the receiver answers {status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 429, 500, 502, 503, 504])
async def test_anything_else_is_tried_again(status: int) -> None:
    async with receiving(answer=lambda _: status) as receiver:
        assert await hook(receiver) == Later(f"the receiver answers {status}", None)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as elsewhere, receiving(answer=lambda _: 307) as receiver:
        receiver.headers = {"location": elsewhere.url}
        assert isinstance(await hook(receiver), Later)
        assert len(receiver.got) == 1
        assert elsewhere.got == []


NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("99999999999999999999", LONGEST_PAUSE),
        (format_datetime(NOW + timedelta(seconds=90)), 90.0),
        (format_datetime(NOW - timedelta(days=1)), 0.0),
        (format_datetime(NOW + timedelta(days=900)), LONGEST_PAUSE),
        ("Sun, 99 Foo 2026", None),
        ("-5", None),
        ("soon", None),
    ],
)
async def test_retry_after_is_kept_to_within_reason(text: str, seconds: float | None) -> None:
    async with receiving(answer=lambda _: 429, headers={"retry-after": text}) as receiver:
        outcome = await hook(receiver, now=lambda: NOW)
    assert outcome == Later("the receiver answers 429", seconds)


async def test_an_endless_answer_is_not_read() -> None:
    async with receiving(answer=lambda _: "endless") as receiver:
        async with asyncio.timeout(30):
            assert await hook(receiver) == Delivered("")


async def test_no_answer_ends_in_time_however_it_fails() -> None:
    assert await hook(Receiver()) == Later("no answer (ConnectError)")
    async with receiving(answer=lambda _: "drop") as receiver:
        outcome = await hook(receiver)
        assert isinstance(outcome, Later)
        assert outcome.reason.startswith("no answer (")
    async with receiving(answer=lambda _: "hang") as receiver:
        async with asyncio.timeout(30):
            assert isinstance(await hook(receiver, patience=0.2), Later)


async def test_a_receiver_that_drips_its_headers_is_cut_short() -> None:
    """Each byte comes in time; all of them together do not."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 1000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sink = WebhookSink(f"http://127.0.0.1:{port}/", [SECRET], patience=0.5)
    async with asyncio.timeout(30):
        assert await sink.deliver(parcel()) == Later("no answer within 0 seconds")
    await sink.close()
    server.close()


async def test_what_speaks_no_http_is_tried_again() -> None:
    async with mail_server() as server:
        sink = WebhookSink(f"http://127.0.0.1:{server.port}/", [SECRET], patience=2)
        assert isinstance(await sink.deliver(parcel()), Later)
        await sink.close()


# --- e-mail


async def mailed(server: MailServer, what: Parcel | None = None, **given: Any) -> Outcome:
    return await mailbox(server, **given).deliver(what or parcel())


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def test_the_mail_has_every_item_in_the_order_of_the_form_and_the_doubts_first() -> None:
    async with mail_server() as server:
        assert await mailed(server) == Delivered("")
        (mail,) = server.got
    text = text_of(mail)
    wanted = [
        "A new application was handed in.",
        "Doubts",
        "- Legal name: ",
        "- Address: kept by the applicant against our check (po_box).",
        "Answers",
        "Legal name: شركة الإصلاح 12",
        "Owner: Łukasz Ōtani",
        "Location 1",
        "Country: Indonesia",
        "Address: PO Box 12\n",
        "Phone: +62 21 71791234",
        "Business e-mail: service@lembayung.co.id",
        "Website: lembayung.co.id",
        "Experience: Since 2016.\n    خبرة طويلة",
        "Self-check",
    ]
    at = -1
    for line in wanted:
        found = text.casefold().find(line.casefold(), at + 1)
        assert found > at, f"{line!r} is not there, or not in its place:\n{text}"
        at = found


async def test_the_record_is_attached_as_it_is() -> None:
    async with mail_server() as server:
        await mailed(server)
        (mail,) = server.got
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/json"
    assert attached.get_filename() == f"{REFERENCE}.json"
    assert json.loads(attached.get_content()) == parcel().payload()


async def test_the_headers_hold_the_reference_and_the_operators_addresses_alone() -> None:
    async with mail_server() as server:
        await mailed(server)
        await mailed(server)
        mail, again = server.got
        assert server.envelopes == [(FROM, [TO])] * 2
    assert mail["Subject"] == f"Application {REFERENCE}"
    assert (mail["From"], mail["To"]) == (FROM, TO)
    assert mail["Message-ID"] == again["Message-ID"]
    assert mail["Message-ID"] == "<FD-7K3Q-X9MB_submitted_12@provider.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    ours = {"From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted"}
    form = {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert set(mail.keys()) - ours - form <= {"X-Peer", "X-MailFrom", "X-RcptTo"}
    shown = " ".join(str(value) for name, value in mail.items() if name in ours)
    for word in ("Łukasz", "lembayung", "شركة"):
        assert word not in shown


@pytest.mark.parametrize(
    "evil",
    [
        "Shop\r\nBcc: everybody@example.com",
        "Shop\nSubject: won\n\nbody",
        "Shop\r\n.\r\nMAIL FROM:<x@y.example>",
        "Shop\u2028To: x@y.example",
        "\x1b[2J\x00Shop\u202egnp.exe",
        "=?utf-8?b?QmNjOiB4QHkuZXhhbXBsZQ==?=",
    ],
)
async def test_no_value_becomes_a_header_or_a_command(evil: str) -> None:
    record = {**RECORD, "legal_name": answered(evil)}
    async with mail_server() as server:
        assert await mailed(server, parcel(record=record)) == Delivered("")
        (mail,) = server.got
        assert server.envelopes == [(FROM, [TO])]
    assert mail.get_all("To") == [TO]
    assert mail["Bcc"] is None
    assert mail["Subject"] == f"Application {REFERENCE}"
    (attached,) = mail.iter_attachments()
    told = json.loads(attached.get_content())
    assert told["application"]["legal_name"]["value"] == evil, "the file is exact"
    assert not set("\x1b\x00\u202e\u2028") & set(text_of(mail)), "the text shows them as signs"


@pytest.mark.parametrize("event", ["withdrawn", "erased"])
async def test_later_mails_say_what_happened_and_send_nothing_again(event: str) -> None:
    async with mail_server() as server:
        await mailed(server, parcel(event))
        (mail,) = server.got
    assert not list(mail.iter_attachments())
    text = text_of(mail)
    assert REFERENCE in text
    assert len(text.splitlines()) == 1
    assert mail["References"] == f"<{REFERENCE}@provider.example>", "one thread"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"rcpt": "550 no"}, RefusedForGood("the mail server refuses the recipient (550)")),
        ({"rcpt": "451 wait"}, Later("the mail server refuses the recipient (451)")),
        ({"data": "552 too big"}, RefusedForGood("the mail server refuses the message (552)")),
        ({"data": "452 full"}, Later("the mail server refuses the message (452)")),
    ],
)
async def test_what_a_mail_server_refuses(given: dict[str, str], outcome: Outcome) -> None:
    async with mail_server(**given) as server:
        assert await mailed(server) == outcome
        assert server.got == []


async def test_no_mail_server_is_waited_for() -> None:
    outcome = await mailed(MailServer())
    assert isinstance(outcome, Later)
    assert outcome.reason.startswith("the mail server cannot be reached (")


async def test_a_mail_server_that_says_nothing_is_cut_short() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        server = MailServer(port=silent.getsockname()[1])
        async with asyncio.timeout(30):
            outcome = await mailed(server, patience=0.3)
    assert outcome == Later("no answer within 0 seconds")


async def test_with_a_login(tmp_path: Path) -> None:
    shown, trust = certificate(tmp_path)
    for wrapped, security in ((False, "starttls"), (True, "tls")):
        async with mail_server(login=True, tls=shown, wrapped=wrapped) as server:
            given: dict[str, Any] = {"security": security, "trust": trust, "user": USER}
            assert await mailed(server, password=PASSWORD, **given) == Delivered("")
            assert len(server.got) == 1
            said = await mailbox(server, password=PASSWORD, **given).check()
            assert said == f"127.0.0.1:{server.port} answers, logged in"
            assert await mailed(server, password="wrong", **given) == Later(
                "the mail server refuses the login (535)"
            )
            with pytest.raises(ConfigError, match=r"FRONTDESK_SMTP_USER: .*refuses the login"):
                await mailbox(server, password="wrong", **given).check()
            assert len(server.got) == 1


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(tmp_path: Path) -> None:
    shown, _ = certificate(tmp_path)
    async with mail_server(tls=shown, wrapped=True) as server:
        assert isinstance(await mailed(server, security="tls"), Later)
        assert server.got == []


async def test_without_encryption_on_offer_nothing_is_said_where_it_is_wanted() -> None:
    async with mail_server() as server:
        for user in ("", USER):
            outcome = await mailed(server, security="starttls", user=user, password=user)
            assert isinstance(outcome, Later)
        assert server.got == []


# --- check


async def test_a_check_sends_no_application(tmp_path: Path) -> None:
    async with receiving() as receiver, mail_server() as server:
        sink = webhook(receiver)
        assert await sink.check() == "takes a signed ping (200)"
        await sink.close()
        (request,) = receiver.got
        assert Webhook(SECRET).verify(request.body, request.headers) == {"event": "ping"}
        assert await mailbox(server).check() == f"127.0.0.1:{server.port} answers"
        assert server.got == []
    assert await FolderSink(tmp_path).check() == f"{tmp_path} can be written"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - in an async test


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (401, "FRONTDESK_WEBHOOK_SECRETS: the receiver answers 401: is its secret another one?"),
        (308, "handoff.webhook_url: leads on to another address (308): name that one"),
        (404, "handoff.webhook_url: the receiver answers 404 to a signed ping"),
        (500, "handoff.webhook_url: the receiver answers 500 to a signed ping"),
    ],
)
async def test_a_check_says_what_to_mend_at_the_receiver(status: int, mend: str) -> None:
    async with receiving(answer=lambda _: status) as receiver:
        sink = webhook(receiver)
        with pytest.raises(ConfigError) as told:
            await sink.check()
        await sink.close()
    assert str(told.value) == mend


async def test_a_check_says_what_to_mend_where_nobody_is(tmp_path: Path) -> None:
    sink = webhook(Receiver())
    with pytest.raises(ConfigError, match=r"handoff\.webhook_url: cannot be reached"):
        await sink.check()
    await sink.close()
    with pytest.raises(ConfigError, match=r"handoff\.smtp_host: the mail server cannot be"):
        await mailbox(MailServer()).check()
    with pytest.raises(ConfigError, match=r"handoff\.folder: make the folder"):
        await FolderSink(tmp_path / "missing").check()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"handoff\.folder: .*cannot be written"):
        await FolderSink(tmp_path / "file").check()


# --- logs


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged at DEBUG; the settings of the process are put back."""
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    kept = (root.level, ours.level, list(root.handlers), logging.getLogRecordFactory())
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    shown, raising = warnings.showwarning, logging.raiseExceptions
    out = io.StringIO()
    logs.set_up("debug", "json", (), out)
    yield out
    root.setLevel(kept[0])
    ours.setLevel(kept[1])
    root.handlers[:] = kept[2]
    logging.setLogRecordFactory(kept[3])
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    warnings.showwarning, logging.raiseExceptions = shown, raising


async def test_no_secret_and_no_answer_gets_into_a_log(logged: io.StringIO) -> None:
    for answer in (200, 500, 400, "drop"):
        async with receiving(answer=lambda _, answer=answer: answer) as receiver:
            await hook(receiver)
    async with mail_server(login=True) as server:
        assert await mailed(server, user=USER, password=PASSWORD) == Delivered("")
        refused = await mailed(server, user=USER, password="wrong-horse")
        assert refused == Later("the mail server refuses the login (535)")
        server.rcpt = "550 no Łukasz here"
        assert isinstance(await mailed(server, user=USER, password=PASSWORD), RefusedForGood)
    logs.logger("test").info("the end", secret=SECRET)
    told = logged.getvalue()
    assert "the end" in told
    for word in (SECRET, PASSWORD, "wrong-horse", "Łukasz", "lembayung", "Siti", "7179"):
        assert word not in told


def test_every_event_and_every_sink_has_its_words() -> None:
    for language in house().script.wording.languages.values():
        for event in get_args(HandedOn):
            assert f"handoff.{event}" in language.texts
        for sink in ("webhook", "email", "files"):
            assert f"handoff.sink_{sink}" in language.texts


def test_a_row_of_another_version_is_told_as_it_is() -> None:
    second = parcel()
    second = Parcel(replace(second.delivery, version=2), second.record)
    assert second.payload()["version"] == 2
