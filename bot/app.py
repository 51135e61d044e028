"""The only wiring: settings in, the running parts out. Nothing happens at import.

A message's way: channel -> ``Intake`` (order per person) -> ``Door`` (a turn, committed) ->
``Courier`` (the outbox) -> channel.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from bot.arrivals import note_settled
from bot.channels import Channel, Compose, connected
from bot.channels.slack_blocks import compose as compose_slack
from bot.channels.slack_home import home_view
from bot.channels.telegram_payloads import compose as compose_telegram
from bot.channels.terminal_text import compose as compose_terminal
from bot.clock import Clock
from bot.config import Settings
from bot.courier import Courier, Reaches, reaches_all
from bot.desk import articles_card, dead_card, undelivered_card
from bot.desk_rules import DeskRules
from bot.digest import tell_morning
from bot.door import Door
from bot.duplicates import mark_earlier
from bot.environment import ConfigError
from bot.handoff import Errand
from bot.house import STAFF_LANGUAGE, House, utc_now
from bot.intake import Intake
from bot.learned import Taught, learned
from bot.logs import logger
from bot.reliance import note_articles
from bot.rendering import Renderer
from bot.shelf import Refreshed, Refused, Shelf
from bot.sinks import Sink
from bot.store import DELIVERIES, Store, Transaction
from bot.store.databases import open_store
from bot.store.rows import OutboxRow, StoreUnavailable
from bot.tallying import count_earlier
from bot.watch import Unwatched
from bot.web import Web
from bot.words import read_words
from dialogs.acts import Lines, Say, Term, Value
from dialogs.application import Application
from dialogs.form import Form
from dialogs.machine import ORDERS
from dialogs.state import Script
from dialogs.wording import Wording, WordingError
from knowledge.article import ArticleError
from knowledge.encoder import installed_encoder
from knowledge.library import Library
from knowledge.sources import ARTICLES, NOT_COVERED, Folders, Sources

TICK = 30.0
"""seconds between two looks at what has come due"""

LAST_DELIVERIES = 5.0
"""seconds for what was just handed in, where the input ends; the rest goes after the next start"""

Card = Callable[[House, Transaction, str], list[OutboxRow]]

log = logger("app")


@dataclass
class App:
    """The parts of one process. ``channels`` is empty in a command that only writes or reads."""

    settings: Settings
    house: House
    store: Store
    door: Door
    courier: Courier
    intake: Intake
    channels: dict[str, Channel]
    sinks: dict[str, Sink]
    deliverer: Courier
    """carries what goes to the sinks"""

    web: Web | None = None
    """the HTTP server, where there is one"""

    _learnt: int = 0
    """the fingerprint of what was taken into the library last"""

    async def serve(self) -> None:
        """Run every channel until they end or this is cancelled; then finish what was taken."""
        # Around all of it: what was taken is answered once it is finished, and /readyz tells that
        # the program is starting, or stopping.
        async with self.web.open(self.store) if self.web else contextlib.nullcontext():
            await self._serve()

    async def _say_ready(self) -> None:
        await connected(self.channels)
        self._is_serving(True)

    def _is_serving(self, serving: bool) -> None:
        if self.web is not None:
            self.web.serving = serving

    async def _serve(self) -> None:
        await self._learn()
        if self._learnt:
            await asyncio.to_thread(self.house.shelf.stock)
        couriers = [self.courier, *([self.deliverer] if self.sinks else [])]
        running = [asyncio.create_task(courier.run()) for courier in couriers]
        ticking = asyncio.create_task(self._tick())
        keeping = asyncio.create_task(self.house.shelf.keep(self._tell_of_articles, self._learn))
        counting = asyncio.create_task(self._catch_up())
        serving = asyncio.current_task()
        assert serving is not None  # a coroutine runs in a task

        def crashed(_: asyncio.Task[None]) -> None:
            """A bot that hears and never answers would be worse than none: end, and be started."""
            serving.cancel()

        for task in running:
            task.add_done_callback(crashed)
        try:
            async with asyncio.TaskGroup() as group:
                for channel in self.channels.values():
                    group.create_task(channel.listen(self.intake.take))
                group.create_task(self._say_ready())
            await self.intake.finish()
            await self.courier.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_DELIVERIES):
                    await asyncio.gather(*(courier.drain() for courier in couriers[1:]))
        except* (ConfigError, StoreUnavailable) as errors:
            raise errors.exceptions[0] from None
        finally:
            self._is_serving(False)
            for task in running:
                task.remove_done_callback(crashed)
            for task in (ticking, keeping, counting):
                task.cancel()
            await self.intake.finish()
            await asyncio.gather(*(courier.stop() for courier in couriers))
            for channel in self.channels.values():
                await channel.close()
            for sink in self.sinks.values():
                await sink.close()
            for task in (*running, ticking, keeping, counting):
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def tell_staff(self, card: Card) -> None:
        """Post a card into the staff chat, if there is one."""
        now = self.house.now()
        self.courier.offer(await self.store.run(lambda tx: card(self.house, tx, now)))

    async def _tell_of_articles(self, found: Refreshed | Refused) -> None:
        if isinstance(found, Refused):
            await self.tell_staff(partial(articles_card, found.reason))
        else:
            await self.note_articles()

    async def note_articles(self) -> None:
        """Note what is served from now on; staff hear of it where people were told otherwise."""
        articles = self.house.library.articles
        await self.tell_staff(lambda house, tx, now: note_articles(house, tx, articles, now))

    async def _catch_up(self) -> None:
        """What was before there were counts, and marks of duplicates, beside the turns and after
        them."""
        while True:
            try:
                await count_earlier(self.house.script, self.store)
                await mark_earlier(self.house.script.wording, self.store)
                return
            except StoreUnavailable as error:
                log.warning("what was before is not counted and marked yet", reason=str(error))
            except Exception:  # a defect of ours must not stop the end of the program
                log.exception("what was before cannot be counted or marked")
                return
            await asyncio.sleep(TICK)

    async def close(self) -> None:
        await self.store.close()

    async def _learn(self) -> None:
        """Where something was approved, edited or withdrawn, here or by another process, the shelf
        takes it at its next look."""
        if await self.store.read(lambda r: r.learning.revision()) != self._learnt:
            self.house.taught.learned = found = await self.store.read(learned)
            self._learnt = found.fingerprint

    async def _tick(self) -> None:
        noted = False
        while True:
            try:
                if not noted:  # before anybody is served: the first job of the store's writer
                    await self.note_articles()
                    noted = True
                await self.door.tick()
                self.courier.offer(await tell_morning(self.house, self.store))
            except StoreUnavailable as error:
                log.warning("what is due waits", reason=str(error))
            except Exception:  # a defect of ours must not stop the clock: it goes round again
                log.exception("the clock met a defect")
            await asyncio.sleep(TICK)


def build_house(settings: Settings, *, articles_now: bool = True) -> House:
    """The words, the articles and the form. Raises ConfigError naming what to mend.

    `articles_now`: read them at once, else when a question needs them: a command that asks none
    works beside broken ones, and does not wait until the search is built."""
    form = Form(Application)
    try:
        wording = read_words(form.names(), ORDERS)
        program = program_values(settings)
        taught = Taught(article_folders(settings))
        shelf = Shelf(taught, stocked(settings), at_once=articles_now)
    except WordingError as error:
        raise ConfigError("words", str(error)) from None
    except ArticleError as error:
        raise ConfigError("articles", str(error)) from None
    return House(
        Script(form, wording, keep_days=settings.privacy.keep_drafts_days),
        Renderer(wording, program),
        shelf,
        taught,
        _composers(wording),
        settings.staff.chat,
        frozenset({"telegram"}),
        settings.staff.morning,
        settings.handoff.sinks,
        settings.staff.roles,
        desk_rules(settings),
        homes={"slack": home_view},
    )


def desk_rules(settings: Settings) -> DeskRules:
    staff, program = settings.staff, settings.program
    own = (program.learn_more_url, program.certification_url, program.application_email)
    return DeskRules(
        timedelta(minutes=staff.claim_minutes),
        timedelta(minutes=staff.ping_minutes),
        tuple(staff.on_call),
        tuple(address for address in own if address),
    )


def article_folders(settings: Settings) -> Folders:
    """The operator's own folders, or those that come with the program."""
    own = settings.knowledge
    return Folders(
        Path(own.articles) if own.articles else ARTICLES,
        Path(own.not_covered) if own.not_covered else NOT_COVERED,
        article_values(settings),
    )


def stocked(settings: Settings) -> Callable[[Sources], Library]:
    """How the search over what was read is built."""
    given = settings.knowledge
    cache = Path(given.cache) if given.cache else user_cache_path("frontdesk", appauthor=False)

    def build(sources: Sources) -> Library:
        return Library(
            sources.articles,
            sources.not_covered,
            encoder=installed_encoder(),
            cost=given.wrong_answer_costs,
            cache=cache / "search",
        )

    return build


async def build(settings: Settings, channels: dict[str, Channel], *, serving: bool) -> App:
    """Put the parts together. ``serving``: be the one process that serves the database."""
    house = await asyncio.to_thread(build_house, settings, articles_now=serving)
    store = await open_store(settings.database, serving=serving)
    return assemble(settings, house, store, channels)


def assemble(
    settings: Settings,
    house: House,
    store: Store,
    channels: dict[str, Channel],
    reaches: Reaches = reaches_all,
    sinks: dict[str, Sink] | None = None,
    clock: Clock | None = None,
    web: Web | None = None,
) -> App:
    """``reaches``: as in ``Courier``. ``clock``: of the deliveries."""
    watch = web.watch if web is not None else Unwatched()
    sinks = sinks or {}

    async def tell_dead(row: OutboxRow, reason: str) -> None:
        staff = house.staff
        if staff is None:
            return
        if (row.channel, row.chat) == (staff.channel, staff.chat):
            if row.kind == "send":  # nobody can be told there
                mend = "see that the bot is in the staff chat, then say there: questions"
                log.error("the staff chat takes no message", reason=reason, mend=mend)
            return

        def job(tx: Transaction) -> list[OutboxRow]:
            if tx.desk.brings_answer(row.id):
                return []  # its question's card says so
            return dead_card(house, tx, reason, utc_now())

        courier.offer(await store.run(job))

    async def tell_undelivered(row: OutboxRow, reason: str) -> None:
        await app.tell_staff(partial(undelivered_card, row, reason))

    def offer(rows: Iterable[OutboxRow]) -> None:
        """Each courier takes what is its own."""
        rows = list(rows)
        courier.offer(rows)
        deliverer.offer(rows)

    def recheck() -> None:
        courier.recheck()
        deliverer.recheck()

    settled = partial(note_settled, house)
    courier = Courier(store, channels, on_dead=tell_dead, on_settled=settled, reaches=reaches)
    errands = {name: Errand(store, sink) for name, sink in sinks.items()}
    deliverer = Courier(store, errands, clock, table=DELIVERIES, on_dead=tell_undelivered)
    door = Door(house, store, offer, recheck, courier.change, watch)
    intake = Intake(door.handle, turned_back=watch.not_stored)
    app = App(settings, house, store, door, courier, intake, channels, sinks, deliverer, web)
    return app


def _composers(wording: Wording) -> dict[str, Compose]:
    """How each channel writes. Pure: a command writes for a channel that it does not run."""
    answer = wording.text(STAFF_LANGUAGE, "buttons.answer")
    return {
        "terminal": compose_terminal,
        "telegram": compose_telegram,
        "slack": partial(compose_slack, answer_label=answer),
    }


def program_values(settings: Settings) -> dict[str, Value]:
    """What any sentence may name: {program}, {company}, {brand}, {privacy}. Where the operator set
    nothing, the words of the language that is spoken stand for it."""
    privacy = settings.privacy
    about: list[Say] = []
    for key in ("controller", "contact"):
        if value := getattr(privacy, key):
            about.append(Say(f"privacy.{key}", {key: value}))
    if privacy.keep_drafts_days:
        about.append(Say("privacy.drafts", {"days": str(privacy.keep_drafts_days)}))
    own = Say("privacy.text") if not privacy.text else Say("privacy.own", {"text": privacy.text})
    values: dict[str, Value] = {"privacy": Lines((own, *about))}
    given = article_values(settings)
    for name, key in (("program", "name"), ("company", "company"), ("brand", "brand")):
        values[name] = given.get(key) or Term(f"program.{key}")
    return values


def article_values(settings: Settings) -> dict[str, str]:
    """What an article may name; for the rest it has words of its own language."""
    return settings.program.model_dump(exclude_defaults=True)
