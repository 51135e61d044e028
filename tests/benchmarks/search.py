"""What a search costs: its questions, its building, its memory; beside rapidfuzz in the same run.

``python -m tests.benchmarks.search`` with an order on stdin is one library in a process of its own,
whose figures it prints; ``make bench`` starts one for each. One that is too large for the machine
ends by itself and says so.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rapidfuzz import fuzz, process, utils

from tests import made_library
from tests.benchmarks import shelves
from tests.benchmarks.measure import percentile
from tests.benchmarks.memory import resident_most, resident_now
from tests.benchmarks.progress import Progress
from tests.benchmarks.startup import Start, start

MOST_MEMORY = 8 * 2**30
"""bytes that a process may ask for"""
MOST_SECONDS = 900

Side = Literal["ours", "rapidfuzz"]
Ask = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Sizes:
    cases: Sequence[tuple[int, int]]
    """articles, examples of each"""
    questions: int
    """of a round"""
    rounds: int
    starts: int


FULL = Sizes(((30, 5), (30, 20), (300, 5), (300, 20), (1000, 5), (1000, 20)), 300, 5, 3)
QUICK = Sizes(((30, 5), (300, 5)), 100, 2, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """One process's work. side: what is built and whose memory is looked at. cache: a place for
    what is learnt, "" for none. rounds: of questions, put to both sides in turn."""

    side: Side
    articles: int
    examples: int
    questions: int = 0
    rounds: int = 0
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds of one round's questions."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Built:
    """seconds: of building, and of processor time for it, which is steadier on a busy machine.
    before, after, most: bytes of the process; ``most`` while building."""

    seconds: float
    processor: float
    before: int
    after: int
    most: int
    ours: tuple[Asked, ...] = ()
    rapidfuzz: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """plain: without a cache; filling: with an empty one; cached: with what that left there. A text
    says why there is none."""

    articles: int
    examples: int
    plain: Built | str
    filling: Built | str
    cached: Built | str
    rapidfuzz: Built | str


@dataclass(frozen=True, slots=True)
class Search:
    sizes: Sizes
    source: str
    cases: Sequence[Case]
    starts: Sequence[tuple[Start, Start]]
    """of the program, in a new folder and again in the same"""

    def json(self) -> dict[str, Any]:
        return asdict(self)


def measure(sizes: Sizes, folder: Path) -> Search:
    source = shelves.source()
    cases, progress = [], Progress("search", len(sizes.cases))
    for nth, (articles, examples) in enumerate(sizes.cases):
        cases.append(_case(sizes, articles, examples, folder))
        progress.to(nth + 1)
    progress.done()
    starts, progress = [], Progress("start-up, twice in a folder", sizes.starts)
    for nth in range(sizes.starts):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            starts.append((start(Path(home)), start(Path(home))))
        progress.to(nth + 1)
    progress.done()
    return Search(sizes, source, cases, starts)


def _case(sizes: Sizes, articles: int, examples: int, folder: Path) -> Case:
    plain = in_its_own_process(Order("ours", articles, examples, sizes.questions, sizes.rounds))
    filling: Built | str = "the library keeps no cache"
    cached = filling
    if isinstance(plain, Built):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            order = Order("ours", articles, examples, cache=str(Path(place) / "learnt"))
            filling, cached = in_its_own_process(order), in_its_own_process(order)
    peer = in_its_own_process(Order("rapidfuzz", articles, examples))
    return Case(articles, examples, plain, filling, cached, peer)


def in_its_own_process(order: Order, seconds: float = MOST_SECONDS) -> Built | str:
    """The figures, or why there are none."""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.search"],
            input=json.dumps(asdict(order)),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took more than {seconds:.0f} s"
    if ran.returncode != 0:
        last = (ran.stderr.strip() or f"ended with {ran.returncode}").split("\n")[-1]
        return f"more than {MOST_MEMORY / 2**30:.0f} GB" if "MemoryError" in last else last
    found = json.loads(ran.stdout)
    ours, rapidfuzz = (tuple(Asked(*pair) for pair in found.pop(side)) for side in BUILD)
    return Built(**found, ours=ours, rapidfuzz=rapidfuzz)


def carry_out(order: Order) -> dict[str, Any]:
    """As ``Built`` has it, ready for JSON."""
    source = shelves.source()
    shelf = shelves.shelf(order.articles, order.examples, source)
    questions = shelves.asked(order.questions, source)
    gc.collect()
    before = resident_now()
    processor, began = time.process_time(), time.perf_counter()
    built = BUILD[order.side](shelf, order.cache)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    gc.collect()
    after, most = resident_now(), resident_most()
    rounds: dict[str, list[Asked]] = {side: [] for side in BUILD}
    if order.rounds:
        asks = {"ours": built, "rapidfuzz": BUILD["rapidfuzz"](shelf, "")}
        for _ in range(order.rounds):
            for side, asked in _round(asks, questions).items():
                rounds[side].append(asked)
    figures = {"seconds": seconds, "processor": processor}
    figures |= {"before": before, "after": after, "most": most}
    return figures | {side: [(a.p50, a.p99) for a in some] for side, some in rounds.items()}


def _round(asks: Mapping[str, Ask], questions: Sequence[str]) -> dict[str, Asked]:
    """Each question is put to one side and then to the other."""
    took: dict[str, list[float]] = {side: [] for side in asks}
    for text in questions:
        for side, ask in asks.items():
            began = time.perf_counter()
            ask(text)
            took[side].append(1e3 * (time.perf_counter() - began))
    return {
        side: Asked(percentile(some, 0.5), percentile(some, 0.99))
        for side, some in zip(took, map(sorted, took.values()), strict=True)
    }


def _ours(shelf: Sequence[Sequence[str]], cache: str) -> Ask:
    articles = [made_library.article(number, some) for number, some in enumerate(shelf)]
    library = made_library.make(articles, cache=Path(cache) if cache else None)
    library.prepare()
    return lambda text: library.find(text, made_library.LANGUAGE)


def _rapidfuzz(shelf: Sequence[Sequence[str]], _: str) -> Ask:
    texts = [utils.default_process(text) for some in shelf for text in some]
    return lambda text: process.extractOne(
        utils.default_process(text), texts, scorer=fuzz.token_set_ratio
    )


BUILD: dict[Side, Callable[[Sequence[Sequence[str]], str], Ask]] = {
    "ours": _ours,
    "rapidfuzz": _rapidfuzz,
}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    print(json.dumps(carry_out(Order(**json.load(sys.stdin)))))
