"""What the funnel's picture and table say, out of the words, for staff."""

from __future__ import annotations

from functools import partial

from bot.figures import Figures
from bot.funnel_picture import picture
from bot.house import STAFF_LANGUAGE
from bot.rendering import Renderer
from bot.sheet import Words
from dialogs.funnel import SUMMARY


def say(renderer: Renderer, key: str, **values: str) -> str:
    """An entry under ``stats``, filled in."""
    return renderer.text(STAFF_LANGUAGE, f"stats.{key}", values)


def label(words: Words, name: str) -> str:
    """How a step is called."""
    return words.text("stats.summary" if name == SUMMARY else f"field.{name}.label")


def drawing(figures: Figures, words: Words) -> str:
    """The picture, as SVG."""
    return picture(figures, partial(say, words.renderer), partial(label, words))
