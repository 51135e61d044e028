"""``frontdesk run`` as a process, between a local Telegram and a local Slack."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.commands import frontdesk
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.terminals import PATIENCE, PROGRAM, environment

TOKENS = {
    "FRONTDESK_TELEGRAM_TOKEN": "123:TEST",
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-test",
    "FRONTDESK_SLACK_APP_TOKEN": "xapp-test",
}


async def started(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        PROGRAM,
        *arguments,
        cwd=folder,
        env=environment(**TOKENS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_run_serves_every_channel_and_stops_cleanly_at_sigterm(tmp_path: Path) -> None:
    async with TelegramServer() as telegram, SlackServer() as slack:
        (tmp_path / "config.toml").write_text(
            f'[telegram]\nbase_url = "{telegram.url}"\n[slack]\nbase_url = "{slack.api_url}"\n'
        )
        process = await started(tmp_path, "run")
        try:
            amira = telegram.person(1001)
            bram = slack.person("U100", name="Bram")
            await amira.says("/start")
            await bram.says("hello")
            await telegram.until(lambda: any(m.from_bot for m in amira.chat), timeout=PATIENCE)
            await slack.until(lambda: any(m.from_bot for m in bram.chat), timeout=PATIENCE)
            check = await asyncio.to_thread(frontdesk, tmp_path, "check", **TOKENS)
            assert (check.code, check.err) == (0, "")
            assert "served by a running process" in check.out
            assert "@frontdesk_test_bot" in check.out
            process.send_signal(signal.SIGTERM)
            _, logged = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in logged


async def test_a_refused_token_is_one_line_and_ends_the_run(tmp_path: Path) -> None:
    async with TelegramServer(token="456:OTHER") as telegram, SlackServer() as slack:
        (tmp_path / "config.toml").write_text(
            f'[telegram]\nbase_url = "{telegram.url}"\n[slack]\nbase_url = "{slack.api_url}"\n'
        )
        process = await started(tmp_path, "run")
        _, logged = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 2
    assert b"frontdesk: FRONTDESK_TELEGRAM_TOKEN: " in logged
    assert b"Traceback" not in logged
