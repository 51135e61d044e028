"""The data, and which half of it an entry belongs to.

``data/tuning`` may be read and run at will. ``data/held`` is for the figure alone: its failures
are counted and never looked at, or it would measure nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

Half = Literal["tuning", "held"]
HALVES: tuple[Half, Half] = ("tuning", "held")
DATA = Path(__file__).parent / "data"
FILES = ("businesses", "phrasings", "questions", "odd")


def half_of(text: str) -> Half:
    """By the first byte of its SHA-256: even for tuning, odd for held."""
    return HALVES[hashlib.sha256(text.encode()).digest()[0] & 1]


def name_of(row: Mapping[str, Any]) -> str:
    """What is hashed: the text, or a business's legal name."""
    return str(row["text"] if "text" in row else row["legal_name"])


@cache
def rows(name: str, half: Half) -> Sequence[Mapping[str, Any]]:
    return _read(DATA / half / f"{name}.jsonl")


@cache
def shared(name: str) -> Sequence[Mapping[str, Any]]:
    """What is no phrasing: names of countries and of things that people correct."""
    return _read(DATA / f"{name}.jsonl")


def _read(path: Path) -> tuple[Mapping[str, Any], ...]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return tuple(json.loads(line) for line in lines if line)
