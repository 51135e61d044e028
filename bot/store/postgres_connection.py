"""PostgreSQL's driver: connections, our SQL in its words, what its errors mean for the operator.

Nothing here needs a session: no prepared statements, no advisory locks, no LISTEN, and time-outs
are set inside each transaction. So a proxy may give every transaction another connection.

psycopg's asynchronous pool is not used: a job is a plain function that runs statements one after
the other, the very same on SQLite, so it needs a thread anyway.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.bool import BoolDumper
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from bot.store.driver import Execute, Rows
from bot.store.rows import StoreError, StoreUnavailable

OLDEST = 130000
ATTEMPTS = 8
PATIENCE = 5.0
"""seconds that a transaction waits for a connection, and for a lock"""
LONGEST_STATEMENT = 30.0
LONGEST_PAUSE = 10.0
"""seconds between two statements: then its program lost its network, and its locks are freed"""
LONGEST_REPORT = 600.0

WRITING = (
    "BEGIN ISOLATION LEVEL READ COMMITTED;"
    f"SET LOCAL lock_timeout = '{PATIENCE}s';"
    f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT}s';"
    f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_PAUSE}s'"
)
READING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    f"SET LOCAL statement_timeout = '{LONGEST_REPORT}s';"
    f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_REPORT}s'"
)

_ALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "connect_timeout": 5,
    "application_name": "frontdesk",
}
"""a server that went without a word is noticed within some ten seconds"""

_MENDS = {
    "53100": "has no space left: free space on its server's disk",
    "53200": "found no memory: free some on its server",
    "53300": "takes no more connections: lower store.connections, or raise max_connections there",
    "25P03": "ended a transaction that stood still for long: this machine is overloaded, or"
    " was asleep",
    "25006": "is read-only: name the primary in store.url, or set default_transaction_read_only"
    " off",
    "55P03": "is locked by another program: end that program's transaction",
    "40P01": "is busy: many wait for one another; try again",
    "40001": "is busy: many wait for one another; try again",
    "57014": "took too long: look what keeps its server busy",
    "57P03": "is starting or stopping: wait, or look at its server's log",
    "42501": "refuses what the program does: give its role the rights of the tables' owner",
    "42P01": "lacks a table: restore a backup, or start with an empty database",
    "58030": "met a disk error: check its server's disk and log",
    "XX001": "is damaged: stop the program and restore a backup",
    "XX002": "has a damaged index: REINDEX it",
}
_GONE = "cannot be reached: check that its server runs, and the address in store.url"
_FOR_GOOD = {
    "28P01": "refuses the password: set FRONTDESK_DATABASE_PASSWORD",
    "28000": "refuses the user: check store.url and the server's pg_hba.conf",
    "3D000": "is not there: CREATE DATABASE it, or name another one in store.url",
    "42501": "lets its user make no tables: GRANT CREATE ON SCHEMA public to it",
}
"""at the start: waiting will not help"""
_AGAIN = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

NUL = "\u2400"
"""SYMBOL FOR NULL, for the one character that PostgreSQL takes in no text"""


class Address(NamedTuple):
    conninfo: str
    name: str
    """as people may see it"""


def address(url: str, password: str) -> Address:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    shown = f"{parts.scheme}://{host}{parts.path}"
    given = conninfo_to_dict(url)
    if password:
        given["password"] = password
    return Address(make_conninfo("", **{**_ALIVE, **given}), shown)


def as_kept(text: str) -> str:
    """What no text of PostgreSQL may hold must be neither a failed turn nor a lost message: NUL is
    kept as its symbol, half of a surrogate pair as a character that could not be read."""
    mended = text.replace("\x00", NUL).encode("utf-16", "surrogatepass")
    return mended.decode("utf-16", "replace")


class _Text(StrDumperUnknown):
    """... wherever one is written or looked for."""

    def dump(self, obj: str) -> Any:
        try:
            return super().dump(obj)
        except (psycopg.DataError, UnicodeEncodeError):
            return super().dump(as_kept(obj))


class _Truth(BoolDumper):
    """A truth value is a number, as on SQLite."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"


def _adapt(connection: psycopg.Connection[Any]) -> None:
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_dumper(bool, _Truth)
    connection.prepare_threshold = None  # a prepared statement would be the session's


@lru_cache(1024)
def translated(sql: str) -> str:
    """Our placeholders in the driver's words. No text of ours holds a ``?`` of its own."""
    return sql.replace("%", "%%").replace("?", "%s")


def connect(at: Address) -> psycopg.Connection[Any]:
    """One connection in autocommit. Raises StoreError, or StoreUnavailable."""
    try:
        connection = psycopg.connect(at.conninfo, autocommit=True)
    except psycopg.Error as error:
        raise _refused(error, at.name) from None
    _adapt(connection)
    return connection


def check_server(connection: psycopg.Connection[Any], name: str) -> None:
    """Raises StoreError where it is none that we can use."""
    if connection.info.server_version < OLDEST:
        raise StoreError(
            f"The database {name} is PostgreSQL {connection.info.server_version // 10000}; at "
            f"least {OLDEST // 10000} is needed: upgrade the server."
        )
    row = connection.execute("SELECT current_setting('server_encoding')").fetchone()
    if row is None or row[0] != "UTF8":
        raise StoreError(
            f"The database {name} keeps its text as {row[0] if row else '?'}: make one with "
            "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
        )


def _refused(error: psycopg.Error, name: str) -> StoreError | StoreUnavailable:
    text = str(error)
    code = error.sqlstate or ""
    if not code:  # a refusal to connect comes without its code
        for known, words in (
            ("28P01", "password authentication failed|no password supplied"),
            ("28000", "no pg_hba.conf entry|role .* does not exist|authentication failed"),
            ("3D000", "database .* does not exist"),
        ):
            if re.search(words, text):
                code = known
                break
    if code in _FOR_GOOD:
        return StoreError(f"The database {name} {_FOR_GOOD[code]}. ({code})")
    return unavailable(error, name) or StoreUnavailable(f"The database {name} {_GONE}.")


def unavailable(error: BaseException, name: str) -> StoreUnavailable | None:
    """The operator's sentence where the database is what is wrong; None where our SQL is."""
    if isinstance(error, PoolTimeout | PoolClosed):
        return StoreUnavailable(f"The database {name} {_GONE}.")
    if not isinstance(error, psycopg.Error):
        return None
    code = error.sqlstate or ""
    mend = _MENDS.get(code)
    if mend is None and is_gone(error):
        mend = _GONE
    return (
        StoreUnavailable(f"The database {name} {mend}. ({code or 'no answer'})") if mend else None
    )


def is_gone(error: BaseException) -> bool:
    """The connection is lost; another one may do."""
    if isinstance(error, psycopg.errors.IdleInTransactionSessionTimeout):
        return True  # to the driver an error of ours; but we stood still, as a machine may
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    code = error.sqlstate or ""
    return not code or code.startswith(("08", "57P"))


def is_again(error: BaseException) -> bool:
    """Two transactions were in each other's way, and this one was taken back."""
    return isinstance(error, _AGAIN)


def _without_values(error: psycopg.Error) -> psycopg.Error:
    """The server's own text quotes what was written, and would stand in a log."""
    about = (error.sqlstate, error.diag.table_name, error.diag.constraint_name)
    return type(error)(" ".join(filter(None, about)) or type(error).__name__)


class Connections:
    """A pool of them. Threads borrow one for a transaction. ``unanswered`` is called where a COMMIT
    got no answer, so that nobody knows whether it was done."""

    def __init__(
        self, at: Address, most: int, unanswered: Callable[[], None] = lambda: None
    ) -> None:
        self.name = at.name
        self._unanswered = unanswered
        self._pool = ConnectionPool(
            at.conninfo,
            min_size=1,
            max_size=most,
            timeout=PATIENCE,
            max_idle=120.0,
            reconnect_timeout=PATIENCE,
            kwargs={"autocommit": True},
            configure=_adapt,
            open=False,
            name="frontdesk",
        )
        self._pool.open()

    def close(self) -> None:
        self._pool.close(timeout=PATIENCE)

    def write(self, work: Callable[[Execute], Any]) -> Any:
        """``work`` in one transaction; again where two were in each other's way, or the connection
        was lost before anything can have been committed. Raises ``StoreUnavailable``, and what
        ``work`` raises."""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(random.random() * 0.02 * 2**attempt)  # noqa: S311 - no secret
            committing = False
            try:
                with self._borrowed() as connection:
                    connection.execute(WRITING)
                    value = work(executing(connection))
                    committing = True
                    connection.execute("COMMIT")
                    return value
            except psycopg.Error as error:
                if is_again(error) and attempt < ATTEMPTS - 1:
                    continue
                if is_gone(error) and not committing and attempt < 2:
                    self._pool.check()  # the other idle ones may be lost like it
                    continue
                if is_gone(error) and committing:
                    self._unanswered()
                raise unavailable(error, self.name) or _without_values(error) from None
            except (PoolTimeout, PoolClosed) as error:
                raise unavailable(error, self.name) or error from error
        raise AssertionError("every attempt returns or raises")

    def read(self, report: Callable[[Execute], Any]) -> Any:
        """On one snapshot that cannot be written to."""
        try:
            with self._borrowed() as connection:
                connection.execute(READING)
                return report(lambda sql, values: _Report(connection, sql, values))
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            raise unavailable(error, self.name) or error from error

    def tidy(self, tables: str) -> None:
        """Have the server use again what deleted rows took. Not inside a transaction."""
        try:
            with self._borrowed() as connection:
                connection.execute(f"VACUUM (SKIP_LOCKED) {tables}")
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            raise unavailable(error, self.name) or error from error

    @contextmanager
    def _borrowed(self) -> Iterator[psycopg.Connection[Any]]:
        connection = self._pool.getconn()
        try:
            yield connection
        finally:
            if not connection.closed and connection.info.transaction_status:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
            self._pool.putconn(connection)


def load(
    connection: psycopg.Connection[Any],
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Add many rows to one of our tables, in one transaction."""
    into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    try:
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise _without_values(error) from None


def executing(connection: psycopg.Connection[Any]) -> Execute:
    def execute(sql: str, values: tuple[object, ...]) -> Rows:
        return connection.execute(translated(sql), values)  # type: ignore[no-any-return, call-overload, unused-ignore]

    return execute


def asked(
    connection: psycopg.Connection[Any], sql: str, values: tuple[object, ...]
) -> list[tuple[Any, ...]]:
    """The rows of a statement that may have none; without values it may be several."""
    try:
        cursor = connection.execute(translated(sql) if values else sql, values or None)  # type: ignore[call-overload, unused-ignore]
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise _without_values(error) from None


class _Report:
    """The rows of a report, asked for when it is known how: all at once, or, where they are gone
    through, some at a time, since an export is larger than memory."""

    def __init__(
        self, connection: psycopg.Connection[Any], sql: str, values: tuple[object, ...]
    ) -> None:
        self._connection = connection
        self._asked: tuple[Any, tuple[object, ...]] = (translated(sql), values)

    @property
    def rowcount(self) -> int:
        return self._connection.execute(*self._asked).rowcount

    def fetchone(self) -> Any:
        return self._connection.execute(*self._asked).fetchone()

    def fetchall(self) -> list[Any]:
        return self._connection.execute(*self._asked).fetchall()

    def __iter__(self) -> Iterator[Any]:
        with self._connection.cursor(f"report_{id(self)}") as cursor:
            cursor.itersize = 500
            cursor.execute(*self._asked)
            yield from cursor
