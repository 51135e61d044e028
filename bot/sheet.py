"""One application as staff read it, whole: its doubts first, then every answer in the order of the
form, then the self-check. For ``frontdesk show`` and for the hand-off by e-mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.clock import minute
from bot.house import STAFF_LANGUAGE
from bot.records import Leaf, leaves
from bot.rendering import Renderer
from bot.store.rows import RecordRow
from dialogs.acts import Value
from dialogs.answers import Choice, YesNo
from dialogs.form import Form, Group
from dialogs.review import Review, Stage, internal
from dialogs.wording import Wording


@dataclass(frozen=True, slots=True)
class Words:
    """The form and its words, for showing a record."""

    form: Form
    wording: Wording
    renderer: Renderer

    def text(self, key: str, /, **values: Value) -> str:
        return self.renderer.text(STAFF_LANGUAGE, key, values)


def sheet_lines(
    words: Words, row: RecordRow, review: Review | None = None
) -> Iterator[tuple[str, str]]:
    """(text, style): a style is "bold", "dim", "yellow", several of them, or empty. What the
    applicant wrote is in it as it is, line breaks and control characters too. ``review``: how it
    stands with staff; None where nobody asks."""
    answers = list(leaves(words.form, json.loads(row.body)))
    state = words.text(internal(review.stage if review is not None else Stage(row.state)))
    yield words.text("sheet.title", reference=row.reference, state=state), "bold"
    if review is not None and review.claim is not None:
        claim = review.claim
        yield words.text("sheet.claimed", name=claim.by, until=minute(claim.until)), ""
    received = minute(row.submitted_at)
    yield words.text("sheet.received", at=received, channel=row.channel), ""
    if review is not None and review.version > 1:
        version = str(review.version)
        yield words.text("sheet.version", number=version, reference=row.reference), ""
    if row.changed_at != row.submitted_at:
        yield words.text("sheet.changed", at=minute(row.changed_at)), ""
    yield "", ""
    doubts = [line for answer in answers for line in _doubts(words, answers, answer)]
    yield (
        (words.text("sheet.doubts"), "bold yellow")
        if doubts
        else (words.text("sheet.no_doubts"), "bold")
    )
    for line in doubts:
        yield f"- {line}", "yellow"
    yield "", ""
    yield words.text("sheet.answers"), "bold"
    checks: list[tuple[str, str]] = []
    for group in words.form.groups:
        mine = [a for a in answers if a.field in group.fields]
        lines = list(_group_lines(words, group, mine))
        if group.fields[0].question.stage == "check":
            checks += lines
        else:
            yield from lines
    yield "", ""
    yield words.text("sheet.self_check"), "bold"
    yield from checks


def _group_lines(words: Words, group: Group, answers: Sequence[Leaf]) -> Iterator[tuple[str, str]]:
    number = 0
    headed = group.repeat is not None and len(group.fields) > 1
    indent = "  " if headed else ""
    for answer in answers:
        if headed and answer.number != number:
            number = answer.number
            name = words.text(f"group.{group.name}.one")
            yield f"{name[:1].upper()}{name[1:]} {number}", "bold"
        shown = shown_value(words, answer)
        label = words.text(f"field.{answer.field.name}.label")
        if not headed:
            label = label_of(words, answers, answer)
        yield _indented(indent, f"{label}: {shown}"), ""
        if answer.typed and answer.typed not in (shown, answer.value):
            typed = words.text("sheet.typed")
            yield _indented(f"{indent}  ", f"{typed}: {answer.typed}"), "dim"


def _indented(indent: str, text: str) -> str:
    """Every line of it; the further ones a step deeper, so that no answer looks like a field."""
    first, *others = text.split("\n")
    return "\n".join([f"{indent}{first}", *(f"{indent}    {line}" for line in others)])


def label_of(words: Words, answers: Sequence[Leaf], answer: Leaf) -> str:
    """Its name, with the number where there are several."""
    label = words.text(f"field.{answer.field.name}.label")
    several = any(a.field.name == answer.field.name and a.number > 1 for a in answers)
    return f"{label} {answer.number}" if several else label


def _doubts(words: Words, answers: Sequence[Leaf], answer: Leaf) -> Iterator[str]:
    label = label_of(words, answers, answer)
    if answer.status == "kept":
        yield words.text("sheet.kept", label=label, rule=answer.refusal)
    for code, details in answer.flags:
        key = f"flags.{code}"
        yield f"{label}: {words.text(key, **details) if words.wording.has(key) else code}"


def shown_value(words: Words, answer: Leaf) -> str:
    """An answer as staff read it."""
    reader = answer.field.question.reader
    match answer.status:
        case "answered" if isinstance(reader, Choice):
            return words.text(f"field.{answer.field.name}.options.{answer.value}.label")
        case "answered" if isinstance(reader, YesNo):
            return words.text(f"buttons.{answer.value}")
        case "answered":
            return reader.show(answer.value, STAFF_LANGUAGE)
        case "kept":
            return answer.value
        case "not_answered":
            return words.text("slots.not_answered")
        case "skipped":
            return words.text("slots.skipped")
        case _:
            return "-"
