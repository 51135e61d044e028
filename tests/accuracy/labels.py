"""The labelled questions about the program (``tests/questions``), where the project has them.

Only the tuning half is read. The other half measures what comes out at the end and is read with
``--half held`` alone: a rule that was made from its rows would measure nothing.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, Protocol, cast

from bot.app import build_house
from bot.config import Settings
from bot.house import House

ABSENT = "there are no labelled questions (tests/questions). Nothing to measure."

Half = Literal["tuning", "held"]


class Label(Protocol):
    """The answer that a question should get. article: an id, None where none answers. also: other
    ids that answer. tolerable: ids that are no answer, and no fault either."""

    @property
    def article(self) -> str | None: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def tolerable(self) -> Sequence[str]: ...


class Part(Label, Protocol):
    @property
    def question(self) -> str: ...


class Row(Label, Protocol):
    """previous: the question before. parts: the questions of a message."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def previous(self) -> str: ...
    @property
    def parts(self) -> Sequence[Part]: ...


Load = Callable[[str, Half], Sequence[Row]]
"""file name without its ending, half -> its rows"""


@cache
def house() -> House:
    """The program as it is shipped, whose articles are asked."""
    return build_house(Settings())


def loader() -> Load | None:
    """None where the project has no such module."""
    try:
        return cast("Load", importlib.import_module("tests.questions").load)
    except ModuleNotFoundError:
        return None


def half_of(given: argparse.Namespace) -> Half:
    """The half that is kept apart only where it was asked for by its name."""
    return "held" if given.half == "held" else "tuning"


def wanted(label: Label) -> frozenset[str]:
    """The ids that answer; empty where none does."""
    return frozenset(filter(None, (label.article, *label.also)))
