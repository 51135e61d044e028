"""``frontdesk backup``: a copy while the program is at it, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from bot.commands.backing import backup
from bot.config import Settings, Store
from bot.store.rows import StoreError
from bot.store.sqlite import open_store
from bot.store.sqlite_backup import back_up
from tests.commands import frontdesk
from tests.web_rig import web_rigged


def settings(path: Path) -> Settings:
    return Settings(store=Store(url=f"sqlite:///{path}"))


def query(path: Path, text: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


def there(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def fill(path: Path, rows: int) -> None:
    """Make the file large enough that copying it takes many steps."""
    connection = sqlite3.connect(path)
    connection.executemany(
        "INSERT INTO events (key, body, platform_at, received_at) VALUES (?, ?, '', '')",
        ((f"filler:{n}", "x" * 2000) for n in range(rows)),
    )
    connection.commit()
    connection.close()


async def test_a_copy_under_load_is_whole_and_holds_all_that_was_acknowledged_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "frontdesk.db"
    async with web_rigged(path) as rig:
        await asyncio.to_thread(fill, path, 20_000)
        people = [rig.applicant("telegram", n, f"P{n}") for n in range(8)]
        stop = asyncio.Event()

        async def talk() -> None:
            while not stop.is_set():
                for person in people:
                    await person.says("hello")
                await rig.until(lambda: len(rig.telegram.pending) < 8)

        def acknowledged() -> set[str]:
            posts = rig.telegram.posting.posts
            return {f"telegram:{post.update}" for post in posts if post.status == 200}

        talking = asyncio.create_task(talk())
        copies = []
        for number in range(3):
            await rig.until(lambda number=number: len(acknowledged()) > 20 * (number + 1))  # type: ignore[misc]  # bound at once
            before = acknowledged()
            copy = tmp_path / f"backup-{number}.db"
            await backup(settings(path), copy)
            copies.append((copy, before, acknowledged()))
        stop.set()
        await talking
        await rig.taken()
    # Turns went on meanwhile; a copy may fall between two of them.
    assert any(len(after) > len(before) for _, before, after in copies)
    for copy, before, _ in copies:
        assert query(copy, "PRAGMA integrity_check") == [("ok",)]
        kept = {key for (key,) in query(copy, "SELECT key FROM events")}
        assert before <= kept
        assert query(copy, "SELECT count(*) FROM events WHERE key LIKE 'filler:%'") == [(20_000,)]
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        # Each event of the copy has its answer in the copy: it is of one moment.
        alone = "SELECT count(*) FROM conversations AS c WHERE c.version <> (SELECT count(*) FROM"
        assert query(copy, f"{alone} events AS e WHERE e.conversation = c.id)") == [(0,)]
    assert there(tmp_path, "backup*") == ["backup-0.db", "backup-1.db", "backup-2.db"]


async def test_a_restored_copy_is_served_as_the_database_was(tmp_path: Path) -> None:
    """Stop, put the file where the database was, start."""
    path, copy = tmp_path / "frontdesk.db", tmp_path / "backup.db"
    async with web_rigged(path) as rig:
        amira = rig.applicant("telegram")
        await amira.says("hello")
        await rig.hears(amira)
        await rig.taken()
        await backup(settings(path), copy)
        await rig.end(rig.replicas[0])
        for left in there(tmp_path, "frontdesk.db*"):
            (tmp_path / left).unlink()
        copy.rename(path)
        await rig.replica()
        heard = len(amira.heard)
        await amira.says("apply")
        await rig.until(lambda: len(amira.heard) > heard)
        await rig.taken()
        bodies = rig.rows("SELECT body FROM events ORDER BY id")
        assert [json.loads(body)["text"] for (body,) in bodies] == ["hello", "apply"]


async def test_it_writes_over_nothing_and_says_so(tmp_path: Path) -> None:
    path, copy = tmp_path / "frontdesk.db", tmp_path / "backup.db"
    await (await open_store(path, serving=False)).close()
    copy.write_text("precious")
    with pytest.raises(StoreError, match="is there already: name another file"):
        await backup(settings(path), copy)
    assert copy.read_text() == "precious"
    (tmp_path / "other.db.part").write_text("half")
    with pytest.raises(StoreError, match="broken off"):
        await backup(settings(path), tmp_path / "other.db")
    assert (tmp_path / "other.db.part").read_text() == "half"
    with pytest.raises(StoreError, match="cannot be made"):
        await backup(settings(path), tmp_path / "nowhere" / "backup.db")


async def test_a_damaged_database_gives_no_copy(tmp_path: Path) -> None:
    path, copy = tmp_path / "frontdesk.db", tmp_path / "backup.db"
    await (await open_store(path, serving=False)).close()
    fill(path, 500)
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 2, len(content) - 4096, 4096):
        content[place : place + 200] = b"\xff" * 200
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        back_up(path, copy, lambda *_: None)
    assert there(tmp_path, "backup*") == []


async def test_the_command_says_how_much_it_copied_and_check_accepts_the_copy(
    tmp_path: Path,
) -> None:
    await (await open_store(tmp_path / "frontdesk.db", serving=False)).close()
    told: list[tuple[int, int]] = []
    fill(tmp_path / "frontdesk.db", 3000)
    back_up(tmp_path / "frontdesk.db", tmp_path / "a.db", lambda *now: told.append(now))
    assert len(told) > 1
    assert told[-1][0] == told[-1][1]
    done = await asyncio.to_thread(frontdesk, tmp_path, "backup", "b.db")
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("MB, checked.\n")
    (tmp_path / "config.toml").write_text('[store]\nurl = "sqlite:///b.db"\n')
    checked = await asyncio.to_thread(frontdesk, tmp_path, "check")
    assert "b.db can be written" in checked.out
    missing = await asyncio.to_thread(frontdesk, tmp_path, "--config", "none.toml", "backup", "c")
    assert missing.code == 2
