"""Who is in the staff group, asked of Telegram; a yes is believed for a minute.

Whatever comes from there counts only where its sender is in it: a public group is read, and its
buttons are tapped, by people who never joined, and a former member's app still shows its cards. An
administrator who writes as the group itself needs no asking: Telegram lets nobody else do that.

While Telegram does not say, nothing is done: a tap says so; a line, which nobody would type again,
is left unconfirmed, so that Telegram brings it once more. Where Telegram says that it never will (a
bot that is no administrator may be refused the list), the group is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels import Take
from bot.logs import logger
from bot.messages import Notice, Receipt, StaffLine, StaffReply, StaffTap

log = logger("telegram")

GOOD_FOR = timedelta(seconds=60)
ABSENT = ("user not found", "member not found", "participant_id_invalid", "user_not_participant")
"""what Telegram says of somebody whom it does not know there"""

OfStaff = StaffTap | StaffReply | StaffLine


class Unsaid(Exception):
    """Telegram does not say who is in the group. ``passing``: it may, at another try."""

    def __init__(self, *, passing: bool) -> None:
        super().__init__("the staff group's members are not known")
        self.passing = passing


@dataclass(frozen=True, slots=True)
class TelegramWords:
    """The sentences that only Telegram needs, from ``words/*.toml``."""

    refused: str = ""
    """under a tap of somebody who is not in the staff group"""
    unsaid: str = ""
    """under a tap while Telegram does not say who is"""


def is_in(found: object) -> bool:
    """``found``: a ChatMember of the Bot API; a text: how Telegram refused to tell; None: it gave
    no answer. Raises Unsaid."""
    if isinstance(found, str):
        if any(absent in found.lower() for absent in ABSENT):
            return False
        log.error(
            "telegram does not tell who is in the staff group",
            mend="make the bot an administrator of that group",
        )
        raise Unsaid(passing=False)
    if not isinstance(found, dict):
        raise Unsaid(passing=True)
    status = found.get("status")
    if status == "restricted":  # they may be in it or not
        return found.get("is_member") is True
    return status in {"creator", "administrator", "member"}


class Members:
    """``ask``: what Telegram says of a person there, as ``is_in`` reads it. ``now``: aware."""

    def __init__(
        self,
        ask: Callable[[str], Awaitable[object]],
        words: TelegramWords,
        now: Callable[[], datetime],
    ) -> None:
        self._ask = ask
        self._words = words
        self._now = now
        self._known: dict[str, datetime] = {}
        self._asking: dict[str, asyncio.Task[bool]] = {}

    def take(self, arrival: OfStaff, take: Take) -> asyncio.Future[Receipt]:
        """Give it to the bot once it is known that its sender may; one person's in their order."""
        return asyncio.ensure_future(self._admit(arrival, take))

    async def _admit(self, arrival: OfStaff, take: Take) -> Receipt:
        tapped = isinstance(arrival, StaffTap)
        try:
            member = arrival.by.startswith("-") or await self._is_member(arrival.by)
        except Unsaid as unsaid:
            if tapped:
                return Receipt(note=self._words.unsaid)
            if unsaid.passing:
                raise
            words, thread = "notices.members_unsaid", arrival.thread
            return await take(
                Notice(arrival.channel, arrival.key, arrival.chat, words, thread, once=False)
            )
        if member:
            return await take(arrival)
        log.warning("something of staff's from outside of the staff group")
        return Receipt(note=self._words.refused if tapped else "")

    async def _is_member(self, person: str) -> bool:
        # All that wait for one answer go on in the order in which they came to wait.
        known = self._known.get(person)
        asking = self._asking.get(person)
        if asking is None:
            if known is not None and self._now() - known <= GOOD_FOR:
                return True
            asking = asyncio.ensure_future(self._asked(person))
            self._asking[person] = asking
            asking.add_done_callback(lambda task: self._answered(person, task))
        return await asyncio.shield(asking)

    async def _asked(self, person: str) -> bool:
        return is_in(await self._ask(person))

    def _answered(self, person: str, task: asyncio.Task[bool]) -> None:
        self._asking.pop(person, None)
        self._known.pop(person, None)
        if not task.cancelled() and task.exception() is None and task.result():
            self._known[person] = self._now()
