"""The dialog as a state machine without I/O: ``step(script, state, event) -> (state, acts)``.

Theory. A conversation is in one of six phases. An event is first *read* (``reading.py``): what do
the words, the tap or the clock mean here? The pair (phase, kind of reading) then names one cell of
``TABLE``; a command goes on to the cell (command, phase) of ``ORDERS``, and a yes or no to the row
of the open confirmation in ``CONFIRMATIONS``. A cell is a pure function that gives the new state
and the acts. Every cell is written out: what makes no sense in a phase has a cell that says so to
the person, never a missing key.

Which question is open is derived from the draft, so no cell can forget to move on; and a cell that
answers, passes on or refuses ends by putting the open question again. So there is no state without
a way on.

Same input, same output: time, ids, randomness and what the library found arrive in the event. A
step that needs the library's answer gives ``LookUp`` alone, and is taken again with the finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dialogs import (
    amending,
    answering,
    citations,
    citing,
    confirming,
    digressing,
    ending,
    forgetting,
    funnel,
    handoff,
    ordering,
    returning,
    sharing,
    standing,
    switching,
    undoing,
)
from dialogs import readings as r
from dialogs.acts import LookUp, Offer, Say, Term
from dialogs.asking import number_of, put
from dialogs.assents import PASSES_ON
from dialogs.events import Choice, Edited, Event, Picked, Said
from dialogs.languages import heard
from dialogs.reading import read
from dialogs.readings import Confirms, Orders, Reading
from dialogs.state import PendingKind, Phase, Script, State, Step, open_place

Cell = Callable[[Script, State, Any, Event], Step]
Confirmation = Callable[[Script, State, Event], Step]


ASKED = 5
"""questions whose messages, when edited, are answered anew"""


def step(script: Script, state: State, event: Event) -> Step:
    """One event in; the new state and the acts out. Never raises for what a person does."""
    before, state = state, heard(script, state, event)
    reading = read(script, state, event)
    asks = reading.asks if isinstance(reading, r.Answers | r.Fills) else ""
    if asks and getattr(event, "found", None) is None:
        return _looks_up(before, citing.wanted(script, state, asks), state.language)
    done = TABLE[state.phase][type(reading)](script, state, reading, event)
    if asks:
        done = citing.also(script, done, asks, event)
    if done.acts and isinstance(done.acts[0], LookUp):
        return _looks_up(before, done.acts[0], state.language)
    done = _asked_last(script, state, done, event)
    after = done.state
    if isinstance(event, Said) and event.album:
        # What came with a caption is answered; the rest of its album repeats nothing.
        after = replace(after, album=event.album)
    if isinstance(event, Said) and (asks or isinstance(reading, r.Asks)):
        after = replace(after, questions=(*after.questions, event.message)[-ASKED:])
    after = citations.remembered(after, done.acts, event.at)
    if isinstance(event, Said | Picked | Edited):
        after = citing.remembered(state, after)
    stand = funnel.stand_of(script, before, after, event)
    return returning.keep_watch(script, Step(after, done.acts), event, stand)


def _asked_last(script: Script, before: State, done: Step, event: Event) -> Step:
    """What stays open is what was asked last: after a side step the confirmation is put again in
    place of the form's question, since a "yes" to that one must not erase anything. A mere offer to
    ask staff is over then; its button still does it."""
    pending = done.state.pending
    if pending is None or pending != before.pending:
        return done
    for question in (put(script, done.state, "short"), put(script, done.state)):
        if done.acts[-len(question) :] == question:
            if pending.kind in PASSES_ON:
                return Step(replace(done.state, pending=None), done.acts)
            again = switching.put_again(script, done.state, event)
            return Step(again.state, (*done.acts[: -len(question)], *again.acts))
    return done


def _looks_up(before: State, act: LookUp, language: str) -> Step:
    """It changes nothing, but asks in the language that was heard."""
    wanted = replace(act, language=language) if language != before.language else act
    return Step(before, (wanted,))


def order(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The command's cell in this phase. A command ends an open confirmation, but for a change of
    language, which puts it again."""
    row = ORDERS.get(reading.command)
    if row is None:  # a button of an older version
        return digressing.miss(script, state, r.Misses(), event)
    free = state if reading.command == "language" else replace(state, pending=None)
    done = row[PHASES.index(state.phase)](script, free, reading, event)
    return _guessed(script, state, reading, done) if reading.guessed else done


def _guessed(script: Script, state: State, reading: Orders, done: Step) -> Step:
    """A command that only looked like one is named, with the way to have it as the answer."""
    if done.acts and isinstance(done.acts[0], LookUp):
        return done  # it is named with what will be found
    place = open_place(script, state)
    offers: tuple[Offer, ...] = ()
    if place is not None and place.question.reader.free and state.phase is Phase.FILLING:
        mine = Choice("answer", place.path, reading.guessed, number_of(state))
        offers = (Offer(Term("buttons.my_answer"), mine),)
    said = Say("guessed", {"command": Term(f"buttons.{reading.command}")}, offers)
    return Step(done.state, (said, *done.acts))


def confirmed(script: Script, state: State, reading: Confirms, event: Event) -> Step:
    """Yes or no to the open confirmation, which is over with it."""
    if state.pending is None:
        return digressing.miss(script, state, r.Misses(), event)
    yes, no = CONFIRMATIONS[state.pending.kind]
    done = (yes if reading.yes else no)(script, state, event)
    if done.state.pending == state.pending:
        return Step(replace(done.state, pending=None), done.acts)
    return done


PHASES = (
    Phase.VISITING,
    Phase.FILLING,
    Phase.REVIEWING,
    Phase.STATING,
    Phase.PAUSED,
    Phase.SUBMITTED,
)

_a, _c, _d, _e, _f, _h = answering, confirming, digressing, ending, forgetting, handoff
_l, _m, _o, _p, _q = switching, amending, ordering, standing, citing
_r, _s, _t, _u = returning, sharing, citations, undoing
_stale = digressing.miss
"""an answer where nothing is asked cannot be read; the cell says where we are all the same"""

# fmt: off
_ROWS: dict[type[Reading], tuple[Cell, Cell, Cell, Cell, Cell, Cell]] = {
    # reading     visiting      filling       reviewing     stating       paused        submitted
    r.Answers:   (_stale,       _a.answer,    _stale,       _a.answer,    _a.answer,    _stale),
    r.Refuses:   (_stale,       _a.refuse,    _stale,       _a.refuse,    _a.refuse,    _stale),
    r.Fills:     (_a.take_in,   _a.take_in,   _a.take_in,   _a.take_in,   _a.take_in,   _stale),
    r.Joins:     (_stale,       _a.join,      _a.join,      _a.join,      _a.join,      _stale),
    r.Ignores:   (_a.ignore,    _a.ignore,    _a.ignore,    _a.ignore,    _a.ignore,    _a.ignore),
    r.Asks:      (_q.question,  _q.question,  _q.question,  _q.question,  _q.question,  _q.question),
    r.Orders:    (order,        order,        order,        order,        order,        order),
    r.Confirms:  (confirmed,    confirmed,    confirmed,    confirmed,    confirmed,    confirmed),
    r.Tells:     (_d.tell,      _d.tell,      _d.tell,      _d.tell,      _d.tell,      _d.tell),
    r.Hedges:    (_d.hedge,     _d.hedge,     _d.hedge,     _d.hedge,     _d.hedge,     _d.hedge),
    r.Escalates: (_q.escalate,  _q.escalate,  _q.escalate,  _q.escalate,  _q.escalate,  _q.escalate),
    r.Chats:     (_d.chat,      _d.chat,      _d.chat,      _d.chat,      _d.chat,      _d.chat),
    r.Attaches:  (_s.attach,    _s.attach,    _s.attach,    _s.attach,    _s.attach,    _s.attach),
    r.Overflows: (_d.overflow,  _d.overflow,  _d.overflow,  _d.overflow,  _d.overflow,  _d.overflow),
    r.Misses:    (_d.miss,      _d.miss,      _d.miss,      _d.miss,      _d.miss,      _d.miss),
    r.Amends:    (_c.amend,     _c.amend,     _c.amend,     _c.amend,     _c.amend,     _c.amend),
    r.Replies:   (_d.reply,     _d.reply,     _d.reply,     _d.reply,     _d.reply,     _d.reply),
    r.Corrects:  (_t.correct,  _t.correct,  _t.correct,  _t.correct,  _t.correct,  _t.correct),
    r.Requests:  (_m.requested, _m.requested, _m.requested, _m.requested, _m.requested, _m.requested),
    r.Decides:   (_m.decided,   _m.decided,   _m.decided,   _m.decided,   _m.decided,   _m.decided),
    r.Erases:    (_f.erased,    _f.erased,    _f.erased,    _f.erased,    _f.erased,    _f.erased),
    r.Ticks:     (_r.tick,      _r.tick,      _r.tick,      _r.tick,      _r.tick,      _r.tick),
}
# fmt: on

TABLE: dict[Phase, dict[type[Reading], Cell]] = {
    phase: {kind: row[column] for kind, row in _ROWS.items()} for column, phase in enumerate(PHASES)
}

# fmt: off
ORDERS: dict[str, tuple[Cell, Cell, Cell, Cell, Cell, Cell]] = {
    # command         visiting         filling            reviewing          stating            paused             submitted
    "start":        (_o.start,         _o.start,          _o.start,          _o.start,          _o.start,          _o.start),
    "help":         (_o.help_,         _o.help_,          _o.help_,          _o.help_,          _o.help_,          _o.help_),
    "menu":         (_o.menu,          _o.menu,           _o.menu,           _o.menu,           _o.menu,           _o.menu),
    "requirements": (_o.requirements,  _o.requirements,   _o.requirements,   _o.requirements,   _o.requirements,   _o.requirements),
    "apply":        (_o.apply,         _o.apply,          _o.apply,          _o.apply,          _o.apply,          _o.apply),
    "apply_again":  (_o.apply,         _o.apply,          _o.apply,          _o.apply,          _o.apply,          _o.apply),
    "check":        (_o.apply,         _o.apply,          _o.apply,          _o.apply,          _o.apply,          _o.apply),
    "answer_staff": (_m.answer_staff,  _m.answer_staff,   _m.answer_staff,   _m.answer_staff,   _m.answer_staff,   _m.answer_staff),
    "why":          (_o.why,           _o.why,            _o.why,            _o.why,            _o.why,            _o.why),
    "back":         (_o.back,          _o.back,           _o.back,           _o.back,           _o.back,           _o.back),
    "undo":         (_u.undo,          _u.undo,            _u.undo,            _u.undo,            _u.undo,            _u.undo),
    "was_question": (_u.was_question,  _u.was_question,    _u.was_question,    _u.was_question,    _u.was_question,    _u.was_question),
    "skip":         (_a.skip,          _a.skip,           _a.skip,           _a.skip,           _a.skip,           _a.skip),
    "skip_check":   (_a.skip_check,    _a.skip_check,     _a.skip_check,     _a.skip_check,     _a.skip_check,     _a.skip_check),
    "keep":         (_a.keep,          _a.keep,           _a.keep,           _a.keep,           _a.keep,           _a.keep),
    "same":         (_a.same,          _a.same,           _a.same,           _a.same,           _a.same,           _a.same),
    "as_before":    (_a.as_before,     _a.as_before,      _a.as_before,      _a.as_before,      _a.as_before,      _a.as_before),
    "leave":        (_a.leave,         _a.leave,          _a.leave,          _a.leave,          _a.leave,          _a.leave),
    "change":       (_o.change,        _o.change,         _o.change,         _o.change,         _o.change,         _d.change_submitted),
    "remove":       (_o.remove,        _o.remove,         _o.remove,         _o.remove,         _o.remove,         _d.change_submitted),
    "add":          (_o.add,           _o.add,            _o.add,            _o.add,            _o.add,            _d.change_submitted),
    "list":         (_p.status,        _p.status,         _o.show_summary,   _o.show_summary,   _p.status,         _f.my_data),
    "status":       (_p.status,        _p.status,         _p.status,         _p.status,         _p.status,         _p.status),
    "submit":       (_o.resume,        _o.submit_nothing, _h.ask_truth,       _h.ask_truth,      _o.resume,         _p.status),
    "pause":        (_o.pause,         _o.pause,          _o.pause,          _o.pause,          _o.pause,          _o.pause),
    "resume":       (_o.resume,        _o.resume,         _o.resume,         _o.resume,         _o.resume,         _o.resume),
    "stop_reminding": (_r.stop_reminding, _r.stop_reminding, _r.stop_reminding, _r.stop_reminding, _r.stop_reminding, _r.stop_reminding),
    "cancel":       (_e.cancel,        _e.cancel,         _e.cancel,         _e.cancel,         _e.cancel,         _e.ask_withdraw),
    "start_over":   (_e.ask_start_over, _e.ask_start_over, _e.ask_start_over, _e.ask_start_over, _e.ask_start_over, _o.apply),
    "withdraw":     (_e.withdraw,      _e.withdraw,       _e.withdraw,        _e.withdraw,       _e.withdraw,       _e.ask_withdraw),
    "my_data":      (_f.my_data,       _f.my_data,        _f.my_data,        _f.my_data,        _f.my_data,        _f.my_data),
    "was_told":     (_t.was_told,      _t.was_told,       _t.was_told,       _t.was_told,       _t.was_told,       _t.was_told),
    "delete_data":  (_f.ask_delete,    _f.ask_delete,     _f.ask_delete,     _f.ask_delete,     _f.ask_delete,     _f.ask_delete),
    "person":       (_d.person,        _d.person,         _d.person,         _d.person,         _d.person,         _d.person),
    "language":     (_l.switch,        _l.switch,         _l.switch,         _l.switch,         _l.switch,         _l.switch),
}
# fmt: on

CONFIRMATIONS: dict[PendingKind, tuple[Confirmation, Confirmation]] = {
    # the open confirmation: (yes, no)
    "check_no": (_o.went_on, _d.confirm_check),
    "start_over": (_e.confirm_start_over, _o.dropped),
    "withdraw": (_e.confirm_withdraw, _o.dropped),
    "delete_data": (_f.confirm_delete, _f.nothing_deleted),
    "which": (_q.tap_one, _q.confirm_escalate),
    "escalate": (_q.confirm_escalate, _q.not_asked),
    "person": (_d.confirm_person, _o.dropped),
    "change_request": (_o.dropped, _o.dropped),
    "choose": (_o.dropped, _o.dropped),
    "edit": (_c.confirm_edit, _c.keep_unedited),
    "dba_split": (_c.split_dba, _c.stands),
    "home": (_c.stands, _c.is_home),
    "owners_split": (_c.split_owners, _c.stands),
    "rest": (_c.stands, _c.ask_rest),
    "contact": (_s.take_number, _s.leave_number),
}
