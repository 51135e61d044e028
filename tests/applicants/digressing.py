"""Questions in the middle: at each field, some real ones in a row; nothing may be filled by them.

And the converse: true answers that look like questions or commands, which must be taken.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogs.answers import clean
from tests.applicants.base import ASKED, VALUES, answer, talk_at, values
from tests.applicants.checking import same
from tests.applicants.halves import Half, rows
from tests.applicants.memory import plain_name
from tests.applicants.phrases import questions
from tests.applicants.talk import Seen, Talk

MOST = 6
"""questions in a row"""


@dataclass(frozen=True, slots=True)
class Row:
    """Questions in a row at one field, and what became of it."""

    path: str
    asked: tuple[str, ...]
    polluted: str
    """the question that was taken for an answer, and where; empty for none"""
    deaf: str
    """why the true answer was not taken afterwards; empty where it was"""
    lines: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not self.polluted and not self.deaf


def digressions(half: Half, seed: int, language: str = "en", most: int = 10**6) -> Iterator[Row]:
    """Each field with up to ``most`` questions, every one once, one to six in a row."""
    rng = random.Random(f"{seed}:{half}:digressions")
    for path in ASKED:
        texts = list(dict.fromkeys(questions(half, language, plain_name(path))))
        rng.shuffle(texts)
        texts = texts[:most]
        length = 0
        while texts:
            length = length % MOST + 1
            yield digress(path, texts[:length], language)
            texts = texts[length:]


def digress(path: str, texts: Sequence[str], language: str = "en") -> Row:
    talk = talk_at(path, language)
    before, polluted = values(talk.state.draft), ""
    for text in texts:
        no = talk._last.button("confirm", "", "no")
        if no is not None:  # "Shall I ask staff?" is answered first
            talk.tapped(no)
        talk.said(text)
        after = values(talk.state.draft)
        if after != before:
            changed = [p for p in {**before, **after} if before.get(p) != after.get(p)]
            polluted = f"{text!r} -> {changed}"
            break
    deaf = "" if polluted else _deaf(talk, path, before)
    return Row(path, tuple(texts), polluted, deaf, tuple(talk.lines))


def _deaf(talk: Talk, path: str, before: dict[str, str]) -> str:
    answer(talk, path)
    no = talk._last.button("confirm", "", "no")
    if no is not None and values(talk.state.draft) == before:
        talk.tapped(no)  # "no" to "is it one of these?" was no answer to the form's question
        answer(talk, path)
    if path == "truth":
        return "" if talk.submitted is not None else "it is not sent"
    after = values(talk.state.draft)
    if path.endswith(".more"):
        return "" if after["closed"] != before["closed"] else "it is not closed"
    if path not in after:
        return f"nothing stands at {path}"
    true = VALUES.get(path)
    return "" if true is None or after[path] == true else f"{after[path]!r} stands there"


@dataclass(frozen=True, slots=True)
class Taken:
    """A true answer that looks like something else."""

    field: str
    text: str
    well: bool
    """it stands as the answer at once"""
    undone: bool
    """or after one tap on a button that the bot shows"""
    lines: tuple[str, ...]


PATHS = {
    "owners.name": "owners.1.name",
    "locations.address": "locations.1.address",
    "locations.phone": "locations.1.phone",
}


def odd_answers(half: Half, field: str = "") -> Iterator[Taken]:
    for row in rows("odd", half):
        if field in ("", row["field"]):
            yield odd_answer(row["field"], row["text"])


def odd_answer(field: str, text: str) -> Taken:
    path = PATHS.get(field, field)
    talk = talk_at(path)
    seen = talk.said(text)
    well = _stands(talk, path, text)
    undone = well or _undone(talk, seen, path, text)
    return Taken(field, text, well, undone, tuple(talk.lines))


def _undone(talk: Talk, seen: Seen, path: str, text: str) -> bool:
    for button in seen.buttons:
        if button.choice.verb in ("answer", "confirm"):
            other = talk_at(path)
            other.said(text)
            other.tapped(button)
            if _stands(other, path, text):
                return True
    return False


def _stands(talk: Talk, path: str, text: str) -> bool:
    stored = values(talk.state.draft).get(path)
    if stored is None:
        return False
    name = plain_name(path)
    if name == "locations.phone":
        digits = "".join(char for char in text if char.isdigit())
        number = stored.partition(";ext=")[0]
        return number.startswith("+441134960") and number[-10:] in digits + digits[-10:]
    if name == "website":
        host = clean(text).removeprefix("https://").rstrip("/").removeprefix("www.")
        return same(name, stored, host)
    if name == "locations.address":
        return stored == clean(text)
    return same(name, stored, clean(text))
