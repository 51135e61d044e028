"""The readers of the form: what was typed, and what is known, to an answer or a refusal.

The rules, for every reader:

- It is a pure function and never raises, whatever was typed.
- `clean` comes first; then "empty", "too_long" and "too_many_lines" are the same everywhere.
- It refuses only what surely cannot be right, each time with a code of its own, whose words teach
  (words/*.toml, `[refusals]`). Everything that is only odd is accepted with a flag (`[flags]`).
- It is stable: reading an accepted value again accepts it, unchanged.
- What kind of message the text is (a question, a command, "same as before") was decided before.

One noun a module: choices, names, addresses, contacts, countries; this one is the front door.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.choices import Choice, YesNo
from dialogs.verdicts import (
    Accepted,
    Flag,
    Known,
    Reader,
    Refused,
    clean,
    fold,
    folded,
    has_letter,
    is_filler,
    prepare,
)

__all__ = [
    "Accepted",
    "Choice",
    "Flag",
    "FreeText",
    "Known",
    "Reader",
    "Refused",
    "YesNo",
    "clean",
]


@dataclass(frozen=True, slots=True)
class FreeText:
    """Text in the person's own words, with at least `minimum` letters; a filler is flagged."""

    cap: int = 2000
    minimum: int = 1
    lines: int = 60
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: text_no_letters, text_too_short."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if not has_letter(text):
            return Refused("text_no_letters")
        if self.minimum > 1 and sum(ch.isalpha() for ch in text) < self.minimum:
            return Refused("text_too_short", {"minimum": str(self.minimum)})
        # "none", "test", "ok": a true answer, or no answer. The reviewer judges; asking for more
        # letters would only teach people to type them.
        words = ("yes", "no", "moods.thanks")
        hollow = any(fold(text) in folded(known.words.get(name, ())) for name in words)
        filler = hollow or is_filler(text, known)
        return Accepted(text, (Flag("placeholder"),) if filler else ())

    def show(self, value: str, language: str) -> str:
        """The text as it is."""
        return value
