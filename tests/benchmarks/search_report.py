"""The search's figures as a table. Only ratios of one run mean anything on another machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.benchmarks.report import Spread
from tests.benchmarks.search import Asked, Built, Case, Search

_MB = 2**20


def text(found: Search) -> str:
    sizes = found.sizes
    lines = [
        f"search over {found.source}: median (least..most) of {sizes.rounds} rounds of "
        f"{sizes.questions} questions, milliseconds",
        f"{'articles x examples':20}{'p50':>25}{'p99':>25}{'rapidfuzz p50':>25}"
        f"{'p50 / its p50':>25}{'p99 / its p99':>25}",
        *map(_cost, found.cases),
        "",
        f"{'':20}{'built, s':>10}{'processor':>11}{'filling a cache':>17}{'from the cache':>16}"
        f"{'MB':>8}{'at most':>9}{'from the cache':>16}{'rapidfuzz':>11}",
        *map(_building, found.cases),
        "(MB: resident after building less before; at most: the process's peak)",
        *_missing(found.cases),
        "",
        "start-up of the program to the first answer, seconds: "
        + "; ".join(
            f"{name} {Spread.of([pair[nth].first_answer for pair in found.starts]).show(2)}"
            for nth, name in enumerate(("in a new folder", "again in the same"))
        ),
    ]
    return "\n".join(lines)


def _cost(case: Case) -> str:
    if isinstance(case.plain, str):
        return f"{_name(case):20}{case.plain:>25}"
    ours, peer = case.plain.ours, case.plain.rapidfuzz
    cells = (
        _spread(ours, lambda a: a.p50),
        _spread(ours, lambda a: a.p99),
        _spread(peer, lambda a: a.p50),
        Spread.of([a.p50 / b.p50 for a, b in zip(ours, peer, strict=True)]),
        Spread.of([a.p99 / b.p99 for a, b in zip(ours, peer, strict=True)]),
    )
    return f"{_name(case):20}" + "".join(f"{cell.show(2):>25}" for cell in cells)


def _building(case: Case) -> str:
    seconds = (_seconds(built) for built in (case.plain, case.filling, case.cached))
    memory = (_grown(built) for built in (case.plain, case.cached, case.rapidfuzz))
    plain, filling, cached = seconds
    grown, grown_cached, peer = memory
    processor = "-" if isinstance(case.plain, str) else f"{case.plain.processor:.2f}"
    most = "-" if isinstance(case.plain, str) else f"{case.plain.most / _MB:,.0f}"
    return (
        f"{_name(case):20}{plain:>10}{processor:>11}{filling:>17}{cached:>16}"
        f"{grown:>8}{most:>9}{grown_cached:>16}{peer:>11}"
    )


def _missing(cases: Sequence[Case]) -> list[str]:
    """Each reason why a figure is missing, once."""
    reasons = [r for c in cases for r in (c.plain, c.filling, c.cached) if isinstance(r, str)]
    return [f"(-: {reason})" for reason in dict.fromkeys(reasons)]


def _spread(rounds: Sequence[Asked], number: Callable[[Asked], float]) -> Spread:
    return Spread.of([number(asked) for asked in rounds])


def _name(case: Case) -> str:
    return f"{case.articles:,} x {case.examples}"


def _seconds(built: Built | str) -> str:
    return "-" if isinstance(built, str) else f"{built.seconds:.2f}"


def _grown(built: Built | str) -> str:
    return "-" if isinstance(built, str) else f"{(built.after - built.before) / _MB:,.0f}"
