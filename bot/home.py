"""A person's home page on the platforms that have one: published where it has changed.

Whoever has never opened it gets none. A page is a row of the outbox in a lane of its own, so it
survives kills and waits for the platform without holding up a message; a newer page takes the place
of those that still wait. What was published last is known by a hash, so a turn that changes nothing
on it sends nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from bot.house import House, packed
from bot.messages import HOME
from bot.store import Transaction
from bot.store.rows import NewOutbox, OutboxRow
from dialogs.home import home
from dialogs.state import State


class Published(NamedTuple):
    """What is to be told to the courier, as of any turn."""

    row: OutboxRow
    chat: str
    superseded: Mapping[int, str | None]


def publish_home(
    house: House,
    tx: Transaction,
    channel: str,
    person: str,
    state: State,
    at: str,
    *,
    conversation: int | None,
    opened: bool = False,
) -> Published | None:
    """Publish the page if it says something else than the one before. ``opened``: they look at it
    now, so it is published in any case. None where there is nothing to do."""
    compose = house.homes.get(channel)
    if compose is None:
        return None
    shown = tx.homes.shown(channel, person)
    if shown is None and not opened:
        return None
    outgoing = house.renderer.message(state.language, home(house.script, state))
    assert outgoing is not None  # a page has a title
    body = json.dumps({"home": compose(outgoing)}, ensure_ascii=False)
    digest = hashlib.sha256(body.encode()).hexdigest()
    if digest == shown and not opened:
        return None
    chat = HOME + person
    choices = packed(outgoing.buttons)
    new = NewOutbox(channel, chat, body, conversation=conversation, choices=choices)
    id = tx.post(new, at)
    tx.homes.show(channel, person, digest)
    gone = tx.homes.supersede(channel, chat, id)
    row = OutboxRow(
        id, channel, chat, "", "send", body, 0, at, conversation=conversation, ours=tx.ours(id)
    )
    return Published(row, chat, dict.fromkeys(gone))
