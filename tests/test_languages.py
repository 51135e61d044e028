"""Which language a conversation is in: by the platform, by asking, by the person's own words; and
what a change of it leaves as it was.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from bot.app import build_house, program_values
from bot.channels.configured import configured_channels
from bot.config import Privacy, Program, Settings
from bot.environment import Secrets
from bot.platform_words import telegram_menus
from bot.rendering import Renderer
from bot.words import read_words
from dialogs import machine
from dialogs.acts import Ask, LookUp, Say
from dialogs.answers import Accepted
from dialogs.events import Choice, Edited, Finding
from dialogs.form import Form
from dialogs.languages import first_state, heard, language_wished, of_hint
from dialogs.machine import ORDERS, PHASES, step
from dialogs.reading import Answers
from dialogs.state import Pending, PendingKind, Phase, State, open_place
from dialogs.switching import AGAIN
from dialogs.wording import WordingError, build_wording
from tests.play import house
from tests.rig import Rig, rigged
from tests.speaking import (
    AT,
    article,
    in_phase,
    keys_of,
    offers_of,
    picked,
    said,
    script,
    submitted,
    talk,
    two_locations,
    until,
)

WORDING = script().wording


def indonesian(state: State) -> State:
    return replace(state, language="id", language_by="person")


# The platform's hint


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        ("id", "id"),
        ("ID", "id"),
        ("id-ID", "id"),
        ("id_ID", "id"),
        ("en", "en"),
        ("en-GB", "en"),
        ("", ""),
        ("de", ""),
        ("zh-Hant", ""),
        ("idx", ""),
        ("i", ""),
        ("all", ""),
        ("-", ""),
        ("id-" + "x" * 10_000, ""),
        ("\N{PILE OF POO}", ""),
        ("id\x00", ""),
        ("../id", ""),
    ],
)
def test_a_hint_names_a_language_that_we_have_or_nothing(hint: str, code: str) -> None:
    assert of_hint(WORDING, hint) == code
    state = first_state(WORDING, hint)
    assert state.language == (code or "en")
    assert state.language_by == ("platform" if code else "")


def test_the_welcome_offers_the_other_languages_only_where_none_was_named() -> None:
    offered = Choice("order", "language", "id")
    unknown = step(script(), first_state(WORDING, "de"), said("/start"))
    assert offered in [offer.choice for offer in offers_of(unknown.acts)]
    known = step(script(), first_state(WORDING, "en"), said("/start"))
    assert not [o for o in offers_of(known.acts) if o.choice.target == "language"]
    tapped = step(script(), unknown.state, picked(offered))
    assert (tapped.state.language, tapped.state.language_by) == ("id", "person")
    assert keys_of(tapped.acts) == ["welcome", "visit.menu"]
    assert not [o for o in offers_of(tapped.acts) if o.choice.target == "language"]


# Asking for one in words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("english", "en"),
        ("English!", "en"),
        ("in english please", "en"),
        ("bahasa inggris", "en"),
        ("pakai bahasa inggris", "en"),
        ("pake bahasa inggris dong", "en"),
        ("ganti ke bahasa inggris", "en"),
        ("ganti bahasa ke inggris", "en"),
        ("/language en", "en"),
        ("bahasa indonesia", "id"),
        ("Bahasa Indonesia dong", "id"),
        ("switch to indonesian", "id"),
        ("in Indonesian, please", "id"),
        ("indonesian", "id"),
        ("can we speak indonesian?", "id"),
        ("/language id", "id"),
        ("/language indonesian", "id"),
        ("/language", ""),
        ("ganti bahasa", ""),
        ("change language", ""),
    ],
)
@pytest.mark.parametrize("spoken", ["en", "id"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_language_is_asked_for_in_either_language_in_every_phase(
    text: str, code: str, spoken: str, phase: Phase
) -> None:
    before = replace(in_phase(phase), language=spoken)
    assert language_wished(script(), before, text) == code
    done = step(script(), before, said(text))
    wanted = code or ("en" if spoken == "id" else "id")
    # What is asked is put again; nothing else is touched.
    assert done.state == replace(before, language=wanted, language_by="person")
    keys = keys_of(done.acts)
    if phase is Phase.VISITING and code:
        assert keys == ["welcome", "visit.menu"]
    else:
        assert keys[0] == "switch.done"
        assert len(keys) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("legal_name", "English First"),
        ("legal_name", "English Electric Ltd"),
        ("legal_name", "PT Bahasa Indonesia Servis"),
        ("dba", "Indonesian Phones"),
        ("owners.name", "English, Maria"),
        ("locations.country", "Indonesia"),
        ("locations.country", "indonesian"),
        ("locations.country", "inggris"),
        ("experience", "We repair phones, with manuals in English please note."),
    ],
)
def test_an_answer_that_only_holds_a_languages_name_stays_an_answer(name: str, text: str) -> None:
    before = until(name)
    done = step(script(), before, said(text))
    assert done.state.language == before.language
    place = open_place(script(), before)
    assert place is not None
    assert done.state.draft is not None
    assert done.state.draft.slots.get(place.path) is not None


def open_confirmation(kind: PendingKind) -> State:
    """A state in which this confirmation is open, reached by talking."""
    match kind:
        case "check_no":
            return talk(State(), "apply", "no")
        case "withdraw":
            return talk(submitted(), "withdraw")
        case "change_request":
            return talk(submitted(), "change the website")
        case "which":
            unsure = Finding("unsure", (article(), article("owner", "Owner")))
            return step(script(), State(), said("what now?", unsure)).state
        case "escalate":
            return talk(until("email"), "who is your dentist?")
        case "choose":
            return talk(two_locations(), "change the location")
        case "person":
            return talk(until("email"), "talk to a person")
        case "dba_split":
            return talk(until("legal_name"), "Lakeside Mobile Care Ltd dba Lakeside Repairs")
        case "owners_split":
            return talk(until("owners.name"), "Maria Santos and Budi Hartono")
        case "home":
            return talk(until("locations.address"), "Flat 3, 14 Harbour Street, Leeds LS1 4AB")
        case "rest":
            return talk(until("locations.address"), "14 Harbour Street, Leeds")
        case "contact":
            card = replace(said("+44 113 496 0271"), medium="contact")
            return step(script(), until("locations.phone"), card).state
        case "edit":
            first = said("Lakeside Mobile Care Ltd")
            state = step(script(), until("legal_name"), first).state
            edited = Edited("Lakeside Care Ltd", first.message, AT, first.token)
            return step(script(), state, edited).state
        case _:
            return talk(until("email"), kind.replace("_data", " my data").replace("_", " "))


@pytest.mark.parametrize("kind", get_args(PendingKind))
def test_an_open_confirmation_is_put_again_in_the_new_language(kind: PendingKind) -> None:
    before = open_confirmation(kind)
    assert before.pending is not None
    assert before.pending.kind == kind
    done = step(script(), before, said("bahasa indonesia"))
    assert done.state.language == "id"
    assert done.state.pending is not None
    assert (done.state.draft, done.state.phase) == (before.draft, before.phase)
    assert done.state.pending.changes == before.pending.changes
    if kind == "edit":
        assert done.state.pending == before.pending, "it is still about the message edited"
    assert offers_of(done.acts), "it can be answered"
    assert kind in AGAIN
    # "Is it one of these?" becomes "shall I ask staff?": the articles' titles are not kept.
    assert done.state.pending.kind == ("escalate" if kind == "which" else kind)


def test_an_old_button_works_after_the_language_has_changed() -> None:
    before = until("kind")
    asked = step(script(), before, said("why"))
    tap = next(o.choice for o in offers_of(asked.acts) if o.choice.value == "reseller")
    state = step(script(), before, said("bahasa indonesia")).state
    taken = step(script(), state, picked(tap))
    assert taken.state.draft is not None
    assert taken.state.draft.value("kind") == "reseller"
    assert keys_of(taken.acts)[-1] == "ask:legal_name"


@pytest.mark.parametrize("spoken", ["en", "id"])
@pytest.mark.parametrize(
    "text", ["ya, tapi sebagian", "yes, but later", "sudah, hampir", "yes maybe"]
)
def test_a_condition_in_any_language_makes_no_yes(text: str, spoken: str) -> None:
    before = replace(until("self_check.audited"), language=spoken)
    done = step(script(), before, said(text))
    assert done.state.draft is not None
    assert "self_check.audited" not in done.state.draft.slots
    assert keys_of(done.acts)[0] == "refusals.hedged.first"


# What a newcomer writes


@pytest.mark.parametrize(
    ("text", "spoken", "hears"),
    [
        ("halo, saya mau daftar", "en", "id"),
        ("halo", "en", "id"),
        ("selamat pagi", "en", "id"),
        ("hi, syaratnya apa aja?", "en", "en"),  # no opener, and "hi" is said in both
        ("hi, apa saja syaratnya?", "en", "id"),
        ("gimana cara daftar?", "en", "id"),
        ("Halo, kami PT Servis Prima", "en", "id"),
        ("makasih", "en", "id"),
        ("hello, how do I apply?", "id", "en"),
        ("I want to apply", "id", "en"),
        ("good morning", "id", "en"),
        ("hello", "id", "id"),
        ("hi", "en", "en"),
        ("status", "id", "id"),
        ("/start", "id", "id"),
        ("/start apply", "id", "id"),
        ("menu", "en", "en"),
        ("PT Servis Prima", "en", "en"),
        ("", "en", "en"),
        ("?", "id", "id"),
    ],
)
def test_a_newcomer_is_answered_in_the_one_language_that_knows_the_words(
    text: str, spoken: str, hears: str
) -> None:
    state = State(language=spoken, language_by="platform")
    assert heard(script(), state, said(text)).language == hears


@pytest.mark.parametrize("text", ["halo", "gimana cara daftar?"])
def test_nobody_is_moved_who_has_chosen_or_begun(text: str) -> None:
    for state in (
        State(language="en", language_by="person"),
        in_phase(Phase.FILLING),
        in_phase(Phase.SUBMITTED),
        State(pending=Pending("person")),
    ):
        assert heard(script(), state, said(text)) is state
    assert heard(script(), State(), picked(Choice("order", "apply"))).language == "en"


def test_a_newcomers_question_is_looked_up_in_the_language_that_was_heard() -> None:
    state = first_state(WORDING, "en")
    asked = step(script(), state, said("gimana cara daftar?", None))
    assert asked == (state, (LookUp("gimana cara daftar?", language="id"),))
    found = step(script(), state, said("gimana cara daftar?", Finding("answer", (article(),))))
    assert (found.state.language, found.state.language_by) == ("id", "person")


# Everything that is seen


def test_what_the_operator_did_not_set_is_said_in_the_language_spoken() -> None:
    consent = (Ask("consent", "consent", "full", 0, 0),)

    def shown(settings: Settings, language: str) -> str:
        message = Renderer(WORDING, program_values(settings)).message(
            language, (Say("welcome"), *consent)
        )
        assert message is not None
        return "\n".join("".join(s.text for s in block.spans) for block in message.blocks)

    neutral = shown(Settings(), "id")
    assert "program Penyedia Layanan" in neutral
    assert "Saya menyimpan jawaban Anda" in neutral
    assert "the " not in neutral
    privacy = Privacy(controller="PT Contoh", contact="data@contoh.example")
    own = shown(Settings(privacy=privacy, program=Program(name="Mitra Servis")), "id")
    assert "untuk Mitra Servis." in own
    ends = "Data disimpan oleh PT Contoh. Pertanyaan tentang data Anda: data@contoh.example."
    assert ends in own
    text = shown(Settings(privacy=Privacy(text="Kept in Jakarta.", contact="x@y.example")), "en")
    assert "Kept in Jakarta. Questions about your data: x@y.example." in text


def test_telegrams_menu_is_there_in_every_language() -> None:
    menus = telegram_menus(WORDING)
    assert set(menus) == {"", "id"}
    assert [name for name, _ in menus[""]] == [name for name, _ in menus["id"]]
    assert dict(menus["id"])["apply"] == "Mendaftar ke program"
    for name, _ in menus["id"]:
        for language in WORDING.languages.values():
            assert language.commands[name.replace("_", " ")] == name, "a menu's command works"
    settings = Settings(secrets=Secrets(telegram_token=SecretStr("1:a")))
    assert "telegram" in configured_channels(settings, WORDING)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("planned")

    monkeypatch.setitem(machine.TABLE[Phase.FILLING], Answers, fails)


@pytest.mark.usefixtures("failing")
async def test_an_apology_is_in_the_persons_language_and_the_staffs_card_in_english(
    tmp_path: Path,
) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        amira = rig.applicant("telegram")
        await amira.says("bahasa indonesia")
        await rig.hears(amira, "Saya asisten pendaftaran")
        await amira.says("daftar")
        await rig.hears(amira, "1 dari 9")
        await amira.says("ya")
        await rig.hears(amira, "Ada masalah di pihak kami")
        await rig.until(lambda: rig.staff.cards("A message could not be handled."))
        await notices_in_a_group(rig)


async def notices_in_a_group(rig: Rig) -> None:
    siti = rig.telegram.person(502, "Siti", language_code="id")
    group = rig.telegram.group(-700, "Komunitas servis", [siti])
    await siti.says("/start", group=group)
    await rig.until(lambda: any("secara pribadi" in m.text for m in group.chat if m.from_bot))


# The articles


def test_an_article_that_a_language_lacks_is_shown_and_found_in_english() -> None:
    library = house().library
    assert library.get("credit-line", "id") != library.get("credit-line", "en")
    own = next(a for a in library.articles if a.language == "id" and a.id == "owner")
    english = [a for a in library.articles if a.language == "en"]
    partial = type(library)([*english, own])
    lacking = partial.get("credit-line", "id")
    assert lacking is not None
    assert lacking.language == "en"
    found = partial.find("do I need a credit line?", "id")
    assert (found.band, found.matches[0].article.language) == ("answer", "en")
    assert partial.find("siapa yang saya tulis sebagai pemilik?", "id").matches[0].article == own


def test_indonesian_words_are_not_bent_towards_english_ones() -> None:
    for word in ("audit", "kredit", "program", "sertifikat", "garansi", "servis"):
        for language in ("id", "id-ID"):
            told = house().library.explain(f"{word} kredir", language)
            assert told.mended == ""


# What is missing


def test_everything_that_a_language_lacks_is_named_at_once() -> None:
    files: dict[str, dict[str, Any]]
    files = {"en": {"a": {"b": "One", "c": "Two"}, "lists": {"yes": ["yes"]}}, "id": {"a": {}}}
    with pytest.raises(WordingError) as lacks:
        build_wording(files, (), ())
    assert str(lacks.value) == "the wording lacks: id: a.b; id: a.c; id: lists.yes"


def test_the_words_of_all_languages_are_read_with_nothing_missing() -> None:
    form = Form(script().form.model)
    assert set(read_words(form.names(), ORDERS).languages) == {"en", "id"}
    assert build_house(Settings()).script.wording.languages.keys() == {"en", "id"}


@pytest.mark.parametrize("code", list(WORDING.languages))
@pytest.mark.parametrize("name", [n for n in script().form.names() if n in script().form.fields])
def test_every_questions_example_is_taken_in_its_language(code: str, name: str) -> None:
    before = replace(until(name), language=code)
    place = open_place(script(), before)
    assert place is not None
    if place.question.stage == "check":
        return  # its example names the three buttons
    known = script().form.known(before.draft, place, WORDING.language(code))  # type: ignore[arg-type]  # a draft is open
    example = WORDING.text(code, f"field.{name}.example")
    assert isinstance(place.question.reader.read(example, known), Accepted), example
