"""Start-up, by whole processes: to the first answer in the terminal, and what building takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_BUILD = """
import time
began = time.perf_counter()
from bot.app import build_house
from bot.config import Settings
imported = time.perf_counter()
build_house(Settings())
print(imported - began, time.perf_counter() - imported)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds."""

    first_answer: float
    """from the start of ``frontdesk chat``, asked through a pipe, to the last line of its answer"""
    whole: float
    """to the end of the process"""
    imports: float
    """of what ``build_house`` needs, in a new process"""
    build_house: float


def start(folder: Path) -> Start:
    """One start in a folder without a database. Raises RuntimeError where nothing was answered."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "chat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=inherited,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("What are the requirements?\n")
        process.stdin.close()
        answered = 0.0
        for line in process.stdout:
            if line.startswith("Source:"):  # the last line of an article's answer
                answered = time.perf_counter() - began
    whole = time.perf_counter() - began
    if process.returncode != 0 or not answered:
        raise RuntimeError(f"frontdesk chat ended with {process.returncode}, unanswered")
    built = subprocess.run(
        [sys.executable, "-c", _BUILD], capture_output=True, check=True, text=True
    )
    imports, build = map(float, built.stdout.split())
    return Start(answered, whole, imports, build)
