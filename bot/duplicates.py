"""Is an application one that staff had before? What the store finds by the rules of
``dialogs.duplicates``, for the card and for ``frontdesk show``.

The applicant never hears of it, and nothing is stopped by it: it is a hint for a reviewer, who may
say of a pair that they are two, which is then never shown again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.audit import note
from bot.house import STAFF_LANGUAGE, House
from bot.store import Reports, Store, Transaction
from bot.store.rows import ReviewRow
from dialogs.acts import Lines, Say, Term, Value
from dialogs.duplicates import RULES, Mark, Rule, Words, alike, marks_of, trade_words
from dialogs.review import Stage, internal
from dialogs.wording import Wording

SHOWN = 5
"""of those that may be the same, the likest"""

BATCH = 200
"""applications marked in one go, of those from before there were marks"""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An application that may be the same."""

    row: ReviewRow
    rules: tuple[Rule, ...]
    """all that match, the surest first"""
    own: bool
    """of the same person, who knows of it"""


@dataclass(frozen=True, slots=True)
class Duplicates:
    likest: tuple[Duplicate, ...]
    """at most as many as were asked for"""
    count: int
    """of all"""


def word_lists(wording: Wording) -> Words:
    """The lists that ``dialogs.duplicates`` takes: the same for every language."""
    return wording.language(STAFF_LANGUAGE).words


def put_marks(
    tx: Transaction, words: Words, reference: str, conversation: int, record: Mapping[str, Any]
) -> None:
    """Note what later applications are compared with: in the transaction that the record is
    written in, whenever it is."""
    marks = marks_of(record, words)
    tx.marks.put(reference, conversation, [(_key(mark), mark.value) for mark in marks])


def duplicates_of(
    look: Transaction | Reports,
    words: Words,
    reference: str,
    record: Mapping[str, Any],
    most: int = SHOWN,
) -> Duplicates:
    """The other applications that may be the same; not those of which staff have said that they
    are another."""
    found: dict[str, set[Rule]] = defaultdict(set)
    parted = {reference, *look.marks.parted(reference)}
    trade = trade_words(words)
    judged: dict[tuple[Rule, str, str], bool] = {}  # several keys bring the same one again
    for mark in marks_of(record, words):
        for other, value in look.marks.like(reference, _key(mark)):
            pair = (mark.rule, mark.value, value)
            if pair not in judged:
                judged[pair] = alike(mark, value, trade)
            if judged[pair] and other not in parted:
                found[other].add(mark.rule)
    mine = look.reviews.get(reference)
    likest = sorted((_likeness(rules), other) for other, rules in found.items())
    rows = [(look.reviews.get(other), found[other]) for _, other in likest[:most]]
    shown = tuple(
        Duplicate(
            row,
            tuple(rule for rule in RULES if rule in rules),
            mine is not None and mine.record.conversation == row.record.conversation,
        )
        for row, rules in rows
        if row is not None
    )
    return Duplicates(shown, len(found))


def _likeness(rules: Collection[Rule]) -> tuple[int, list[int]]:
    """The likest sorts first."""
    return -len(rules), sorted(RULES.index(rule) for rule in rules)


def _key(mark: Mark) -> str:
    return f"{mark.rule}:{mark.key}"


def duplicates_says(
    text: Callable[[str], str],
    reference: str,
    found: Duplicates,
    key: str = "duplicates.found",
) -> tuple[Say, ...]:
    """What staff are told of them; nothing where there is none. ``text``: the words of a key;
    ``key``: of what says how to tell that one is another, by a command or a button."""
    if not found.likest:
        return ()
    lines = [_says(text, one) for one in found.likest]
    if found.count > len(lines):
        more = {"count": str(found.count - len(lines)), "reference": reference}
        lines.append(Say("duplicates.more", more))
    values: dict[str, Value] = {
        "reference": reference,
        "other": found.likest[0].row.record.reference,
        "lines": Lines(tuple(lines)),
    }
    return (Say(key, values),)


def _says(text: Callable[[str], str], one: Duplicate) -> Say:
    return Say(
        "duplicates.own" if one.own else "duplicates.line",
        {
            "reference": one.row.record.reference,
            "stage": Term(internal(Stage(one.row.stage))),
            "date": one.row.since[:10],
            "rules": ", ".join(text(f"duplicates.{rule}") for rule in one.rules),
        },
    )


def on_card(house: House, tx: Transaction, row: ReviewRow) -> tuple[tuple[Say, ...], str]:
    """Which other applications this one may be, for a card -> what it says, and the reference of
    the likest, which its button is about; empty where there is none."""
    words, reference = word_lists(house.script.wording), row.record.reference
    text = partial(house.renderer.text, STAFF_LANGUAGE)
    found = duplicates_of(tx, words, reference, json.loads(row.record.body))
    likest = found.likest[0].row.record.reference if found.likest else ""
    return duplicates_says(text, reference, found, "duplicates.found_card"), likest


def mark_distinct(tx: Transaction, one: str, other: str, by: str, at: str) -> bool:
    """Staff say that these two are not one: never shown again for this pair. ``by``: who, as the
    record of what was done has it (``slack:U1``). False where it was said before. Raises
    LookupError where there is no such application, ValueError where both are one reference."""
    if one == other:
        raise ValueError("an application is no duplicate of itself")
    for reference in (one, other):
        if tx.reviews.get(reference) is None:
            raise LookupError(reference)
    if not tx.marks.part(one, other, by, at):
        return False
    note(tx, at, by, "distinguished", one, (other,))
    return True


async def mark_earlier(wording: Wording, store: Store) -> None:
    """Mark the applications from before there were marks, a few in each transaction."""
    words = word_lists(wording)
    while some := await store.run(lambda tx: tx.marks.unmarked(BATCH)):
        for reference in some:
            await store.run(partial(_mark, words, reference))


def _mark(words: Words, reference: str, tx: Transaction) -> None:
    row = tx.reviews.get(reference) if tx.marks.claim(reference) else None
    if row is not None:
        record = json.loads(row.record.body)
        put_marks(tx, words, reference, row.record.conversation, record)
