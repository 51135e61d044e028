"""``frontdesk run`` with a server, and ``frontdesk telegram``, as processes."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx

from tests.commands import frontdesk
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.terminals import PROGRAM, environment

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
SECRETS = {
    "FRONTDESK_TELEGRAM_TOKEN": "123:TEST",
    "FRONTDESK_TELEGRAM_WEBHOOK_SECRET": "hook-secret-0123456789",
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-test",
    "FRONTDESK_SLACK_SIGNING_SECRET": SIGNING,
}
PATIENCE = 90.0
"""seconds; the first start on a machine trains the search"""
PUBLIC = "https://bot.example.com/telegram"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def write_settings(folder: Path, telegram: str, slack: str, port: int, webhook: str) -> None:
    (folder / "config.toml").write_text(
        f'[telegram]\nbase_url = "{telegram}"\nwebhook_url = "{webhook}"\n'
        f'[slack]\nbase_url = "{slack}"\n[server]\nlisten = "127.0.0.1:{port}"\n'
    )


async def started(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        PROGRAM,
        "run",
        cwd=folder,
        env=environment(**SECRETS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_server_is_registered_serves_and_stops_cleanly_at_sigterm(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with TelegramServer() as telegram, SlackServer() as slack:
        write_settings(tmp_path, telegram.url, slack.api_url, port, PUBLIC)
        process = await started(tmp_path)
        try:
            async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE):
                while True:
                    try:
                        answer = await client.get(f"{url}/readyz")
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
                        continue
                    if answer.status_code == 200:
                        break
                    assert answer.status_code == 503
                    await asyncio.sleep(0.05)
            unregistered = await asyncio.to_thread(frontdesk, tmp_path, "check", **SECRETS)
            assert "frontdesk telegram register" in unregistered.out + unregistered.err
            done = await asyncio.to_thread(frontdesk, tmp_path, "telegram", "register", **SECRETS)
            assert (done.code, done.err) == (0, "")
            assert done.out == f"Telegram posts this bot's updates to {PUBLIC}.\n"
            assert telegram.posting.secret == SECRETS["FRONTDESK_TELEGRAM_WEBHOOK_SECRET"]
            telegram.posting.addresses.append(f"{url}/telegram")
            slack.posts_to(f"{url}/slack/events", SIGNING)
            amira, bram = telegram.person(1001), slack.person("U100", name="Bram")
            await amira.says("/start")
            await bram.says("hello")
            await telegram.until(lambda: any(m.from_bot for m in amira.chat), timeout=PATIENCE)
            await slack.until(lambda: any(m.from_bot for m in bram.chat), timeout=PATIENCE)
            check = await asyncio.to_thread(frontdesk, tmp_path, "check", **SECRETS)
            assert check.code == 0, check.out
            assert "@frontdesk_test_bot, by webhook" in check.out
            assert "by signed posts" in check.out
            assert f"server: listens on 127.0.0.1:{port}" in check.out
            async with httpx.AsyncClient() as client:
                counted = (await client.get(f"{url}/metrics")).text
            assert 'frontdesk_turns_total{channel="slack",kind="said"} 1.0' in counted
            process.send_signal(signal.SIGTERM)
            _, logged = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in logged
    for secret in SECRETS.values():
        assert secret.encode() not in logged
    assert not telegram.calls_of("getUpdates")


async def test_back_to_fetching_keeps_what_waits(tmp_path: Path) -> None:
    async with TelegramServer() as telegram, SlackServer() as slack:
        write_settings(tmp_path, telegram.url, slack.api_url, free_port(), PUBLIC)
        done = await asyncio.to_thread(frontdesk, tmp_path, "telegram", "register", **SECRETS)
        assert done.code == 0
        await telegram.person(1001).says("hello")
        done = await asyncio.to_thread(frontdesk, tmp_path, "telegram", "unregister", **SECRETS)
        assert done.out == (
            "Telegram posts this bot's updates nowhere; they are to be fetched, 1 update waits at "
            'Telegram.\nNow take telegram.webhook_url out of the settings, or set it to "".\n'
        )
        assert (telegram.webhook, len(telegram.pending)) == ("", 1)


async def test_what_is_missing_for_posts_is_one_line(tmp_path: Path) -> None:
    async with TelegramServer() as telegram, SlackServer() as slack:
        write_settings(tmp_path, telegram.url, slack.api_url, free_port(), PUBLIC)
        bare = SECRETS | {"FRONTDESK_TELEGRAM_WEBHOOK_SECRET": ""}
        for command in (["run"], ["telegram", "register"]):
            done = await asyncio.to_thread(frontdesk, tmp_path, *command, **bare)
            assert done.code == 2
            assert done.err.startswith("frontdesk: FRONTDESK_TELEGRAM_WEBHOOK_SECRET: goes with")
        write_settings(tmp_path, telegram.url, slack.api_url, free_port(), "")
        done = await asyncio.to_thread(frontdesk, tmp_path, "telegram", "register", **SECRETS)
        assert done.code == 2
        assert done.err.startswith("frontdesk: telegram.webhook_url: must be set")
        (tmp_path / "config.toml").write_text(
            f'[telegram]\nbase_url = "{telegram.url}"\nwebhook_url = "{PUBLIC}"\n'
            f'[slack]\nbase_url = "{slack.api_url}"\n'
        )
        done = await asyncio.to_thread(frontdesk, tmp_path, "check", **SECRETS)
        assert "server.listen: must be set" in done.out
        assert "/telegram and /slack/events" in done.out
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            write_settings(tmp_path, telegram.url, slack.api_url, port, PUBLIC)
            done = await asyncio.to_thread(frontdesk, tmp_path, "run", **SECRETS)
        assert done.code == 2
        assert done.err.startswith(f"frontdesk: server.listen: 127.0.0.1:{port} cannot be")
        assert done.err.count("\n") == 1
