"""What a person's home page says, on a platform that has one: where everything stands, and the one
button that goes on from there.

It says what ``status`` says, but for the answers: names of what is sent, filled and left, and the
open question. The button is the command that the conversation would be given (``ordering.py``), so
it does there what the word does.
"""

from __future__ import annotations

from dialogs.acts import Offer, Say, Term, Value
from dialogs.amendment import waiting
from dialogs.asking import offer
from dialogs.events import Choice
from dialogs.objects import where
from dialogs.standing import stands
from dialogs.state import WITH_STAFF, Phase, Script, State, application, open_place


def home(script: Script, state: State) -> tuple[Say, ...]:
    """The whole page, also for somebody of whom nothing is known."""
    says = [Say("home.title"), *stands(script, state)]
    draft = application(state)
    if draft is not None:
        done, total = script.form.progress(draft)
        says.append(Say("status.draft", {"done": str(done), "total": str(total)}))
        if draft is state.draft:
            says.append(_open(script, state))
    if len(says) == 1:
        says.append(Say("home.nothing"))
    return (*says[:-1], Say(says[-1].key, says[-1].values, _offers(state)))


def _open(script: Script, state: State) -> Say:
    place = None if state.phase is Phase.REVIEWING else open_place(script, state)
    if place is None or place.kind == "more" or state.draft is None:
        return Say("home.ready" if place is None else "home.more")
    values: dict[str, Value] = {
        "label": Term(f"field.{place.name}.label"),
        "item": where(script, state.draft, place),
    }
    return Say("home.open_nth" if values["item"] else "home.open", values)


def _offers(state: State) -> tuple[Offer, ...]:
    if waiting(state) is not None:
        return (offer("answer_staff"),)
    if application(state) is not None:
        return (offer("resume"),)
    if not state.submissions:
        return (Offer(Term("home.start"), Choice("order", "apply")),)
    if any(sent.status in WITH_STAFF for sent in state.submissions):
        return ()
    return (offer("apply_again"),)
