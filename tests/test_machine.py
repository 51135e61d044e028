"""The machine's tables: nothing left out, and what matters of each cell written out again here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from dialogs import reading
from dialogs.acts import Ask, Cite, Escalate, Forget, LookUp, Say, Submit, Withdraw
from dialogs.events import Choice, Edited, Erased, Event, Finding, Medium, Said, Ticked
from dialogs.machine import CONFIRMATIONS, ORDERS, PHASES, TABLE, step
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped, Slot
from dialogs.state import (
    Cited,
    Pending,
    PendingKind,
    Phase,
    State,
    Step,
    Submission,
    Topic,
    open_place,
)
from dialogs.verdicts import Flag
from dialogs.wording import fold
from tests.speaking import (
    AT,
    NOTHING,
    article,
    in_phase,
    keys_of,
    offers_of,
    onward,
    paused,
    picked,
    replied,
    reviewing,
    said,
    script,
    speech,
    stating,
    straight,
    submitted,
    talk,
    token,
    until,
)

KNOWS = Finding("answer", (article(),))
UNSURE = Finding("unsure", (article(), article("certification", "What is certification?")))


def take(state: State, text: str, found: Finding = KNOWS) -> Step:
    return step(script(), state, said(text, found))


def tap(state: State, choice: Choice | None) -> Step:
    return step(script(), state, picked(choice, KNOWS))


def first(done: Step) -> str:
    """What is said first: a key, ``ask:<path>``, or "cite"."""
    speaks = [act for act in done.acts if isinstance(act, Say | Ask | Cite)]
    return "cite" if isinstance(speaks[0], Cite) else keys_of(speaks)[0]


# --- the tables are whole ---


def test_every_phase_has_a_cell_for_every_kind_of_reading() -> None:
    kinds = set(get_args(reading.Reading))
    assert set(TABLE) == set(Phase)
    assert {phase: set(row) for phase, row in TABLE.items()} == dict.fromkeys(Phase, kinds)


def test_every_command_has_a_cell_in_every_phase() -> None:
    assert set(PHASES) == set(Phase)
    assert {command: len(row) for command, row in ORDERS.items()} == dict.fromkeys(
        ORDERS, len(PHASES)
    )


def test_every_open_confirmation_has_a_yes_and_a_no() -> None:
    assert set(CONFIRMATIONS) == set(get_args(PendingKind))


@pytest.mark.parametrize("code", list(script().wording.languages))
def test_every_command_has_words_in_every_language(code: str) -> None:
    language = script().wording.language(code)
    worded = {
        key.removeprefix("commands."): phrases
        for key, phrases in language.lists.items()
        if key.startswith("commands.")
    }
    assert set(worded) == set(ORDERS)
    assert all(worded.values())


@pytest.mark.parametrize("code", list(script().wording.languages))
def test_no_words_mean_two_commands(code: str) -> None:
    language = script().wording.language(code)
    meant: dict[str, set[str]] = {}
    for key, phrases in language.lists.items():
        if key.startswith("commands."):
            for phrase in phrases:
                meant.setdefault(fold(phrase), set()).add(key)
    assert {phrase: keys for phrase, keys in meant.items() if len(keys) > 1} == {}
    assert "" not in meant


PROMISES = re.compile(
    r"congratulat|you (are|will be|have been|were) (accepted|approved|authori[sz]ed)|"
    r"we (accept|approve) (you|your)|welcome to the program|you qualify|you are eligible|"
    r"(is|was|are|be|been) (accepted|approved)|guaranteed|will be successful",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", list(script().wording.languages))
def test_no_sentence_promises_acceptance(code: str) -> None:
    texts = script().wording.language(code).texts
    assert {key: text for key, text in texts.items() if PROMISES.search(text)} == {}


@pytest.mark.parametrize("key", ["receipt.done", "field.truth.ask"])
def test_what_is_said_at_the_end_denies_a_promise(key: str) -> None:
    assert "does not guarantee acceptance" in script().wording.text("en", key)


# --- what every command does in every phase: the phase after it ("=": the same), and what is said
# first. From here the states are: nothing begun; asked for the legal name; at the summary; at the
# statement of truth; paused at the e-mail; one application sent.

EXPECTED = {
    # visiting, filling, reviewing, stating, paused, submitted
    "start": (
        "= welcome",
        "= chat.greeting",
        "= chat.greeting",
        "= chat.greeting",
        "filling resume.done",
        "= chat.greeting",
    ),
    "help": ("= help", "= help", "= help", "= help", "= help", "= help"),
    "menu": ("= menu", "= menu", "= menu", "= menu", "= menu", "= menu"),
    "requirements": ("= cite", "= cite", "= cite", "= cite", "= cite", "= cite"),
    "apply": (
        "filling apply.begin",
        "= resume.done",
        "= resume.done",
        "reviewing resume.done",
        "filling resume.done",
        "filling apply.again",
    ),
    "apply_again": (
        "filling apply.begin",
        "= resume.done",
        "= resume.done",
        "reviewing resume.done",
        "filling resume.done",
        "filling apply.again",
    ),
    "check": (
        "filling apply.begin",
        "= resume.done",
        "= resume.done",
        "reviewing resume.done",
        "filling resume.done",
        "filling apply.again",
    ),
    "answer_staff": ("= amend.nothing",) * 6,
    "why": (
        "= why.nothing",
        "= why.because",
        "= why.nothing",
        "= why.because",
        "= why.because",
        "= why.nothing",
    ),
    "back": (
        "= back.nothing",
        "= ask:kind",
        "filling ask:experience",
        "reviewing summary.all",
        "filling ask:locations.1.phone",
        "= back.nothing",
    ),
    "undo": (
        "= back.nothing",
        "= undo.done",
        "filling undo.done",
        "filling undo.done",
        "filling undo.done",
        "= back.nothing",
    ),
    "was_question": ("= stale",) * 6,
    "skip": (
        "= skip.nothing",
        "= skip.required",
        "= skip.nothing",
        "= skip.required",
        "= skip.required",
        "= skip.nothing",
    ),
    "skip_check": (
        "= skip.nothing",
        "= skip.nothing",
        "= skip.nothing",
        "= skip.nothing",
        "= skip.nothing",
        "= skip.nothing",
    ),
    "keep": (
        "= keep.nothing",
        "= keep.nothing",
        "= keep.nothing",
        "= keep.nothing",
        "= keep.nothing",
        "= keep.nothing",
    ),
    "same": (
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
    ),
    "as_before": (
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
        "= same.nothing",
    ),
    "leave": (
        "= visit.menu",
        "= ask:legal_name",
        "= summary.again",
        "= ask:truth",
        "= pause.still",
        "= after.menu",
    ),
    "change": (
        "= change.nothing",
        "= change.which",
        "= change.which",
        "= change.which",
        "= change.which",
        "= after.change_what",
    ),
    "remove": (
        "= change.nothing",
        "= remove.only",
        "= remove.only",
        "= remove.only",
        "= remove.only",
        "= after.change_what",
    ),
    "add": (
        "= change.nothing",
        "= add.open",
        "filling ask:locations.2.country",
        "filling ask:locations.2.country",
        "filling ask:locations.2.country",
        "= after.change_what",
    ),
    "list": (
        "= status.none",
        "= status.draft",
        "= summary.all",
        "= summary.all",
        "= status.draft",
        "= data.submitted",
    ),
    "status": (
        "= status.none",
        "= status.draft",
        "= status.draft",
        "= status.draft",
        "= status.draft",
        "= status.submitted",
    ),
    "submit": (
        "= resume.nothing",
        "= submit.open",
        "stating ask:truth",
        "= ask:truth",
        "filling resume.done",
        "= status.submitted",
    ),
    "pause": (
        "= pause.nothing",
        "paused pause.done",
        "paused pause.done",
        "paused pause.done",
        "= pause.done",
        "= pause.nothing",
    ),
    "resume": (
        "= resume.nothing",
        "= resume.done",
        "= resume.done",
        "reviewing resume.done",
        "filling resume.done",
        "= resume.nothing",
    ),
    "stop_reminding": (
        "= remind.nothing",
        "= remind.stopped",
        "= remind.stopped",
        "= remind.stopped",
        "= remind.stopped",
        "= remind.nothing",
    ),
    "cancel": (
        "= cancel.nothing",
        "visiting cancel.done",
        "visiting cancel.done",
        "visiting cancel.done",
        "visiting cancel.done",
        "= withdraw.ask",
    ),
    "start_over": (
        "filling apply.begin",
        "= start_over.ask",
        "= start_over.ask",
        "= start_over.ask",
        "= start_over.ask",
        "filling apply.again",
    ),
    "withdraw": (
        "= withdraw.nothing",
        "visiting cancel.done",
        "visiting cancel.done",
        "visiting cancel.done",
        "visiting cancel.done",
        "= withdraw.ask",
    ),
    "my_data": (
        "= data.none",
        "= data.draft",
        "= data.draft",
        "= data.draft",
        "= data.draft",
        "= data.submitted",
    ),
    "was_told": ("= told.nothing",) * 6,
    "delete_data": (
        "= erase.ask",
        "= erase.ask",
        "= erase.ask",
        "= erase.ask",
        "= erase.ask",
        "= erase.ask_submitted",
    ),
    "person": (
        "= person.what",
        "= person.about",
        "= person.what",
        "= person.about",
        "= person.what",
        "= person.what",
    ),
    "language": ("= switch.done",) * 6,
}


def test_the_expected_table_names_every_command() -> None:
    assert set(EXPECTED) == set(ORDERS)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", EXPECTED)
def test_a_command_by_word(command: str, phase: Phase) -> None:
    phrase = script().wording.language("en").lists[f"commands.{command}"][0]
    done = take(in_phase(phase), phrase)
    after, says = EXPECTED[command][PHASES.index(phase)].split(" ")
    assert done.state.phase == (phase if after == "=" else Phase(after))
    assert first(done) == says


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("command", EXPECTED)
def test_a_command_by_button_does_the_same(command: str, phase: Phase) -> None:
    phrase = script().wording.language("en").lists[f"commands.{command}"][0]
    typed = take(in_phase(phase), phrase)
    tapped = tap(in_phase(phase), Choice("order", command))
    assert keys_of(tapped.acts) == keys_of(typed.acts)
    assert tapped.state.phase == typed.state.phase


@pytest.mark.parametrize("phase", PHASES)
def test_an_unknown_command_of_a_button_says_where_we_are(phase: Phase) -> None:
    done = tap(in_phase(phase), Choice("order", "of_another_version"))
    assert first(done) == "stale"
    assert done.state == in_phase(phase)


# --- what else can happen, in every phase ---

MENU_OF = {
    Phase.VISITING: "visit.menu",
    Phase.FILLING: "ask:legal_name",
    Phase.REVIEWING: "summary.again",
    Phase.STATING: "ask:truth",
    Phase.PAUSED: "pause.still",
    Phase.SUBMITTED: "after.menu",
}
"""what is put again, short"""


@pytest.mark.parametrize("phase", PHASES)
def test_a_button_that_is_not_theirs_changes_nothing(phase: Phase) -> None:
    done = tap(in_phase(phase), None)
    assert done.state == in_phase(phase)
    assert keys_of(done.acts) == ["stale", MENU_OF[phase]]


@pytest.mark.parametrize("phase", PHASES)
def test_an_old_answer_button_overwrites_nothing(phase: Phase) -> None:
    done = tap(in_phase(phase), Choice("answer", "self_check.audited", "no", 1))
    assert done.state == in_phase(phase)
    assert keys_of(done.acts) == ["stale", MENU_OF[phase]]


@pytest.mark.parametrize("phase", PHASES)
def test_a_question_is_looked_up_then_answered_and_changes_no_answer(phase: Phase) -> None:
    state, event = in_phase(phase), said("what is required?", None)
    asked = step(script(), state, event)
    assert asked == (state, (LookUp("what is required?"),))
    done = step(script(), state, replace(event, found=KNOWS))
    told = Cited("requirements", "1", "What is required?", AT)
    topic = Topic("what is required?", "requirements")
    assert done.state == replace(state, questions=(event.message,), cited=(told,), topic=topic)
    assert isinstance(done.acts[0], Cite)
    back = keys_of(done.acts)
    assert back == ([] if phase in (Phase.VISITING, Phase.SUBMITTED) else [MENU_OF[phase]])


@pytest.mark.parametrize("phase", PHASES)
def test_a_question_that_no_article_answers_reaches_staff_with_one_yes(phase: Phase) -> None:
    state = in_phase(phase)
    unknown = take(state, "may my cousin run it?", Finding("nothing"))
    assert first(unknown) == "question.unknown"
    done = take(unknown.state, "yes")
    escalated = [act for act in done.acts if isinstance(act, Escalate)]
    reference = submitted().submissions[0].reference if phase is Phase.SUBMITTED else ""
    assert escalated == [Escalate("question", "may my cousin run it?", "", reference)]
    assert replace(done.state, questions=()) == replace(state, asked="may my cousin run it?")


@pytest.mark.parametrize("phase", PHASES)
def test_a_second_tap_passes_nothing_to_staff_twice(phase: Phase) -> None:
    button = Choice("escalate", value="may my cousin run it?")
    once = tap(in_phase(phase), button)
    twice = tap(once.state, button)
    assert [type(act) for act in once.acts].count(Escalate) == 1
    assert [type(act) for act in twice.acts].count(Escalate) == 0
    assert first(twice) == "question.already"


@pytest.mark.parametrize("phase", PHASES)
def test_a_timer_is_silent_and_changes_nothing(phase: Phase) -> None:
    assert step(script(), in_phase(phase), Ticked("x", AT, token())) == (in_phase(phase), ())


@pytest.mark.parametrize("phase", PHASES)
def test_an_edited_message_overwrites_nothing(phase: Phase) -> None:
    done = step(script(), in_phase(phase), Edited("another name", "m1", AT, token()))
    assert done.state == in_phase(phase)
    assert first(done) == ("edited.other")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("medium", ["voice", "document", "photo", "video", "sticker", "location"])
def test_what_has_no_text_gets_one_sentence_of_its_kind(medium: Medium, phase: Phase) -> None:
    event = replace(said(""), medium=medium)
    done = step(script(), in_phase(phase), event)
    assert done.state == in_phase(phase)
    assert keys_of(done.acts) == [f"media.{medium}"]


def test_an_album_is_answered_once() -> None:
    state = in_phase(Phase.FILLING)
    photo = Said("", "m1", AT, token(), "photo", "album-1")
    one = step(script(), state, photo)
    two = step(script(), one.state, replace(photo, message="m2"))
    other = step(script(), two.state, replace(photo, message="m3", album="album-2"))
    assert keys_of(one.acts) == ["media.photo"]
    assert two == (one.state, ())
    assert keys_of(other.acts) == ["media.photo"]


def test_a_caption_is_text() -> None:
    event = replace(said("Lakeside Mobile Care Ltd"), medium="photo")
    done = step(script(), in_phase(Phase.FILLING), event)
    assert done.state.draft is not None
    assert done.state.draft.value("legal_name") == "Lakeside Mobile Care Ltd"


@pytest.mark.parametrize("phase", PHASES)
def test_a_text_over_the_cap_is_not_kept(phase: Phase) -> None:
    done = take(in_phase(phase), "long " * 2000)
    assert done.state == in_phase(phase)
    assert [act.key for act in done.acts if isinstance(act, Say)] == ["overflow"]


@pytest.mark.parametrize("phase", PHASES)
def test_an_operator_erases_everything(phase: Phase) -> None:
    state = in_phase(phase)
    done = step(script(), state, Erased(AT, token()))
    references = tuple(s.reference for s in state.submissions)
    assert done.state == State()
    assert done.acts[0] == Forget(references)
    assert keys_of(done.acts) == ["erase.by_staff"]


@pytest.mark.parametrize("phase", PHASES)
def test_a_word_of_staff_is_shown_and_the_place_is_kept(phase: Phase) -> None:
    done = step(script(), in_phase(phase), replied(text="Yes, they may.", question="May they?"))
    assert done.state == in_phase(phase)
    assert "Yes, they may." in speech(done.acts)
    assert "May they?" in speech(done.acts)


# --- open confirmations ---


@pytest.mark.parametrize("word", ["start over", "delete my data", "talk to a person"])
def test_asking_twice_for_a_confirmation_leaves_its_buttons_live(word: str) -> None:
    once = take(in_phase(Phase.FILLING), word)
    twice = take(once.state, word)
    assert twice == once
    for offer in offers_of(twice.acts):
        assert first(tap(twice.state, offer.choice)) != "stale"


@pytest.mark.parametrize("word", ["withdraw", "change the phone", "delete my data"])
def test_the_same_after_submission(word: str) -> None:
    once = take(submitted(), word)
    assert once.state.pending is not None
    assert take(once.state, word) == once


@pytest.mark.parametrize("word", ["help", "status", "back", "why", "continue"])
@pytest.mark.parametrize("open_", ["start over", "delete my data", "talk to a person"])
def test_a_command_ends_an_open_confirmation(open_: str, word: str) -> None:
    asked = take(in_phase(Phase.FILLING), open_)
    assert asked.state.pending is not None
    done = take(asked.state, word)
    assert done.state.pending is None
    old = next(o.choice for o in offers_of(asked.acts) if o.choice.verb == "confirm")
    assert first(tap(done.state, old)) == "stale"


PASTED = """Legal name: Lakeside Mobile Care Ltd
Owner: Maria Santos
Email: service@lakesidecare.co.uk
Website: lakesidecare.co.uk"""


@pytest.mark.parametrize("way", [("no",), ("start over", "yes"), ("cancel",)])
def test_what_was_pasted_before_the_consent_is_dropped_without_it(way: tuple[str, ...]) -> None:
    held = take(until("consent"), PASTED)
    assert keys_of(held.acts)[0] == "paste.waits"
    state = talk(held.state, *way)
    assert "Lakeside" not in state.to_json()
    state = talk(state, "apply", "skip the check", "I agree")
    assert state.draft is not None
    assert "legal_name" not in state.draft.slots


ASIDES = {
    "thanks": said("thanks!"),
    "a greeting": said("good morning"),
    "staff's reply": replied(),
    "an old button": picked(None),
    "an edit of what was no answer": Edited("hi there", "m1", AT, "ABCDEFGH", NOTHING),
}


@pytest.mark.parametrize("aside", ASIDES.values(), ids=ASIDES.keys())
@pytest.mark.parametrize(
    ("open_", "key"),
    [
        ("start over", "start_over.ask"),
        ("delete my data", "erase.ask"),
    ],
)
def test_what_comes_between_never_has_a_yes_to_the_form_s_question_confirm_something_else(
    open_: str, key: str, aside: Event
) -> None:
    asked = take(until("self_check.audited"), open_)  # a question that a plain yes answers
    done = step(script(), asked.state, aside)
    assert done.state.pending == asked.state.pending
    assert keys_of(done.acts)[-1] == key


def test_an_old_button_confirms_only_what_it_stood_under() -> None:
    about_one = take(until("self_check.audited"), "no")
    about_next = take(take(about_one.state, "go on").state, "no")
    ask_staff = next(o.choice for o in offers_of(about_one.acts) if o.choice.value == "no")
    done = tap(about_next.state, ask_staff)
    assert first(done) == "stale"
    assert done.state == about_next.state

    withdraws = take(submitted(), "withdraw")
    pending = Pending("withdraw", proposal="FD-2222-2222")
    other = replace(withdraws.state, pending=pending)
    assert first(tap(other, offers_of(withdraws.acts)[0].choice)) == "stale"
    assert isinstance(tap(withdraws.state, offers_of(withdraws.acts)[0].choice).acts[0], Withdraw)


def test_no_to_start_over_keeps_everything() -> None:
    state = talk(reviewing(), "start over", "no")
    assert state == reviewing()


def test_yes_to_start_over_begins_a_new_draft_under_a_new_number() -> None:
    done = take(talk(reviewing(), "start over"), "yes")
    assert done.state.draft == Draft(number=2)
    assert done.state.phase is Phase.FILLING


def test_a_button_of_the_draft_before_start_over_is_stale() -> None:
    state = talk(until("kind"), "start over", "yes")
    done = tap(state, Choice("answer", "self_check.operating", "no", 1))
    assert first(done) == "stale"
    assert done.state == state


def test_no_to_delete_keeps_everything() -> None:
    assert talk(submitted(), "delete my data", "no") == submitted()


def test_yes_to_delete_forgets_every_application() -> None:
    state = talk(submitted(), "apply", "delete my data")
    done = take(state, "yes")
    assert done.state == State()
    assert done.acts[0] == Forget((submitted().submissions[0].reference,))


def test_a_hedge_is_neither_yes_nor_no() -> None:
    state = talk(reviewing(), "start over")
    done = take(state, "yes but keep the name")
    assert done.state == state
    assert first(done) == "hedged"


def test_a_no_in_the_check_is_told_its_requirement_and_goes_on() -> None:
    told = take(until("self_check.audited"), "no")
    assert first(told) == "check.no"
    requirement = script().wording.text("en", "field.self_check.audited.requirement")
    assert requirement in speech(told.acts)
    done = tap(told.state, Choice("confirm", "check_no self_check.audited", "yes"))
    assert keys_of(done.acts) == ["ask:self_check.credit"]


def test_a_no_in_the_check_can_be_asked_about_with_its_question_named() -> None:
    told = take(until("self_check.audited"), "no")
    done = tap(told.state, Choice("confirm", "check_no self_check.audited", "no"))
    assert done.acts[0] == Escalate("question", "", "self_check.audited")
    assert keys_of(done.acts)[-1] == "ask:self_check.credit"


def test_a_no_at_the_very_end_leaves_the_summary_to_be_submitted() -> None:
    state = talk(reviewing(), "change workshop to no")
    assert state.phase is Phase.REVIEWING
    assert talk(state, "submit").phase is Phase.STATING


def test_skipping_the_rest_of_the_check_at_the_end_leaves_the_summary_to_be_submitted() -> None:
    parked = talk(until("self_check.workshop"), "talk to a person", "What is a workshop?")
    state = parked
    while state.phase is not Phase.REVIEWING:
        state = step(script(), state, onward(state)).state
    asked = step(script(), state, replied("self_check.workshop")).state
    skipped = take(asked, "skip the check")
    assert skipped.state.phase is Phase.REVIEWING
    assert talk(skipped.state, "submit").phase is Phase.STATING


# --- passing a question to staff ---


def test_a_parked_question_stays_open_and_the_form_goes_on() -> None:
    done = take(talk(until("legal_name"), "talk to a person"), "Which of two names?")
    assert done.acts[0] == Escalate("person", "Which of two names?", "legal_name")
    assert done.state.draft is not None
    assert done.state.draft.slots["legal_name"] == Parked()
    assert keys_of(done.acts)[-1] == "ask:dba"


def test_nothing_is_handed_off_while_a_question_is_with_staff() -> None:
    state = talk(
        until("email"), "talk to a person", "Which one?", "lakesidecare.co.uk", "Since 2016."
    )
    done = take(state, "submit")
    assert done.state.phase is Phase.REVIEWING
    assert first(done) == "submit.parked"
    (offer,) = (o for o in offers_of(done.acts) if o.choice.target == "change")
    assert offer.choice.value == "email"
    answered = talk(tap(done.state, offer.choice).state, "service@lakesidecare.co.uk")
    assert talk(answered, "submit").phase is Phase.STATING


def test_the_reply_of_staff_opens_the_question_again() -> None:
    state = talk(
        until("email"), "talk to a person", "Which one?", "lakesidecare.co.uk", "Since 2016."
    )
    assert state.phase is Phase.REVIEWING
    done = step(script(), state, replied("email", "The one that staff may write to."))
    assert done.state.phase is Phase.FILLING
    assert keys_of(done.acts)[-1] == "ask:email"


def test_asking_a_person_while_changing_an_answer_keeps_that_answer_and_the_way_on() -> None:
    state = talk(reviewing(), "change the website", "talk to a person", "May it be a social page?")
    assert state.phase is Phase.REVIEWING
    assert state.draft == reviewing().draft
    assert talk(state, "submit").phase is Phase.STATING


def test_the_consent_and_the_truth_are_never_parked() -> None:
    for name in ("consent", "truth"):
        before = until("consent") if name == "consent" else stating()
        done = take(talk(before, "talk to a person"), "What does it mean?")
        assert done.acts[0] == Escalate("person", "What does it mean?", "")
        place = open_place(script(), done.state)
        assert place is not None
        assert place.path == name


# --- the end ---


def test_the_hand_off_is_one_record_and_a_receipt() -> None:
    done = take(stating(), "yes")
    submit, receipt = done.acts
    assert isinstance(submit, Submit)
    assert isinstance(receipt, Say)
    assert submit.number == 1
    assert re.fullmatch(r"FD-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", submit.reference)
    assert submit.reference in speech(done.acts)
    assert [s.reference for s in done.state.submissions] == [submit.reference]
    assert done.state.draft is None


def test_the_same_event_gives_the_same_hand_off() -> None:
    event = said("yes")
    assert step(script(), stating(), event) == step(script(), stating(), event)


def test_no_to_the_statement_of_truth_sends_nothing() -> None:
    done = take(stating(), "no")
    assert done.state.phase is Phase.REVIEWING
    assert keys_of(done.acts) == ["truth.declined"]
    assert done.state.draft == reviewing().draft


def test_after_submission_a_change_is_a_request_and_the_record_stands() -> None:
    done = take(submitted(), "change the phone to +44 113 496 0999")
    reference = submitted().submissions[0].reference
    assert done.acts[0] == Escalate(
        "change", "change the phone to +44 113 496 0999", "locations.1.phone", reference
    )
    assert done.state.submissions == submitted().submissions


def test_withdrawing_names_the_application_and_frees_the_person() -> None:
    done = take(talk(submitted(), "withdraw"), "yes")
    reference = submitted().submissions[0].reference
    assert done.acts[0] == Withdraw(reference)
    assert done.state.submissions[0].status == "withdrawn"
    assert done.state.phase is Phase.VISITING
    assert first(take(done.state, "status")) == "status.withdrawn"
    assert "with staff" not in speech(take(done.state, "back").acts)


def test_withdrawing_while_filling_a_second_one_means_the_first() -> None:
    state = talk(submitted(), "apply")
    done = take(talk(state, "withdraw"), "yes")
    assert done.acts[0] == Withdraw(submitted().submissions[0].reference)
    assert done.state.draft == state.draft
    assert done.state.phase is Phase.FILLING


def test_a_second_application_has_a_number_and_a_reference_of_its_own() -> None:
    steps = straight(submitted())
    submit = next(act for act in steps[-1].acts if isinstance(act, Submit))
    assert submit.number == 2
    assert len({s.reference for s in steps[-1].state.submissions}) == 2


def test_a_change_after_a_second_one_was_withdrawn_is_about_the_one_with_staff() -> None:
    both = straight(submitted())[-1].state
    state = talk(both, "withdraw", "yes")
    assert state.phase is Phase.SUBMITTED
    done = take(state, "change the phone to +44 113 496 0999")
    assert isinstance(done.acts[0], Escalate)
    assert done.acts[0].reference == submitted().submissions[0].reference


def test_with_a_second_one_begun_and_left_a_change_is_about_the_one_sent() -> None:
    state = talk(submitted(), "apply", "cancel")
    done = take(state, "change the phone to +44 113 496 0999")
    assert isinstance(done.acts[0], Escalate)
    assert done.acts[0].path == "locations.1.phone"


def test_declining_consent_keeps_no_answer() -> None:
    done = take(until("consent"), "no")
    assert done.state.draft is None
    assert done.state.phase is Phase.VISITING
    assert keys_of(done.acts) == ["consent.declined"]


# --- refusals and the ways out of them ---


def test_a_refusal_never_says_the_same_twice_in_a_row_and_then_offers_ways_out() -> None:
    state, said_before = until("email"), ""
    for turn in range(1, 7):
        done = take(state, "lakeside@gmail.com")
        (refusal, *ways) = [act for act in done.acts if isinstance(act, Say)]
        assert refusal.key != said_before
        assert bool(ways) == (turn >= 2)
        said_before, state = refusal.key, done.state


def test_a_refused_answer_is_kept_only_after_the_second_refusal() -> None:
    once = talk(until("email"), "lakeside@gmail.com")
    assert first(take(once, "keep it")) == "keep.nothing"
    kept = take(talk(once, "lakeside@gmail.com"), "keep it")
    assert first(kept) == "accepted.kept"
    assert kept.state.draft is not None
    slot = kept.state.draft.slots["email"]
    assert isinstance(slot, Kept)
    assert (slot.typed, slot.refusal) == ("lakeside@gmail.com", "free_mail")
    assert len(slot.messages) == 1


def test_an_old_keep_button_keeps_nothing_of_another_question() -> None:
    state = talk(until("email"), "lakeside@gmail.com", "lakeside@gmail.com")
    done = tap(state, Choice("order", "keep", "locations.1.phone", 1))
    assert done.state.draft == state.draft
    assert first(done) in ("keep.nothing", "stale")


def test_an_old_keep_button_keeps_no_later_text_of_the_same_question() -> None:
    two = talk(until("email"), "lakeside@gmail.com", "lakeside@gmail.com")
    old = Choice("order", "keep", "email 2", 1)
    assert tap(two, old).state.draft != two.draft, "its own text it keeps"
    three = talk(two, "somebody@yahoo.com")
    done = tap(three, old)
    assert done.state.draft == three.draft
    assert first(done) == "keep.nothing"


@pytest.mark.parametrize("name", ["kind", "locations.country", "consent"])
def test_a_choice_is_never_kept(name: str) -> None:
    state = talk(until(name), "blue", "blue", "blue")
    assert first(take(state, "keep it")) == "keep.nothing"


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("dba", "owners.1.name"),
        ("self_check.credit", "consent"),
        ("owners.more", "locations.1.country"),
    ],
)
def test_what_may_be_skipped_is(name: str, after: str) -> None:
    done = take(until(name), "skip")
    assert keys_of(done.acts)[-1] == f"ask:{after}"


def test_a_required_question_is_not_skipped() -> None:
    state = until("email")
    done = take(state, "skip")
    assert done.state == state
    assert first(done) == "skip.required"


# --- storing ---


@pytest.mark.parametrize("phase", PHASES)
def test_a_state_survives_storing(phase: Phase) -> None:
    state = in_phase(phase)
    assert State.from_json(state.to_json()) == state


def test_every_kind_of_slot_is_read_back_as_what_it_is() -> None:
    slots: dict[str, Slot] = {
        "a": Answered("v", "t", ("1", "2"), (Flag("unit", {"k": "v"}),)),
        "b": Answered("v", "t"),
        "c": Kept("t", "free_mail", ("3",)),
        "d": Kept("t", "free_mail"),
        "e": Skipped(),
        "f": Skipped("not_answered"),
        "g": Parked(),
    }
    state = State(
        Phase.PAUSED,
        "en",
        Draft(3, slots, {"owners": ("1", "4")}, ("owners",), 4),
        3,
        "owners.4.name",
        Pending("person", "a", "b"),
        None,
        (Submission("FD-1", AT, Draft(slots={"g": Parked()}), "withdrawn", AT),),
    )
    assert State.from_json(state.to_json()) == state


def test_a_paused_answer_is_still_taken() -> None:
    done = take(paused(), "service@lakesidecare.co.uk")
    assert done.state.phase is Phase.FILLING
    assert first(done) == "accepted.answer"
