"""One application as a tap, a form or a reply of staff is about it, with what they are told.

Who acts is known as ``channel:id``, so that a claim stays theirs whatever they are called; others
of staff read their name. A button is for the version that its card shows: after a new one it does
nothing, so that nobody decides on what they have not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.clock import minute
from bot.conversation import Taken
from bot.house import STAFF_LANGUAGE, post
from bot.messages import Button, Deed, Outgoing, Receipt, StaffForm, StaffReply
from bot.review_cards import past_card, record_card
from bot.reviewing import Reviewed, claim
from bot.store.rows import ConversationRow, OutboxRow, ReviewRow
from bot.tapped import Tapped
from dialogs.acts import Say, Term, Value
from dialogs.amendment import askable
from dialogs.asking import shown
from dialogs.objects import where
from dialogs.review import Denied
from dialogs.slots import Answered, Kept
from dialogs.state import State, Submission, submission


@dataclass(frozen=True, slots=True)
class Asking:
    """An answer that may be asked about, as staff read it."""

    label: str
    value: Value
    """only that there is one, where it is private"""


@dataclass(frozen=True, slots=True)
class Case:
    t: Tapped
    by: str
    row: ReviewRow
    person: ConversationRow
    state: State
    sent: Submission

    @property
    def reference(self) -> str:
        return self.row.record.reference

    # what is said

    def text(self, key: str, values: Mapping[str, Value] | None = None) -> str:
        given: dict[str, Value] = {"reference": self.reference, **(values or {})}
        return self.t.house.renderer.text(STAFF_LANGUAGE, f"desk.review.{key}", given)

    def note(self, key: str, values: Mapping[str, Value] | None = None) -> Taken:
        """Nothing but a word to whoever acts: under the tap, or as a message after a reply."""
        return self.t.word(f"desk.review.{key}", {"reference": self.reference, **(values or {})})

    def say(
        self,
        key: str,
        values: Mapping[str, Value] | None = None,
        buttons: tuple[Button, ...] = (),
        *,
        edit: str = "",
        waits_for: tuple[str, str] = ("", ""),
    ) -> list[OutboxRow]:
        """A message in the staff chat. ``edit``: the one that becomes it; ``waits_for``: what a
        reply to it is about. One that is changed waits for what it is changed to, or for nothing
        more."""
        given: dict[str, Value] = {"reference": self.reference, **(values or {})}
        said = Say(f"desk.review.{key}", given)
        outgoing = self.t.house.renderer.message(STAFF_LANGUAGE, (said,))
        assert outgoing is not None  # it says something
        return self.post(replace(outgoing, buttons=buttons), edit, waits_for)

    def post(
        self, outgoing: Outgoing, edit: str = "", waits_for: tuple[str, str] = ("", "")
    ) -> list[OutboxRow]:
        arrival, thread = self.t.arrival, getattr(self.t.arrival, "thread", "")
        over = ("over", self.reference)
        return post(
            self.t.house,
            self.t.tx,
            outgoing,
            channel=arrival.channel,
            chat=arrival.chat,
            thread=thread,
            conversation=self.person.id,
            case=over if edit and not waits_for[0] else waits_for,
            at=self.t.at,
            edit=edit,
        )

    def button(self, label: str, verb: str, value: str, values: Mapping[str, Value] = {}) -> Button:
        return Button(self.text(label, values), Deed(f"review:{verb}", self.reference, value))

    def card(self) -> list[OutboxRow]:
        """The newest card as the application stands now; an earlier one that was tapped says so."""
        tx, arrival = self.t.tx, self.t.arrival
        row = tx.reviews.get(self.reference)
        if row is None:
            return []
        tapped, house, at = on_a_card(self.t, self.reference), self.t.house, self.t.at
        cards = tx.reviews.cards(self.reference, arrival.channel, arrival.chat)
        newest = next(iter(cards), tapped)
        rows = record_card(house, tx, self.person, self.state, row, at, newest)
        if tapped not in ("", newest):
            rows += past_card(house, tx, self.reference, self.person.id, tapped, at)
        return rows

    # what may be done

    def begin(self) -> Taken | None:
        """Take it, or hold it for longer: who writes about it is not disturbed. Why not, else."""
        done = claim(self.t.house, self.t.tx, self.reference, self.by, actor=self.by)
        return self.denied(done.denied) if done.denied is not None else None

    def denied(self, denied: Denied) -> Taken:
        """Who was there first. The card that was tapped is put right: it may offer what is over."""
        values: dict[str, Value] = {
            "name": self.t.tx.colleagues.name(denied.by) if denied.by else Term("desk.anybody"),
            "until": minute(denied.at),
            "reference": self.reference,
        }
        taken = untaken(self.t, self.t.word(f"desk.review.denied_{denied.reason}", values))
        if denied.reason == "unclaimed" or on_a_card(self.t, self.reference):
            return replace(taken, rows=(*taken.rows, *self.card()))
        return taken

    def told(self, done: Reviewed, key: str, rows: list[OutboxRow]) -> Taken:
        """It is done, and the applicant's turn is taken. A form just closes: the card says it."""
        closes = isinstance(self.t.arrival, StaffForm) and done.reached
        note = "" if closes else self.text(key)
        note += "" if done.reached else " " + self.text("unreached")
        if isinstance(self.t.arrival, StaffReply) and not done.reached:
            rows = [*rows, *self.note("unreached").rows]
        others = (done.taken,) if done.taken is not None else ()
        return Taken(Receipt(note=note), (*rows, *self.card()), others=others)

    def askings(self) -> dict[str, Asking]:
        """By path, in the order of the form."""
        house, draft = self.t.house, self.sent.draft
        may_ask = askable(house.script.form, draft)
        found: dict[str, Asking] = {}
        for place in house.script.form.places(draft):
            if place.path not in may_ask:
                continue
            label = house.renderer.text(STAFF_LANGUAGE, f"field.{place.name}.label")
            number = where(house.script, draft, place)
            slot = draft.slots.get(place.path)
            value = shown(house.script, self.state, place, slot)
            if place.question.private and isinstance(slot, Answered | Kept):
                value = Term("slots.masked")
            found[place.path] = Asking(f"{label} {number}".strip(), value)
        return found


def opened(t: Tapped, reference: str, version: str = "") -> Case | Taken:
    """The case, or why there is none. ``version``: the one that the card shows; empty: any."""

    def none(key: str) -> Taken:
        return untaken(t, t.word(f"desk.review.{key}", {"reference": reference}))

    row = t.tx.reviews.get(reference)
    person = t.tx.conversation(row.record.conversation) if row is not None else None
    if row is None or person is None:
        return none("gone")
    state = t.states.read(person)
    sent = submission(state, reference) if state is not None else None
    if state is None or sent is None:
        return none("unread")
    if version and version != str(row.version):
        newer, card = none("newer"), on_a_card(t, reference)
        rows = past_card(t.house, t.tx, reference, person.id, card, t.at) if card else []
        return replace(newer, rows=(*newer.rows, *rows))
    return Case(t, f"{t.arrival.channel}:{t.arrival.by}", row, person, state, sent)


def on_a_card(t: Tapped, reference: str) -> str:
    """The card of this application that was tapped; empty where it was no card of it."""
    case = t.tx.case(t.arrival.channel, t.arrival.chat, t.arrival.card)
    return t.arrival.card if case == ("record", reference) else ""


def untaken(t: Tapped, taken: Taken) -> Taken:
    """A word on why nothing was done. A form says it where it stands and stays open, so that what
    was written in it is not lost."""
    if not isinstance(t.arrival, StaffForm) or not t.arrival.values:
        return taken
    note, (first, _) = taken.receipt.note, t.arrival.values[0]
    return replace(taken, receipt=Receipt(note=note, faults=((first, note),)))
