"""Reads a line of the staff chat that asks for a file: "export csv last week submitted", or for the
picture of how far applications come: "stats last week".

The words may come in any order. What is not understood is refused, never left out: an export of
something else than was meant would be worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Format = Literal["xlsx", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("xlsx", "csv", "jsonl")
LISTS = "staff_export."
LONGEST_PHRASE = 3
"""words"""
MOST_BACK = 3660
"""days"""

Span = tuple[date, date]
"""the first and the last day"""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which applications, in what form. Times as the store keeps them, both included; empty: no
    condition."""

    form: Format | Literal["funnel"] = "xlsx"
    """"funnel": the picture"""
    since: str = ""
    until: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class NotRead:
    """It asks for an export, but for which is not clear."""

    code: Literal["unknown", "twice", "no_day", "backwards"]
    text: str
    """the part of the line that is meant"""
    asked: Literal["export", "stats"] = "export"


def read_export(
    line: str, words: Mapping[str, tuple[str, ...]], states: Sequence[str], today: date
) -> ExportRequest | NotRead | None:
    """None: it asks for no export. ``words``: the lists; ``states``: what an application can be
    in, each a list of its words; ``today``: in UTC."""
    tokens = _tokens(line)
    phrases = _phrases(words, states)
    called, length = _phrase(phrases["call"], tokens, 0)
    if not called:
        return None
    if called == "stats":  # it is of all states, and has one form
        phrases = {**phrases, "form": {}, "state": {}}
    found = _Reading(phrases, tokens, today).read(length)
    if called != "stats":
        return found
    if isinstance(found, NotRead):
        return replace(found, asked="stats")
    return replace(found, form="funnel")


class _Reading:
    """One line, from left to right. Each kind of condition can be given once."""

    def __init__(
        self, phrases: Mapping[str, Mapping[str, str]], tokens: Sequence[str], today: date
    ) -> None:
        self._phrases = phrases
        self._tokens = tokens
        self._today = today
        self._given: dict[str, str] = {}
        self._first: date | None = None
        self._last: date | None = None

    def read(self, at: int) -> ExportRequest | NotRead:
        while at < len(self._tokens):
            step = self._period(at) or self._named(at)
            if isinstance(step, NotRead):
                return step
            if not step:
                return NotRead("unknown", self._tokens[at])
            at += step
        if self._first and self._last and self._first > self._last:
            return NotRead("backwards", f"{self._first}..{self._last}")
        form: Format = next((f for f in FORMATS if f == self._given.get("form")), "xlsx")
        return ExportRequest(
            form,
            f"{self._first}T00:00:00.000Z" if self._first else "",
            f"{self._last}T23:59:59.999Z" if self._last else "",
            self._given.get("state", ""),
        )

    def _named(self, at: int) -> int | NotRead:
        """How many tokens are a format, a state, or nothing that counts."""
        for kind in ("form", "state"):
            value, length = _phrase(self._phrases[kind], self._tokens, at)
            if value:
                if self._given.setdefault(kind, value) != value:
                    return NotRead("twice", self._said(at, length))
                return length
        return _phrase(self._phrases["filler"], self._tokens, at)[1]

    def _period(self, at: int) -> int | NotRead:
        named, length = _phrase(self._phrases["period"], self._tokens, at)
        back = self._back(at)
        if back is not None and back[1] > length:
            days, length = back
            if not 1 <= days <= MOST_BACK:
                return NotRead("no_day", self._said(at, length))
            return self._set((self._today - timedelta(days - 1), self._today), at, length)
        if named == "everything":
            return self._set(None, at, length)
        if named:
            return self._set(PERIODS[named](self._today), at, length)
        side, length = _phrase(self._phrases["side"], self._tokens, at)
        if side:
            return self._one_side(side, at, length)
        span = self._day(at)
        if not isinstance(span, tuple):
            return span or 0
        joined = _phrase(self._phrases["to"], self._tokens, at + 1)[1]
        last = self._day(at + 1 + joined) if joined else None
        if isinstance(last, NotRead):
            return last
        if last is None:
            return self._set(span, at, 1)
        return self._set((span[0], last[1]), at, 2 + joined)

    def _one_side(self, side: str, at: int, length: int) -> int | NotRead:
        """ "since 2026-11-01", also "from 2026-11-01 to 2026-11-30"."""
        span = self._day(at + length)
        if span is None:
            return 0
        if isinstance(span, NotRead):
            return span
        if side == "since":
            joined = _phrase(self._phrases["to"], self._tokens, at + length + 1)[1]
            if joined and isinstance(self._day(at + length + 1 + joined), tuple):
                return length  # two days with a word between them are read as such
            return self._set((span[0], None), at, length + 1)
        return self._set((None, span[1]), at, length + 1)

    def _set(
        self, span: tuple[date | None, date | None] | None, at: int, length: int
    ) -> int | NotRead:
        first, last = span or (None, None)
        sides = {"first"} if first and not last else {"last"} if last and not first else None
        for side in sides or {"first", "last"}:
            if side in self._given:
                return NotRead("twice", self._said(at, length))
            self._given[side] = side
        self._first, self._last = first or self._first, last or self._last
        return length

    def _back(self, at: int) -> tuple[int, int] | None:
        """(days, tokens) of "last 7 days"."""
        _, length = _phrase(self._phrases["back"], self._tokens, at)
        if not length or at + length + 1 >= len(self._tokens):
            return None
        number = self._tokens[at + length]
        unit, more = _phrase(self._phrases["unit"], self._tokens, at + length + 1)
        if not unit or not re.fullmatch(r"[0-9]{1,5}", number):
            return None
        return int(number) * (7 if unit == "weeks" else 1), length + 1 + more

    def _day(self, at: int) -> Span | NotRead | None:
        """2026-11-22, 2026-11 or 2026; None where it is none of them."""
        token = self._tokens[at] if at < len(self._tokens) else ""
        found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", token)
        if found is None:
            return None
        year, month, day = (int(part) if part else 0 for part in found.groups())
        try:
            if day:
                return (date(year, month, day),) * 2
            if month:
                return _month(date(year, month, 1))
            return date(year, 1, 1), date(year, 12, 31)
        except (ValueError, OverflowError):
            return NotRead("no_day", token)

    def _said(self, at: int, length: int) -> str:
        return " ".join(self._tokens[at : at + length])


def _month(day: date) -> Span:
    """No day after it is looked at: there may be none."""
    if day.month == 12:
        return day.replace(day=1), day.replace(day=31)
    return day.replace(day=1), date(day.year, day.month + 1, 1) - timedelta(days=1)


def _week(day: date) -> Span:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _year(year: int) -> Span:
    return date(year, 1, 1), date(year, 12, 31)


PERIODS: Mapping[str, Callable[[date], Span]] = {
    "today": lambda day: (day, day),
    "yesterday": lambda day: (day - timedelta(days=1),) * 2,
    "this_week": _week,
    "last_week": lambda day: _week(day - timedelta(days=7)),
    "this_month": _month,
    "last_month": lambda day: _month(day.replace(day=1) - timedelta(days=1)),
    "this_year": lambda day: _year(day.year),
    "last_year": lambda day: _year(day.year - 1),
}


def _tokens(line: str) -> list[str]:
    """Lower case, ranges apart, without what ends a sentence: "2026-11-01..2026-11-30" is three."""
    plain = unicodedata.normalize("NFKC", line).casefold()
    plain = re.sub(r"\.{2,}|[\u2010-\u2015]", " .. ", plain)
    pieces = (piece.strip(",;:!?\"'()") for piece in plain.split())
    return [
        piece if piece == ".." else piece.rstrip(".")
        for piece in pieces
        if piece.strip(".") or piece == ".."
    ]


def _phrases(
    words: Mapping[str, tuple[str, ...]], states: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    """What a phrase may be -> phrase -> its meaning."""
    kinds: Mapping[str, Sequence[str]] = {
        "call": ("call", "stats"),
        "form": FORMATS,
        "state": states,
        "period": ("everything", *PERIODS),
        "side": ("since", "until"),
        "to": ("to",),
        "back": ("back",),
        "unit": ("days", "weeks"),
        "filler": ("filler",),
    }
    return {
        kind: {phrase: name for name in names for phrase in words.get(f"{LISTS}{name}", (name,))}
        for kind, names in kinds.items()
    }


def _phrase(known: Mapping[str, str], tokens: Sequence[str], at: int) -> tuple[str, int]:
    """(its meaning, how many tokens) of the longest phrase that begins there; ("", 0) for none."""
    for length in range(LONGEST_PHRASE, 0, -1):
        meaning = known.get(" ".join(tokens[at : at + length]))
        if meaning and at + length <= len(tokens):
            return meaning, length
    return "", 0
