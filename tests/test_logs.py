"""What the logs must not tell. Each test is a process of its own, since loggers belong to a
process; the SDKs in them are the real ones, and at DEBUG."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
TELEGRAM = "123456789:AAExampleExampleExampleExampleExampl"
SLACK_BOT = "xoxb-1234567890-abcdefghijkl"
SLACK_APP = "xapp-1-A0123456789-abcdefghijkl"
WORDS = "Wilhelmina Quackenbush"
"""what a person wrote"""

START = f"""
import asyncio, logging, sys, threading, warnings
from bot.logs import logger, set_up, watch
TELEGRAM, SLACK_BOT, SLACK_APP, WORDS = {TELEGRAM!r}, {SLACK_BOT!r}, {SLACK_APP!r}, {WORDS!r}
log = logger("test")
"""


def run(code: str, *, form: str = "json", level: str = "debug", exit_code: int = 0) -> str:
    """The stderr of a program with the logs set up; nothing may go to stdout."""
    program = START + f"set_up({level!r}, {form!r})\n" + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    assert done.stdout == ""
    return done.stderr


def lines(stderr: str) -> list[dict[str, Any]]:
    """Every line of it; each must be one JSON object."""
    return [json.loads(line) for line in stderr.splitlines()]


def assert_tells_nothing(stderr: str) -> None:
    for secret in (TELEGRAM, SLACK_BOT, SLACK_APP, *WORDS.split()):
        assert secret not in stderr


# -- ours


def test_our_events_come_with_their_values_one_object_a_line() -> None:
    (line,) = lines(run('log.info("row sent", row=12, seconds=0.5, late=True, chat=None)'))
    assert line.pop("at").startswith("20")
    assert line == {
        "level": "info",
        "logger": "frontdesk.test",
        "event": "row sent",
        "row": 12,
        "seconds": 0.5,
        "late": True,
        "chat": None,
    }


def test_text_is_one_line_an_event_whatever_is_in_it() -> None:
    stderr = run(r'log.info("row sent", row=12, name="a\nlevel=error b\r")', form="text")
    assert len(stderr.splitlines()) == 1
    assert 'event="row sent"' in stderr
    assert "row=12" in stderr


def test_values_that_are_no_scalars_and_exceptions_are_named_by_their_type() -> None:
    stderr = run('log.info("x", it=[WORDS], error=ValueError(WORDS))')
    assert lines(stderr)[0]["it"] == "list"
    assert lines(stderr)[0]["error"] == "ValueError"
    assert_tells_nothing(stderr)


@pytest.mark.parametrize(
    "tell",
    [
        'log.exception("went wrong")',
        'log.error("went wrong", exc_info=error)',
        'logging.getLogger("frontdesk.test").exception("went wrong")',
    ],
)
def test_our_traceback_is_types_and_places_never_a_value(tell: str) -> None:
    stderr = run(
        f"""
        def inner(name):
            raise KeyError(f"no such {{name}}")

        try:
            try:
                inner(WORDS)
            except KeyError as cause:
                raise ValueError(WORDS) from cause
        except ValueError as error:
            {tell}
        """
    )
    (line,) = lines(stderr)
    assert line["event"] == "went wrong"
    assert line["error"] == "ValueError < KeyError"
    assert line["frames"].startswith("<string>:")
    assert_tells_nothing(stderr)


def test_our_traceback_is_no_other_for_other_handlers() -> None:
    stderr = run(
        """
        logging.getLogger().addHandler(logging.StreamHandler())
        try:
            raise ValueError(WORDS)
        except ValueError:
            log.exception("went wrong")
        """
    )
    assert len(stderr.splitlines()) == 2
    assert_tells_nothing(stderr)


def test_levels_are_kept() -> None:
    code = """
        log.debug("a"); log.info("b"); log.warning("c")
        logging.getLogger("httpx").info("d"); logging.getLogger("httpx").warning("e")
    """
    told = lines(run(code, level="info"))
    assert [line.get("event", line["logger"]) for line in told] == ["b", "c", "httpx"]


def test_setting_up_again_replaces_the_settings() -> None:
    (line,) = lines(run('set_up("info", "json"); log.debug("a"); log.info("b")'))
    assert line["event"] == "b"


# -- tokens that slip into a line of ours


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_looks_like_a_token_is_cut_out(form: str) -> None:
    stderr = run(
        """
        log.info("x", a=f"https://example.com/bot{TELEGRAM}/getMe", b=f"Bearer {SLACK_BOT}",
                 c=TELEGRAM.replace(":", "%3A"), d=SLACK_APP)
        log.info(f"with {TELEGRAM}")
        """,
        form=form,
    )
    assert_tells_nothing(stderr)
    assert TELEGRAM.split(":")[1] not in stderr
    assert "https://example.com/bot" in stderr


def test_a_secret_of_another_shape_is_cut_out_where_it_is_known() -> None:
    stderr = run('set_up("info", "json", ["hunter22"]); log.info("x", a="it is hunter22!")')
    assert lines(stderr)[0]["a"] == "it is [cut]!"


# -- everybody else's


def test_a_foreign_record_keeps_name_level_place_and_exception_class() -> None:
    stderr = run(
        """
        for name in ["telegram.Bot", "httpx", "httpcore.http11", "slack_bolt.AsyncApp",
                     "slack_sdk.web", "aiohttp", "asyncio", "urllib3.connectionpool", None,
                     "frontdeskish", "made.tomorrow"]:
            foreign = logging.getLogger(name)
            foreign.debug("POST %s with %s", TELEGRAM, {"text": WORDS})
            foreign.info(WORDS, extra={"person": WORDS})
            foreign.error("failed: %s", ValueError(WORDS), stack_info=True)
            try:
                raise KeyError(WORDS)
            except KeyError:
                foreign.exception(WORDS)
        """
    )
    told = lines(stderr)
    assert [line["level"] for line in told] == ["debug", "info", "error", "error"] * 11
    assert [line["error"] for line in told] == ["", "", "ValueError", "KeyError"] * 11
    assert all(set(line) == {"at", "level", "logger", "where", "error"} for line in told)
    assert_tells_nothing(stderr)


def test_a_foreign_record_is_reduced_for_every_handler_also_one_of_its_own() -> None:
    stderr = run(
        """
        foreign = logging.getLogger("sdk")
        foreign.addHandler(logging.StreamHandler())
        foreign.warning("said %s", WORDS, exc_info=ValueError(WORDS))
        """
    )
    assert_tells_nothing(stderr)
    assert "ValueError" in stderr


def test_a_foreign_record_that_was_made_by_hand_is_reduced() -> None:
    stderr = run(
        """
        record = logging.makeLogRecord({"name": "sdk", "msg": WORDS, "levelno": 40,
                                        "levelname": "ERROR", "args": ()})
        logging.getLogger("sdk").handle(record)
        by_class = logging.LogRecord("sdk", 40, "a.py", 1, WORDS.split()[0], (), None)
        logging.getLogger("sdk").handle(by_class)
        """
    )
    assert len(lines(stderr)) == 2
    assert_tells_nothing(stderr)


def test_a_record_that_cannot_be_formatted_is_not_printed_raw() -> None:
    stderr = run(
        """
        logging.getLogger("sdk").warning("%d of %d", WORDS)
        logging.getLogger("frontdesk.test").warning("%d of %d", WORDS)
        log.info("after")
        logging.getLogger().addHandler(logging.StreamHandler())
        logging.getLogger("frontdesk.test").warning("%d of %d", WORDS)
        """
    )
    assert lines(stderr)[-1]["event"] == "after"
    assert_tells_nothing(stderr)


# -- what nobody caught


def test_a_crash_of_the_program_is_types_and_places() -> None:
    stderr = run("def go(name): raise ValueError(name)\ngo(WORDS)", exit_code=1)
    (line,) = lines(stderr)
    assert (line["level"], line["error"]) == ("critical", "ValueError")
    assert_tells_nothing(stderr)


def test_a_crash_of_a_thread_is_types_and_places() -> None:
    stderr = run(
        """
        def go(): raise ValueError(WORDS)
        thread = threading.Thread(target=go, name=WORDS); thread.start(); thread.join()
        """
    )
    assert lines(stderr)[0]["error"] == "ValueError"
    assert_tells_nothing(stderr)


@pytest.mark.parametrize("watched", [True, False])
def test_a_crash_in_the_event_loop_is_types_and_places(watched: bool) -> None:
    stderr = run(
        f"""
        import gc

        async def fail(): raise ValueError(WORDS)

        def call_back(): raise KeyError(WORDS)

        async def main():
            loop = asyncio.get_running_loop()
            if {watched}:
                watch(loop)
            asyncio.create_task(fail(), name=WORDS)
            loop.call_soon(call_back)
            loop.call_exception_handler({{"message": WORDS}})
            await asyncio.sleep(0.01)
            gc.collect()

        asyncio.run(main())
        """
    )
    told = lines(stderr)
    assert {"ValueError", "KeyError"} <= {line.get("error") for line in told}
    assert_tells_nothing(stderr)


def test_what_cannot_be_raised_is_types_and_places() -> None:
    stderr = run(
        """
        class Thing:
            def __del__(self): raise ValueError(WORDS)
        thing = Thing()
        del thing
        """
    )
    assert lines(stderr)[0]["error"] == "ValueError"
    assert_tells_nothing(stderr)


def test_a_warning_is_its_category_and_place() -> None:
    stderr = run('warnings.warn(f"about {WORDS}", RuntimeWarning)')
    (line,) = lines(stderr)
    assert line["event"] == "RuntimeWarning"
    assert line["where"].startswith("<string>:")
    assert_tells_nothing(stderr)


# -- the real SDKs at work


def test_the_sdks_at_debug_tell_neither_token_nor_message() -> None:
    """Both SDKs send a message to a local server, and are refused, and lose the connection."""
    stderr = run(
        """
        from aiohttp import web
        from slack_bolt.async_app import AsyncApp
        from slack_sdk.errors import SlackApiError
        from slack_sdk.web.async_client import AsyncWebClient
        from telegram import Bot
        from telegram.error import TelegramError
        from telegram.request import HTTPXRequest

        asked = []

        async def answer(request):
            asked.append(await request.text())
            if len(asked) % 3 == 0:
                request.transport.close()
            if len(asked) % 3 == 1:
                return web.json_response({"ok": True, "result": {
                    "message_id": 1, "date": 1, "text": WORDS,
                    "chat": {"id": 7, "type": "private"}}})
            return web.json_response({"ok": False, "error": WORDS, "error_code": 400,
                                      "description": WORDS}, status=400)

        async def main():
            watch(asyncio.get_running_loop())
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", answer)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

            bot = Bot(TELEGRAM, base_url=f"{url}/bot", request=HTTPXRequest(),
                      get_updates_request=HTTPXRequest())
            for _ in range(3):
                try:
                    await bot.send_message(7, WORDS)
                except TelegramError:
                    logging.getLogger("telegram.test").exception(WORDS)

            client = AsyncWebClient(SLACK_BOT, base_url=f"{url}/api/")
            for _ in range(3):
                try:
                    await client.chat_postMessage(channel="D1", text=WORDS)
                except Exception:
                    logging.getLogger("slack_sdk.test").exception(WORDS)

            bolt = AsyncApp(client=client, request_verification_enabled=False)
            bolt.logger.debug("%s", {"token": SLACK_APP, "text": WORDS})
            from slack_bolt.request.async_request import AsyncBoltRequest
            await bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body={
                "type": "event_callback", "token": SLACK_APP, "team_id": "T1",
                "event": {"type": "message", "channel": "D1", "user": "U1", "text": WORDS}}))
            await runner.cleanup()

        asyncio.run(main())
        """
    )
    told = lines(stderr)
    speakers = {line["logger"].split(".")[0] for line in told}
    assert {"telegram", "httpcore", "slack_sdk", "slack_bolt", "asyncio"} <= speakers
    assert_tells_nothing(stderr)
    assert TELEGRAM.split(":")[1] not in stderr
