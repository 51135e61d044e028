"""Reads the wording of what the bot is to learn, out of a reply in the staff chat: "Title: ...",
"Question: ...", "Answer: ...".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogs.wording import fold

LISTS = "lesson."


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a line gives for a candidate; empty: nothing, so that what there is stays."""

    questions: tuple[str, ...] = ()
    title: str = ""
    button: str = ""
    facts: tuple[str, ...] = ()
    answer: str = ""


def read_lesson(text: str, words: Mapping[str, tuple[str, ...]]) -> Lesson | None:
    """None where no line of it begins with one of the labels. A line without a label goes on with
    the one before it; a question is one line."""
    given: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        label, rest = _labelled(line, words)
        if label:
            current = label
            given.setdefault(label, []).append(rest)
        elif current:
            given[current].append(line)
    if not given:
        return None
    facts = " ".join(given.get("facts", ())).replace(",", " ").split()
    return Lesson(
        tuple(line.strip() for line in given.get("question", ()) if line.strip()),
        " ".join(given.get("title", ())).strip(),
        " ".join(given.get("button", ())).strip(),
        tuple(facts),
        "\n".join(given.get("answer", ())).strip(),
    )


def _labelled(line: str, words: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """(the label that the line begins with, the rest of it)"""
    head, colon, rest = line.partition(":")
    if colon:
        for label in ("title", "question", "answer", "facts", "button"):
            if fold(head) in {fold(word) for word in words[f"{LISTS}{label}"]}:
                return label, rest.strip()
    return "", line
