"""What can be taken back or changed afterwards: edits, [Undo], [That was a question], doubts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs.acts import Cite, LookUp, Say
from dialogs.events import Choice, Edited, Event, Finding
from dialogs.machine import step
from dialogs.slots import Answered, Draft
from dialogs.state import Phase, State, Step
from tests.speaking import (
    AT,
    NOTHING,
    answer_to,
    article,
    keys_of,
    offers_of,
    picked,
    reviewing,
    said,
    script,
    submitted,
    talk,
    token,
    two_locations,
    until,
)

KNOWS = Finding("answer", (article(),))
OTHER = {
    "kind": "reseller",
    "legal_name": "Northside Repairs Ltd",
    "dba": "Northside",
    "owners.name": "Ana Lopes",
    "locations.country": "Ireland",
    "locations.address": "9 High Street, Leeds LS1 6DT",
    "locations.phone": "+44 113 496 0999",
    "email": "info@northside.co.uk",
    "website": "northside.co.uk",
    "experience": "We have repaired tablets since 2019 in two shops.",
}
"""another true answer to each"""


def draft_of(state: State) -> Draft:
    assert state.draft is not None
    return state.draft


def edited(message: str, text: str) -> Edited:
    return Edited(text, message, AT, token(), NOTHING)


def message_of(state: State, path: str) -> str:
    slot = draft_of(state).slots[path]
    assert isinstance(slot, Answered)
    return slot.messages[-1]


def take(state: State, event: Event) -> Step:
    return step(script(), state, event)


def tap(done: Step, label: str) -> Step:
    """Tap the button of this entry of the words."""
    offer = next(o for o in offers_of(done.acts) if getattr(o.label, "key", "") == label)
    return take(done.state, picked(offer.choice))


def changed(before: State, after: State) -> set[str]:
    old, new = draft_of(before).slots, draft_of(after).slots
    return {path for path in {*old, *new} if old.get(path) != new.get(path)}


# --- edits ---


@pytest.mark.parametrize("name", OTHER)
def test_an_edited_answer_is_offered_and_changed_only_by_a_yes(name: str) -> None:
    state = reviewing()
    path = next(p.path for p in script().form.places(draft_of(state)) if p.name == name)
    done = take(state, edited(message_of(state, path), OTHER[name]))
    assert keys_of(done.acts) == ["edited.offer"]
    assert done.state.draft == state.draft
    yes = tap(done, "buttons.change_it")
    assert path in changed(state, yes.state)
    others = changed(state, yes.state) - {path}
    assert others <= {p.path for p in script().form.places(draft_of(state)) if p.name == name} | {
        "locations.1.phone",  # a country's change flags the phone of another one
        "locations.1.address",
    }
    assert yes.state.phase is Phase.REVIEWING
    no = tap(done, "buttons.keep_it")
    assert no.state == state


def test_the_same_in_other_letters_changes_nothing() -> None:
    state = talk(until("website"), "lakesidecare.co.uk")
    done = take(state, edited(message_of(state, "website"), "https://lakesidecare.co.uk/"))
    assert keys_of(done.acts)[0] == "edited.same"
    assert done.state == state


def test_an_edit_that_its_reader_refuses_is_told_why_and_changes_nothing() -> None:
    state = talk(until("email"), "info@lakesidecare.co.uk")
    done = take(state, edited(message_of(state, "email"), "info@gmail.com"))
    assert keys_of(done.acts)[:2] == ["edited.refused", "refusals.free_mail.first"]
    assert done.state == state


def test_an_edited_part_of_a_joined_answer_changes_that_part() -> None:
    state = talk(until("locations.address"), "12 Market Street", "Leeds LS1 6DT")
    done = take(state, edited(message_of(state, "locations.1.address"), "Leeds LS2 7EW"))
    yes = tap(done, "buttons.change_it")
    value = draft_of(yes.state).value("locations.1.address")
    assert value == "12 Market Street, Leeds LS2 7EW"


def test_of_a_pasted_text_only_what_changes_is_offered() -> None:
    text = "my email is a@lakeside.co.uk and our website is lakeside.co.uk"
    state = talk(until("email"), text)
    done = take(state, edited(message_of(state, "email"), text.replace("a@", "b@")))
    (offer,) = [act for act in done.acts if isinstance(act, Say)]
    assert done.state.pending is not None
    assert [path for path, _ in done.state.pending.changes] == ["email"]
    assert offer.key == "edited.offer"


def test_an_edited_refused_answer_is_read_anew() -> None:
    state = talk(until("locations.address"), "PO Box 12")
    assert state.refusal is not None
    done = take(state, edited(state.refusal.messages[0], "12 Market Street, Leeds LS1 6DT"))
    slot = draft_of(done.state).slots["locations.1.address"]
    assert isinstance(slot, Answered)
    assert slot.messages == state.refusal.messages


def test_an_edited_question_is_answered_anew() -> None:
    asked = said("is a credit line needed?", KNOWS)
    state = take(until("legal_name"), asked).state
    first = take(state, replace(edited(asked.message, "are audits needed?"), found=None))
    assert first.acts == (LookUp("are audits needed?"),)
    then = take(state, replace(edited(asked.message, "are audits needed?"), found=KNOWS))
    assert isinstance(then.acts[0], Cite)
    assert then.state.draft == state.draft


@pytest.mark.parametrize(
    ("state", "path", "key"),
    [
        (until("legal_name"), "consent", "edited.agreement"),
        (submitted(), "", "edited.submitted"),
    ],
)
def test_what_an_edit_cannot_change_is_said(state: State, path: str, key: str) -> None:
    slots = (state.draft or state.submissions[-1].draft).slots
    slot = slots[path or "legal_name"]
    assert isinstance(slot, Answered)
    done = take(state, edited(slot.messages[0], "Northside Ltd"))
    assert keys_of(done.acts)[0] == key
    assert done.state == state


def test_an_old_offer_of_an_edit_changes_nothing() -> None:
    state = reviewing()
    offered = take(state, edited(message_of(state, "legal_name"), "Northside Ltd"))
    moved = talk(offered.state, "status")
    yes = next(o for o in offers_of(offered.acts) if o.choice.value == "yes")
    assert draft_of(take(moved, picked(yes.choice)).state) == draft_of(state)


# --- undo ---


@pytest.mark.parametrize("name", [n for n in OTHER if n != "kind"])
def test_one_tap_takes_the_latest_answer_back(name: str) -> None:
    before = until(name)
    done = take(before, said(answer_to(name)))
    assert done.state.latest is not None
    back = take(done.state, picked(Choice("order", "undo", done.state.latest.message, 1)))
    assert back.state.draft == before.draft


def test_an_undo_button_of_an_earlier_answer_is_stale() -> None:
    first = talk(until("legal_name"), "Acme Ltd")
    assert first.latest is not None
    old = Choice("order", "undo", first.latest.message, 1)
    later = talk(first, "Acme Repairs")
    done = take(later, picked(old))
    assert keys_of(done.acts)[0] == "stale"
    assert done.state.draft == later.draft


def test_a_pasted_text_is_taken_back_whole() -> None:
    before = until("legal_name")
    pasted = "Legal name: Acme Ltd\nOwners: Maria Santos, Ana Lopes\nWebsite: acme.co.uk"
    done = take(before, said(pasted))
    assert draft_of(done.state).value("website") == "https://acme.co.uk"
    assert len(draft_of(done.state).ids("owners")) == 2
    assert draft_of(tap(done, "buttons.undo").state) == draft_of(before)


def test_that_was_a_question_moves_the_answer() -> None:
    done = take(until("legal_name"), said("Why Not Plumbing LLC"))
    assert draft_of(done.state).value("legal_name") == "Why Not Plumbing LLC"
    offer = next(o for o in offers_of(done.acts) if o.choice.target == "was_question")
    first = take(done.state, picked(offer.choice, None))
    assert first.acts == (LookUp("Why Not Plumbing LLC"),)
    then = take(done.state, picked(offer.choice, KNOWS))
    assert draft_of(then.state).value("legal_name") is None
    assert keys_of(then.acts)[0] == "undo.question"


# --- doubts ---

DOUBTS = [
    # open, typed, the confirmation, the answer to it, what stands then
    (
        "legal_name",
        "Acme Ltd t/a Acme Repairs",
        "dba_split",
        "yes",
        {"legal_name": "Acme Ltd", "dba": "Acme Repairs"},
    ),
    (
        "legal_name",
        "Acme Ltd t/a Acme Repairs",
        "dba_split",
        "no",
        {"legal_name": "Acme Ltd t/a Acme Repairs", "dba": None},
    ),
    (
        "owners.name",
        "Maria Santos and Ana Lopes",
        "owners_split",
        "yes",
        {"owners.1.name": "Maria Santos", "owners.2.name": "Ana Lopes"},
    ),
    (
        "owners.name",
        "Maria Santos and Ana Lopes",
        "owners_split",
        "no",
        {"owners.1.name": "Maria Santos and Ana Lopes"},
    ),
    (
        "locations.address",
        "Flat 3, 12 Market Street, Leeds LS1 6DT",
        "home",
        "yes",
        {"locations.1.address": "Flat 3, 12 Market Street, Leeds LS1 6DT"},
    ),
    (
        "locations.address",
        "Flat 3, 12 Market Street, Leeds LS1 6DT",
        "home",
        "no",
        {"locations.1.address": None},
    ),
]


@pytest.mark.parametrize(("name", "typed", "kind", "says", "stands"), DOUBTS)
def test_a_doubt_is_a_question_that_one_word_clears(
    name: str, typed: str, kind: str, says: str, stands: dict[str, str | None]
) -> None:
    asked = talk(until(name), typed)
    assert asked.pending is not None
    assert asked.pending.kind == kind
    after = talk(asked, says)
    assert after.pending is None
    assert {path: draft_of(after).value(path) for path in stands} == stands


@pytest.mark.parametrize(("name", "typed", "kind", "says", "stands"), DOUBTS[1::2])
def test_a_doubt_that_is_not_cleared_traps_nobody(
    name: str, typed: str, kind: str, says: str, stands: dict[str, str | None]
) -> None:
    """The next question's answer is taken as if nothing had been asked."""
    asked = talk(until(name), typed)
    following = {"legal_name": "dba", "owners.name": "owners.more"}.get(name, "locations.phone")
    after = talk(asked, answer_to(following))
    assert after.pending is None
    assert draft_of(after).value(f"{name}") is not None or name != "legal_name"


def test_changing_to_an_answer_with_the_same_doubt_asks_it_once() -> None:
    state = talk(two_locations(), "change location 1", "Flat 3, 12 High St, Leeds LS1 1AA")
    assert state.pending is not None
    state = talk(state, "yes")
    assert state.phase is Phase.REVIEWING
    again = talk(state, "change location 1", "Flat 4, 12 High St, Leeds LS1 1AA")
    assert again.pending is None
