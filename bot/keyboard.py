"""The button by which a person sends their own phone number, on a channel that has one.

It is shown while that number is asked for. Whether it is there is not stored: it came with the
question and goes with it, so the states before and after a turn say what to do.
"""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Keyboard, Outgoing
from bot.rendering import Renderer
from dialogs.form import Place
from dialogs.sharing import wants_number
from dialogs.state import State

Standing = tuple[State, Place | None]
"""a state and its open question"""


def with_keyboard(
    renderer: Renderer, outgoing: Outgoing | None, before: Standing, after: Standing
) -> Outgoing | None:
    """The turn's message, with the keyboard's coming or going where the turn brings it."""
    shown, wanted = wants_number(*before), wants_number(*after)
    if shown == wanted:
        return outgoing
    language = after[0].language
    if wanted:
        text, label = renderer.text(language, "sharing.offer"), "buttons.share_contact"
        keyboard = Keyboard(text, renderer.text(language, label))
    else:
        keyboard = Keyboard(renderer.text(language, "sharing.gone"))
    return replace(outgoing or Outgoing(()), keyboard=keyboard)
