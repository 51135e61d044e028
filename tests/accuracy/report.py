"""The tables of `make accuracy`, and the figures of both halves held against the goals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.accuracy.fields import Seen
from tests.accuracy.goals import GOALS, Goal

_LEFT = f"{'class':18}{'good':>6}{'refused':>9}{'%':>7}{'doubted':>9}"
HEAD = f"{_LEFT}{'bad':>8}{'refused':>9}{'or doubted':>12}"


def table(name: str, seen: Sequence[Seen]) -> str:
    """One field: a line a class, good rows on the left, bad ones on the right."""
    lines = [name, HEAD]
    for klass in sorted({s.row.klass for s in seen}):
        lines.append(_line(klass, [s for s in seen if s.row.klass == klass]))
    lines.append(_line("all", seen))
    return "\n".join(lines)


def _line(klass: str, seen: Sequence[Seen]) -> str:
    good = [s for s in seen if s.row.valid]
    bad = [s for s in seen if not s.row.valid]
    left = right = ""
    if good:
        refused = sum(s.refused for s in good)
        share = f"{100 * refused / len(good):.2f}"
        left = f"{len(good):>6}{refused:>9}{share:>7}{sum(s.flagged for s in good):>9}"
    if bad:
        caught = sum(s.refused or s.flagged for s in bad)
        right = f"{len(bad):>8}{sum(s.refused for s in bad):>9}{caught:>12}"
    return f"{klass[:17]:18}{left:31}{right}".rstrip()


def summary(seen: Mapping[str, Sequence[Seen]]) -> str:
    """Every goal with its figure on all rows and on each half."""
    lines = [f"{'goal':42}{'bound':>9}{'all rows':>19}{'half a':>14}{'half b':>14}"]
    lines += [_goal(goal, seen[goal.measure]) for goal in GOALS]
    return "\n".join(lines)


def missed(seen: Mapping[str, Sequence[Seen]]) -> list[Goal]:
    return [goal for goal in GOALS if not goal.met(*goal.figure(seen[goal.measure]))]


def _goal(goal: Goal, seen: Sequence[Seen]) -> str:
    hits, n = goal.figure(seen)
    share = f"{100 * hits / n:.2f} %" if n else "-"
    sign = "<=" if goal.good else ">="
    halves = [goal.figure([s for s in seen if s.row.half == half]) for half in "ab"]
    shown = "".join(f"{f'{k}/{m}':>14}" for k, m in halves)
    verdict = "" if goal.met(hits, n) else "  MISSED"
    bound = f"{sign} {100 * goal.bound:g} %"
    return f"{goal.what:42}{bound:>9}{f'{hits}/{n} {share}':>19}{shown}{verdict}"


def wrong(seen: Iterable[Seen]) -> Iterator[str]:
    """The rows on which a reader and the label differ, as ASCII, for whoever tunes it."""
    for s in seen:
        if bool(s.row.valid) is s.refused or (s.row.valid and s.flagged):
            label = "good" if s.row.valid else "bad"
            kind = "refused" if s.refused else "flagged" if s.flagged else "accepted"
            text = ascii(s.row.input)[:110]
            yield f"  {label} {kind:9}{s.row.klass:15}{s.code:24} {s.row.region:3}{text}"
