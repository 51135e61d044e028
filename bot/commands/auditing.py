"""``audit``: is the record of what was done whole; what was done, by whom; what became of one
application.

The record has no values. What was asked, changed and said of an application stands beside its rows
as long as the application is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.audit import APPLICANT, Break, first_break, note
from bot.channels.terminal_text import harmless
from bot.commands.common import Failure, opened, operator, print_table, progress, read_form
from bot.commands.desk import unknown_reference
from bot.commands.reviewing import named, paths_of
from bot.config import Settings
from bot.house import utc_now
from bot.period import period
from bot.records import leaves, path_of
from bot.sheet import Words, label_of, shown_value
from bot.store import Reports, Store
from bot.store.audit import GENESIS, QUESTION_SUBJECT, AuditRow, Head
from bot.store.rows import DecisionRow, EscalationRow, RequestRow, ReviewRow, VersionRow

RECEIVED = ("submitted", "resubmitted", "imported")
"""acts that seal a whole application"""
COLUMNS = ("no.", "when (UTC)", "who", "did", "what", "more")


@dataclass(frozen=True, slots=True)
class Act:
    """A row, and what the application itself still tells of it."""

    number: int
    """0: from before there was a record"""
    at: str
    actor: str
    action: str
    subject: str
    fields: tuple[str, ...]
    digest: str
    hash: str
    words: tuple[str, ...] = ()


async def head(settings: Settings) -> None:
    async with opened(settings) as store:
        print(*await store.read(lambda reports: reports.audit.head()))


# Is it whole?


async def verify(settings: Settings, expected: str, *, as_json: bool) -> None:
    """``expected``: a hash that was the head's once; empty: none was noted. Raises Failure where
    anything is not as it was written."""
    wanted = _noted(expected)
    async with opened(settings) as store:
        end, found, applications = await store.read(lambda r: _judge(r, wanted))
    if as_json:
        told = {"whole": found is None, "count": end.number, "head": end.hash}
        broken = {"row": found.number, "why": found.why} if isinstance(found, Break) else {}
        print(json.dumps(told | ({"why": found} if isinstance(found, str) else broken)))
    if isinstance(found, Break):
        raise Failure(
            f"The record is broken at row {found.number}, which {found.why}. What stands before it "
            "is as it was written. Compare the database with a copy from before."
        )
    if found is not None:
        raise Failure(found)
    if not as_json:
        print(f"The record is whole: {_count(end.number, 'act')}. Its head: {end.hash}")
        print(f"{_count(applications, 'application')}: each is as it was received.")


def _noted(text: str) -> str:
    """The hash of a head, also with its number before it, as ``--head`` prints it. A slip in it is
    no news about the record, so it is said to be one."""
    hash = text.strip().lower().rpartition(" ")[2]
    if text and not re.fullmatch(r"[0-9a-f]{64}", hash):
        raise Failure(
            f'"{harmless(text)}" is no head: it has 64 digits and letters from a to f, as '
            "frontdesk audit --head prints it. Nothing was checked."
        )
    return hash


def _judge(reports: Reports, expected: str) -> tuple[Head, Break | str | None, int]:
    """-> the head, what is wrong, how many applications were compared"""
    end, seen = reports.audit.head(), expected in ("", GENESIS)

    def looked_at() -> Iterator[AuditRow]:
        nonlocal seen
        for row in reports.audit.rows():
            seen = seen or row.hash == expected
            yield row

    with progress("Checking", end.number) as told:
        broken = first_break(looked_at(), end, told)
    if broken is not None:
        return end, broken, 0
    if not seen:
        return end, f"No row has the hash {harmless(expected)}: it was cut off or made anew.", 0
    return end, *_applications(reports)


def _applications(reports: Reports) -> tuple[str | None, int]:
    """Those that are not as they were received; how many were compared."""
    compared = 0
    with progress("Comparing", reports.count_records()) as told:
        for number, record in enumerate(reports.records(), 1):
            rows = [r for r in reports.audit.of([record.reference]) if r.action in RECEIVED]
            if rows and rows[-1].digest:
                fits = reports.audit.fits(rows[-1], record.body)
                if not fits:  # a key goes with its application alone
                    what = "was changed" if fits is False else "lost the key of its seal"
                    return _behind(record.reference, what, rows[-1].number), compared
                compared += 1
            told(number)
    if vanished := reports.audit.vanished():
        reference, number = vanished
        return _behind(reference, "was removed", number), compared
    return None, compared


def _behind(reference: str, what: str, number: int) -> str:
    return f"Application {reference} {what} since row {number}, by nothing that is on record."


# What was done


async def listed(settings: Settings, by: str, since: str, *, as_json: bool) -> None:
    first, _ = period(since, "")
    async with opened(settings) as store:
        rows = await store.read(lambda r: [a for a in r.audit.rows(first) if _is_by(a, by)])
        acts = [_act(row) for row in rows]
        names = await store.read(lambda reports: _names(reports, acts))
    _print(acts, names, as_json=as_json)


async def history(
    settings: Settings, reference: str, by: str, since: str, *, as_json: bool
) -> None:
    """What was done with an application, also with one that was erased."""
    reference, words, (first, _) = named(reference), read_form(settings), period(since, "")

    def query(reports: Reports) -> tuple[list[Act], bool]:
        acts = _history(reports, words, reference)
        return acts, reports.reviews.get(reference) is not None

    async with opened(settings) as store:
        acts, kept = await store.read(query)
        if kept:  # its values are shown
            await store.run(lambda tx: note(tx, utc_now(), operator(), "saw", reference))
        elif not acts:
            raise Failure(await _unknown(store, reference))
        acts = [act for act in acts if act.at >= first and _is_by(act, by)]
        names = await store.read(lambda reports: _names(reports, acts))
    _print(acts, names, as_json=as_json)


async def _unknown(store: Store, reference: str) -> str:
    return await store.read(lambda reports: unknown_reference(reports, harmless(reference)))


def _is_by(row: AuditRow | Act, by: str) -> bool:
    """``cli:Ana``, or only ``Ana``."""
    return not by or row.actor == by or row.actor.partition(":")[2] == by


def _act(row: AuditRow, words: Iterable[str] = ()) -> Act:
    fields = tuple(json.loads(row.fields))
    return Act(
        row.number, row.at, row.actor, row.action, row.subject, fields, row.digest, row.hash,
        tuple(words),
    )  # fmt: skip


def _history(reports: Reports, words: Words, reference: str) -> list[Act]:
    """In the order in which it happened. What the review tells and no row does is from before there
    was a record."""
    parted = reports.marks.parted(reference)
    related = [*reports.audit.asked_about(reference), *parted]
    rows = [
        row
        for row in reports.audit.of([reference, *related])
        if row.subject not in parted or row.fields == json.dumps([reference])
    ]
    row = reports.reviews.get(reference)
    told = _told(reports, words, row) if row is not None else []
    acts: list[Act] = []
    for one in rows:
        fitting = [t for t in told if (t.action, t.at) == (one.action, one.at)]
        acts.append(_act(one, fitting[0].words if fitting else _question(reports, one)))
        told = [t for t in told if t not in fitting]
    return sorted([*acts, *told], key=lambda act: (act.at, act.number))


def _question(reports: Reports, row: AuditRow) -> Iterator[str]:
    id = row.subject.removeprefix(QUESTION_SUBJECT)
    if id == row.subject:
        return
    asked: EscalationRow | None = reports.escalation(int(id))
    if asked is not None:
        yield f"asked: {asked.question or '(no words of their own)'}"
        yield f"answered: {asked.answer}"


def _told(reports: Reports, words: Words, row: ReviewRow) -> list[Act]:
    """What the versions, requests and the decision tell, each with its words."""
    reference = row.record.reference
    versions, requests = reports.reviews.versions(reference), reports.reviews.requests(reference)
    bodies = {version.number: json.loads(version.body) for version in versions}

    def act(at: str, actor: str, action: str, lines: Iterable[str]) -> Act:
        return Act(0, at, actor, action, reference, (), "", "", tuple(lines))

    found = [
        act(
            version.submitted_at,
            APPLICANT,
            "submitted" if version.number == 1 else "resubmitted",
            _version(words, version, bodies, requests),
        )
        for version in versions
    ]
    for one in requests:
        names = {path: name for name, path in paths_of(words, bodies[one.version]).items()}
        asked = [f"{names.get(path, path)}: {reason}" for path, reason in _pairs(one)]
        found.append(act(one.asked_at, _whose(one.asked_by), "asked", asked))
    decision: DecisionRow | None = reports.reviews.decision(reference)
    if decision is not None:
        said = [decision.message or "(without a message)"]
        who = _whose(decision.decided_by)
        found.append(act(decision.decided_at, who, decision.verdict, said))
    if row.stage == "withdrawn":
        found.append(act(row.since, APPLICANT, "withdrew", ()))
    return found


def _whose(by: str) -> str:
    """An actor: of the staff chat as they are kept, else whoever it was at the machine."""
    return by if by.startswith(("slack:", "telegram:")) else f"cli:{by}"


def _version(
    words: Words,
    version: VersionRow,
    bodies: Mapping[int, Mapping[str, Any]],
    requests: Sequence[RequestRow],
) -> Iterator[str]:
    yield f"version {version.number}"
    if version.number > 1:
        asked = {path for one in requests if one.id == version.request for path, _ in _pairs(one)}
        before, after = bodies[version.number - 1], bodies[version.number]
        yield from _changes(words, before, after, asked)


def _pairs(request: RequestRow) -> list[tuple[str, str]]:
    return [(path, reason) for path, reason in json.loads(request.asked)]


def _changes(
    words: Words, before: Mapping[str, Any], after: Mapping[str, Any], asked: set[str]
) -> Iterator[str]:
    """What was asked, before and after; and what else has changed with it, if anything."""
    was = {path_of(leaf, before): leaf for leaf in leaves(words.form, before)}
    answers = list(leaves(words.form, after))
    for leaf in answers:
        path = path_of(leaf, after)
        old, new = shown_value(words, was[path]), shown_value(words, leaf)
        if old != new:
            yield f"{label_of(words, answers, leaf)}: {old} -> {new}"
        elif path in asked:
            yield f"{label_of(words, answers, leaf)}: {new} (as before)"


# Showing it


def _names(reports: Reports, acts: Sequence[Act]) -> dict[str, str]:
    """Actors -> what people read for them."""
    return {actor: reports.colleagues.name(actor) for actor in {act.actor for act in acts}}


def _print(acts: Sequence[Act], names: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(act) for act in acts], ensure_ascii=False, indent=2))
        return
    if not acts:
        print("Nothing of that is on record.")
        return
    print_table(COLUMNS, [_line(act, harmless(names[act.actor])) for act in acts])


def _line(act: Act, who: str) -> tuple[str, ...]:
    when = act.at[:19].replace("T", " ")
    more = "\n".join(act.words) or ", ".join(act.fields)
    return (str(act.number or "-"), when, who, act.action, act.subject, more)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
