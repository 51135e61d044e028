"""Cleaning, the short choices, free text, and what holds for every reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.addresses import Address
from dialogs.answers import (
    Accepted,
    Choice,
    Flag,
    FreeText,
    Known,
    Reader,
    Refused,
    YesNo,
    clean,
)
from dialogs.contacts import Email, Phone, Website
from dialogs.countries import Country
from dialogs.names import CompanyName, PersonName
from tests.speaking import script

CORPUS = Path(__file__).parents[2] / "shared" / "corpora" / "naughty.jsonl"

WORDS = {
    "yes": ("yes", "y", "yeah", "sure", "of course", "we do", "we have", "no problem", "👍"),
    "no": ("no", "not", "n", "nope", "not yet", "we don't", "of course not"),
    "not_sure": ("not sure", "I don't know", "maybe", "no idea"),
    "hedges": (
        "but",
        "except",
        "only",
        "soon",
        "kind of",
        "mostly",
        "will",
        "some",
        "I think",
        "not really",
    ),
    "negations": ("not", "no", "never", "dont"),
    "padding": ("well", "please", "thanks", "we", "are", "in", "the"),
    "placeholders": ("n/a", "test"),
    "and": ("and",),
    "po_box": ("p o box", "postfach"),
    "po_box_numbered": ("box",),
    "rural_route": ("rr",),
    "street": ("street",),
}
OPTIONS = {
    "reseller": ("Reseller", "we sell products", "shop"),
    "service_business": ("Service business", "repair shop", "workshop"),
    "university_or_college": ("University or college", "university", "college", "campus"),
}
KNOWN = Known(
    {"country": "ID", "email": "info@acme.co.id", "website": "https://acme.co.id"}, OPTIONS, WORDS
)
READERS: dict[str, Reader] = {
    "choice": Choice(tuple(OPTIONS)),
    "yes_no": YesNo(not_sure=True),
    "agreement": YesNo(),
    "country": Country(),
    "company": CompanyName(),
    "person": PersonName(),
    "address": Address(),
    "phone": Phone(),
    "email": Email(),
    "website": Website(),
    "text": FreeText(),
}


def outcome(reader: Reader, typed: str, known: Known = KNOWN) -> str:
    read = reader.read(typed, known)
    return f"={read.value}" if isinstance(read, Accepted) else read.code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Acme  ", "Acme"),
        ("Cafe\u0301", "Café"),
        ("a\r\nb\u2028c\x0bd", "a\nb\nc\nd"),
        ("A\u200bcme\ufeff \u202eltd", "Acme ltd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("a\x00\x07b\tc", "ab c"),
        ("lone \ud800 half", "lone  half"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        (" \u3000\u00a0 ", ""),
    ],
)
def test_cleaning_drops_what_cannot_be_seen_and_keeps_what_is_meant(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_fits_a_file(typed: str) -> None:
    once = clean(typed)
    assert clean(once) == once
    once.encode()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u2060", "\n\n", "\x00"])
def test_nothing_is_never_an_answer(name: str, typed: str) -> None:
    assert outcome(READERS[name], typed) == "empty"


@pytest.mark.parametrize("name", READERS)
def test_over_the_cap_tells_the_limit(name: str) -> None:
    reader = READERS[name]
    for size in (reader.cap + 1, 1_000_000):
        assert reader.read("a" * size, KNOWN) == Refused("too_long", {"limit": str(reader.cap)})
    at_cap = reader.read("a" * reader.cap, KNOWN)
    assert not (isinstance(at_cap, Refused) and at_cap.code == "too_long")


@pytest.mark.parametrize("name", READERS)
def test_too_many_lines_tells_the_limit_and_blank_lines_do_not_count(name: str) -> None:
    reader = READERS[name]
    text = "\n\n".join("a" * (reader.lines + 1))
    assert reader.read(text, KNOWN) == Refused("too_many_lines", {"limit": str(reader.lines)})


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None)  # tables are loaded at first use
@given(typed=st.text(max_size=60) | st.from_regex(r"[\w.@:/+#, -]{1,40}", fullmatch=True))
def test_no_reader_raises_and_an_accepted_value_stays_itself(name: str, typed: str) -> None:
    reader = READERS[name]
    shipped = Known({"country": "US"}, words=script().wording.languages["en"].words)
    for known in (KNOWN, Known(), shipped):
        read = reader.read(typed, known)
        if isinstance(read, Accepted):
            again = reader.read(read.value, known)
            assert isinstance(again, Accepted)
            assert again.value == read.value
            assert reader.show(read.value, "id")


@pytest.mark.parametrize("name", READERS)
def test_naughty_strings_never_raise_and_are_stored_as_sent(name: str) -> None:
    if not CORPUS.exists():
        pytest.skip("the shared corpora are not here")
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    for row in rows:
        read = READERS[name].read(row["input"], KNOWN)
        if isinstance(read, Accepted) and name in ("company", "person", "text"):
            assert read.value == clean(row["input"])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("yes", "=yes"),
        (" YES! ", "=yes"),
        ("Yeah, of course", "=yes"),
        ("well, yes please", "=yes"),
        ("yes, we have audited accounts", "=yes"),
        ("no problem", "=yes"),
        ("👍🏽", "=yes"),
        ("nope", "=no"),
        ("No, we don't have them", "=no"),
        ("not yet", "=no"),
        ("of course not", "=no"),
        ("I don't know", "=not_sure"),
        ("maybe", "=not_sure"),
        ("hmm, not sure about that", "=not_sure"),
        ("yes but only on weekends", "hedged"),
        ("yes, mostly", "hedged"),
        ("yes I think", "hedged"),
        ("I think yes", "hedged"),
        ("not really", "hedged"),
        ("no idea", "=not_sure"),
        ("not sure yet", "=not_sure"),
        ("kind of yes", "hedged"),
        ("we do, soon", "hedged"),
        ("yes from 2027 on", "hedged"),
        ("no, except Sundays", "hedged"),
        ("yes and no", "yes_no_unclear"),
        ("no wait yes", "yes_no_unclear"),
        ("yes we have not", "yes_no_unclear"),
        ("yes?", "yes_no_unclear"),
        ("what does that mean", "yes_no_unclear"),
        ("yesterday", "yes_no_unclear"),
        ("north", "yes_no_unclear"),
        ("42", "yes_no_unclear"),
    ],
)
def test_yes_no_reads_many_wordings_and_never_guesses(typed: str, expected: str) -> None:
    assert outcome(YesNo(not_sure=True), typed) == expected


def test_not_sure_is_no_answer_to_an_agreement() -> None:
    assert outcome(YesNo(), "not sure") == "yes_no_not_sure"
    assert outcome(YesNo(), "not_sure", Known()) == "yes_no_not_sure"


def test_a_hedge_says_where_it_leans() -> None:
    assert YesNo().read("no, but soon", KNOWN) == Refused("hedged", {"leaning": "no"})


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Reseller", "=reseller"),
        ("reseller.", "=reseller"),
        ("service_business", "=service_business"),
        ("we are a repair shop", "=service_business"),
        ("we are a shop", "=reseller"),
        ("reseler", "=reseller"),
        ("univercity", "=university_or_college"),
        ("Universty or colege", "=university_or_college"),
        ("a college campus", "=university_or_college"),
        ("a university with a workshop", "choice_unclear"),
        ("not a reseller", "choice_unclear"),
        ("maybe a reseller", "choice_unclear"),
        ("reseller?", "choice_unclear"),
        ("a bakery", "choice_unknown"),
        ("shopping", "choice_unknown"),
        ("2", "choice_unknown"),
    ],
)
def test_choice_reads_labels_words_and_slips(typed: str, expected: str) -> None:
    assert outcome(Choice(tuple(OPTIONS)), typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("10 years", "=10 years"),
        ("x", "=x"),
        ("none", "=none"),
        ("十年", "=十年"),
        ("line one\nline two", "=line one\nline two"),
        ("...", "text_no_letters"),
        ("2015", "text_no_letters"),
        ("🙂", "text_no_letters"),
        ("\u3164", "text_no_letters"),
    ],
)
def test_free_text_needs_a_letter(typed: str, expected: str) -> None:
    assert outcome(FreeText(), typed) == expected


@pytest.mark.parametrize("typed", ["none", "N/A", "test", "ok", "yes", "Thank you."])
def test_a_hollow_text_is_kept_and_flagged_never_refused(typed: str) -> None:
    known = Known(words=script().wording.languages["en"].words)
    assert FreeText().read(typed, known) == Accepted(typed, (Flag("placeholder"),))


def test_a_text_that_begins_with_one_is_not_hollow() -> None:
    known = Known(words=script().wording.languages["en"].words)
    typed = "None as a reseller, but ten years as a repair shop"
    assert FreeText().read(typed, known) == Accepted(typed)


def test_free_text_may_ask_for_more_letters() -> None:
    reader = FreeText(minimum=5)
    assert reader.read("abcd 1", KNOWN) == Refused("text_too_short", {"minimum": "5"})
    assert outcome(reader, "abcde") == "=abcde"
