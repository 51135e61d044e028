"""``knowledge relied`` and ``knowledge inform``: people who were told something else than what an
article says now.

What is in force is read from the store, where the serving process notes it: a file that is still
being edited concerns nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

from bot.app import App
from bot.channels.terminal_text import compose, harmless, lay_out, plain_text
from bot.clock import minute
from bot.commands.common import Failure, opened, operator, print_table, progress
from bot.commands.desk import DELIVERY, beside
from bot.config import Settings
from bot.house import House
from bot.logs import logger
from bot.reliance import Relier, Uninformed, found_of, reliers
from bot.store import Reports
from bot.store.rows import SeenRow, StoreUnavailable
from dialogs.events import Informed
from dialogs.machine import step
from dialogs.state import State

AT_ONCE = 50
"""people who are told in one commit"""

log = logger("knowledge")


async def relied(settings: Settings, article: str) -> None:
    """All articles of which people were told something else, or the people of one."""
    async with opened(settings) as store:
        if article:
            people = await store.read(lambda reports: _reliers_of(reports, article))
            _print_people(article, people)
            return
        rows = await store.read(lambda reports: list(_overview(reports)))
    if not rows:
        print("Nobody was told anything else than what the articles say now.")
        return
    print_table(("article", "last told (UTC)", "people", "open", "says now"), rows)


def _overview(reports: Reports) -> Iterator[tuple[str, ...]]:
    for article in reports.told.articles():
        people = reliers(reports.told, article)
        if people:
            latest = people[-1].row.told
            now = reports.told.in_force(article, latest.language)
            since = f"since {minute(now.in_force_since)}" if now is not None else "nothing: gone"
            still = sum(person.open for person in people)
            yield article, minute(latest.at), str(len(people)), str(still), since


def _reliers_of(reports: Reports, article: str) -> list[Relier]:
    if not reports.told.seen(article):
        raise Failure(
            f'There was never an article "{harmless(article)}". Those of which people were told '
            "something else: frontdesk knowledge relied"
        )
    return reliers(reports.told, article)


def _print_people(article: str, people: Sequence[Relier]) -> None:
    if not people:
        print(f"Nobody was told anything else than what {article} says now.")
        return
    print_table(
        ("told (UTC)", "channel", "application", "language", "version"),
        [
            (
                minute(person.row.told.at),
                person.row.channel,
                _application(person),
                person.language or "?",
                person.row.told.version,
            )
            for person in people
        ],
    )


def _application(person: Relier) -> str:
    known = [person.row.reference] if person.row.reference else []
    if person.drafting:
        known.append("one not sent yet")
    return ", ".join(known) or "no application"


async def inform(
    settings: Settings, article: str, only_open: bool, sure: Callable[[str], bool]
) -> None:
    """Tell them, each once, however often this is run. ``sure`` is asked after the message was
    shown as it will go out."""
    async with beside(settings) as app:
        people, says = await app.store.read(lambda reports: _before(reports, article))
        people = [person for person in people if person.open or not only_open]
        if not people:
            who = "with an open application " if only_open else ""
            print(f"Nobody {who}was told anything else than what {article} says now.")
            return
        for language, count, row in _messages(people, says):
            print(f"{_people(count)}, in {language}:\n")
            for line in _shown(app.house, language, row, people[-1].row.told.at):
                print(f"    {line}".rstrip())
            print()
        print("The date is each person's own. An open question of the form is put again below.")
        if not sure(f"Send this to {_people(len(people))}?"):
            raise Failure("Nothing was sent.")
        try:
            ends = await _tell(app, article, people, frozenset(row.substance for row in says))
        except StoreUnavailable as error:
            raise Failure(f"{error} Then run this again: nobody is told twice.") from None
    print(_summary(ends))
    if ends["changed"]:
        raise Failure(
            f"{article} says something else again since you read it, so {_people(ends['changed'])} "
            "were not told. Run this again."
        )
    if ends["failed"]:
        raise Failure(
            f"{_people(ends['failed'])} could not be told: their conversation cannot be read. The "
            "log says which; everybody else was told."
        )


def _before(reports: Reports, article: str) -> tuple[list[Relier], list[SeenRow]]:
    people = _reliers_of(reports, article)
    says = [row for row in reports.told.seen(article) if row.in_force_since]
    if people and not says:
        raise Failure(
            f"{article} is no longer among the articles, so there is nothing to send. Who was told "
            f"of it: frontdesk knowledge relied {article}"
        )
    return people, says


def _messages(
    people: Sequence[Relier], says: Sequence[SeenRow]
) -> Iterator[tuple[str, int, SeenRow]]:
    """(language of the conversations, how many, what is sent to them)"""
    texts = {row.language: row for row in says}
    for language, count in sorted(Counter(person.language or "en" for person in people).items()):
        yield language, count, texts.get(language) or texts.get("en") or says[0]


def _shown(house: House, language: str, row: SeenRow, told_at: str) -> Iterator[str]:
    """The message to somebody who was told then."""
    event = Informed(found_of(row), told_at, told_at, "")
    acts = step(house.script, State(language=language), event).acts
    outgoing = house.renderer.message(language, acts)
    assert outgoing is not None  # it says what has changed
    for line in lay_out(compose(outgoing)[0].body, 76):
        yield plain_text(line)


async def _tell(
    app: App, article: str, people: Sequence[Relier], agreed: Collection[str]
) -> Counter[str]:
    ends: Counter[str] = Counter()
    with progress("Sending", len(people)) as done:
        for start in range(0, len(people), AT_ONCE):
            some = people[start : start + AT_ONCE]
            tellings = (_tell_one(app, article, person, agreed) for person in some)
            ends.update(await asyncio.gather(*tellings))
            done(ends.total())
    return ends


async def _tell_one(
    app: App, article: str, person: Relier, agreed: Collection[str]
) -> Literal["told", "failed"] | Uninformed:
    conversation = person.row.told.conversation
    try:
        return await app.door.inform(conversation, article, agreed, operator())
    except StoreUnavailable:
        raise
    except Exception:  # the others do not wait for this one
        log.exception("a person could not be told", conversation=conversation)
        return "failed"


def _summary(ends: Counter[str]) -> str:
    told = f"Told {_people(ends['told'])}."
    if ends["unreachable"]:
        told += f" Not told, since they have blocked the bot or left: {ends['unreachable']}."
    if ends["erased"]:
        told += f" Erased meanwhile: {ends['erased']}."
    if ends["already"]:
        told += f" Told already: {ends['already']}."
    return f"{told} {DELIVERY}" if ends["told"] else told


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
