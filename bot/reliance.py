"""Who relies on an answer that says something else by now: noticed, shown to staff, put right.

What was told is written with each turn that cites (``conversation.py``). What is in force is noted
here whenever articles begin to serve; a card for staff and the mark that it was given are of one
transaction, so that restarts and kills repeat no card and lose none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import ValidationError

from bot.conversation import States, Taken, take_turn
from bot.desk import changed_card
from bot.house import House
from bot.reach import reachable
from bot.store import Transaction
from bot.store.rows import OutboxRow, ReliedRow, SeenRow
from bot.store.told import Told
from dialogs.acts import Lines, Say, Value
from dialogs.events import Found, Informed
from dialogs.state import State
from knowledge.article import Article
from knowledge.passages import plain

FEW = 5
"""changed articles that get a card each; more of them at once (a setting that all of them name)
share one"""

Uninformed = Literal["already", "unreachable", "erased", "changed"]


@dataclass(frozen=True, slots=True)
class Relier:
    """A person who was told, last, something else than what an article says now."""

    row: ReliedRow
    language: str
    """of their conversation; empty where its state cannot be read"""
    drafting: bool

    @property
    def open(self) -> bool:
        """Have they an application that is unfinished, or with staff?"""
        return self.drafting or bool(self.row.reference)


def reliers(told: Told, article: str) -> list[Relier]:
    """Everybody who relies on something else than what the article says now."""
    return [_relier(row) for row in told.relied(article)]


def _relier(row: ReliedRow) -> Relier:
    try:
        state = State.from_json(row.state)
    except ValidationError:
        return Relier(row, "", drafting=False)
    return Relier(row, state.language, state.draft is not None)


def found_of(row: SeenRow) -> Found:
    """What was in force, as an answer."""
    return Found(
        row.article,
        row.version,
        row.title,
        row.title,
        row.passage,
        row.source,
        (),
        1.0,
        row.language,
        row.substance,
    )


# What is in force, and who hears of it


def note_articles(
    house: House, tx: Transaction, articles: Iterable[Article], at: str
) -> list[OutboxRow]:
    """Note that these articles, all of them, are what is served from now on; a card for staff where
    people were told something else. To be called when a process begins to serve, and after each
    change of its articles. Without a staff chat the card waits until there is one."""
    tx.told.alone()
    ended = _put_in_force(tx.told, articles, at)
    changes: list[_Change] = []
    for article, languages in _in_question(tx.told, ended).items():
        concerned = [r for r in reliers(tx.told, article) if r.row.told.language in languages]
        if concerned and house.staff is not None:
            changes.append(_change(tx.told, article, concerned))
            for language in languages:
                tx.told.announced(article, language, at)
    return _cards(house, tx, changes, at)


def _put_in_force(told: Told, articles: Iterable[Article], at: str) -> set[tuple[str, str]]:
    """-> (article, language) of what is there no more."""
    before = {(row.article, row.language): row for row in told.all_in_force()}
    for article in articles:
        was = before.pop((article.id, article.language), None)
        now = _seen(article, at)
        if was is not None and was.substance == now.substance:
            now = replace(now, in_force_since=was.in_force_since, announced_at=was.announced_at)
        if was is None or replace(now, first_seen_at=was.first_seen_at) != was:
            told.put_in_force(now)
    for article_id, language in before:
        told.end_force(article_id, language)
    return set(before)


def _seen(article: Article, at: str) -> SeenRow:
    return SeenRow(
        article.id,
        article.language,
        article.version,
        article.substance,
        article.title,
        article.source,
        article.passage,
        at,
        in_force_since=at,
    )


def _in_question(told: Told, ended: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Article -> the languages in which staff may have to hear of it: it is there no more, or says
    something of which they have not heard yet."""
    found: dict[str, set[str]] = defaultdict(set)
    unheard = {(r.article, r.language) for r in told.all_in_force() if not r.announced_at}
    for article, language in sorted({*ended, *unheard}):
        found[article].add(language)
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    article: str
    title: str
    lines: tuple[Say, ...]
    """before and now, of each language"""
    open: int
    others: int
    gone: bool

    @property
    def values(self) -> dict[str, Value]:
        return {
            "article": self.article,
            "title": self.title,
            "lines": Lines(self.lines),
            "open": str(self.open),
            "others": str(self.others),
        }


def _change(told: Told, article: str, concerned: Sequence[Relier]) -> _Change:
    seen = {(row.language, row.version, row.substance): row for row in told.seen(article)}
    newest = {relier.row.told.language: relier.row.told for relier in concerned}
    lines: list[Say] = []
    title, gone = article, True
    for language, last in sorted(newest.items()):
        was = seen.get((language, last.version, last.substance))
        if was is not None:
            title = was.title
            lines.append(_passage("desk.changed_was", language, was))
        now = told.in_force(article, language)
        if now is not None:
            gone = False
            title = now.title
            lines.append(_passage("desk.changed_now", now.language, now))
    staying = sum(relier.open for relier in concerned)
    return _Change(article, title, tuple(lines), staying, len(concerned) - staying, gone)


def _passage(key: str, language: str, row: SeenRow) -> Say:
    return Say(key, {"language": language, "text": plain(row.passage)})


def _cards(house: House, tx: Transaction, changes: Sequence[_Change], at: str) -> list[OutboxRow]:
    if len(changes) <= FEW:
        says = [Say("desk.gone" if c.gone else "desk.changed", c.values) for c in changes]
    else:
        lines = tuple(Say("desk.changed_line", c.values) for c in changes)
        says = [Say("desk.changed_many", {"count": str(len(changes)), "lines": Lines(lines)})]
    return [row for say in says for row in changed_card(house, tx, say, at)]


# Putting it right


def inform(
    house: House,
    states: States,
    tx: Transaction,
    person: int,
    article: str,
    agreed: Collection[str] = (),
) -> Taken | Uninformed:
    """Tell one person what the article says now, if they were told otherwise. Their answer and the
    text that is in force name the event, so that nobody is told the same twice. ``agreed``: the
    substances that staff have read and want sent; where it says something else meanwhile, nothing
    goes out. Empty: whatever it says."""
    row, told = tx.conversation(person), tx.told.latest(person, article)
    if row is None or told is None:
        return "erased"
    now = tx.told.in_force(article, told.language)
    if now is None or now.substance == told.substance:
        return "already"
    state = states.parse(row)
    if state.gone or not reachable(tx, person):
        return "unreachable"
    now = tx.told.in_force(article, state.language) or now
    if agreed and now.substance not in agreed:
        return "changed"
    at = house.now()
    event = Informed(found_of(now), told.at, at, house.token())
    key = f"inform:{told.id}:{now.language}:{now.substance}"
    taken = take_turn(house, states, tx, row, event, key, "", at)
    return "already" if taken.receipt.duplicate else taken
