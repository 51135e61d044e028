"""The card of the day in the staff chat: what is new, what waits longest, what went wrong.

It has no due row, and so no schedule that a program which was down, or a clock that jumped, could
fall behind: one row of ``meta`` says up to which morning staff were told, and when. A card is owed
where a later morning has begun since; the mark moves in the transaction that posts it, so it is
posted once, whichever process is awake, and once for all mornings that were missed. A mark more
than a day ahead was set by a clock that was wrong: it is put right, and nothing is posted.

Where there is nothing to say, that is said in a line: so silence means that something is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.clock import stamp
from bot.desk import morning_card
from bot.figures import ABANDONED_AFTER, silent_since, standing
from bot.funnel_picture import lasting
from bot.house import STAFF_LANGUAGE, House
from bot.mornings import Morning
from bot.store import Reports, Store, Transaction
from bot.store.rows import OutboxRow
from dialogs.acts import Lines, Say
from dialogs.form import Form
from dialogs.funnel import SUMMARY, steps

MARK = "digest"
"""in ``meta``: the latest morning that staff were told of, a space, and when they were"""
NAMED = 3
"""of what waits; the rest is a number"""
AHEAD = timedelta(days=1)


class Mark(NamedTuple):
    morning: str
    told: str


@dataclass(frozen=True, slots=True)
class News:
    """References, question ids and numbers; nothing that anybody wrote."""

    new: Sequence[str]
    """references of the applications handed off since"""
    waiting: Sequence[tuple[str, str]]
    """(reference, since when), the longest first"""
    questions: Sequence[tuple[str, str]]
    """(id, since when)"""
    abandoned: Sequence[tuple[str, int]]
    """(step, how many drafts were abandoned there since)"""
    undelivered: int
    mishandled: int


async def tell_morning(house: House, store: Store) -> list[OutboxRow]:
    """Post the card, if it is owed; its rows."""
    morning = house.morning
    if house.staff is None or morning is None:
        return []
    now = house.now()
    since = await store.run(partial(_owed, morning, now))
    if since is None:
        return []
    news = await store.read(lambda reports: gather(reports, house.script.form, since.told, now))
    return await store.run(partial(_post, house, morning, news, since, now))


def gather(reports: Reports, form: Form, since: str, now: str) -> News:
    """What happened since then, and what waits now."""
    failures = [failure for failure in reports.failures() if failure.at >= since]
    sends = sum(failure.kind == "send" for failure in failures)
    silent = Counter(
        one.front
        for one in standing(reports.tallies.drafts())
        if silent_since(since) <= one.last_at < silent_since(now)
    )
    return News(
        [row.reference for row in reports.records(since)],
        [
            (row.record.reference, row.since)
            for row in reports.reviews.queue()
            if row.stage != "needs_info"  # that one waits for its applicant
        ],
        [(str(row.id), row.asked_at) for row in reports.questions()],
        [(name, silent[name]) for name in steps(form) if silent[name]],
        sends,
        len(failures) - sends,
    )


def card(house: House, morning: Morning, news: News, since: str, now: str) -> Say:
    """The card's words."""
    values = {"since": morning.shown(datetime.fromisoformat(since))}
    lines = _lines(house, news, now)
    if not lines:
        return Say("digest.quiet", values)
    return Say("digest.card", {**values, "lines": Lines(tuple(lines))})


def _lines(house: House, news: News, now: str) -> list[Say]:
    lines: list[Say] = []
    if news.new:
        named = _listed(house, news.new)
        lines.append(Say("digest.new", {"count": str(len(news.new)), "references": named}))
    for key, waiting in (("waiting", news.waiting), ("questions", news.questions)):
        if waiting:
            oldest = ", ".join(_aged(house, one, now) for one in waiting[:NAMED])
            lines.append(Say(f"digest.{key}", {"count": str(len(waiting)), "oldest": oldest}))
    if news.abandoned:
        total = sum(count for _, count in news.abandoned)
        where = [_text(house, "digest.counted", name=_label(house, n), count=str(count))
                 for n, count in news.abandoned]  # fmt: skip
        values = {"count": str(total), "fields": ", ".join(where)}
        lines.append(Say("digest.abandoned", {**values, "days": str(ABANDONED_AFTER.days)}))
    for key, count in (("failed", news.undelivered), ("broken", news.mishandled)):
        if count:
            lines.append(Say(f"digest.{key}", {"count": str(count)}))
    return lines


def _listed(house: House, names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - NAMED
    rest = [_text(house, "digest.more", count=str(more))] if more > 0 else []
    return ", ".join([*names[:NAMED], *rest])


def _aged(house: House, one: tuple[str, str], now: str) -> str:
    name, at = one
    span = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    age = lasting(
        max(span.total_seconds(), 0.0),
        lambda key, **values: _text(house, f"stats.{key}", **values),
    )
    return _text(house, "digest.aged", name=name, age=age)


def _label(house: House, name: str) -> str:
    return _text(house, "stats.summary" if name == SUMMARY else f"field.{name}.label")


def _text(house: House, key: str, **values: str) -> str:
    return house.renderer.text(STAFF_LANGUAGE, key, values)


def _owed(morning: Morning, now: str, tx: Transaction) -> Mark | None:
    """The mark, where a morning has begun since; else None. Where there is none yet, nothing was
    promised before now."""
    moment = datetime.fromisoformat(now)
    latest = stamp(morning.latest(moment))
    mark = _read(tx)
    if mark is None or mark.morning > stamp(moment + AHEAD):
        tx.set_meta(MARK, f"{latest} {now}")
        return None
    return mark if mark.morning < latest else None


def _read(tx: Transaction) -> Mark | None:
    morning, _, told = (tx.get_meta(MARK) or "").partition(" ")
    return Mark(morning, told) if told else None


def _post(
    house: House, morning: Morning, news: News, since: Mark, now: str, tx: Transaction
) -> list[OutboxRow]:
    if _read(tx) != since:  # another process was quicker
        return []
    latest = morning.latest(datetime.fromisoformat(now))
    tx.set_meta(MARK, f"{stamp(latest)} {now}")
    return morning_card(house, tx, card(house, morning, news, since.told, now), now)
