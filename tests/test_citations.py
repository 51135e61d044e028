"""What a person was told from the articles: their own list of it, and the news that it changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dialogs.acts import Act, Ask, Cite, Forget, Offer, Say
from dialogs.asking import QUIET
from dialogs.citations import LATEST, remembered
from dialogs.events import Choice, Finding, Informed, Ticked
from dialogs.machine import PHASES, step
from dialogs.returning import SILENCE
from dialogs.state import Cited, Pending, Phase, State, Step, Watch
from tests.speaking import (
    AT,
    article,
    in_phase,
    keys_of,
    offers_of,
    picked,
    renderer,
    said,
    script,
    speech,
    submitted,
    talk,
    token,
    until,
)

BEFORE, LATER = "2026-11-20T09:00:00.000Z", "2026-11-25T09:00:00.000Z"
ANSWER = Finding("answer", (article("credit-line", "Credit line"),))


def asks(state: State, text: str = "what is required?", found: Finding = ANSWER) -> Step:
    return step(script(), state, said(text, found))


def informed(state: State) -> Step:
    event = Informed(article("credit-line", "Credit line"), BEFORE, LATER, token())
    return step(script(), state, event)


def in_language(code: str, acts: tuple[Act, ...]) -> str:
    message = renderer().message(code, acts)
    assert message is not None
    return "\n".join("".join(span.text for span in block.spans) for block in message.blocks)


# What is remembered


@pytest.mark.parametrize("phase", PHASES)
def test_an_answer_is_remembered_with_its_version_and_date(phase: Phase) -> None:
    assert asks(in_phase(phase)).state.cited == (Cited("credit-line", "1", "Credit line", AT),)


def test_what_answers_nothing_is_not_remembered() -> None:
    unsure = Finding("unsure", (article(), article("other", "Other")))
    for found in (unsure, Finding("nothing")):
        assert asks(State(), "what of it?", found).state.cited == ()


def test_several_answers_of_one_turn_are_all_remembered() -> None:
    acts = (Cite(article("one", "One")), Say("help"), Cite(article("two", "Two")))
    after = remembered(State(), acts, AT)
    assert [cited.article for cited in after.cited] == ["one", "two"]


def test_an_article_told_again_counts_once_with_its_newest_date() -> None:
    state = State()
    for id, at in (("one", "2026-11-01"), ("two", "2026-11-02"), ("one", "2026-11-03")):
        state = remembered(state, (Cite(replace(article(id, id), version=at)),), at)
    assert [(c.article, c.version, c.at) for c in state.cited] == [
        ("two", "2026-11-02", "2026-11-02"),
        ("one", "2026-11-03", "2026-11-03"),
    ]


def test_the_state_stays_small_however_much_is_asked() -> None:
    state = State()
    for n in range(100):
        state = remembered(state, (Cite(article(f"id-{n}", "T" * 60)),), AT)
    assert [c.article for c in state.cited] == [f"id-{n}" for n in range(100 - LATEST, 100)]
    assert len(state.to_json()) < 3_000


def test_a_state_from_before_has_nothing_remembered() -> None:
    old = json.loads(until("legal_name").to_json())
    del old["cited"]
    assert State.from_json(json.dumps(old)) == until("legal_name")


# What the person sees


@pytest.mark.parametrize("phase", PHASES)
def test_the_list_has_titles_and_dates_newest_first_and_a_button_each(phase: Phase) -> None:
    state = replace(
        in_phase(phase),
        cited=(Cited("one", "1", "First *thing*", BEFORE), Cited("two", "1", "Second", AT)),
    )
    done = step(script(), state, said("What did you tell me?"))
    assert done.state == state
    lines = speech(done.acts).split("\n")
    assert lines[1:3] == [f"{AT[:10]}: Second", "2026-11-20: First *thing*"]
    articles = [offer for offer in offers_of(done.acts) if offer.choice.verb == "article"]
    assert articles == [
        Offer("Second", Choice("article", "two")),
        Offer("First *thing*", Choice("article", "one")),
    ]
    assert (len(keys_of(done.acts)) == 1) == (phase in QUIET), "the open question comes after"


def test_a_button_of_the_list_gives_what_the_article_says_now() -> None:
    state = asks(until("legal_name")).state
    now = replace(article("credit-line", "Credit line"), passage="It is new.", version="2")
    done = step(
        script(), state, picked(Choice("article", "credit-line"), Finding("answer", (now,)))
    )
    assert "It is new." in speech(done.acts)
    assert [c.version for c in done.state.cited] == ["2"]


def test_a_button_of_an_article_that_is_gone_says_so() -> None:
    state = asks(State()).state
    done = step(script(), state, picked(Choice("article", "credit-line"), Finding("nothing")))
    assert keys_of(done.acts)[0] == "stale"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "what was I told?"),
        ("en", "please show me what you told me"),
        ("id", "apa jawaban tadi?"),
        ("id", "tadi kamu bilang apa"),
        ("id", "what did you tell me"),
    ],
)
def test_it_is_asked_for_in_words_of_each_language(language: str, words: str) -> None:
    state = replace(asks(State()).state, language=language)
    assert keys_of(step(script(), state, said(words)).acts)[0] == "told.list"


def test_a_question_about_one_thing_is_no_wish_for_the_list() -> None:
    state = asks(State()).state
    done = asks(state, "what did you tell me about the credit line?")
    assert isinstance(done.acts[0], Cite)


def test_my_data_says_that_answers_are_kept() -> None:
    without = step(script(), submitted(), said("my data"))
    assert "data.told" not in keys_of(without.acts)
    done = step(script(), asks(submitted()).state, said("my data"))
    assert keys_of(done.acts)[-2:] == ["data.told", "data.also"]
    assert "the latest (1)" in speech(done.acts)
    assert Choice("order", "was_told") in [offer.choice for offer in offers_of(done.acts)]


def test_the_menu_offers_it_once_there_is_something() -> None:
    wanted = Choice("order", "was_told")
    for phase in PHASES:
        state = in_phase(phase)
        for now, there in ((state, False), (asks(state).state, True)):
            offers = offers_of(step(script(), now, said("more")).acts)
            assert (wanted in [offer.choice for offer in offers]) is there


# The news that it changed


@pytest.mark.parametrize("phase", PHASES)
def test_news_names_article_and_date_and_the_open_question_follows_once_and_short(
    phase: Phase,
) -> None:
    state = asks(in_phase(phase)).state
    done = informed(state)
    says = speech(done.acts)
    assert says.startswith("Earlier, on 2026-11-20, I told you about Credit line. It has changed.")
    assert "The business must be in operation.\nSource: Business requirements, B1" in says
    newest = Cited("credit-line", "1", "Credit line", LATER)
    assert done.state == replace(state, cited=(newest,))
    asked = [
        act for act in done.acts if isinstance(act, Ask) or (isinstance(act, Say) and act.prompt)
    ]
    assert len(asked) == (0 if phase in QUIET else 1)
    assert all(act.style == "short" for act in asked if isinstance(act, Ask))


def test_news_speaks_the_persons_language() -> None:
    done = informed(replace(State(), language="id"))
    assert in_language("id", done.acts).startswith("Pada 2026-11-20 saya memberi tahu Anda")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("delete my data", "erase.ask"),
        ("talk to a person", "person.about"),
        ("change", "change.which"),
    ],
)
def test_an_open_confirmation_is_put_again_so_that_a_yes_means_what_stands_last(
    words: str, key: str
) -> None:
    state = talk(until("email"), words)
    assert state.pending is not None
    done = informed(state)
    assert keys_of(done.acts) == ["told.changed", key]
    assert done.state.pending == state.pending


def test_news_is_no_word_of_the_person() -> None:
    watch = Watch(1, BEFORE)
    state = replace(until("email"), watch=watch, wake=LATER, gone=True)
    done = informed(state)
    assert done.state.watch == watch, "the silence goes on"
    assert done.state.gone


# Erasing


def test_erasing_forgets_it() -> None:
    state = talk(asks(State()).state, "delete my data")
    assert talk(state, "yes").cited == ()


def test_what_was_told_since_the_hand_off_goes_with_the_draft_and_the_rest_stays() -> None:
    sent = submitted().submissions[-1].at
    old, new = Cited("old", "1", "Old", sent), Cited("new", "1", "New", LATER)
    state = talk(submitted(), "apply")
    watch = Watch(state.draft.number if state.draft else 0, sent, True, sent)
    state = replace(state, cited=(old, new), watch=watch, pending=Pending("escalate"))
    done = step(script(), state, Ticked(SILENCE, "2027-11-25T09:00:00.000Z", token()))
    assert [act.since for act in done.acts if isinstance(act, Forget)] == [sent]
    assert done.state.cited == (old,)
