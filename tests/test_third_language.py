"""A third language needs no Python: one is put together in a temporary folder, and spoken.

Its words are English ones with each letter moved by thirteen places, so that nothing is missing and
nothing can pass for English; its one article is its own.
"""

from __future__ import annotations

import codecs
import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import program_values
from bot.config import Settings
from bot.lookup import look_up
from bot.platform_words import telegram_menus
from bot.rendering import Renderer
from bot.words import WORDS, read_words
from dialogs.acts import Act, LookUp
from dialogs.application import Application
from dialogs.events import Choice
from dialogs.form import Form
from dialogs.languages import first_state
from dialogs.machine import ORDERS, step
from dialogs.state import Phase, Script, State
from dialogs.wording import WordingError
from knowledge.folder import load_articles
from knowledge.library import Library
from knowledge.not_covered import load_not_covered
from knowledge.sources import ARTICLES, NOT_COVERED
from tests.speaking import offers_of, picked, said

ARTICLE = """+++
title = "Perqvg yvar"
button = "Perqvg"
section = "Ohfvarff"
facts = ["B3"]
related = ["audited-records"]
updated = 2026-11-25
questions = [
  "qb v arrq n perqvg yvar?",
  "vf n perqvg yvar erdhverq?",
  "jub nterrf gur perqvg yvar?",
  "ubj qb v trg perqvg?",
  "perqvg cyrnfr?",
]
+++
N perqvg yvar vf erdhverq.
"""


def moved(text: str) -> str:
    """Every letter by thirteen places, but for {placeholders}."""
    parts = re.split(r"(\{\w*\})", text)
    return "".join(p if p.startswith("{") else codecs.encode(p, "rot13") for p in parts)


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """A file's entries as lines of TOML, moved."""
    for key, value in table.items():
        here = f"{path}.{json.dumps(key)}" if path else json.dumps(key)
        if isinstance(value, Mapping):
            yield from leaves(value, here)
        elif isinstance(value, str):
            yield f"{here} = {json.dumps(moved(value), ensure_ascii=False)}"
        else:
            yield f"{here} = {json.dumps([moved(each) for each in value], ensure_ascii=False)}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What somebody who adds a language writes: words/xx*.toml, articles/xx/."""
    words = tmp_path / "words"
    words.mkdir()
    for path in WORDS.glob("en*.toml"):
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
        for key in ("language", "called", "called_in_phrases"):
            parsed.pop(key, None)
        lines = list(leaves(parsed))
        if path.name == "en.toml":
            lines = ['language = "Thirteenish"', 'called = ["thirteenish", "rot"]', *lines]
        name = path.name.replace("en.", "xx.", 1)
        (words / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copytree(ARTICLES, tmp_path / "articles")
    (tmp_path / "articles" / "xx").mkdir()
    (tmp_path / "articles" / "xx" / "credit-line.md").write_text(ARTICLE, encoding="utf-8")
    english = (ARTICLES / "en" / "words.toml").read_text(encoding="utf-8")
    (tmp_path / "articles" / "xx" / "words.toml").write_text(english, encoding="utf-8")
    return tmp_path


class Talk:
    """A conversation with a program that has the third language."""

    def __init__(self, folder: Path, hint: str = "") -> None:
        form = Form(Application)
        wording = read_words(form.names(), ORDERS, (WORDS, folder / "words"))
        self.script = Script(form, wording)
        self.state = first_state(wording, hint)
        self.acts: tuple[Act, ...] = ()
        self._show = partial(Renderer(wording, program_values(Settings())).message)
        self._articles = folder / "articles"

    @cached_property
    def _library(self) -> Library:
        return Library(load_articles(self._articles, {}), load_not_covered(NOT_COVERED, {}))

    def says(self, text: str) -> str:
        """What is answered, as plain text with the buttons' labels."""
        done = step(self.script, self.state, said(text, None))
        if done.acts and isinstance(act := done.acts[0], LookUp):
            found = look_up(self._library, act, act.language or self.state.language)
            done = step(self.script, self.state, said(text, found))
        return self._answered(done.state, done.acts)

    def taps(self, choice: Choice) -> str:
        done = step(self.script, self.state, picked(choice))
        return self._answered(done.state, done.acts)

    def _answered(self, state: State, acts: tuple[Act, ...]) -> str:
        self.state, self.acts = state, acts
        message = self._show(state.language, acts)
        if message is None:
            return ""
        lines = ["".join(span.text for span in block.spans) for block in message.blocks]
        return "\n".join([*lines, *(f"[{button.label}]" for button in message.buttons)])


def test_it_is_spoken_where_the_platform_names_it(folder: Path) -> None:
    talk = Talk(folder, "xx-YY")
    welcome = talk.says(moved("hello"))
    assert welcome.startswith("Uryyb. V nz gur nccyvpnag nffvfgnag bs gur Freivpr Cebivqre")
    assert "[Nccyl]" in welcome
    assert "[English]" not in welcome, "the platform named one"
    assert "1 bs 9" in talk.says(moved("apply"))
    assert moved("Noted: Yes.") in talk.says(moved("yes"))
    assert talk.state.phase is Phase.FILLING
    assert talk.says(moved("why")).startswith(moved("The program asks for audited"))
    assert talk.says("/status").startswith(moved("Your application: ")), "its name, as in a menu"


def test_it_is_offered_and_asked_for_by_its_name_in_every_language(folder: Path) -> None:
    talk = Talk(folder, "unheard-of")
    assert talk.says("hello").endswith("[Bahasa Indonesia]\n[Thirteenish]")
    assert "V nz gur nccyvpnag" in talk.taps(Choice("order", "language", "xx"))
    for wish, language, says in (
        ("in english please", "en", "All right, we go on in English."),
        ("switch to thirteenish", "xx", moved("All right, we go on in English.")),
        ("pakai bahasa indonesia", "id", "Baik, kita lanjut dalam bahasa Indonesia."),
        ("pakai rot dong", "xx", moved("All right, we go on in English.")),
        (moved("switch to ") + "english", "en", "All right, we go on in English."),
        ("thirteenish", "xx", moved("All right, we go on in English.")),
    ):
        talk.says("apply")
        talk.says(moved("apply"))
        assert talk.says(wish).split("\n")[0] == says, wish
        assert talk.state.language == language
        assert talk.state.phase is Phase.FILLING


def test_with_three_languages_a_bare_wish_is_asked_about(folder: Path) -> None:
    talk = Talk(folder, "en")
    talk.says("apply")
    before = talk.state
    assert talk.says("/language").split("\n")[1:] == ["[Bahasa Indonesia]", "[Thirteenish]"]
    assert talk.state == before, "only a language named changes anything"
    tap = next(o.choice for o in offers_of(talk.acts) if o.choice.value == "xx")
    assert moved("Has the business been in operation") in talk.taps(tap)


def test_it_answers_from_its_own_article_and_else_from_the_english_ones(folder: Path) -> None:
    talk = Talk(folder, "xx")
    own = talk.says("qb v arrq perqvg yvar?")
    assert own.startswith("N perqvg yvar vf erdhverq.\nFbhepr: Ohfvarff, B3")
    assert "[Audited records]" in own, "what it relates to is there in English"
    assert talk.says("can I use a PO box?").startswith("A PO box is not accepted")


def test_a_newcomer_is_heard_in_it(folder: Path) -> None:
    talk = Talk(folder)
    assert "V nz gur nccyvpnag" in talk.says(moved("good morning"))
    assert (talk.state.language, talk.state.language_by) == ("xx", "person")


def test_telegram_is_given_its_menu(folder: Path) -> None:
    assert set(telegram_menus(Talk(folder).script.wording)) == {"", "id", "xx"}


def test_what_it_lacks_is_named_all_at_once(folder: Path) -> None:
    file = folder / "words" / "xx.toml"
    lacking = ('"welcome" ', '"commands"."pause" ', '"field"."email"."ask" ')
    lines = file.read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if not line.startswith(lacking)]
    file.write_text("\n".join(kept), encoding="utf-8")
    (folder / "words" / "xx.refusals.toml").unlink()
    with pytest.raises(WordingError) as lacks:
        Talk(folder)
    for key in ("welcome", "commands.pause", "field.email.ask", "refusals.po_box.again"):
        assert f"xx: {key}" in str(lacks.value)
    assert "id: " not in str(lacks.value)
