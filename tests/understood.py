"""The tables of docs/what-it-understands.md, made by reading real sentences.

What people write stands in ``understood_rows.py``; what is made of it is asked of the machine, the
words and the articles. The text between the tables is written by hand. ``python -m tests.understood
--write`` makes the tables anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.config import Privacy
from bot.lookup import look_up
from dialogs import readings as r
from dialogs import returning
from dialogs.acts import Act, Ask, LookUp, Say, Term
from dialogs.answers import Accepted, Flag, Refused
from dialogs.countries import Country
from dialogs.doubting import DOUBTS
from dialogs.doubts import across
from dialogs.events import Choice, Edited, Event, Picked, Said
from dialogs.form import Place
from dialogs.joining import SOON
from dialogs.machine import ORDERS, step
from dialogs.reading import read
from dialogs.slots import Answered, Draft
from dialogs.state import Phase, State, Step, known_to, open_place
from dialogs.wording import Language, fold
from tests import understood_rows as rows
from tests.pasted_texts import pasted
from tests.play import house
from tests.speaking import AT, offers_of, picked, renderer, said, script, speech, token, until
from tests.test_reading import opened

PAGE = Path(__file__).parents[1] / "docs" / "what-it-understands.md"
MARK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- /made -->)", re.DOTALL)
ENGLISH = script().wording.language("en")
SHOWN = 5
"""phrases of a command"""


# --- Markdown ---


def table(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    all_ = [heads, tuple("---" for _ in heads), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in all_) + "\n"


def typed(text: str) -> str:
    """What a person writes, as code; what cannot be seen is named."""
    if not text.strip(" \u200b"):
        return "(nothing that can be seen)"
    if len(text) > 80:
        return f"{code(text[:20].strip())} and so on, {len(text.strip())} characters"
    return " / ".join(map(code, text.split("\n")))


def code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def plain(text: str) -> str:
    """Words of ours and of people, as text that is no markup."""
    text = re.sub(r"([\\`*_<>|~\[\]])", r"\\\1", text.strip())
    return re.sub(r"\n+", "<br>", text)


def bold(text: str) -> str:
    return f"**{plain(text)}**"


def words(key: str, **values: object) -> str:
    """A sentence of ours. A country's code among its values is said as its name."""
    return renderer().text("en", key, {name: str(value) for name, value in values.items()})


# --- names and values ---


def label(name: str) -> str:
    """A field's label; an opened confirmation's or phase's name in words."""
    if name in HERE:
        return HERE[name]
    if name.endswith(".more"):
        group = name.removesuffix(".more")
        return f"Another {words(f'group.{group}.one')}?"
    return words(f"field.{name}.label")


HERE = {
    "visiting": "(no application yet)",
    "stating": "(statement of truth)",
    "paused": "(paused)",
    "submitted": "(already sent)",
    "two locations": "(the summary)",
    "delete?": "Delete it all?",
    "start_over?": "Start over?",
    "person?": "What shall staff be told?",
}


def shown(place: Place, value: str) -> str:
    own = f"field.{place.name}"
    for key in (f"{own}.options.{value}.label", f"{own}.{value}_button", f"buttons.{value}"):
        if not place.question.reader.free and key in ENGLISH.texts:
            return words(key)
    return place.question.reader.show(value, "en")


def command(name: str) -> str:
    return f"[{words(f'buttons.{name}')}]"


# --- one message ---


def heard(state: State, text: str) -> r.Reading:
    """As the shell reads it: the library is asked only where the reading wants it."""
    event: Said = said(text, None)
    reading = read(script(), state, event)
    if isinstance(reading, r.Asks):
        wanted = LookUp(text)
        event = replace(event, found=look_up(house().library, wanted, state.language))
        reading = read(script(), state, event)
    return reading


def told(reading: r.Reading) -> str:
    """A reading in words."""
    match reading:
        case r.Answers():
            behind = f"; then the question {bold(reading.asks)}" if reading.asks else ""
            doubt = "; [That was a question] takes it back" if reading.doubtful else ""
            return f"the answer {bold(shown(reading.place, reading.accepted.value))}{behind}{doubt}"
        case r.Refuses():
            return f"no clear answer: “{refusal(reading.refused)}”"
        case r.Fills():
            found = (f"{label(value.name)}: {bold(value.typed)}" for value in reading.values)
            behind = f"; then the question {bold(reading.asks)}" if reading.asks else ""
            return "; ".join(found) + behind
        case r.Ignores():
            return (
                f"no answer; the question stays open: “{plain(words(f'ignored.{reading.kind}'))}”"
            )
        case r.Asks(finding=finding):
            near = [found.title for found in finding.matches] if finding else []
            match finding.band if finding else "nothing":
                case "answer":
                    return f"a question: {bold(near[0])}"
                case "unsure":
                    return f"a question: {', '.join(map(bold, near))}? You choose"
                case _:
                    return "a question that no article answers: staff can be asked"
        case r.Orders():
            guess = "perhaps the command" if reading.guessed else "the command"
            about = f", about {bold(_about(reading))}" if reading.argument else ""
            becomes = f", which shall be {bold(reading.value)}" if reading.value else ""
            return f"{guess} {command(reading.command)}{about}{becomes}"
        case r.Confirms():
            return "yes" if reading.yes else "no"
        case r.Hedges():
            return f"neither yes nor no: “{plain(words('hedged'))}”"
        case r.Tells():
            return "passed to staff, word for word"
        case r.Chats():
            return f"no answer: “{plain(words(f'chat.{reading.mood}', program='the program'))}”"
        case _:
            raise ValueError(f"no row shows a reading of the kind {type(reading).__name__}")


def _about(order: r.Orders) -> str:
    name = order.argument
    return script().wording.language(name).name if order.command == "language" else name


def refusal(refused: Refused) -> str:
    return plain(words(f"refusals.{refused.code}.first", **refused.details))


def reads(where: Iterable[tuple[str, str]], language: str = "en") -> str:
    lines = []
    for name, text in where:
        state = replace(opened(name), language=language)
        lines.append((plain(label(name)), typed(text), told(heard(state, text))))
    return table(("Asked for", "You write", "It is"), lines)


# --- several, one after the other ---


def done(name: str, moves: tuple[str, ...]) -> Step:
    """What the last of the moves brings."""
    last = Step(opened(name), ())
    message = ""
    for move in moves:
        event: Event
        if move.startswith("["):
            event = picked(_button(last.acts, move[1:-1]), None)
        elif move.startswith("edited: "):
            event = Edited(move.removeprefix("edited: "), message, AT, token())
        else:
            event = said(move, None)
            message = event.message
        last = _taken(last.state, event)
    return last


def _taken(state: State, event: Event) -> Step:
    step_ = step(script(), state, event)
    wanted = step_.acts[0] if step_.acts else None
    if not isinstance(wanted, LookUp) or not isinstance(event, Said | Picked | Edited):
        return step_
    found = look_up(house().library, wanted, state.language)
    return step(script(), state, replace(event, found=found))


def _button(acts: tuple[Act, ...], wanted: str) -> Choice:
    for offer in offers_of(acts):
        if isinstance(offer.label, Term) and wanted == words(offer.label.key):
            return offer.choice
    raise LookupError(f"no button [{wanted}] is shown there")


def answered(step_: Step) -> str:
    """What the bot says, without the question that it puts again."""
    acts = [act for act in step_.acts if not _puts_again(act)] or list(step_.acts)
    return plain(re.sub(r"FD-\w{4}-\w{4}", "FD-7K3Q-X9MB", speech(acts)))


def _puts_again(act: Act) -> bool:
    return isinstance(act, Ask) or (isinstance(act, Say) and act.key.startswith("summary."))


def does(where: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    lines = []
    for name, moves in where:
        written = (move if move.startswith("[") else _sent(move) for move in moves)
        lines.append((plain(label(name)), ", then ".join(written), answered(done(name, moves))))
    return table(("Asked for", "You do", "It says"), lines)


def _sent(move: str) -> str:
    before, edited, text = move.rpartition("edited: ")
    return f"edit it to {typed(text)}" if edited and not before else typed(move)


# --- the parts of the page ---


def _commands() -> str:
    spoken = script().wording.languages.values()
    lines = [
        (command(name), *(plain(", ".join(_phrases(language, name))) for language in spoken))
        for name in ORDERS
    ]
    return table(("Command", *(language.name for language in spoken)), lines)


def _phrases(language: Language, name: str) -> list[str]:
    """Some phrases of a command, what its name and its button say first."""
    first = {fold(name.replace("_", " ")), fold(language.texts[f"buttons.{name}"])}
    phrases = sorted(language.lists[f"commands.{name}"], key=lambda each: fold(each) not in first)
    return phrases[:SHOWN]


def _pasted() -> str:
    (one,) = [one for one in pasted() if one.title == rows.PASTED]
    state = until("consent")
    reading = heard(replace(state, phase=Phase.VISITING, draft=None), one.text)
    if not isinstance(reading, r.Fills):
        raise ValueError(f"“{one.title}” is not read as an application")
    lines = [
        (plain(label(value.name)), bold(value.typed), code(value.words) if value.words else "")
        for value in reading.values
    ]
    taken = table(("Taken for", "Taken", "Told by"), lines)
    return f"```text\n{one.text}\n```\n\n{taken}"


def _doubts() -> str:
    lines = []
    for flag, kind in DOUBTS.items():
        name, text = rows.DOUBTED[flag]
        asked = done(name, (text,))
        pending = asked.state.pending
        if pending is None or pending.kind != kind:
            raise ValueError(f"{text!r} raises no question about {flag}")
        outcomes = []
        for decided in ("yes", "no"):
            target = f"{pending.kind} {pending.subject}"
            after = step(script(), asked.state, picked(Choice("confirm", target, decided)))
            outcomes.append(_outcome(asked.state, after))
        question = next(a for a in asked.acts if isinstance(a, Say) and a.key == f"doubt.{kind}")
        lines.append((typed(text), plain(speech((question,))), *outcomes))
    return table(("You write", "It asks", "Yes", "No"), lines)


def _outcome(before: State, after: Step) -> str:
    """What is said to it; where nothing is, whether the answer stands."""
    if any(isinstance(act, Say) for act in after.acts):
        return answered(after)
    assert before.draft is not None
    assert after.state.draft is not None
    same = before.draft.slots == after.state.draft.slots
    return "the answer stands, and staff see the doubt" if same else "the answer is changed"


def judged(name: str, what: rows.Typed) -> Accepted | Refused:
    """What the field's reader says."""
    state = until(name)
    place = open_place(script(), state)
    assert place is not None
    text, country = (what, "") if isinstance(what, str) else what
    known = known_to(script(), state, place)
    if country:
        values = {**known.values, "country": country.strip("-")}
        known = replace(known, values=values)
    return place.question.reader.read(text, known)


def refused() -> Iterator[tuple[str, str, Refused]]:
    """(field or "", what is typed, the refusal) of every row; raises ValueError for a row that is
    accepted."""
    all_ = [(name, what, name) for name, many in rows.REFUSED.items() for what in many]
    all_ += [(name, what, "") for name, what in rows.REFUSED_ANYWHERE]
    for name, what, where in all_:
        outcome = judged(name, what)
        if isinstance(outcome, Accepted):
            raise ValueError(f"{name}: {what!r} is accepted")
        yield where, _in_country(what), outcome


def flagged() -> Iterator[tuple[str, str, tuple[Flag, ...]]]:
    """(field, what is typed, the flags) of every row; raises ValueError for a row without."""
    for name, many in rows.FLAGGED.items():
        for what in many:
            outcome = judged(name, what)
            if isinstance(outcome, Refused) or not outcome.flags:
                raise ValueError(f"{name}: {what!r} raises no flag")
            yield name, _in_country(what), outcome.flags
    for code_, values in rows.ACROSS.items():
        draft = Draft()
        for path, value in values.items():
            if path.startswith("locations.2.") and "2" not in draft.ids("locations"):
                draft = draft.add("locations")
            draft = draft.put(path, Answered(value, value))
        ((path, flags),) = across(draft, ENGLISH.words).items()
        place = script().form.place(draft, path)
        if place is None or [flag.code for flag in flags] != [code_]:
            raise ValueError(f"these answers do not raise {code_}")
        others = [value for other, value in values.items() if other != path and " " in value]
        yield place.name, f"{typed(values[path])}, beside {typed(others[0])}", flags


def _in_country(what: rows.Typed) -> str:
    if isinstance(what, str):
        return typed(what)
    text, country = what
    where = "no country yet" if country == "-" else Country().show(country, "en")
    return f"{typed(text)} ({where})"


def _refused() -> str:
    heads = ("Field", "You write", "It says the first time", "Code")
    lines = (
        (plain(label(name)) if name else "any", what, refusal(outcome), code(outcome.code))
        for name, what, outcome in refused()
    )
    return table(heads, lines)


def _flagged() -> str:
    heads = ("Field", "You write", "Staff read", "Code")
    lines = (
        (
            plain(label(name)),
            what,
            "<br>".join(plain(words(f"flags.{flag.code}", **flag.details)) for flag in flags),
            ", ".join(code(flag.code) for flag in flags),
        )
        for name, what, flags in flagged()
    )
    return table(heads, lines)


def _silence() -> str:
    kept = Privacy.model_fields["keep_drafts_days"].default
    return (
        f"- After {returning.REMIND_AFTER.days} days of silence there is one reminder, with "
        f"[{words('buttons.resume')}] and [{words('buttons.stop_reminding')}]; never a second.\n"
        f"- After {kept} days (`[privacy] keep_drafts_days`) what was not sent is erased; it is "
        f"announced {returning.ANNOUNCED.days} days before, and any word from you keeps it.\n"
    )


def _soon() -> str:
    return (
        "A second message counts as the rest of the first where it reads as that, is no answer to "
        f"the next question, and comes within {int(SOON.total_seconds())} seconds by the "
        "platform's clock. The rest of an address that was asked for is taken at any time.\n"
    )


def _languages() -> str:
    lines = []
    for language in script().wording.languages.values():
        names = sorted({*language.called, language.code})
        phrase = language.words["language_phrases"][0].replace("{}", language.name)
        lines.append((plain(language.name), ", ".join(map(code, names)), code(phrase)))
    return table(("Language", "Its names", "For example"), lines)


PARTS: dict[str, Callable[[], str]] = {
    **{name: partial(reads, where) for name, where in rows.READ.items()},
    **{name: partial(does, where) for name, where in rows.DONE.items()},
    "soon": _soon,
    "several": partial(does, rows.SEVERAL),
    "following": partial(does, rows.FOLLOWING),
    "overrides": partial(does, rows.OVERRIDES),
    "indonesian": partial(reads, rows.INDONESIAN, "id"),
    "commands": _commands,
    "pasted": _pasted,
    "doubts": _doubts,
    "refused": _refused,
    "flagged": _flagged,
    "silence": _silence,
    "languages": _languages,
}


def placed(page: str) -> str:
    """The page with every part between its marks; raises ValueError where these differ."""
    marked = [name for _, name, _ in MARK.findall(page)]
    if sorted(marked) != sorted(PARTS):
        raise ValueError(f"{PAGE.name}: marks and parts differ: {set(marked) ^ set(PARTS)}")
    return MARK.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", page)


def main(arguments: list[str]) -> int:
    page = PAGE.read_text(encoding="utf-8")
    made = placed(page)
    if arguments == ["--write"]:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    sys.stdout.write(made)
    return 0 if made == page else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
