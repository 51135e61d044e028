"""The words: all that the program can say is there, nothing there is dead, and it reads easily.

Which entries the program uses is read from its own code: texts that are keys, and f-strings that
make a family of keys, whose changing parts must then be texts of the code as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import bot
import dialogs
from dialogs.answers import Accepted, Known
from dialogs.application import Stage, WayOut
from dialogs.asking import CONFIRM_LABELS
from dialogs.events import Medium
from dialogs.machine import CONFIRMATIONS, ORDERS
from dialogs.state import PendingKind, Phase
from dialogs.wording import FIELD_ENTRIES, Language, fold
from tests.play import house
from tests.reading_grade import sentence_grade, sentences

SOURCES = [
    path
    for package in (bot, dialogs)
    for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
]
LONG_ALLOWED = ("summary.", "status.", "data.", "desk.")
"""they hold a whole application"""
FEW_WORDS = 7
"""a reading grade says nothing about shorter sentences"""


@cache
def english() -> Language:
    return house().script.wording.language("en")


@cache
def trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES)


@cache
def constants() -> frozenset[str]:
    """Every text in the code, and every name that a field or an option of the form has."""
    found = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    options = {key for name in house().script.form.names() for key in english().options(name)}
    groups = {group.name for group in house().script.form.groups}
    return frozenset(found | set(house().script.form.names()) | options | groups)


@cache
def families() -> tuple[re.Pattern[str], ...]:
    """f-strings that may be keys: their changing parts as groups."""
    found = []
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                pattern = "".join(
                    re.escape(part.value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    else "(.+)"
                    for part in node.values
                )
                if re.search(r"\w\\\.|_nth", pattern):
                    found.append(re.compile(pattern))
    return tuple(found)


def is_used(key: str) -> bool:
    prefix, _, rest = key.rpartition(".")
    if key in constants() or {f"{prefix}.", rest} <= constants():
        return True
    matches = (family.fullmatch(key) for family in families())
    return any(match and set(match.groups()) <= constants() for match in matches)


def calls(name: str) -> Iterator[ast.expr]:
    """First arguments of all calls of this name."""
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[first, *_]) if called == name:
                    yield first


def texts_of(expression: ast.expr) -> Iterator[str]:
    """The constant texts that an expression may be."""
    match expression:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from texts_of(expression.body)
            yield from texts_of(expression.orelse)


def plain(text: str) -> str:
    """As it is read: quoted examples and values are one easy word."""
    text = re.sub(r'"[^"]*"', "this", text)
    text = re.sub(r"\{\w+\}", "it", text)
    text = re.sub(r"\*\*|~~", "", text)
    return re.sub(r"^(?:[->] |_)|_$", "", text, flags=re.MULTILINE)


KEYS = sorted(english().texts)


# What is there


def test_every_entry_is_used() -> None:
    assert [key for key in KEYS if not is_used(key)] == []


def test_every_entry_that_the_code_names_is_there() -> None:
    named = {key for call in ("Say", "Term") for node in calls(call) for key in texts_of(node)}
    assert len(named) > 80, "the code was not understood"
    assert named - set(KEYS) == set()


def test_every_button_that_the_code_names_is_there() -> None:
    named = {text for node in calls("offer") for text in texts_of(node)}
    assert len(named) > 10, "the code was not understood"
    named |= {label for labels in CONFIRM_LABELS.values() for label in labels}
    assert {f"buttons.{name}" for name in named} - set(KEYS) == set()


@pytest.mark.parametrize(("call", "family"), [("Refused", "refusals"), ("Flag", "flags")])
def test_every_code_of_a_reader_is_worded(call: str, family: str) -> None:
    codes = {text for node in calls(call) for text in texts_of(node)}
    assert len(codes) > 10, "the code was not understood"
    worded = {key.split(".")[1] for key in KEYS if key.startswith(f"{family}.")}
    assert codes - worded == set()


def test_every_family_is_whole() -> None:
    wanted = {f"media.{medium}" for medium in get_args(Medium)} - {"media.text"}
    wanted |= {f"desk.kind_{kind}" for kind in ("question", "person", "change")}
    wanted |= {f"desk.how_{channel}" for channel in ("telegram", "slack", "terminal")}
    wanted |= {f"status.{status}" for status in ("submitted", "withdrawn")}
    wanted |= {
        f"group.{name}.{form}" for name in house().script.form.repeats for form in ("one", "title")
    }
    wanted |= {
        f"field.{name}.{entry}" for name in house().script.form.names() for entry in FIELD_ENTRIES
    }
    wanted |= {
        f"field.{name}.requirement"
        for name in house().script.form.names()
        if name.startswith("self_check.")
    }
    assert wanted - set(KEYS) == set()


def test_every_command_has_words_that_no_other_has() -> None:
    phrases = [phrase for command in ORDERS for phrase in english().lists[f"commands.{command}"]]
    assert len(phrases) == len(set(phrases))
    assert set(english().commands.values()) == set(ORDERS)


def test_every_confirmation_says_what_its_taps_do() -> None:
    assert set(CONFIRMATIONS) == set(get_args(PendingKind))
    tapped = set(CONFIRMATIONS) - {"which", "choose", "change_request"}  # these wait for words
    assert set(CONFIRM_LABELS) == tapped


# How it reads


def test_every_sentence_reads_easily() -> None:
    hard = [
        (key, sentence)
        for key in KEYS
        if not key.startswith("flags.") and not key.endswith((".example", ".label"))
        for sentence in sentences(plain(english().texts[key]))
        if len(sentence.split()) >= FEW_WORDS and sentence_grade(sentence) > 8
    ]
    assert hard == []


def test_every_message_is_short() -> None:
    long = [key for key in KEYS if len(english().texts[key]) > 600]
    assert [key for key in long if not key.startswith(LONG_ALLOWED)] == []


def test_the_words_are_calm() -> None:
    loud = re.compile(r"!|\binvalid\b|\berror\b|\boops\b", re.IGNORECASE)
    for key in KEYS:
        text = english().texts[key]
        assert not loud.search(text), key
        assert text.replace("→", "").isascii(), f"{key}: no emoji, no typographic marks"
        assert text == text.strip(), key


def test_nothing_is_promised() -> None:
    for key in KEYS:
        text = english().texts[key]
        if re.search(r"\bguarantee|\bpromis|\bwill be (?:accepted|approved)", text, re.IGNORECASE):
            assert re.search(r"\bnot\b|\bno\b", text), key


def _buttons() -> list[str]:
    own = [key for key in KEYS if key.startswith("buttons.") and "{" not in english().texts[key]]
    fields = [key for key in KEYS if re.fullmatch(r"field\..+\.(?:label|\w+_button)", key)]
    return own + fields


def test_every_buttons_label_fits_a_phone() -> None:
    assert [key for key in _buttons() if not 1 <= len(english().texts[key]) <= 20] == []


@pytest.mark.parametrize("name", house().script.form.names())
class TestEachQuestion:
    def test_has_at_most_three_lines_and_ends_with_the_question(self, name: str) -> None:
        for values in ({}, {"privacy": english().texts["privacy.text"]}):
            ask = english().texts[f"field.{name}.ask"].format(**{"privacy": "", **values})
            lines = [line for line in ask.split("\n") if line]
            assert len(lines) <= 4
            assert lines[-1].endswith("?")
            assert not any(line.endswith("?") for line in lines[:-1]), "one question a message"

    def test_is_asked_again_in_a_few_words_within_a_sentence(self, name: str) -> None:
        again = english().texts[f"field.{name}.ask_again"]
        assert "\n" not in again
        assert again.endswith("?")
        assert again[0].islower()

    def test_takes_its_own_example(self, name: str) -> None:
        form, language = house().script.form, english()
        question = form.fields[name].question if name in form.fields else None
        if question is None or name.startswith("self_check."):
            return
        known = Known({}, language.options(name), language.words, "en")
        example = language.texts[f"field.{name}.example"]
        assert isinstance(question.reader.read(example, known), Accepted), example


REFUSALS = sorted({key.split(".")[1] for key in KEYS if key.startswith("refusals.")})


def test_every_refusal_is_worded_in_two_ways() -> None:
    for code in REFUSALS:
        first = english().texts[f"refusals.{code}.first"]
        again = english().texts[f"refusals.{code}.again"]
        assert sentences(first)[0] != sentences(again)[0], code


def test_every_refusal_teaches() -> None:
    """It says what would pass: an example, a limit, or the way to choose."""
    way = re.compile(r'"[^"]+"|\{limit\}|\{options\}|[Tt]ap|pick|[Tt]ype|just that|shorter')
    for code in REFUSALS:
        for turn in ("first", "again"):
            text = english().texts[f"refusals.{code}.{turn}"]
            assert way.search(text), text


# The other languages

OTHERS = [code for code in house().script.wording.languages if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
class TestEachOtherLanguage:
    def test_has_every_entry_and_no_other(self, code: str) -> None:
        other = house().script.wording.language(code)
        assert set(other.texts) == set(KEYS)
        assert set(english().lists) - set(other.lists) == set()
        own = {"lists.label_endings", "lists.no_slips"}
        assert set(other.lists) - set(english().lists) <= own
        empty = [key for key, words in other.lists.items() if not words or "" in map(fold, words)]
        assert [key for key in empty if not key.startswith("lists.")] == []
        assert [key for key in KEYS if not other.texts[key].strip()] == []

    def test_fills_in_the_same(self, code: str) -> None:
        other = house().script.wording.language(code)
        wrong = [key for key in KEYS if slots(other.texts[key]) != slots(english().texts[key])]
        assert wrong == []

    def test_marks_the_same(self, code: str) -> None:
        """As many strong words and lines of a list, and each mark closed."""
        other = house().script.wording.language(code)
        for key in KEYS:
            own, theirs = other.texts[key], english().texts[key]
            assert own.count("**") % 2 == own.count("~~") % 2 == 0, key
            assert bool(own.count("**")) == bool(theirs.count("**")), key
            for mark in (r"^- ", r"^> ", r"^_.*_$"):
                found = [len(re.findall(mark, text, re.MULTILINE)) for text in (own, theirs)]
                assert found[0] == found[1], key

    def test_has_buttons_that_fit_a_phone(self, code: str) -> None:
        texts = house().script.wording.language(code).texts
        options = [key for key in KEYS if re.fullmatch(r"field\..+\.options\..+\.label", key)]
        long = [key for key in {*_buttons(), *options} if not 1 <= len(texts[key]) <= 20]
        assert long == []

    def test_names_no_two_things_alike(self, code: str) -> None:
        texts = house().script.wording.language(code).texts
        labels = [texts[key] for key in KEYS if re.fullmatch(r"buttons\.\w+", key)]
        twice = {label for label in labels if labels.count(label) > 1 and "{" not in label}
        assert twice <= {texts["buttons.keep_all"], texts["buttons.status"]}

    def test_is_calm_and_short(self, code: str) -> None:
        texts = house().script.wording.language(code).texts
        loud = re.compile(r"!|\binvalid\b|tidak valid|\berror\b|\bups\b", re.IGNORECASE)
        assert [key for key in KEYS if loud.search(texts[key])] == []
        assert [key for key in KEYS if texts[key] != texts[key].strip()] == []
        long = [key for key in KEYS if len(texts[key]) > 600]
        assert [key for key in long if not key.startswith(LONG_ALLOWED)] == []

    @pytest.mark.parametrize("name", house().script.form.names())
    def test_asks_one_question_at_the_end(self, code: str, name: str) -> None:
        texts = house().script.wording.language(code).texts
        lines = [line for line in texts[f"field.{name}.ask"].split("\n") if line]
        assert len(lines) <= 4
        assert lines[-1].endswith("?")
        assert not any(line.endswith("?") for line in lines[:-1])
        again = texts[f"field.{name}.ask_again"]
        assert "\n" not in again
        assert again.endswith("?")
        assert again[0].islower()

    def test_refuses_in_two_ways(self, code: str) -> None:
        texts = house().script.wording.language(code).texts
        for refusal in REFUSALS:
            first, again = (texts[f"refusals.{refusal}.{turn}"] for turn in ("first", "again"))
            assert sentences(first)[0] != sentences(again)[0], refusal


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_indonesian_speaks_to_anda() -> None:
    """One way to address people, and no promise."""
    texts = house().script.wording.language("id").texts
    rude = re.compile(r"\b(?:kamu|kau|lu|lo|gue|kalian|selamat anda)\b|\banda\b")
    assert [key for key in KEYS if rude.search(texts[key])] == []
    for key in KEYS:
        if re.search(r"\bmenjamin|\bdijamin|\bpasti diterima", texts[key]):
            assert "tidak menjamin" in texts[key], key


def test_every_phase_way_and_stage_is_known_here() -> None:
    """A new one of these needs words; this is where one is reminded of it."""
    assert {phase.value for phase in Phase} == {
        "visiting",
        "filling",
        "reviewing",
        "stating",
        "paused",
        "submitted",
    }
    assert set(get_args(WayOut)) == {"skip", "keep", "person", "stop"}
    assert set(get_args(Stage)) == {"check", "consent", "form", "closing"}
