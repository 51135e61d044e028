"""``frontdesk`` in this process: quicker than a process of its own, and beside one all the same."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import bot.cli
from bot.config import Settings
from tests.play import house


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


def frontdesk(folder: Path, *arguments: str, typed: str = "", **environment: str) -> Done:
    """Run a command in this folder. The words and articles are read once for all tests; logs are
    not set up, since that would be for the whole process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
    code = 0
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, {**kept, **environment}, clear=True),
        patch.object(sys, "argv", ["frontdesk", *arguments]),
        patch.object(sys, "stdin", io.StringIO(typed)),
        patch.object(bot.cli, "set_up", lambda *_: None),
        patch("bot.app.build_house", house_of),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            bot.cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
    out, err = (_written(stream) for stream in streams)
    return Done(code, out, err)


def house_of(settings: Settings, *, articles_now: bool = True) -> object:
    assert settings.program == Settings().program  # another one would need another house
    return house()


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw: io.BytesIO = stream.buffer  # type: ignore[assignment]  # made above
    return raw.getvalue().decode()
