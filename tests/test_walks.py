"""Random walks over the machine: whatever happens, in whatever order, the rules below hold.

A walk is a list of moves. A move is turned into an event only when its turn comes, because most
good moves depend on where the conversation stands (tap what is on the screen, give a true answer).
After every event all rules are checked; after the last one the straight driver must still be able
to hand an application off.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dialogs.acts import Ask, Forget, LookUp, Say, Submit, Withdraw
from dialogs.answers import clean
from dialogs.events import (
    Choice,
    Edited,
    Erased,
    Event,
    Finding,
    Informed,
    Medium,
    Part,
    Picked,
    Question,
    Said,
    StaffReplied,
    Ticked,
)
from dialogs.machine import CONFIRMATIONS, ORDERS, step
from dialogs.reading import (
    Answers,
    Attaches,
    Confirms,
    Fills,
    Joins,
    Misses,
    Orders,
    read,
)
from dialogs.record import record_model
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped
from dialogs.state import Phase, State, Step, open_place
from tests.speaking import (
    AT,
    NOTHING,
    TRUE,
    article,
    in_phase,
    offers_of,
    onward,
    picked,
    replied,
    said,
    script,
    speech,
    straight,
    submitted,
    talk,
    token,
    until,
    unworded,
)

CLEARS = ("edit", "dba_split", "owners_split", "home", "rest", "contact")
"""confirmations about an answer that was given"""
Verb = Literal["answer", "article", "confirm", "escalate"]
MEDIA: tuple[Medium, ...] = (
    "voice", "document", "photo", "video", "sticker", "location", "contact", "other",
)  # fmt: skip

HEDGES = ["yes but not yet", "maybe", "I think so", "not sure", "yes and no", "soon", "kind of"]
QUESTIONS = [
    "do you need audited accounts?",
    "what is a credit line",
    "how long does it take",
    "is there a fee",
    "tell me more",
    "¿cuánto cuesta?",
]
SMALL_TALK = ["hi", "thank you", "ok", "yes", "no", "👍", "hello bot", "y", "n", "done"]
JUNK = [
    "", " ", "/", "//", "!", "?", "...", "0", "1", "-1", "/1", "/7", "\x00", "\u200b",
    "\u202e", "\ud800", "<script>alert(1)</script>", "{reference}", "{0}", "%s%n",
    "**bold**", "[a](https://b.c)", "__", "~~", "'; DROP TABLE state; --", "=1+1",
    "@channel", "<!everyone>", "NaN", "null", "None", "true", "1e309", "፩", "²", "①", "٣",
    "change ፩", "remove ²", "change location ፩", "Ω≈ç√", "田中さん", "ﷺ", "🏳️‍🌈", "à̷͟",
    "x" * 499, "x" * 501, "y" * 2001, "z" * 9000, "a\n" * 80, "line\nline",
]  # fmt: skip
WISHES = [
    "change", "change the phone", "change phone of location 2", "change location 2",
    "change the first owner", "change the last phone",
    "change my website to https://northside.example", "change email to a@gmail.com",
    "edit name", "update the address to PO Box 12", "change 2",
    "change the third owner to Ana Lopes", "change consent", "change truth",
    "change workshop to no", "change kind to reseller", "change dba", "remove",
    "remove location 2", "remove 2", "remove the last location", "remove owner 2",
    "delete phone", "drop location 9", "/start apply", "/person please call me back",
    "/change phone", "/skip now", "/staus", "same as before", "PO Box 99",
    "someone@gmail.com", "021 5551234", "+62 21 555 1234", "Indonesia",
    "Why Not Plumbing LLC", "Back Street Repairs", "Change Management Partners Ltd",
]  # fmt: skip
PATHS = [
    "consent", "kind", "legal_name", "dba", "owners.1.name", "owners.2.name",
    "locations.1.phone", "locations.2.address", "locations.9.phone", "locations.more",
    "locations.1", "self_check.credit", "website", "truth", "no.such.path", "",
]  # fmt: skip


@dataclass(frozen=True)
class Move:
    """``kind`` says how ``text``, ``number`` and ``choice`` become the next event."""

    kind: str
    text: str = ""
    number: int = 0
    choice: Choice | None = None
    band: str = "nothing"


def _table() -> list[Move]:
    """Every ready-made move, the useful ones more than once. One draw a move keeps walks long."""
    phrases = [p for k, v in _lists().items() if k.startswith("commands.") for p in v]
    bands = ("answer", "unsure", "nothing", "empty")
    moves = [Move("true")] * 120
    moves += [Move("run", number=n) for n in range(1, 27)] * 3
    moves += [Move("tap", number=n, band=bands[n % 4]) for n in range(12)] * 20
    moves += [Move("stale", number=n * 7, band=bands[n % 4]) for n in range(40)]
    moves += [Move("say", text, band=bands[n % 4]) for n, text in enumerate(phrases)]
    moves += [Move("say", text, band=band) for text in phrases[::3] for band in bands]
    moves += [Move("say", text, band=bands[n % 4]) for n, text in enumerate(WISHES)] * 3
    moves += [Move("say", text) for text in TRUE.values()] * 2
    moves += [
        Move("say", text, band=band)
        for text in (*QUESTIONS, *HEDGES, *SMALL_TALK)
        for band in bands
    ]
    moves += [Move("say", text, band=bands[n % 4]) for n, text in enumerate(JUNK)] * 2
    moves += [Move("pick")] * 5
    moves += [
        Move("pick", choice=Choice("order", command, path, number), band=bands[n % 4])
        for command in (*ORDERS, "no_such_command", "")
        for n, path in enumerate(PATHS)
        for number in (0, 1 + n % 3)
        if (n + len(command)) % 3 == 0
    ]
    targets: dict[Verb, list[str]] = {
        "answer": PATHS,
        "article": ["requirements", "gone", ""],
        "confirm": [*CONFIRMATIONS, "no_such_kind"],
        "escalate": [""],
    }
    moves += [
        Move("pick", choice=Choice(verb, target, value, number), band="answer")
        for verb in targets
        for target in targets[verb]
        for value in ("yes", "no", "reseller", "text that is long enough", "")
        for number in (0, 1)
    ]
    moves += [Move("send", a, n) for n in range(len(MEDIA)) for a in ("", "a1", "a2")]
    moves += [Move("edit", "other words"), Move("edit"), Move("tick"), Move("tick")]
    moves += [Move("staff", path, n) for n, path in enumerate(PATHS)] * 3
    moves += [Move("inform")] * 6
    moves += [Move("erase")] * 2
    return moves


def _moves() -> st.SearchStrategy[Move]:
    """Ready-made moves, and now and then a text that nobody thought of."""
    ready = st.sampled_from(_table())
    texts = st.builds(Move, st.just("say"), st.text(max_size=60))
    return st.one_of(*[ready] * 9, texts)


def _lists() -> dict[str, tuple[str, ...]]:
    return dict(script().wording.language("en").lists)


FINDINGS = {
    "answer": Finding("answer", (article(),)),
    "unsure": Finding("unsure", (article(), article("certification", "What is certification?"))),
    "nothing": NOTHING,
    "empty": Finding("unsure"),
    "instead": Finding("nothing", instead="The page names no amount."),
}
FINDINGS["several"] = Finding(
    "nothing", parts=tuple(Part(Question(f"{one}?"), f) for one, f in FINDINGS.items())
)
FINDINGS["all"] = Finding("unsure", parts=(Part(Question("one?"), FINDINGS["answer"]),) * 2)
RECORD: type[BaseModel] = record_model(script().form)


@dataclass
class Walk:
    """One conversation and everything that was seen in it."""

    state: State = field(default_factory=State)
    screen: list[Choice] = field(default_factory=list)
    seen: list[Choice] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    """of drafts handed off since the last erasure, which begins the counting anew"""

    def make(self, move: Move) -> None:
        if move.kind == "run":
            for _ in range(move.number):
                self.take(onward(self.state))
        else:
            self.take(self._event(move), FINDINGS[move.band])

    def _event(self, move: Move) -> Event:
        match move.kind:
            case "true":
                return onward(self.state)
            case "tap" if self.screen:
                return picked(self.screen[move.number % len(self.screen)], None)
            case "stale" if self.seen:
                return picked(self.seen[move.number % len(self.seen)], None)
            case "tap" | "stale" | "pick":
                return picked(move.choice, None)
            case "say":
                return said(move.text, None)
            case "send":
                key = token()
                return Said("", key, AT, key, MEDIA[move.number], move.text)
            case "edit":
                return Edited(move.text, "m", AT, token())
            case "staff":
                draft = self.state.draft
                slots = draft.slots if draft else {}
                parked = [p for p, slot in slots.items() if isinstance(slot, Parked)]
                path = parked[move.number % len(parked)] if parked else move.text
                return replied(path, question="" if move.number % 3 else "A question")
            case "inform":
                return Informed(article(), AT, AT, token())
            case "erase" if move.number == 0:
                return Erased(AT, token())
            case _:
                return Ticked("anything", AT, token())

    def take(self, event: Event, finding: Finding = NOTHING) -> None:
        before = self.state
        done = step(script(), before, event)
        if any(isinstance(act, LookUp) for act in done.acts):
            assert len(done.acts) == 1, "LookUp comes alone"
            assert done.state == before, "a step that only asks changes nothing"
            event = _with(event, finding)
            done = step(script(), before, event)
            assert not any(isinstance(act, LookUp) for act in done.acts), "asked twice"
        stored = State.from_json(before.to_json())
        assert stored == before, "a state survives storing"
        assert step(script(), stored, event) == done, "a stored state steps the same"
        _speaks(event, before, done)
        _stands(done.state)
        _consented(done.state)
        _nothing_lost(before, event, done)
        _acknowledged(before, event, done)
        self._handed_off(before, event, done)
        lacking = list(unworded(done.acts))
        assert not lacking, lacking
        self.screen = [offer.choice for offer in offers_of(done.acts)] or self.screen
        if not isinstance(event, Ticked | StaffReplied | Informed):
            _live(done)
        self.seen += self.screen
        if any(isinstance(act, Forget) for act in done.acts):  # the rows of the buttons are gone
            self.seen = list(self.screen)
        self.state = done.state

    def _handed_off(self, before: State, event: Event, done: Step) -> None:
        """Exactly one complete record for a draft, under a reference of its own."""
        submits = [act for act in done.acts if isinstance(act, Submit)]
        new = len(done.state.submissions) - len(before.submissions)
        for act in done.acts:
            if isinstance(act, Forget):
                assert act.references == tuple(s.reference for s in before.submissions)
                assert done.state == State(language=before.language, language_by=before.language_by)
                self.numbers.clear()
            if isinstance(act, Withdraw):
                assert [s.status for s in before.submissions if s.reference == act.reference] == [
                    "submitted"
                ]
                assert [
                    s.status for s in done.state.submissions if s.reference == act.reference
                ] == ["withdrawn"]
        if not submits:
            assert new <= 0
            return
        (submit,) = submits
        assert new == 1
        assert before.phase is Phase.STATING
        assert before.draft is not None
        assert submit.number == before.draft.number
        assert submit.number not in self.numbers, "one record for a draft"
        assert submit.reference not in self.references, "one reference for a record"
        self.numbers.add(submit.number)
        self.references.add(submit.reference)
        assert done.state.submissions[-1].reference == submit.reference
        RECORD.model_validate(submit.record, strict=True)
        assert submit.record["consent"]["value"] == "yes"
        assert submit.record["truth"]["value"] == "yes"
        for path, slot in before.draft.slots.items():
            assert _leaf(submit.record, path)["status"] == _status(slot), path


def _with(event: Event, finding: Finding) -> Event:
    if isinstance(event, Said):
        return Said(
            event.text, event.message, event.at, event.token, event.medium, event.album, finding
        )
    assert isinstance(event, Picked), "only what a person did is looked up"
    return Picked(event.choice, event.message, event.at, event.token, finding)


def _speaks(event: Event, before: State, done: Step) -> None:
    """Whoever wrote gets an answer; only a clock and the rest of an album get none."""
    spoken = any(isinstance(act, Say | Ask) or hasattr(act, "found") for act in done.acts)
    album = isinstance(event, Said) and event.album != "" and event.album == before.album
    assert spoken or isinstance(event, Ticked) or album


def _stands(state: State) -> None:
    """What each phase promises."""
    place = open_place(script(), state)
    match state.phase:
        case Phase.VISITING:
            assert all(s.status == "withdrawn" for s in state.submissions)
        case Phase.SUBMITTED:
            assert any(s.status == "submitted" for s in state.submissions)
        case Phase.FILLING:
            assert place is not None
            assert place.path != "truth"
        case Phase.REVIEWING:
            assert state.draft is not None
            assert place is None
        case Phase.STATING:
            assert place is not None
            assert place.path == "truth"
        case Phase.PAUSED:
            assert state.draft is not None
    if state.draft is not None:
        assert state.draft.number == state.drafts
        for path in state.draft.slots:
            assert script().form.place(state.draft, path) is not None, path
        ids = [id for repeat in script().form.repeats for id in state.draft.ids(repeat)]
        assert all(int(id) <= state.draft.last_item for id in ids)
        added = [id for id in ids if id != "1"]
        assert len(set(added)) == len(added), "an item's id is never given twice"


def _consented(state: State) -> None:
    draft = state.draft
    if draft is None or draft.value("consent") == "yes":
        return
    for path in draft.slots:
        place = script().form.place(draft, path)
        assert place is not None
        assert place.question.stage == "check", f"{path} is kept without consent"


def _nothing_lost(before: State, event: Event, done: Step) -> None:
    """An answer that was taken stands until its person says otherwise."""
    reading = read(script(), before, event)
    forgot = any(isinstance(act, Forget) for act in done.acts)
    if not forgot:
        kept = {s.reference: s for s in done.state.submissions}
        for submission in before.submissions:
            assert kept[submission.reference].draft == submission.draft, "a record never changes"
    old, new = before.draft, done.state.draft
    if old is None or forgot:
        return
    if new is None:
        if any(isinstance(act, Submit) for act in done.acts):
            new = done.state.submissions[-1].draft
        else:
            assert isinstance(reading, Answers)
            assert reading.place.question.stage == "consent"
            assert reading.accepted.value == "no"
            return
    if new.number != old.number:
        assert isinstance(reading, Confirms)
        assert reading.yes
        assert before.pending is not None
        assert before.pending.kind == "start_over"
        return
    removes = isinstance(reading, Orders) and reading.command == "remove"
    for repeat in script().form.repeats:
        gone = set(old.ids(repeat)) - set(new.ids(repeat))
        told = {item for item in gone if any(p.startswith(f"{repeat}.{item}.") for p in old.slots)}
        assert len(gone) <= 1
        assert removes or not told, "only an item with nothing in it goes by itself"
    changed = [p for p in old.slots if _content(old, p) != _content(new, p)]
    if removes and changed:
        assert len({p.rpartition(".")[0] for p in changed}) == 1, "one item at a time"
        return
    asked = open_place(script(), before)
    said_so = {asked.path} if asked is not None else set()
    if isinstance(reading, Orders) and reading.value:
        said_so |= set(changed)  # "change the website to ...": checked by its own test
    if isinstance(reading, Joins):
        said_so.add(reading.place.path)
    cleared = before.pending is not None and before.pending.kind in CLEARS
    if isinstance(reading, Fills) or (isinstance(reading, Confirms) and cleared):
        said_so |= set(changed)  # said in one text, or confirmed: checked by their own tests
    if isinstance(reading, Orders) and reading.command in ("undo", "was_question"):
        said_so |= set(changed)
    for path in changed:
        freed = isinstance(event, StaffReplied) and isinstance(old.slots[path], Parked)
        assert path in said_so or freed, f"{path} changed by {reading}"
    assert len(changed) <= 1


def _acknowledged(before: State, event: Event, done: Step) -> None:
    """ "Legal name: ..." is said only of an answer that stands."""
    reading = read(script(), before, event)
    if not isinstance(reading, Answers) or before.phase not in (Phase.FILLING, Phase.PAUSED):
        return
    place, value = reading.place, reading.accepted.value
    if place.kind == "more" or (place.question.stage == "consent" and value == "no"):
        return
    assert done.state.draft is not None
    slot = done.state.draft.slots[place.path]
    assert isinstance(slot, Answered)
    assert slot.value == value


def _live(done: Step) -> None:
    """What a message offers works while it is the latest one."""
    for offer in offers_of(done.acts):
        reading = read(script(), done.state, picked(offer.choice))
        assert not isinstance(reading, Misses), offer
        assert not isinstance(reading, Attaches), offer
        if isinstance(reading, Orders):
            assert reading.command in ORDERS, offer


def _content(draft: Draft, path: str) -> object:
    slot = draft.slots.get(path)
    return (slot.value, slot.typed) if isinstance(slot, Answered) else slot


def _status(slot: object) -> str:
    match slot:
        case Answered():
            return "answered"
        case Kept():
            return "kept"
        case Skipped():
            return slot.reason
        case _:
            raise AssertionError(f"{slot} in a record")


def _leaf(record: object, path: str) -> dict[str, object]:
    for part in path.split("."):
        if isinstance(record, list):
            record = next(item for item in record if item["id"] == part)
        else:
            assert isinstance(record, dict)
            record = record[part]
    assert isinstance(record, dict)
    return record


def _walk(start: State, moves: list[Move]) -> None:
    walk = Walk(start, numbers=set(range(1, len(start.submissions) + 1)))
    walk.references = {s.reference for s in start.submissions}
    for move in moves:
        walk.make(move)
    reached = walk.state
    for choice in walk.screen:  # a tap on the latest message never leads astray either
        branch = Walk(reached, references=set(walk.references), numbers=set(walk.numbers))
        branch.take(picked(choice, None), FINDINGS["answer"])
    straight(reached)


@cache
def _starts() -> dict[str, State]:
    """Places to walk from, so that a short walk gets to what lies far in."""
    two = talk(until("locations.more"), "yes", "Indonesia", "Jl Kemang Raya 45, Jakarta 12730")
    parked = talk(until("legal_name"), "talk to a person", "Which name do you mean?")
    again = talk(submitted(), "apply", "skip the check", "I agree")
    return {
        **{phase.value: in_phase(phase) for phase in Phase},
        "asked for consent": until("consent"),
        "asked for another owner": until("owners.more"),
        "in the second location": two,
        "two locations in review": talk(two, "021 5551234", "no", *TRUE_END),
        "a question is with staff": parked,
        "in review, one with staff": talk(parked, *TRUE_REST),
        "refused twice": talk(until("email"), "lakeside@gmail.com", "lakeside@yahoo.com"),
        "a second application": again,
        "a second one cancelled": talk(again, "cancel"),
        "withdrawn": talk(submitted(), "withdraw", "yes"),
    }


TRUE_END = tuple(TRUE[name] for name in ("email", "website", "experience"))
TRUE_REST = tuple(
    text for name, text in TRUE.items() if name not in {"kind", "legal_name", "consent", "truth"}
)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
WALKS = st.deferred(lambda: st.lists(_moves(), min_size=10, max_size=60))
LONG_WALKS = st.deferred(lambda: st.lists(_moves(), min_size=40, max_size=250))
STARTS = st.deferred(lambda: st.sampled_from(list(_starts())))


@given(STARTS, WALKS)
@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
def test_a_walk_breaks_no_rule(start: str, moves: list[Move]) -> None:
    _walk(_starts()[start], moves)


@pytest.mark.soak
@pytest.mark.timeout(5400)
@given(STARTS, LONG_WALKS)
@settings(max_examples=3_000, deadline=None, suppress_health_check=QUIET)
def test_long_walks_break_no_rule(start: str, moves: list[Move]) -> None:
    _walk(_starts()[start], moves)


CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "naughty.jsonl"


def _naughty() -> list[str]:
    if not CORPUS.exists():
        pytest.skip(f"no {CORPUS.name}: the corpora are not part of the repository")
    lines = CORPUS.read_text(encoding="utf-8").split("\n")
    return [json.loads(line)["input"] for line in lines if line]


def test_no_string_however_odd_breaks_a_rule_anywhere() -> None:
    starts = list(_starts().values())
    for number, text in enumerate(_naughty()):
        Walk(starts[number % len(starts)]).take(said(text, None))


def test_a_name_is_kept_as_it_was_typed_however_odd() -> None:
    state, kept = until("legal_name"), 0
    for text in _naughty():
        event = said(text)
        reading = read(script(), state, event)
        if not isinstance(reading, Answers):
            continue
        done = step(script(), state, event)
        assert done.state.draft is not None
        assert done.state.draft.value("legal_name") == clean(text)
        assert clean(text) in speech(done.acts)
        kept += 1
    assert kept > 100


def test_a_walk_reaches_every_phase_and_kind_of_act() -> None:
    """The walks' own check: what they can build covers the machine, so their rules are tried."""
    walk, phases = Walk(), set[Phase]()

    def go(*moves: Move) -> None:
        for move in moves:
            walk.make(move)
            phases.add(walk.state.phase)

    go(Move("say", "apply"), Move("run", number=12), Move("say", "pause"), Move("true"))
    go(Move("say", "person"), Move("say", "what is this name for"), Move("run", number=20))
    go(Move("run", number=1))
    while walk.state.phase is not Phase.SUBMITTED:
        go(Move("true"))
    assert phases == set(Phase) - {Phase.VISITING}
    assert walk.references
