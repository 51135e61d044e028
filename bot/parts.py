"""A message as the rows that it is sent in: what is *said*, the *prompt* after it, the keyboard.

A prompt (the next question, a menu) that is not sent yet is taken back once a later turn has made
it needless. What is said is never taken back. So a message that fits one row carries a second form
without its prompt; one that is too long for that is cut between the two; and a keyboard, which
Telegram takes only where there are no other buttons, comes in a row of its own.

A keyboard goes with what is said, if that can be sent without its buttons (they then stand under
the prompt): the person gets no message that says nothing but that a button went.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.channels import Compose
from bot.messages import Block, Outgoing, Payload, Span
from bot.store.rows import KEYBOARD, QUESTION


@dataclass(frozen=True, slots=True)
class Part:
    """One outbox row to be."""

    payload: Payload
    prompt: int = 0
    """as in ``NewOutbox``"""
    said: Payload | None = None
    """what stays of it without the prompt"""
    buttons: bool = False


def parts(compose: Compose, outgoing: Outgoing) -> Iterator[Part]:
    """The rows of a message, in their order. An index of a button is the same in all of them."""
    keyboard = outgoing.keyboard
    if keyboard is None:
        yield from _message(compose, outgoing)
    elif keyboard.label:
        if outgoing.blocks:
            yield from _message(compose, replace(outgoing, keyboard=None))
        shows = Outgoing((Block((Span(keyboard.text),)),), keyboard=keyboard)
        yield from (Part(payload, KEYBOARD) for payload in compose(shows))
    else:
        yield from _without_keyboard(compose, outgoing)


def _message(compose: Compose, outgoing: Outgoing) -> Iterator[Part]:
    payloads = compose(outgoing)
    if not outgoing.prompt or not outgoing.said:
        yield from _rows(payloads, outgoing, QUESTION if outgoing.prompt else 0)
    elif len(payloads) == 1:
        said = compose(_said(outgoing))
        yield Part(payloads[0], QUESTION, said[0] if said else None, bool(outgoing.buttons))
    else:
        said_alone, asked = _said(outgoing), _asked(outgoing)
        yield from _rows(compose(said_alone), said_alone, 0)
        yield from _rows(compose(asked), asked, QUESTION)


def _without_keyboard(compose: Compose, outgoing: Outgoing) -> Iterator[Part]:
    keyboard = outgoing.keyboard
    assert keyboard is not None  # the caller's condition, for the type checker
    if not outgoing.buttons and not outgoing.prompt and outgoing.blocks:
        yield from _rows(compose(outgoing), outgoing, 0)
    elif outgoing.prompt and outgoing.said:
        said = replace(_said(outgoing), buttons=())
        yield from _rows(compose(said), said, 0)
        asked = replace(_asked(outgoing), buttons=outgoing.buttons, keyboard=None)
        yield from _rows(compose(asked), asked, QUESTION)
    else:
        gone = Outgoing((Block((Span(keyboard.text),)),), keyboard=keyboard)
        yield from _rows(compose(gone), gone, 0)
        if outgoing.blocks:
            yield from _message(compose, replace(outgoing, keyboard=None))


def _rows(payloads: tuple[Payload, ...], outgoing: Outgoing, prompt: int) -> Iterator[Part]:
    """The buttons stand under the last one."""
    for n, payload in enumerate(payloads, 1):
        yield Part(payload, prompt, buttons=bool(outgoing.buttons) and n == len(payloads))


def _said(outgoing: Outgoing) -> Outgoing:
    buttons = tuple(replace(outgoing.buttons[n], index=n) for n in outgoing.said_buttons)
    blocks = outgoing.blocks[: outgoing.said]
    return replace(outgoing, blocks=blocks, buttons=buttons, prompt=False)


def _asked(outgoing: Outgoing) -> Outgoing:
    buttons = tuple(
        replace(button, index=n)
        for n, button in enumerate(outgoing.buttons)
        if n not in outgoing.said_buttons
    )
    return replace(outgoing, blocks=outgoing.blocks[outgoing.said :], buttons=buttons)
