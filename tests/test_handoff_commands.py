"""The hand-off as its operator meets it: settings, the real process, ``deliveries``, ``failures``,
``retry``, ``check``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from bot.config import Handoff, Program, Settings
from bot.environment import ConfigError, Secrets
from bot.handoff import configured_sinks
from tests.applications import STRAIGHT
from tests.commands import Done
from tests.handoff_world import SECRET, TO, handing_on, mailbox, webhook
from tests.play import house
from tests.receivers import Receiver, mail_server, receiving

ROOT = Path(__file__).parents[1]


async def ran(folder: Path, *arguments: str, typed: str = "", **environment: str) -> Done:
    """The program as a process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments,
        cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(typed.encode())
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


def configured(folder: Path, text: str) -> None:
    config = f'[program]\napplication_email = "{TO}"\n[handoff]\n{text}\n'
    (folder / "config.toml").write_text(config, encoding="utf-8")


async def test_the_program_hands_on_what_is_typed_into_it(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    async with receiving() as receiver, mail_server() as server:
        configured(
            tmp_path,
            f'webhook_url = "{receiver.url}"\nsmtp_host = "127.0.0.1"\nsmtp_port = {server.port}\n'
            'smtp_security = "none"\nfolder = "drop"',
        )
        typed = "\n".join(STRAIGHT) + "\n"
        done = await ran(tmp_path, "chat", typed=typed, FRONTDESK_WEBHOOK_SECRETS=SECRET)
        assert done.code == 0, done.err
        (request,) = receiver.got
        told = Webhook(SECRET).verify(request.body, request.headers)
        reference = told["reference"]
        (mail,) = server.got
        assert mail["Subject"] == f"Application {reference}"
        assert json.loads((tmp_path / "drop" / f"{reference}.json").read_text()) == told

        shown = await ran(tmp_path, "deliveries")
        rows = [line.split("\t") for line in shown.out.splitlines()]
        assert rows[0] == ["id", "when (UTC)", "reference", "event", "sink", "how it stands"]
        assert [(row[2], row[3], row[4]) for row in rows[1:]] == [
            (reference, "submitted", sink) for sink in ("webhook", "email", "files")
        ]
        assert all(row[5].startswith("arrived 20") for row in rows[1:])

        erased = await ran(tmp_path, "erase", reference, "--yes")
        assert erased.code == 0, erased.err
        waiting = await ran(tmp_path, "deliveries")
        assert waiting.out.count("\terased\t") == 3
        again = await ran(tmp_path, "chat", typed="", FRONTDESK_WEBHOOK_SECRETS=SECRET)
        assert again.code == 0, again.err
        assert json.loads(receiver.got[1].body)["event"] == "erased"
        assert len(server.got) == 2
        file = json.loads((tmp_path / "drop" / f"{reference}.json").read_text())
        assert file["event"] == "erased"
        assert "application" not in file
        for word in ("Lembayung", "lembayung", SECRET, "7179"):
            assert word not in done.err + erased.err + again.err


async def test_failures_deliveries_and_retry_name_each_other(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    async with mail_server(rcpt="550 no") as server:
        async with handing_on(path, mailbox(server), webhook(Receiver())) as world:
            reference = await world.hand_in()
            await world.until(lambda: ("submitted", "dead") in world.stands())
            await world.withdraw()
        configured(tmp_path, 'smtp_host = "127.0.0.1"\nsmtp_security = "none"')
        shown = await ran(tmp_path, "deliveries")
        stands = {row.split("\t")[0]: row.split("\t")[5] for row in shown.out.splitlines()}
        refused = "the mail server refuses the recipient (550)"
        assert stands["delivery-1"] == f"given up: {refused} (frontdesk retry delivery-1)"
        assert stands["delivery-2"] == "waits: webhook is not set in [handoff]"
        assert stands["delivery-3"] == "waits behind delivery-1"
        failed = await ran(tmp_path, "failures")
        assert f"\temail\t{reference}: {refused}" in failed.out
        assert "delivery-1\t" in failed.out

        assert (await ran(tmp_path, "retry", "delivery-2")).code == 1
        done = await ran(tmp_path, "retry", "delivery-1")
        assert done.out.startswith("delivery-1 will be sent again.")
        assert (await ran(tmp_path, "failures")).out == "Nothing has failed.\n"


async def test_before_anything_was_handed_on_the_list_says_what_is_set(tmp_path: Path) -> None:
    async with handing_on(tmp_path / "frontdesk.db", start=False):
        pass
    configured(tmp_path, "")
    shown = await ran(tmp_path, "deliveries")
    assert shown.out == "Nothing was handed on yet. Sinks: none; see [handoff]\n"
    configured(tmp_path, 'folder = "x"')
    shown = await ran(tmp_path, "deliveries")
    assert shown.out == "Nothing was handed on yet. Sinks: files\n"


async def test_check_tries_each_way(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    async with receiving() as receiver:
        configured(
            tmp_path,
            f'webhook_url = "{receiver.url}"\nsmtp_host = "localhost"\nsmtp_port = 1\n'
            'smtp_security = "none"\nfolder = "drop"',
        )
        done = await ran(tmp_path, "check", FRONTDESK_WEBHOOK_SECRETS=SECRET)
        assert "ok   hand-off, webhook: takes a signed ping (200)" in done.out
        assert "mend handoff.smtp_host: the mail server cannot be reached" in done.out
        assert "ok   hand-off, files: drop can be written" in done.out
        assert done.code == 1
        nothing = await ran(tmp_path, "check")
        assert "mend FRONTDESK_WEBHOOK_SECRETS: must hold one or several" in nothing.out
        assert SECRET not in done.out + done.err


# --- settings that do not go together


def settings(handoff: Handoff, email: str = TO, secrets: Secrets | None = None) -> Settings:
    return Settings(
        program=Program(application_email=email),
        handoff=handoff,
        secrets=secrets or Secrets.model_construct(),
    )


@pytest.mark.parametrize(
    ("given", "email", "key"),
    [
        (Handoff(webhook_url="https://example.com/"), TO, "FRONTDESK_WEBHOOK_SECRETS"),
        (Handoff(smtp_host="mail.example.com"), "", "program.application_email"),
        (
            Handoff(smtp_host="mail.example.com", smtp_security="none"),
            TO,
            "handoff.smtp_security",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named_before_anything_is_served(
    given: Handoff, email: str, key: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        configured_sinks(settings(given, email), house())
    assert refused.value.key == key


async def test_what_is_set_is_there_and_nothing_else() -> None:
    assert configured_sinks(settings(Handoff()), house()) == {}
    secrets = Secrets.model_construct(None, webhook_secrets=SecretStr(SECRET))
    every = Handoff(webhook_url="https://example.com/", smtp_host="mail.example.com", folder="x")
    sinks = configured_sinks(settings(every, secrets=secrets), house())
    assert list(sinks) == ["webhook", "email", "files"] == list(every.sinks)
    for name, sink in sinks.items():
        assert sink.name == name
        await sink.close()
