"""What arrived, as the dialog takes it; and what is said where there is no dialog."""

from __future__ import annotations

from typing import assert_never

from bot.conversation import Taken
from bot.house import House, post, unpacked
from bot.messages import Incoming, Notice, Receipt
from bot.store import Transaction
from dialogs.acts import Say
from dialogs.events import Edited, Event, Finding, Picked, Said
from dialogs.languages import first_state


def event_of(tx: Transaction, arrival: Incoming, found: Finding | None, token: str) -> Event:
    """What a person's message, tap or edit is to the dialog."""
    match arrival.kind:
        case "said":
            return Said(
                arrival.text,
                arrival.message,
                arrival.at,
                token,
                arrival.medium,
                arrival.album,
                found,
                arrival.own,
            )
        case "edited":
            return Edited(arrival.text, arrival.message, arrival.at, token, found)
        case "picked":
            choice = None
            if arrival.button is not None:
                where = arrival.shown_in or arrival.chat
                stored = tx.choice(*arrival.button, arrival.channel, where)
                choice = unpacked(stored) if stored is not None else None
            return Picked(choice, arrival.message, arrival.at, token, found)
        case _:
            assert_never(arrival.kind)


def take_notice(house: House, tx: Transaction, notice: Notice, at: str) -> Taken:
    """Say it, where that was not said before."""
    if tx.add_event(notice.key, None, "{}", "", at) is None:
        return Taken(Receipt(duplicate=True))
    if notice.once and tx.noticed(notice.channel, notice.chat, notice.words):
        return Taken(Receipt())
    outgoing = house.renderer.message(
        first_state(house.script.wording, notice.language).language,
        (Say(notice.words, {"chat": f"{notice.channel}:{notice.chat}"}),),
    )
    if outgoing is None:
        return Taken(Receipt())
    rows = post(
        house,
        tx,
        outgoing,
        channel=notice.channel,
        chat=notice.chat,
        thread=notice.thread,
        at=at,
    )
    return Taken(Receipt(), tuple(rows))
