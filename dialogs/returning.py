"""Coming back: one reminder, what is kept and for how long, and the welcome after a long silence.

A silence is counted from the last word of the person or of staff. Nothing is written down for its
end while people talk: when a draft begins, one due row of the kind ``SILENCE`` is set, and a turn
only notes its own time in the state (``Watch``). When the row comes due, the state says whether
anything has come of it; where the person has talked meanwhile, the row is set anew for the end of
the newest silence, and nobody hears of it. ``State.wake`` is when the row comes due, so that a turn
sets another one only where it is needed sooner.

What comes of a silence, each but once, and none of it while there is no draft:

- after two days a reminder: one for a draft in all, however often the person leaves again; none
  after "cancel" or [Stop reminding], and none while everything that is left is with staff;
- three days before ``Script.keep_days`` are over, an announcement; it is about the person's own
  data, so a stop does not take it away. It counts as the reminder too;
- when they are over, and the announcement is three days old, the draft is erased: with everything
  else of the person, or, where they have handed something off, with what was said since then.

What staff ask about a sent application is no unfinished one: it is never erased by a silence, and
its reminder says who waits. An application that was left for it keeps its own end.

A person who has blocked the bot, or whose latest message was refused as to one who is gone, is told
nothing, and their draft goes as it would have gone. Their next word says that they are back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs.acts import Forget, Lines, Remind, Say, Term, Value
from dialogs.amendment import amends
from dialogs.asking import QUIET, number_of, offer, put
from dialogs.events import Edited, Event, Left, Picked, Said, StaffReplied, Ticked
from dialogs.handoff import idle
from dialogs.objects import where
from dialogs.readings import Orders, Ticks
from dialogs.slots import Draft
from dialogs.state import (
    Phase,
    Script,
    Stand,
    State,
    Step,
    Watch,
    application,
    at_rest,
    open_place,
)
from dialogs.times import after

SILENCE = "silence"
"""the kind of the due row"""
REMIND_AFTER = timedelta(days=2)
ANNOUNCED = timedelta(days=3)
"""at least so long before it is erased, a draft's end is announced"""
LONG = timedelta(hours=12)
"""a silence after which a greeting is a return"""
LOOK_AGAIN = timedelta(days=30)
"""the furthest that the row is set ahead, so that another ``keep_days`` takes hold by then"""

_FILLED = (Phase.FILLING, Phase.REVIEWING, Phase.STATING, Phase.PAUSED)
"""phases of a draft that its person has not stopped"""


# Keeping watch: after every turn


def keep_watch(script: Script, done: Step, event: Event, stand: Stand | None) -> Step:
    """What a step gives, with the silence counted anew and its end set where it is needed.
    ``stand``: the draft's as it is now; a state is costly to copy, so it is done once for both."""
    before, by_person = done.state, isinstance(event, Said | Picked | Edited)
    if isinstance(event, Ticked) and event.kind != SILENCE:
        return done
    watch = _watch_of(before, event, heard=by_person or isinstance(event, StaffReplied))
    gone = before.gone and not by_person
    if watch is None and (before.watch, before.gone, before.stand) == (None, gone, stand):
        return done
    state = replace(before, watch=watch, gone=gone, stand=stand)
    wanted = _next(script, state, event.at)
    lost = state.wake < event.at  # its turn failed, else it would have come by now
    if wanted and (not state.wake or wanted < state.wake or lost):
        return Step(replace(state, wake=wanted), (*done.acts, Remind(SILENCE, wanted)))
    return Step(state, done.acts)


def _watch_of(state: State, event: Event, *, heard: bool) -> Watch | None:
    draft, watch = application(state) or state.draft, state.watch
    if draft is None:
        return None
    if watch is None or watch.draft != draft.number:
        return Watch(draft.number, event.at)
    if not heard:
        return watch
    # What comes late, or by a clock that is behind, makes no silence longer.
    return replace(watch, last_at=max(watch.last_at, event.at), announced_at="")


def _next(script: Script, state: State, now: str) -> str:
    """When something is to come of this silence, or else a time to look again. Empty without a
    draft."""
    watch, days = state.watch, script.keep_days
    if watch is None:
        return ""
    if application(state) is None:  # what staff ask: there is a reminder, and no end
        return after(watch.last_at, REMIND_AFTER) if _may_remind(script, state) else ""
    if watch.announced_at and days:
        return _erase_at(script, watch)
    spans = [REMIND_AFTER] if _may_remind(script, state) else []
    if days:
        spans.append(timedelta(days=days) - ANNOUNCED)
    soonest = min(spans, default=LOOK_AGAIN)
    if soonest < LOOK_AGAIN:
        return after(watch.last_at, soonest)
    look_again = after(now, LOOK_AGAIN)
    return min(after(watch.last_at, soonest), look_again) if spans else look_again


def _may_remind(script: Script, state: State) -> bool:
    if state.draft is None or state.watch is None or state.watch.reminded or state.gone:
        return False
    return state.phase in _FILLED and not _waits_for_staff(script, state)


def _waits_for_staff(script: Script, state: State) -> bool:
    """Is there nothing that the person could do but wait?"""
    if state.draft is None or state.phase in (Phase.FILLING, Phase.STATING):
        return False  # a question is open
    if open_place(script, state) is not None:
        return False
    return bool(script.form.open_at_staff(state.draft))


def _announce_at(script: Script, watch: Watch) -> str:
    return after(watch.last_at, timedelta(days=script.keep_days) - ANNOUNCED)


def _erase_at(script: Script, watch: Watch) -> str:
    """Not before the announcement has stood its time, however late that came."""
    kept = after(watch.last_at, timedelta(days=script.keep_days))
    return max(kept, after(watch.announced_at, ANNOUNCED))


# The end of a silence


def tick(script: Script, state: State, reading: Ticks, event: Event) -> Step:
    """The due row's turn; mostly nothing comes of it. Rows of other kinds change nothing."""
    if isinstance(event, Left):  # nothing is said until they write again
        return Step(replace(state, gone=True), ())
    if reading.kind != SILENCE or not isinstance(event, Ticked):
        return Step(state, ())
    state = replace(state, wake="", gone=state.gone or not event.reachable)
    watch = state.watch
    if watch is None:
        return Step(state, ())
    if script.keep_days and application(state) is not None:
        if watch.announced_at and event.at >= _erase_at(script, watch):
            return _told(_erased(state))
        if not watch.announced_at and event.at >= _announce_at(script, watch):
            return _told(_announced(script, state, watch, event.at))
    if _may_remind(script, state) and event.at >= after(watch.last_at, REMIND_AFTER):
        return _reminded(script, state, watch)
    return Step(state, ())


def _told(done: Step) -> Step:
    """The same, without a word to a person who cannot be reached."""
    if not done.state.gone:
        return done
    return Step(done.state, tuple(act for act in done.acts if not isinstance(act, Say)))


def _reminded(script: Script, state: State, watch: Watch) -> Step:
    sent = amends(state)
    says = Say(
        "remind.once" if sent is None else "remind.asked",
        {"progress": progress(script, state), "reference": sent.reference if sent else ""},
        (offer("resume"), offer("stop_reminding", "", number_of(state))),
    )
    # A "yes" after days is no yes to what was asked before them.
    return Step(replace(state, pending=None, watch=replace(watch, reminded=True)), (says,))


def _announced(script: Script, state: State, watch: Watch, at: str) -> Step:
    watch = replace(watch, reminded=watch.reminded or not state.gone, announced_at=at)
    unfinished = replace(state, draft=application(state), phase=Phase.FILLING, editing="")
    values: dict[str, Value] = {
        "progress": progress(script, unfinished if amends(state) else state),
        "date": _erase_at(script, watch)[:10],
        "days": str(script.keep_days),
    }
    says = Say("expiry.notice", values, (offer("resume"), offer("delete_data")))
    return Step(replace(state, pending=None, watch=watch), (says,))


def _erased(state: State) -> Step:
    if not state.submissions:
        fresh = State(language=state.language, gone=state.gone)
        return Step(fresh, (Forget(), Say("expiry.done", {}, (offer("apply"),))))
    sent = state.submissions[-1]
    if state.draft is not None and not state.draft.reference:
        state = replace(
            state,
            phase=idle(state),
            draft=None,
            editing="",
            pending=None,
            refusal=None,
            latest=None,
            later=(),
            held_answers=(),
        )
    fresh = replace(
        state,
        aside=tuple(draft for draft in state.aside if draft.reference),
        asked="",
        album="",
        held="",
        questions=(),
        topic=None,
        watch=None,
        cited=tuple(cited for cited in state.cited if cited.at <= sent.at),
    )
    offers = (offer("status"), offer("apply_again"))
    says = Say("expiry.done_sent", {"reference": sent.reference}, offers)
    return Step(fresh, (Forget(since=sent.at), says))


def stop_reminding(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """No reminder any more of this draft."""
    if state.draft is None:
        return Step(state, (Say("remind.nothing"), *put(script, state, "short")))
    watch = state.watch or Watch(state.draft.number, event.at)
    values: dict[str, Value] = {"kept": kept(script, state)}
    says = Say("remind.stopped", values, (offer("resume"),))
    return Step(replace(state, watch=replace(watch, reminded=True)), (says,))


# The return


def comes_back(state: State, event: Event) -> bool:
    """Is this the first word after a long silence, with something left to finish?"""
    if state.draft is None or state.watch is None or isinstance(event, Ticked | Left):
        return False
    return event.at >= after(state.watch.last_at, LONG)


def welcome_back(script: Script, state: State) -> Step:
    """After a long silence: where it stands, and the open question whole."""
    if state.phase is Phase.PAUSED:
        state = resumed(script, state)
    state = replace(state, pending=None)
    offers = (offer("resume"),) if state.phase in QUIET else ()
    says = Say("returning.back", {"progress": progress(script, state)}, offers)
    return Step(state, (says, *put(script, state)))


def resumed(script: Script, state: State) -> State:
    """The draft is being filled again, or reviewed where nothing is left to ask."""
    return at_rest(script, replace(state, phase=Phase.FILLING, pending=None))


def progress(script: Script, state: State) -> Lines:
    """ "4 of 9 questions done, next: Phone", to be put into a sentence."""
    draft = state.draft or Draft()
    done, total = script.form.progress(draft)
    values: dict[str, Value] = {"done": str(done), "total": str(total)}
    place = open_place(script, state)
    if place is None:
        key = "staff" if script.form.open_at_staff(draft) else "summary"
        return Lines((Say(f"progress.{key}", values),))
    values["label"] = Term(f"field.{place.name}.label")
    values["item"] = item = where(script, draft, place)
    if place.question.stage == "check":
        number, of = script.form.position(draft, place.path)
        values |= {"done": str(number - 1), "total": str(of)}
        return Lines((Say("progress.check", values),))
    return Lines((Say("progress.next_nth" if item else "progress.next", values),))


def kept(script: Script, state: State) -> Lines:
    """How long what is being filled is kept, to be put into a sentence."""
    if not script.keep_days or amends(state) is not None:
        return Lines((Say("kept.ever"),))
    return Lines((Say("kept.days", {"days": str(script.keep_days)}),))
