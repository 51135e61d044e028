"""The picture of the state machine in ARCHITECTURE.md, drawn from what the machine does.

Every command, every confirmation and every other kind of event is tried from several states of each
phase; a pair of phases that one of them leads between is an arrow, and says what leads there. What
leaves the phase as it is has no arrow. ``python -m tests.diagram --write`` draws it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from dialogs.events import Choice, Erased, Event
from dialogs.machine import CONFIRMATIONS, ORDERS, PHASES, step
from dialogs.slots import Parked
from dialogs.state import Pending, Phase, State
from tests.speaking import (
    AT,
    in_phase,
    onward,
    picked,
    replied,
    script,
    stating,
    submitted,
    talk,
    token,
    until,
)

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"
BEGIN, END = "<!-- machine: begin -->\n", "<!-- machine: end -->"


def drawn() -> str:
    """The picture, as Mermaid in a fence."""
    arrows: dict[tuple[Phase, Phase], list[str]] = {}
    for before, label, event in _tried():
        after = step(script(), before, event).state.phase
        labels = arrows.setdefault((before.phase, after), [])
        if before.phase is not after and label not in labels:
            labels.append(label)
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", "    [*] --> visiting"]
    for source in PHASES:
        for target in PHASES:
            labels = arrows.get((source, target), [])
            if labels:
                lines.append(f"    {source} --> {target}: {', '.join(labels)}")
    return "\n".join([*lines, "```", ""])


def _states() -> Iterator[State]:
    """Several states of each phase: with an application begun and left, with one sent, ..."""
    left = talk(until("legal_name"), "cancel")
    parked = talk(until("experience"), "talk to a person", "How much shall I write?")
    again = talk(submitted(), "apply")
    assert left.draft is not None
    yield from (in_phase(phase) for phase in PHASES)
    yield from (until("consent"), until("experience"), left, parked, again, talk(again, "cancel"))
    yield from (talk(parked, "pause"), talk(stating(), "pause"), talk(submitted(), "withdraw"))


def _tried() -> Iterator[tuple[State, str, Event]]:
    for state in _states():
        yield state, _called(state), onward(state)
        for command in ORDERS:
            yield state, command.replace("_", " "), picked(Choice("order", command))
        if state.draft is not None and "kind" in state.draft.slots:
            yield state, "change", picked(Choice("order", "change", "kind"))
        for kind in CONFIRMATIONS:
            open_ = _asked(state, kind)
            for decided in ("yes", "no") if open_ else ():
                label = f"{kind.replace('_', ' ')} ({decided})"
                asked = open_.pending if open_ is not None else None
                target = f"{kind} {asked.subject if asked else ''}".strip()
                yield open_ or state, label, picked(Choice("confirm", target, decided))
        slots = state.draft.slots if state.draft is not None else {}
        for path, slot in slots.items():
            if isinstance(slot, Parked):
                yield state, "staff reply", replied(path)
        if state.phase is Phase.STATING or state == until("consent"):
            path = "truth" if state.phase is Phase.STATING else "consent"
            yield state, f"{path} (no)", picked(Choice("answer", path, "no"))
        yield state, "erased", Erased(AT, token())


def _called(state: State) -> str:
    """What a willing person does here."""
    match state.phase:
        case Phase.FILLING:
            return "last answer"
        case Phase.STATING:
            return "truth (yes)"
        case Phase.REVIEWING:
            waits = state.draft is not None and script().form.open_at_staff(state.draft)
            return "staff reply" if waits else "submit"
        case _:
            return "resume" if state.draft is not None else "apply"


def _asked(state: State, kind: str) -> State | None:
    """The state with this confirmation open, where a person can open it."""
    wishes = {"start_over": "start over", "withdraw": "withdraw", "delete_data": "delete my data"}
    if kind not in wishes:
        return None
    asked = talk(state, wishes[kind])
    return asked if isinstance(asked.pending, Pending) and asked.pending.kind == kind else None


def placed(page: str) -> str:
    """The page with the picture between its marks; raises ValueError where they are missing."""
    head, _, rest = page.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise ValueError(f"{PAGE.name} lacks the marks {BEGIN.strip()} and {END}")
    return f"{head}{BEGIN}{drawn()}{END}{tail}"


def main(arguments: list[str]) -> int:
    page = PAGE.read_text(encoding="utf-8")
    if arguments == ["--write"]:
        PAGE.write_text(placed(page), encoding="utf-8")
        return 0
    sys.stdout.write(drawn())
    return 0 if placed(page) == page else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
