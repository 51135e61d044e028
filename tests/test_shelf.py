"""Articles that change while the program runs: taken whole, or refused and the old ones stay."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot import shelf as shelf_module
from bot.app import App, article_folders, assemble, build, build_house
from bot.app import stocked as stocked_with
from bot.channels import Take
from bot.config import Knowledge, Settings, StaffChat, Store
from bot.environment import ConfigError
from bot.messages import Delivered, Incoming, Outcome
from bot.shelf import Refreshed, Refused, Shelf
from bot.store.databases import open_store
from bot.store.rows import OutboxRow, StoreUnavailable
from knowledge.article import MAX_FILE, ArticleError
from knowledge.library import Library
from knowledge.sources import ARTICLES, Folders, Sources

STAFF = StaffChat("telegram", "-1001")
NOW = "2026-11-22T18:00:00.000Z"
QUESTION = "do I need a credit line?"
OLD, NEW = "It must be agreed with", "A line of credit is what we ask for."
REFUSAL = "Changed articles were refused"

_keys = itertools.count(1)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of an operator's own with three articles."""
    folder = tmp_path / "articles"
    (folder / "en").mkdir(parents=True)
    for name in ("credit-line.md", "audited-records.md", "website.md", "words.toml"):
        text = (ARTICLES / "en" / name).read_text(encoding="utf-8")
        lines = [x if not x.startswith("related") else "related = []" for x in text.split("\n")]
        (folder / "en" / name).write_text("\n".join(lines), encoding="utf-8")
    return folder


stocked = stocked_with(Settings())


def credit_line(articles: Path) -> Path:
    return articles / "en" / "credit-line.md"


def reword(articles: Path, passage: str) -> None:
    """Save the article with another passage."""
    file = credit_line(articles)
    head = file.read_text(encoding="utf-8").rpartition("+++\n")[0]
    file.write_text(f"{head}+++\n{passage}\n", encoding="utf-8")


def folders(articles: Path) -> Folders:
    return Folders(articles, None, {})


def passage(shelf: Shelf) -> str:
    article = shelf.library.get("credit-line", "en")
    assert article is not None
    return article.passage


# --- one look after the other ---


async def test_a_change_is_taken_when_two_looks_agree(articles: Path) -> None:
    shelf = Shelf(folders(articles), stocked)
    assert await shelf.refresh() is None
    reword(articles, NEW)
    assert await shelf.refresh() is None
    assert OLD in passage(shelf)
    assert await shelf.refresh() == Refreshed(3)
    assert passage(shelf) == NEW
    assert shelf.library.find(QUESTION, "en").matches[0].article.passage == NEW
    assert await shelf.refresh() is None


async def test_a_save_in_two_steps_is_never_served_half(articles: Path) -> None:
    shelf = Shelf(folders(articles), stocked)
    whole = credit_line(articles).read_text(encoding="utf-8").replace(OLD, "First agree it with")
    credit_line(articles).write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert await shelf.refresh() is None
    credit_line(articles).write_text(whole, encoding="utf-8")
    assert await shelf.refresh() is None
    assert await shelf.refresh() == Refreshed(3)
    assert "First agree it with" in passage(shelf)


async def test_what_moves_while_it_is_read_is_read_again_later(articles: Path) -> None:
    class Moving(Folders):
        """Its file is saved again just when it is read."""

        def read(self) -> Sources:
            found = super().read()
            if moves:
                reword(self.articles, moves.pop())
            return found

    moves: list[str] = []
    shelf = Shelf(Moving(articles, None, {}), stocked)
    reword(articles, "A first try, which is longer than the second.")
    moves.append(NEW)
    assert [await shelf.refresh() for _ in range(4)] == [None, None, None, Refreshed(3)]
    assert passage(shelf) == NEW


def missing_questions(articles: Path) -> None:
    file = credit_line(articles)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("questions = [", "questionz = ["), encoding="utf-8")


def binary(articles: Path) -> None:
    (articles / "en" / "photo.md").write_bytes(bytes(range(256)) * 40)


def ten_megabytes(articles: Path) -> None:
    text = credit_line(articles).read_text(encoding="utf-8")
    for number in range(10_000_000 // 19_000 + 1):
        name = f"copy-{number}.md"
        (articles / "en" / name).write_text(text + " " * (19_000 - len(text)), encoding="utf-8")


def one_large_file(articles: Path) -> None:
    credit_line(articles).write_text("x" * (4 * MAX_FILE + 1), encoding="utf-8")


def a_pipe(articles: Path) -> None:
    os.mkfifo(articles / "en" / "pipe.md")  # opening one would wait for ever


def gone(articles: Path) -> None:
    shutil.rmtree(articles)


def dead_link(articles: Path) -> None:
    (articles / "en" / "lost.md").symlink_to(articles / "nowhere.md")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (missing_questions, "en/credit-line.md: add the missing key questions"),
        (binary, "en/photo.md: save the file as UTF-8"),
        (ten_megabytes, "holds more than"),
        (one_large_file, "en/credit-line.md: too large; cut or split it"),
        (a_pipe, "pipe.md: is no file"),
        (gone, "cannot be read"),
        (dead_link, "lost.md: cannot be read"),
    ],
)
async def test_what_is_broken_is_refused_once_and_the_old_articles_stay(
    spoil: Callable[[Path], None], told: str, articles: Path
) -> None:
    shelf = Shelf(folders(articles), stocked)
    before = shelf.library
    spoil(articles)
    assert await shelf.refresh() is None
    refused = await shelf.refresh()
    assert isinstance(refused, Refused)
    assert told in refused.reason
    assert shelf.refused == refused.reason
    assert [await shelf.refresh() for _ in range(3)] == [None] * 3
    assert shelf.library is before


async def test_a_mistake_that_is_mended_is_taken_and_one_made_again_is_told_again(
    articles: Path,
) -> None:
    shelf = Shelf(folders(articles), stocked)
    sound = credit_line(articles).read_text(encoding="utf-8")
    for _ in range(2):
        missing_questions(articles)
        assert isinstance([await shelf.refresh() for _ in range(2)][1], Refused)
        os.utime(credit_line(articles), (1, 1))  # saved again as it was
        assert [await shelf.refresh() for _ in range(3)] == [None] * 3
        credit_line(articles).write_text(sound, encoding="utf-8")
        assert [await shelf.refresh() for _ in range(2)] == [None, Refreshed(3)]
        assert shelf.refused == ""


async def test_a_defect_in_the_search_keeps_the_old_articles(articles: Path) -> None:
    def build(sources: Sources) -> Library:
        if any(article.passage == NEW for article in sources.articles):
            raise ZeroDivisionError
        return stocked(sources)

    shelf = Shelf(folders(articles), build)
    reword(articles, NEW)
    await shelf.refresh()
    assert await shelf.refresh() == Refused("they could not be built (ZeroDivisionError)")
    assert OLD in passage(shelf)


@pytest.mark.parametrize("name", [".credit-line.md.swp", "credit-line.md~", ".#notes.md", "4913"])
async def test_an_editor_s_own_files_change_nothing(name: str, articles: Path) -> None:
    shelf = Shelf(folders(articles), stocked)
    (articles / "en" / name).write_bytes(b"\x00\xff")
    assert [await shelf.refresh() for _ in range(3)] == [None] * 3


async def test_not_covered_questions_and_the_words_of_a_language_are_looked_at_too(
    articles: Path, tmp_path: Path
) -> None:
    lists = tmp_path / "not_covered"
    lists.mkdir()
    source = Folders(articles, lists, {})
    seen = [source.fingerprint()]
    (lists / "en.md").write_text("## Money\n> Not said.\n- how much is it?\n", encoding="utf-8")
    seen.append(source.fingerprint())
    assert [item.question for item in source.read().not_covered["en"]] == ["how much is it?"]
    os.utime(articles / "en" / "words.toml", (1, 1))
    seen.append(source.fingerprint())
    assert len(set(seen)) == 3
    shutil.rmtree(lists)
    with pytest.raises(ArticleError, match="not_covered: cannot be read; name a folder"):
        source.read()


async def test_a_refusal_that_could_not_be_told_is_told_later(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "LOOK", 0.001)
    shelf = Shelf(folders(articles), stocked)
    told: list[str] = []
    arrived = asyncio.Event()

    async def tell(found: Refreshed | Refused) -> None:
        assert isinstance(found, Refused)
        told.append(found.reason)
        if len(told) == 1:
            raise StoreUnavailable("a test took it away")
        arrived.set()

    missing_questions(articles)
    keeping = asyncio.create_task(shelf.keep(tell))
    await asyncio.wait_for(arrived.wait(), 60)
    keeping.cancel()
    assert told == [shelf.refused] * 2


# --- the whole program ---


@dataclass
class Platform:
    """Takes every message of the bot; nobody speaks in it."""

    name: str = "telegram"
    sent: list[tuple[str, str]] = field(default_factory=list)
    """(chat, text), oldest first"""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def send(self, row: OutboxRow) -> Outcome:
        self.sent.append((row.chat, str(json.loads(row.body)["plain"]["text"])))
        async with self._news:
            self._news.notify_all()
        return Delivered(str(row.id))

    async def check(self) -> str:
        return self.name

    async def close(self) -> None: ...

    async def heard(self, chat: str, count: int) -> str:
        """The newest message to this chat, once there are so many."""
        async with self._news:
            await asyncio.wait_for(
                self._news.wait_for(lambda: len(self.to(chat)) >= count), timeout=60
            )
        return self.to(chat)[-1]

    def to(self, chat: str) -> list[str]:
        return [text for to, text in self.sent if to == chat]


@dataclass
class Bot:
    app: App
    platform: Platform

    async def asked(self, question: str = QUESTION) -> str:
        """-> what the bot answers"""
        key, before = f"telegram:{next(_keys)}", len(self.platform.to("7"))
        await self.app.door.handle(
            Incoming("telegram", key, "7", "7", key, NOW, text=question, kind="said")
        )
        return await self.platform.heard("7", before + 1)

    async def swapped(self) -> None:
        shelf = self.app.house.shelf
        await asyncio.wait_for(shelf.swapped.wait(), 20)
        shelf.swapped.clear()


@contextlib.asynccontextmanager
async def serving(
    tmp_path: Path, articles: Path, build: Callable[[Sources], Library] = stocked
) -> AsyncIterator[Bot]:
    settings = Settings(
        knowledge=Knowledge(articles=str(articles)),
        store=Store(url=f"sqlite:///{tmp_path / 'frontdesk.db'}"),
    )
    house = replace(
        build_house(settings), staff=STAFF, shelf=Shelf(article_folders(settings), build)
    )
    store = await open_store(settings.database, serving=True)
    platform = Platform()
    app = assemble(settings, house, store, {"telegram": platform})
    task = asyncio.create_task(app.serve())
    try:
        yield Bot(app, platform)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await app.close()


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "LOOK", 0.01)


async def test_the_next_question_gets_the_new_words_without_a_restart(
    tmp_path: Path, articles: Path
) -> None:
    async with serving(tmp_path, articles) as bot:
        assert OLD in await bot.asked()
        reword(articles, NEW)
        await bot.swapped()
        assert NEW in await bot.asked()
        card = await bot.platform.heard(STAFF.chat, 1)
        assert card.startswith("An article has changed: Credit line"), "somebody was told the old"


async def test_staff_see_one_card_of_a_broken_article_and_the_old_ones_answer_on(
    tmp_path: Path, articles: Path
) -> None:
    async with serving(tmp_path, articles) as bot:
        sound = credit_line(articles).read_text(encoding="utf-8")
        missing_questions(articles)
        card = await bot.platform.heard(STAFF.chat, 1)
        assert card.startswith(f"{REFUSAL}, and the old ones still answer: en/credit-line.md: add")
        assert OLD in await bot.asked()
        credit_line(articles).write_text(sound.replace(OLD, NEW), encoding="utf-8")
        await bot.swapped()
        assert NEW in await bot.asked()
        await bot.platform.heard(STAFF.chat, 2)  # that the article has changed
        assert sum(told.startswith(REFUSAL) for told in bot.platform.to(STAFF.chat)) == 1


async def test_a_command_that_asks_nothing_works_beside_broken_articles(
    tmp_path: Path, articles: Path
) -> None:
    settings = Settings(
        knowledge=Knowledge(articles=str(articles)),
        store=Store(url=f"sqlite:///{tmp_path / 'frontdesk.db'}"),
    )
    missing_questions(articles)
    with pytest.raises(ConfigError, match=r"articles: en/credit-line\.md: add the missing key"):
        await build(settings, {}, serving=True)
    app = await build(settings, {}, serving=False)
    try:
        key = f"telegram:{next(_keys)}"
        await app.door.handle(Incoming("telegram", key, "7", "7", key, NOW, text="hello"))
        assert await app.store.read(lambda reports: reports.failures()) == []
        assert await app.door.erase(1)
        with pytest.raises(ArticleError):
            _ = app.house.library
    finally:
        await app.close()


async def test_questions_are_answered_from_the_old_articles_while_the_new_ones_are_built(
    tmp_path: Path, articles: Path
) -> None:
    building, go = threading.Event(), threading.Event()

    def build(sources: Sources) -> Library:
        if any(article.passage == NEW for article in sources.articles):
            building.set()
            assert go.wait(20)
        return stocked(sources)

    async with serving(tmp_path, articles, build) as bot:
        reword(articles, NEW)
        assert await asyncio.to_thread(building.wait, 20)
        assert OLD in await bot.asked()
        go.set()
        await bot.swapped()
        assert NEW in await bot.asked()


def test_a_stop_does_not_wait_for_what_is_being_built(articles: Path) -> None:
    building, go, over = (threading.Event() for _ in range(3))

    def build(sources: Sources) -> Library:
        if any(article.passage == NEW for article in sources.articles):
            building.set()
            go.wait(20)
            over.set()
        return stocked(sources)

    async def serve() -> None:
        shelf = Shelf(folders(articles), build)
        reword(articles, NEW)
        keeping = asyncio.create_task(shelf.keep(nobody))
        assert await asyncio.to_thread(building.wait, 20)
        keeping.cancel()

    async def nobody(found: Refreshed | Refused) -> None: ...

    asyncio.run(serve())
    assert not over.is_set()
    go.set()
    assert over.wait(20)
