"""What it costs to see whether a new application is one that was there: the marks of it, and the
look through those of all others, in a file of many applications.

Names are made of few words, the common ones very common, as they are: half of the businesses are in
one country. Only so many are made: further applications repeat their names and addresses, with
contacts of their own.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.duplicates import duplicates_of, word_lists
from bot.store.schema import migrate
from bot.store.transaction import SqlTransaction
from dialogs.duplicates import Mark, marks_of
from tests.benchmarks.measure import percentile
from tests.benchmarks.progress import Progress
from tests.play import house

COMMON = (
    "mitra", "jaya", "sinar", "abadi", "cahaya", "karya", "baru", "indo", "prima", "mandiri",
    "makmur", "sejahtera", "maju",
)  # fmt: skip
TRADE = (
    "komputer", "servis", "repair", "phones", "tech", "service", "elektronik", "gadget",
)  # fmt: skip
FORMS = ("PT", "CV", "UD", "Ltd", "LLC", "")
BATCH = 2_000
POOL = 20_000
_RECORD = (
    "INSERT INTO records (reference, conversation, number, submitted_at, changed_at, body)"
    " VALUES (?, ?, 1, '', '', '{}')"
)
_MARK = "INSERT INTO marks (key, reference, conversation, value) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Cost:
    applications: int
    rows: int
    """marks in the file"""
    bytes: int
    marks: tuple[float, float]
    """p50 and p99 of making an application's marks, milliseconds"""
    look: tuple[float, float]
    """... of the look through the others with the marks made, and of reading those shown"""


def measure(applications: int, looks: int, folder: Path) -> Cost:
    chance = random.Random(7)
    words = word_lists(house().script.wording)
    path = folder / "duplicates.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, path)
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA cache_size = -500000")
        db.execute("PRAGMA foreign_keys = OFF")
        tx = SqlTransaction(db.execute)
        pool = [marks_of(_record(chance, n), words) for n in range(min(applications, POOL))]
        progress = Progress("marks", applications)
        for start in range(0, applications, BATCH):
            numbers = range(start, min(start + BATCH, applications))
            db.execute("BEGIN")
            db.executemany(_RECORD, ((f"FD-{number}", number) for number in numbers))
            db.executemany(_MARK, _rows(pool, numbers))
            db.execute("COMMIT")
            progress.to(start)
        progress.done()
        made, looked = [], []
        for number in range(looks):
            record = _record(chance, applications + number)
            began = time.perf_counter()
            marks_of(record, words)
            made.append(time.perf_counter() - began)
            began = time.perf_counter()
            duplicates_of(tx, words, "FD-0", record)
            looked.append(time.perf_counter() - began)
        rows = db.execute("SELECT count(*) FROM marks").fetchone()[0]
    return Cost(applications, rows, path.stat().st_size, _both(made), _both(looked))


def _rows(pool: Sequence[Sequence[Mark]], numbers: range) -> Iterator[tuple[str, str, int, str]]:
    for number in numbers:
        turn, place = divmod(number, len(pool))
        for mark in pool[place]:
            own = f"+{turn}" if turn and mark.rule in ("email", "phone", "domain") else ""
            yield f"{mark.rule}:{mark.key}{own}", f"FD-{number}", number, mark.value


def _both(seconds: list[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    return 1e3 * percentile(ordered, 0.5), 1e3 * percentile(ordered, 0.99)


def _record(chance: random.Random, number: int) -> dict[str, Any]:
    country = (
        "ID" if chance.random() < 0.5 else f"{chance.choice('ABCDEFGH')}{chance.choice('RSTU')}"
    )
    name = " ".join([chance.choice(FORMS), *_name(chance), chance.choice(TRADE)])
    street = f"Jl. {_word(chance)} {_word(chance)} No. {chance.randint(1, 200)}, {_word(chance)}"
    place = {"country": country, "address": street, "phone": f"+62{chance.randint(10**8, 10**9)}"}
    return {
        "legal_name": _leaf(name.strip()),
        "dba": _leaf(_word(chance)),
        "email": _leaf(f"info@{_word(chance)}{number}.co.id"),
        "website": _leaf(f"{_word(chance)}{number}.com"),
        "locations": [{name: _leaf(value) for name, value in place.items()}],
    }


def _name(chance: random.Random) -> Iterator[str]:
    yield chance.choice(COMMON) if chance.random() < 0.5 else _word(chance)
    if chance.random() < 0.7:
        yield chance.choice(COMMON) if chance.random() < 0.3 else _word(chance)


def _word(chance: random.Random) -> str:
    syllables = ("la", "mi", "tar", "ke", "no", "su", "ri", "dan", "wo", "pel", "ha", "ju", "ben")
    return "".join(chance.choice(syllables) for _ in range(chance.randint(2, 4)))


def _leaf(value: str) -> dict[str, str]:
    return {"status": "answered", "value": value}


def text(cost: Cost) -> str:
    each = cost.rows / cost.applications
    return (
        f"duplicates among {cost.applications:,} applications ({cost.rows:,} marks, "
        f"{each:.1f} each; {cost.bytes / 2**20:,.0f} MB), milliseconds p50 / p99: "
        f"marks {cost.marks[0]:.2f} / {cost.marks[1]:.2f}, "
        f"marks and look {cost.look[0]:.2f} / {cost.look[1]:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.duplicates")
    parser.add_argument("--applications", type=int, default=1_000_000)
    parser.add_argument("--looks", type=int, default=500)
    parser.add_argument("--dir", type=Path, default=Path("build"), help="on a real disk")
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.dir) as folder:
        print(text(measure(given.applications, given.looks, Path(folder))))


if __name__ == "__main__":
    main()
