"""The figures of the morning: how far the applications of some days came, made of counts. Pure.

Everything adds up by construction: who reached a step has passed it, ended there, or stands there
now. The counts know the first two; the drafts that are there know who stands where.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.clock import stamp
from bot.store import Reports
from bot.store.rows import DraftRow, TallyRow
from dialogs.form import Form
from dialogs.funnel import UNTIMED, Passed, span_of, steps

ABANDONED_AFTER = timedelta(days=7)
"""of silence. The reminder comes after two days: who does not come back for it within five, mostly
never does"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft that is there."""

    front: str
    """the step that it stands at"""
    begun: str
    """the day"""
    last_at: str
    """when something was said last"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of the applicants' own, at one step or outside of the form."""

    articles: Mapping[str, int] = field(default_factory=dict)
    """article's id -> how often it answered, the most frequent first"""
    unknown: int = 0
    """no article knew"""
    unsure: int = 0
    """several were offered"""

    @property
    def total(self) -> int:
        return sum(self.articles.values()) + self.unknown + self.unsure


@dataclass(frozen=True, slots=True)
class Figure:
    """One step. Unless said otherwise, how many applications."""

    name: str
    answered: int
    kept: int
    skipped: int
    parked: int
    not_asked: int
    here: int
    """stand here, and were touched not long ago"""
    abandoned: int
    """stand here, untouched for ``ABANDONED_AFTER``, or were erased here by their silence"""
    ended: int
    """ended here by their person: stopped, erased, or begun anew"""
    refused: int
    """how often an answer was refused"""
    refusing: int
    """to how many of them"""
    codes: Mapping[str, int]
    """why: the refusals' codes -> how often, the most frequent first"""
    seconds: float | None
    """the median time from the question to its passing; None where nobody was timed"""
    asked: Asked

    @property
    def passed(self) -> int:
        return self.answered + self.kept + self.skipped + self.parked + self.not_asked

    @property
    def reached(self) -> int:
        return self.passed + self.here + self.abandoned + self.ended


@dataclass(frozen=True, slots=True)
class Figures:
    since: str
    """the first and the last day, ``2026-11-22``; empty: open"""
    until: str
    conversations: int
    """begun on these days"""
    withdrawn: int
    """on these days"""
    review: Mapping[str, int]
    """state of the review -> applications handed off on these days"""
    steps: tuple[Figure, ...]
    """of the applications begun on these days"""
    elsewhere: Asked
    """outside of the form"""
    checks: int
    """self-checks that were begun, and those that were answered to their end"""
    checks_whole: int

    @property
    def begun(self) -> int:
        return self.steps[0].reached

    @property
    def submitted(self) -> int:
        return self.steps[-1].passed


def gather(reports: Reports, form: Form, now: str, since: str = "", until: str = "") -> Figures:
    """The figures of these days, both counted in; empty: all."""
    days = (since, until or "9")
    tallies = reports.tallies
    begun = [one for one in standing(tallies.drafts()) if days[0] <= one.begun <= days[1]]
    rows = tallies.between(*days)
    made = tuple(figures_of(form, rows, begun, now))
    check = [at for at in made if at.name in _check(form)]
    return Figures(
        since,
        until,
        tallies.conversations(*days),
        sum(row.times for row in rows if row.what == "withdrawn"),
        dict(tallies.reviewed(*days)),
        made,
        _asked([row for row in rows if not row.field]),
        max((at.answered for at in check), default=0),
        check[-1].answered if check else 0,
    )


def silent_since(now: str) -> str:
    """Whose last word is older has abandoned their draft."""
    return stamp(datetime.fromisoformat(now) - ABANDONED_AFTER)


def standing(drafts: Iterable[DraftRow]) -> Iterator[Standing]:
    """Where the drafts stand. What cannot be read, or is not counted yet, stands nowhere."""
    for row in drafts:
        try:
            state = _STATE.validate_json(row.state)
        except ValidationError:
            continue
        if state.stand is not None:
            last = state.watch.last_at if state.watch is not None else state.stand.since
            yield Standing(state.stand.front, state.stand.begun, last)


def figures_of(
    form: Form, rows: Sequence[TallyRow], there: Sequence[Standing], now: str
) -> Iterator[Figure]:
    """Each step's figures, from the counts of some days and the drafts begun on them."""
    of: dict[str, list[TallyRow]] = defaultdict(list)
    for row in rows:
        of[row.field].append(row)
    silent = silent_since(now)
    left = Counter(one.front for one in there if one.last_at < silent)
    here = Counter(one.front for one in there if one.last_at >= silent)
    for name in steps(form):
        sums = _sums(of[name])
        refusals = [row for row in of[name] if row.what in ("refused", "refused_again")]
        codes: Counter[str] = Counter()
        for row in refusals:
            codes[row.detail] += row.times
        yield Figure(
            name,
            sums["answered"],
            sums["kept"],
            sums["skipped"],
            sums["parked"],
            sums["not_asked"],
            here[name],
            left[name] + sums["expired"],
            sums["erased"] + sums["anew"] + sums["stopped"],
            sum(row.times for row in refusals),
            sums["refused"],
            dict(sorted(codes.items(), key=lambda code: (-code[1], code[0]))),
            _median(of[name]),
            _asked(of[name]),
        )


def _sums(rows: Iterable[TallyRow]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.what] += row.times
    return sums


def _asked(rows: Iterable[TallyRow]) -> Asked:
    articles: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.what] += row.times
        if row.what == "asked":
            articles[row.detail] += row.times
    ordered = dict(sorted(articles.items(), key=lambda one: (-one[1], one[0])))
    return Asked(ordered, sums["unknown"], sums["unsure"])


def _median(rows: Iterable[TallyRow]) -> float | None:
    """In seconds, right to a tenth or so: within a bucket they are taken to lie evenly."""
    times: Counter[int] = Counter()
    for row in rows:
        if row.what in get_args(Passed) and row.bucket != UNTIMED:
            times[row.bucket] += row.times
    half, below = times.total() / 2, 0
    for bucket in sorted(times):
        if below + times[bucket] >= half:
            begin, end = span_of(bucket)
            return begin + (end - begin) * (half - below) / times[bucket]
        below += times[bucket]
    return None


def _check(form: Form) -> frozenset[str]:
    return frozenset(n for n, field in form.fields.items() if field.question.stage == "check")


class _Part(BaseModel):
    """Of a stored state only what is needed here: to read all of it takes ten times as long."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Stand(_Part):
    begun: str
    front: str
    since: str


class _Watch(_Part):
    last_at: str


class _State(_Part):
    stand: _Stand | None = None
    watch: _Watch | None = None


_STATE = TypeAdapter(_State)
