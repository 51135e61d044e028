"""Slack's Home tab: its payloads as arrivals, and a message as a view. Plain dicts, no SDK, no I/O.

* app_home_opened, of the tab "home": event_id. Of the tab "messages" it is nothing of ours;
* a tap in the tab: its trigger_id, as with any tap. It stands in nobody's chat, but in the person's
  own page; which row it is of is judged by that (``Incoming.shown_in``), so a forged one is stale.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError

from bot.channels.slack_blocks import actions_of, render
from bot.channels.slack_events import Json, button_of, unreadable
from bot.channels.slack_models import Action, Id, Model, Named
from bot.messages import HOME, HomeOpened, Incoming, Outgoing, Unreadable

MOST_BLOCKS = 80
"""of ours; a view takes 100, with the buttons"""


class _Event(Model):
    user: Id


class _Opened(Model):
    event_id: Annotated[str, Field(min_length=1)]
    event: _Event


class _Tapped(Model):
    user: Named
    view: Named
    actions: Annotated[list[Action], Field(min_length=1)]
    trigger_id: str


def read_home(payload: Json, *, at: str) -> HomeOpened | Incoming | Unreadable | None:
    """What a payload of the Home tab means; None where it is none. ``at``: now. Never raises."""
    try:
        match payload:
            case {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home"}}:
                opened = _Opened.model_validate(payload)
                return HomeOpened("slack", f"slack:{opened.event_id}", opened.event.user, at)
            case {"type": "block_actions", "view": {"type": "home"}}:
                return _tap(_Tapped.model_validate(payload), at)
            case _:
                return None
    except ValidationError as error:
        return unreadable(payload, at, f"home: {error.error_count()} fields")


def _tap(tapped: _Tapped, at: str) -> Incoming:
    person, action = tapped.user.id, tapped.actions[0]
    value = action.value or ""
    return Incoming(
        channel="slack",
        key=f"slack:{person}:{tapped.view.id}:{action.action_ts}:{value[:40]}:{tapped.trigger_id}",
        person=person,
        chat=person,
        message="",
        at=at,
        kind="picked",
        button=button_of(value),
        shown_in=HOME + person,
    )


def home_view(outgoing: Outgoing) -> Json:
    """The view; its buttons still without the row's id (``slack_blocks.filled``)."""
    blocks = [*render(outgoing.blocks)[:MOST_BLOCKS], *actions_of(outgoing)]
    return {"type": "home", "blocks": blocks}
