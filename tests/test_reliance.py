"""An article changes: staff hear of it once, and who relied on the old words is told, once.

On a real store, without channels. What is told and by which words: ``test_citations.py``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.app import article_values
from bot.config import Program, Settings, StaffChat
from bot.conversation import States
from bot.door import Door
from bot.house import House
from bot.messages import Blocked, Incoming
from bot.reliance import FEW, note_articles
from bot.shelf import Shelf
from bot.store import Store, Transaction
from bot.store.rows import OutboxRow
from bot.store.sqlite import open_store
from bot.tallying import EVENTS
from dialogs.events import Informed
from dialogs.machine import step
from knowledge.article import Article
from knowledge.folder import load_articles
from knowledge.library import Library
from knowledge.sources import ARTICLES, Sources
from tests.applications import STRAIGHT
from tests.commands import Done, frontdesk
from tests.play import house
from tests.rig import Platform, rigged
from tests.test_desk import said

ROOT = Path(__file__).parents[1]
GROUP = "-1001"
STAFF = StaffChat("telegram", GROUP)
NOW = "2026-11-22T18:00:00.000Z"
CREDIT, ASKS = "credit-line", "is a credit line necessary?"
NEW = "No credit line is needed any more. [See the page](https://example.com/new)."

_keys = itertools.count(1)


def articles() -> tuple[Article, ...]:
    return house().library.articles


def changed(
    passage: str = NEW, id: str = CREDIT, language: str = "en", version: str = "2" * 12
) -> tuple[Article, ...]:
    """All articles, one of them with other words."""
    return tuple(
        replace(article, passage=passage, version=version)
        if (article.id, article.language) == (id, language)
        else article
        for article in articles()
    )


@dataclass
class Desk:
    path: Path
    staff: StaffChat | None = STAFF
    rows: list[OutboxRow] = field(default_factory=list)
    """all that was ever offered to the courier"""
    store: Store = field(init=False)
    door: Door = field(init=False)

    @property
    def house(self) -> House:
        return replace(house(), staff=self.staff, now=lambda: NOW)

    async def open(self, *, serving: bool = True) -> None:
        self.store = await open_store(self.path, serving=serving)
        self.door = Door(self.house, self.store, self._offer, lambda: None)

    def _offer(self, rows: Iterable[OutboxRow]) -> None:
        self.rows += rows

    async def restart(self) -> None:
        await self.store.close()
        await self.open()

    async def serves(self, articles: tuple[Article, ...]) -> list[str]:
        """These begin to serve -> the cards that staff get."""
        rows = await self.store.run(lambda tx: note_articles(self.house, tx, articles, NOW))
        assert {(row.channel, row.chat) for row in rows} <= {("telegram", GROUP)}
        return [said(row) for row in rows]

    async def says(self, *texts: str, person: str = "7", language: str = "") -> None:
        for text in texts:
            key = f"telegram:{next(_keys)}"
            await self.door.handle(
                Incoming("telegram", key, person, person, key, NOW, text=text, language=language)
            )

    async def informs(self, person: str = "7", article: str = CREDIT) -> str:
        row = await self.store.run(lambda tx: tx.find_conversation("telegram", person))
        return await self.door.inform(row.id if row else 0, article)

    def heard(self, person: str = "7") -> list[str]:
        return [said(row) for row in self.rows if row.chat == person]

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            return database.execute(query, values).fetchall()


@asynccontextmanager
async def desk_on(path: Path, **more: Any) -> AsyncIterator[Desk]:
    desk = Desk(path, **more)
    await desk.open()
    try:
        yield desk
    finally:
        await desk.store.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(tmp_path / "frontdesk.db") as opened:
        await opened.serves(articles())
        yield opened


# What is kept


async def test_each_answer_is_kept_with_the_turn_that_gave_it(desk: Desk) -> None:
    await desk.says("hello", ASKS, "what about money", "do you also repair drones?")
    now = next(a for a in articles() if (a.id, a.language) == (CREDIT, "en"))
    rows = desk.sql(
        "SELECT t.article, t.language, t.version, t.substance, t.at, e.body FROM told AS t"
        " JOIN events AS e ON e.id = t.event AND e.conversation = t.conversation"
    )
    assert [row[:5] for row in rows] == [(CREDIT, "en", now.version, now.substance, NOW)]
    assert ASKS in rows[0][5]


async def test_a_turn_that_is_taken_back_told_nothing(desk: Desk) -> None:
    await desk.says("hello")
    desk.sql("CREATE TRIGGER no BEFORE UPDATE ON conversations BEGIN SELECT RAISE(FAIL, 'no'); END")
    await desk.says(ASKS)
    assert desk.sql("SELECT * FROM told") == []
    assert len(desk.sql("SELECT 1 FROM events WHERE error <> ''")) == 1


async def test_words_of_another_language_than_the_conversations_are_known_as_such(
    desk: Desk,
) -> None:
    await desk.says("apakah perlu jalur kredit?", language="id")
    assert desk.sql("SELECT language FROM told") == [("id",)]


# What staff hear


async def test_staff_get_one_card_with_both_texts_and_how_many_relied(desk: Desk) -> None:
    await desk.says(ASKS, person="visitor")
    await desk.says(ASKS, ASKS, "apply", person="drafting")
    await desk.says(*STRAIGHT, ASKS, person="sent")
    await desk.says(*STRAIGHT, "withdraw", "yes", ASKS, person="withdrawn")
    await desk.says("hello", person="asked nothing")
    (card,) = await desk.serves(changed())
    assert "An article has changed: Credit line (credit-line)" in card
    old = next(a for a in articles() if (a.id, a.language) == (CREDIT, "en")).passage
    assert f"Before (en):\n> {old}" in card
    assert (
        "Now (en):\n> No credit line is needed any more. See the page (https://example.com/new)."
        in card
    )
    assert "People told something else: 2 with an open application, 2 without." in card
    assert "frontdesk knowledge relied credit-line" in card


async def test_the_card_comes_once_over_restarts_and_again_with_the_next_change(
    desk: Desk,
) -> None:
    await desk.says(ASKS)
    assert len(await desk.serves(changed())) == 1
    for _ in range(2):
        await desk.restart()
        assert await desk.serves(changed()) == []
    assert len(await desk.serves(changed("It is otherwise."))) == 1
    assert desk.sql("SELECT count(*) FROM outbox WHERE chat = ?", GROUP) == [(2,)]


async def test_killed_before_the_commit_neither_the_card_nor_the_change_is_known(
    desk: Desk,
) -> None:
    await desk.says(ASKS)

    def killed(tx: Any) -> None:
        note_articles(desk.house, tx, changed(), NOW)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await desk.store.run(killed)
    assert desk.sql("SELECT 1 FROM outbox WHERE chat = ?", GROUP) == []
    assert len(await desk.serves(changed())) == 1


async def test_what_concerns_nobody_is_no_news(desk: Desk) -> None:
    await desk.says("which audited records do I need?")
    assert await desk.serves(changed()) == []


@pytest.mark.parametrize(
    "same",
    [
        {"title": "The credit line", "button": "Credit", "version": "2" * 12},
        {"questions": ("another one?",), "related": (), "updated": "2027-01-01"},
        {"section": "Other"},
    ],
    ids=lambda same: next(iter(same)),
)
async def test_what_does_not_touch_its_substance_is_no_news(
    desk: Desk, same: dict[str, Any]
) -> None:
    await desk.says(ASKS)
    edited = tuple(replace(a, **same) if a.id == CREDIT else a for a in articles())
    assert await desk.serves(edited) == []
    assert desk.sql("SELECT count(*) FROM articles_seen WHERE in_force_since <> ''") == [
        (len(articles()),)
    ]


async def test_put_back_staff_hear_of_those_who_were_told_in_between(desk: Desk) -> None:
    await desk.says(ASKS, person="first")
    await desk.serves(changed())
    assert await desk.informs("first") == "told"
    (card,) = await desk.serves(articles())
    assert "Before (en):\n> No credit line" in card
    assert await desk.informs("first") == "told"
    assert await desk.serves(articles()) == []


async def test_an_article_that_both_languages_change_has_one_card(desk: Desk) -> None:
    await desk.says(ASKS, person="7")
    await desk.says("apakah perlu jalur kredit?", person="8", language="id")
    both = tuple(
        replace(a, passage="Otherwise.", version="2" * 12) if a.id == CREDIT else a
        for a in articles()
    )
    (card,) = await desk.serves(both)
    assert card.index("Before (en)") < card.index("Now (en)") < card.index("Before (id)")


async def test_an_article_that_is_gone_is_told_as_gone(desk: Desk) -> None:
    await desk.says(ASKS)
    without = tuple(a for a in articles() if a.id != CREDIT)
    (card,) = await desk.serves(without)
    assert card.startswith("An article is no longer there: Credit line (credit-line)")
    assert "Now" not in card
    assert await desk.serves(without) == []
    assert await desk.informs() == "already", "there is nothing to say"
    assert await desk.serves(articles()) == [], "it is back, and says what they were told"


async def test_a_setting_that_many_articles_name_makes_one_card(desk: Desk) -> None:
    settings = Settings(program=Program(company="Acme", brand="Roadrunner"))
    filled = load_articles(ARTICLES, article_values(settings))
    now = {(a.id, a.language): a.substance for a in filled}
    concerned = [a for a in articles() if a.substance != now[a.id, a.language]]
    assert len(concerned) > FEW
    await desk.says("hello")

    def told(tx: Transaction) -> None:
        for a in articles():
            tx.told.add(1, a.id, a.language, a.version, a.substance, NOW, 1)

    await desk.store.run(told)
    (card,) = await desk.serves(filled)
    named = set(re.findall(r"\(([a-z-]+)\): 0 with an open application, 1 without", card))
    # The latest that they were told of an article was in Indonesian.
    assert named == {a.id for a in concerned if a.language == "id"}
    assert card.startswith(f"{len(named)} articles have changed")
    assert await desk.serves(filled) == []


async def test_without_a_staff_chat_the_card_waits_for_one(tmp_path: Path) -> None:
    async with desk_on(tmp_path / "frontdesk.db", staff=None) as desk:
        await desk.serves(articles())
        await desk.says(ASKS)
        assert await desk.serves(changed()) == []
        desk.staff = STAFF
        assert len(await desk.serves(changed())) == 1


async def test_an_answer_that_crosses_the_change_is_news_at_the_next_start(desk: Desk) -> None:
    assert await desk.serves(changed()) == []
    await desk.says(ASKS)  # looked up before the change, committed after it
    assert len(await desk.serves(changed())) == 1
    assert await desk.serves(changed()) == []


# Who is told


async def test_a_person_is_told_once_and_the_open_question_follows(desk: Desk) -> None:
    await desk.says("apply", "skip the check", "I agree", ASKS)
    await desk.serves(changed())
    before = len(desk.heard())
    assert [await desk.informs(), await desk.informs()] == ["told", "already"]
    (text,) = desk.heard()[before:]
    assert text.startswith("Earlier, on 2026-11-22, I told you about Credit line. It has changed.")
    assert "No credit line is needed any more." in text
    assert text.rstrip().endswith("which kind of organisation is applying?")
    await desk.says("service business")
    assert "legal name" in desk.heard()[-1]
    assert await desk.store.read(lambda r: r.told.relied(CREDIT)) == []


async def test_the_event_replays_to_the_same_state_without_the_library(desk: Desk) -> None:
    await desk.says(ASKS)
    await desk.serves(changed())
    (was,) = desk.sql("SELECT state FROM conversations")
    await desk.informs()
    ((body,),) = desk.sql("SELECT body FROM events WHERE key LIKE 'inform:%'")
    event = EVENTS.validate_json(body)
    assert isinstance(event, Informed)
    row = await desk.store.run(lambda tx: tx.find_conversation("telegram", "7"))
    assert row is not None
    before = States().parse(replace(row, state=was[0]))
    assert step(house().script, before, event).state == States().parse(row)


async def test_it_is_told_in_the_language_of_the_conversation(desk: Desk) -> None:
    await desk.says(ASKS, "bahasa indonesia")
    await desk.serves(changed())
    assert await desk.informs() == "told"
    assert desk.heard()[-1].startswith("Pada 2026-11-22 saya memberi tahu Anda")
    assert desk.sql("SELECT language FROM told ORDER BY id") == [("en",), ("id",)]
    assert await desk.informs() == "already"


@pytest.mark.parametrize("how", ["said so", "refused"])
async def test_whoever_blocked_the_bot_is_left_alone(desk: Desk, how: str) -> None:
    await desk.says(ASKS)
    await desk.serves(changed())
    if how == "said so":
        await desk.door.handle(Blocked("telegram", "telegram:b", "7", NOW))
    else:
        reason = "bot was blocked by the user"
        desk.sql("UPDATE outbox SET state = 'dead', reason = ? WHERE chat = '7'", reason)
    before = len(desk.heard())
    assert await desk.informs() == "unreachable"
    assert len(desk.heard()) == before


async def test_whoever_was_erased_meanwhile_is_left_alone(desk: Desk) -> None:
    await desk.says(ASKS)
    await desk.serves(changed())
    await desk.says("delete my data", "yes")
    before = len(desk.heard())
    assert await desk.informs() == "erased"
    assert len(desk.heard()) == before
    assert desk.sql("SELECT 1 FROM told") == []


async def test_a_conversation_that_cannot_be_read_stays_as_it_was(desk: Desk) -> None:
    await desk.says(ASKS)
    await desk.serves(changed())
    desk.sql('UPDATE conversations SET state = \'{"phase":"lost"}\'')
    with pytest.raises(ValueError, match="phase"):
        await desk.informs()
    assert desk.sql("SELECT 1 FROM events WHERE key LIKE 'inform:%'") == []


async def test_told_by_two_processes_at_once_each_hears_it_once(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    async with desk_on(path) as serving:
        await serving.serves(articles())
        people = [str(n) for n in range(20)]
        for person in people:
            await serving.says(ASKS, person=person)
        await serving.serves(changed())
        beside = Desk(path)
        await beside.open(serving=False)
        try:
            ends = await asyncio.gather(
                *(desk.informs(person) for person in people for desk in (serving, beside))
            )
        finally:
            await beside.store.close()
        assert sorted(ends) == ["already"] * 20 + ["told"] * 20
        assert messages(path) == dict.fromkeys(people, 1)
        # The serving process goes on from what the other one wrote.
        await serving.says("apply", person="3")
        assert "In operation" in serving.heard("3")[-1] or "reasonable" in serving.heard("3")[-1]


def messages(path: Path) -> dict[str, int]:
    """How many messages with the news each person was written."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT o.chat, count(*) FROM outbox AS o JOIN events AS e ON e.id = o.event"
            " WHERE e.key LIKE 'inform:%' AND o.body LIKE '%No credit line is needed%'"
            " GROUP BY o.chat"
        ).fetchall()
    return dict(rows)


def events(path: Path) -> int:
    """How many people were told so far."""
    with closing(sqlite3.connect(path)) as database:
        told = "SELECT count(*) FROM events WHERE key BETWEEN 'inform:' AND 'inform;'"
        return int(database.execute(told).fetchone()[0])


# The commands


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which four people were told what has changed since."""
    path = tmp_path_factory.mktemp("reliance") / "frontdesk.db"
    asyncio.run(_told(path))
    return path


@pytest.fixture
def folder(talked: Path, tmp_path: Path) -> Path:
    """With a database of its own for each test."""
    shutil.copy(talked, tmp_path / talked.name)
    return tmp_path


async def _told(path: Path) -> None:
    async with desk_on(path) as desk:
        await desk.serves(articles())
        await desk.says(*STRAIGHT, ASKS, person="sent")
        await desk.says(ASKS, "apply", person="drafting")
        await desk.says("apakah perlu jalur kredit?", person="budi", language="id")
        await desk.says(ASKS, "who decides", person="visitor")
        both = tuple(
            replace(a, passage=NEW if a.language == "en" else "Tidak perlu lagi.", version="2" * 12)
            if a.id == CREDIT
            else a
            for a in articles()
        )
        await desk.serves(both)


def good(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def test_relied_lists_the_articles_and_how_many_people(folder: Path) -> None:
    head, *rows = good(frontdesk(folder, "knowledge", "relied")).splitlines()
    assert head.split("\t") == ["article", "last told (UTC)", "people", "open", "says now"]
    assert [row.split("\t") for row in rows] == [
        [CREDIT, "2026-11-22 18:00", "4", "2", "since 2026-11-22 18:00"]
    ]


def test_relied_of_one_names_nobody_but_by_reference_and_shows_no_answer(folder: Path) -> None:
    shown = good(frontdesk(folder, "knowledge", "relied", CREDIT))
    rows = [row.split("\t") for row in shown.splitlines()[1:]]
    assert [row[1] for row in rows] == ["telegram"] * 4
    assert re.fullmatch(r"FD-\w{4}-\w{4}", rows[0][2])
    assert [row[2] for row in rows[1:]] == ["one not sent yet", "no application", "no application"]
    assert [row[3] for row in rows] == ["en", "en", "id", "en"]
    assert "Lembayung" not in shown
    assert "visitor" not in shown


def test_nobody_to_list_and_no_such_article_are_said(folder: Path) -> None:
    assert "Nobody was told anything else than what audits-reviews says now." in good(
        frontdesk(folder, "knowledge", "relied", "audits-reviews")
    )
    for command in ("relied", "inform"):
        done = frontdesk(folder, "knowledge", command, "no-such\x1b[2J")
        assert done.code == 1
        assert "frontdesk knowledge relied" in done.err
        assert "\x1b" not in done.err


def test_inform_shows_the_message_asks_and_tells_each_once(folder: Path) -> None:
    asked = frontdesk(folder, "knowledge", "inform", CREDIT, typed="n\n")
    assert asked.code == 1
    assert "Nothing was sent." in asked.err
    assert "3 people, in en:" in asked.out
    assert "1 person, in id:" in asked.out
    assert "    Earlier, on 2026-11-22, I told you about Credit line. It has changed." in asked.out
    assert "    Tidak perlu lagi." in asked.out
    assert "Send this to 4 people?" in asked.out
    assert messages(folder / "frontdesk.db") == {}

    done = good(frontdesk(folder, "knowledge", "inform", CREDIT, typed="y\n"))
    assert "Told 4 people. The serving process delivers it within two seconds" in done
    assert messages(folder / "frontdesk.db") == {"sent": 1, "drafting": 1, "visitor": 1}
    again = good(frontdesk(folder, "knowledge", "inform", CREDIT, "--yes"))
    assert again == f"Nobody was told anything else than what {CREDIT} says now.\n"


def test_what_changes_while_it_is_read_is_not_sent(folder: Path) -> None:
    path = folder / "frontdesk.db"

    def reads_and_agrees(_: str) -> bool:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(
                "UPDATE articles_seen SET substance = 'other', passage = 'Quite otherwise.'"
                " WHERE article = ? AND in_force_since <> ''",
                [CREDIT],
            )
        return True

    with patch("typer.confirm", reads_and_agrees):
        done = frontdesk(folder, "knowledge", "inform", CREDIT)
    assert done.code == 1
    assert "says something else again since you read it, so 4 people were not told" in done.err
    assert messages(path) == {}
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT 1 FROM outbox WHERE body LIKE '%Quite%'").fetchall() == []


def test_only_those_with_an_open_application_where_that_is_wished(folder: Path) -> None:
    done = good(frontdesk(folder, "knowledge", "inform", CREDIT, "--only-open", "--yes"))
    assert "Told 2 people." in done
    assert messages(folder / "frontdesk.db") == {"sent": 1, "drafting": 1}
    assert "Told 2 people." in good(frontdesk(folder, "knowledge", "inform", CREDIT, "--yes"))
    none = good(frontdesk(folder, "knowledge", "inform", CREDIT, "--only-open", "--yes"))
    assert none.startswith("Nobody with an open application was told")


def test_who_cannot_be_told_is_counted(folder: Path) -> None:
    path = folder / "frontdesk.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE outbox SET state = 'dead', reason = 'user is deactivated' WHERE chat = 'budi'"
        )
        database.execute("UPDATE conversations SET state = '{' WHERE person = 'drafting'")
    done = frontdesk(folder, "knowledge", "inform", CREDIT, "--yes")
    assert done.code == 1
    assert "Told 2 people. Not told, since they have blocked the bot or left: 1." in done.out
    assert "1 person could not be told" in done.err
    assert messages(path) == {"sent": 1, "visitor": 1}


def test_nothing_is_sent_of_an_article_that_is_gone(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database, database:
        database.execute("UPDATE articles_seen SET in_force_since = '' WHERE article = ?", [CREDIT])
    assert "nothing: gone" in good(frontdesk(folder, "knowledge", "relied"))
    done = frontdesk(folder, "knowledge", "inform", CREDIT, "--yes")
    assert done.code == 1
    assert "no longer among the articles" in done.err


def test_killed_in_the_middle_and_run_again_each_is_told_once(folder: Path) -> None:
    path = folder / "frontdesk.db"
    people = {f"p{n}" for n in range(300)}
    with closing(sqlite3.connect(path)) as database, database:
        for person in people:  # all of them stand where the visitor stands
            (id,) = database.execute(
                "INSERT INTO conversations (channel, person, chat, thread, state, created_at,"
                " updated_at) SELECT channel, ?, ?, thread, state, created_at, updated_at"
                " FROM conversations WHERE person = 'visitor' RETURNING id",
                (person, person),
            ).fetchone()
            database.execute(
                "INSERT INTO told (conversation, article, language, version, substance, at, event)"
                " SELECT ?, article, language, t.version, substance, at, event FROM told AS t"
                " JOIN conversations AS c ON c.id = t.conversation"
                " WHERE c.person = 'visitor' AND article = ?",
                (id, CREDIT),
            )
    chance = random.Random()
    for part in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "bot", "knowledge", "inform", CREDIT, "--yes"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            wanted = 1 + 90 * part + chance.randint(0, 40)
            while events(path) < wanted:
                assert process.poll() is None, "it has not told all of them yet"
                time.sleep(0.005)  # to look without a pause would take the processor from it
            process.kill()
    assert 1 <= sum(messages(path).values()) < len(people)
    assert "Told" in good(frontdesk(folder, "knowledge", "inform", CREDIT, "--yes"))
    assert messages(path) == dict.fromkeys({*people, "sent", "drafting", "visitor"}, 1)
    with closing(sqlite3.connect(path)) as database:
        told = database.execute("SELECT count(*) FROM told WHERE version = ?", ["2" * 12])
        assert told.fetchone() == (len(people) + 4,)


# On the platforms


class Fixed:
    """The changed articles, as a shelf takes them."""

    def fingerprint(self) -> str:
        return "changed"

    def read(self) -> Sources:
        return Sources(changed(), {}, self.fingerprint())


def _light(sources: Sources) -> Library:
    return Library(sources.articles)


@pytest.mark.parametrize(("staff", "platform"), [("slack", "telegram"), ("telegram", "slack")])
async def test_a_restart_with_other_articles_shows_staff_a_card_and_the_person_hears_from_a_command(
    tmp_path: Path, staff: Platform, platform: Platform
) -> None:
    async with rigged(tmp_path / "desk.db", staff=staff) as rig:
        amira = rig.applicant(platform)
        await amira.says(ASKS)
        await rig.hears(amira, "Source: Business requirements, B3")
        await rig.stop()
        with patch("tests.rig.house", partial(replace, house(), shelf=Shelf(Fixed(), _light))):
            for _ in range(2):
                await rig.start()
                await rig.staff.card("An article has changed: Credit line")
                await rig.taken()
                await rig.stop()
            await rig.start()
            async with rig.beside() as beside:
                ((person,),) = rig.rows("SELECT id FROM conversations")
                assert await beside.door.inform(person, CREDIT) == "told"
            heard = await rig.hears(amira, "No credit line is needed any more")
            assert "It has changed" in heard
            await amira.says("what did you tell me")
            await rig.hears(amira, "These are the latest answers")
            await amira.taps("Credit line")
            await rig.hears(amira, "No credit line is needed any more")
            assert len(rig.staff.cards("An article has changed")) == 1
