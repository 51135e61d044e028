"""Conversations as text files: what the applicant does, what the bot says, what is done.

A transcript is read like a chat. One line each:

    # a comment; the file begins with its title and purpose
    # never left: words that no byte of the database may hold at the end
    > text                          typed, a minute after what came before (a further line of the
                                    same message: "+ text")
    >> text                         typed two seconds after what came before
    > [Label]                       a tap on the newest button of that label
    > [Label] under text            ... on the newest message that shows the text
    > [?]                           a tap whose data is none of ours
    > (2100 characters)             so many of them
    > (voice)                       a medium; text after it is its caption
    > (photo of 1) caption          an item of album 1
    > (edited) old -> new           the newest own message "old" now says "new"
    staff> text                     staff answer this person's newest question
    = restart                       the program is closed and started again on the same file
    = erase                         an operator erases the person's data
    = inform audits: text           that article says this from now on, and staff have the person
                                    told, who was told otherwise
    = request Ana: email: why       Ana of staff asks about these answers of what they have of the
    + website: why                  person (several: a line each)
    = approve Ana                   ... approves it ("= approve Ana: text": in her words)
    = decline Ana                   ... declines it; "= decline Ana without comment"
    = after 2 days                  so much time passes (days or hours), and what is due comes
    # not on: telegram slack (why)  depths that the whole transcript is not played at
    = language id                   the platform names this language from here on (Telegram does;
                                    Slack names none, so such a transcript is not played there)
    ! act                           what the turn does besides talking
    < line                          a line of the bot's answer; buttons are its last line

In the bot's lines **strong**, ~~struck~~, _dim_, [link](https://...), "- " an item, "| " a quote.
A character that cannot be seen is written {U+202E}. The bot's lines stand there exactly;
`python -m tests.transcript --write [name ...]` writes them anew, a test never does.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, Protocol, get_args

from bot.messages import Block, Outgoing, Span
from dialogs.acts import Act, Escalate, Forget, Resubmit, Submit, Withdraw
from dialogs.events import Medium
from dialogs.slots import Asked

FOLDER = Path(__file__).parent / "transcripts"

Kind = Literal[
    "said",
    "picked",
    "edited",
    "staff",
    "restart",
    "erase",
    "after",
    "language",
    "inform",
    "request",
    "approve",
    "decline",
]

_HAPPENS: dict[str, Kind] = {"restart": "restart", "erase": "erase", "language": "language"}
_LABEL = re.compile(r"\[([^\]]+)\](?: under (.+))?")
_MEDIUM = re.compile(rf"\(({'|'.join(get_args(Medium))})(?: of (\d+))?\)(?: (.+))?")
_LONG = re.compile(r"\((\d+) characters\)")
_EDIT = re.compile(r"\(edited\) (.+) -> (.+)")
_SPAN = re.compile(r"after (\d+ (?:day|hour)s?)")
_INFORM = re.compile(r"inform ([a-z0-9-]+): (.+)", re.DOTALL)
_REQUEST = re.compile(r"request (\w+): (.+)", re.DOTALL)
_DECIDED = re.compile(r"(approve|decline) (\w+)(?:: (.+)|( without comment))?", re.DOTALL)
_HIDDEN = re.compile(r"\{U\+([0-9A-F]{4,6})\}")
_REFERENCE = re.compile(r"\bFD-[2-9A-Z]{4}-[2-9A-Z]{4}\b")


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that happens, and the lines ("< ..." and "! ...") that must follow."""

    kind: Kind
    line: int
    """where it stands in the file, from 1"""
    source: tuple[str, ...]
    text: str = ""
    """said, staff: the text; picked: the label; edited: the new text; after: how long; language:
    its tag; request: a field and why, a line each; approve, decline: the message"""
    under: str = ""
    """picked: text of the message that shows the button; edited: the old text; inform: the article,
    which says ``text`` now; request, approve, decline: who of staff"""
    medium: Medium = "text"
    album: str = ""
    comment: bool = True
    """decline: with a message"""
    soon: bool = False
    """said two seconds after the turn before, not a minute"""
    expected: tuple[str, ...] = ()

    @property
    def spoken(self) -> tuple[str, ...]:
        return tuple(line for line in self.expected if line.startswith("<"))

    @property
    def pause(self) -> timedelta:
        """Between the turn before and this one, by the platform's clock."""
        return timedelta(seconds=2) if self.soon else timedelta(minutes=1)

    @property
    def span(self) -> timedelta:
        """Of "after"."""
        count, _, unit = self.text.partition(" ")
        return timedelta(**{unit.removesuffix("s") + "s": int(count)})

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Of "request"."""
        pairs = (line.partition(": ") for line in self.text.split("\n"))
        return tuple(Asked(path, reason) for path, _, reason in pairs)

    @property
    def message(self) -> str | None:
        """Of a decision, as ``Decided`` has it."""
        return (self.text or None) if self.comment else ""

    @property
    def acts(self) -> tuple[str, ...]:
        return tuple(line for line in self.expected if line.startswith("!"))


@dataclass(frozen=True, slots=True)
class Transcript:
    name: str
    entries: tuple[str | Turn, ...]
    """comments and empty lines as they are, and turns"""

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, Turn))

    @property
    def never_left(self) -> tuple[str, ...]:
        """What must be gone from every file at the end."""
        mark = "# never left:"
        lines = [e for e in self.entries if isinstance(e, str) and e.startswith(mark)]
        return tuple(one.strip() for line in lines for one in line[len(mark) :].split(";"))

    @property
    def not_on(self) -> tuple[str, ...]:
        """Channels that it is not played on."""
        mark = "# not on:"
        lines = [e for e in self.entries if isinstance(e, str) and e.startswith(mark)]
        return tuple(one for line in lines for one in line[len(mark) :].partition("(")[0].split())


class Player(Protocol):
    """A way to play a transcript; each depth has one."""

    async def play(self, turn: Turn) -> tuple[str, ...]:
        """What follows the turn, as the lines of a transcript."""


# Reading and writing files


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def load(name: str) -> Transcript:
    return parse(name, (FOLDER / f"{name}.txt").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Transcript:
    """Raises ValueError naming the line that is none of a transcript's."""
    entries: list[str | Turn] = []
    source: list[str] = []
    expected: list[str] = []
    began = 0

    def end() -> None:
        if source:
            entries.append(_turn(name, began, tuple(source), tuple(expected)))
        source.clear()
        expected.clear()

    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        if line.startswith(("> ", ">> ", "staff> ", "= ")):
            end()
            began = number
            source.append(line)
        elif (line.startswith("+ ") or line == "+") and source and not expected:
            source.append(line)
        elif line.startswith(("< ", "! ")) or line == "<":
            if not source:
                raise ValueError(f"{name}.txt:{number}: nothing happened before {line!r}")
            expected.append(line)
        elif line.startswith("#") or not line:
            end()
            entries.append(line)
        else:
            raise ValueError(f"{name}.txt:{number}: what is {line!r}?")
    end()
    return Transcript(name, tuple(entries))


def written(transcript: Transcript, lines: Iterable[tuple[str, ...]]) -> str:
    """The file's text with these lines after its turns."""
    following = iter(lines)
    out: list[str] = []
    for entry in transcript.entries:
        out += [entry] if isinstance(entry, str) else [*entry.source, *next(following)]
    return "\n".join(out) + "\n"


def _turn(name: str, line: int, source: tuple[str, ...], expected: tuple[str, ...]) -> Turn:
    head, _, first = source[0].partition(" ")
    text = _seen("\n".join([first, *(more[2:] for more in source[1:])]))
    if head == "=":
        if span := _SPAN.fullmatch(text):
            return Turn("after", line, source, span[1], expected=expected)
        if news := _INFORM.fullmatch(text):
            return Turn("inform", line, source, news[2], news[1], expected=expected)
        if asks := _REQUEST.fullmatch(text):
            return Turn("request", line, source, asks[2], asks[1], expected=expected)
        if done := _DECIDED.fullmatch(text):
            verdict: Kind = "approve" if done[1] == "approve" else "decline"
            told, comment = done[3] or "", not done[4]
            return Turn(verdict, line, source, told, done[2], comment=comment, expected=expected)
        what, _, tag = text.partition(" ")
        kind = _HAPPENS.get(what)
        if kind is None or bool(tag) != (kind == "language"):
            raise ValueError(f"{name}.txt:{line}: what is {source[0]!r}?")
        return Turn(kind, line, source, tag, expected=expected)
    if head == "staff>":
        return Turn("staff", line, source, text, expected=expected)
    if label := _LABEL.fullmatch(text):
        return Turn("picked", line, source, label[1], label[2] or "", expected=expected)
    if edit := _EDIT.fullmatch(text):
        return Turn("edited", line, source, edit[2], edit[1], expected=expected)
    if medium := _MEDIUM.fullmatch(text):
        kind_of: Medium = medium[1]  # type: ignore[assignment]  # the pattern is made of them
        return Turn(
            "said",
            line,
            source,
            medium[3] or "",
            medium=kind_of,
            album=medium[2] or "",
            expected=expected,
        )
    if long := _LONG.fullmatch(text):
        text = ("We repair phones. " * int(long[1]))[: int(long[1])]
    return Turn("said", line, source, text, soon=head == ">>", expected=expected)


def _seen(text: str) -> str:
    return _HIDDEN.sub(lambda found: chr(int(found[1], 16)), text)


def shown(text: str) -> str:
    """With the characters that cannot be seen written out."""
    return "".join(
        f"{{U+{ord(char):04X}}}" if unicodedata.category(char) in {"Cc", "Cf"} else char
        for char in text
    )


# What the bot says, as lines


def lines_of(outgoing: Outgoing) -> list[str]:
    """A message's lines without "< ", its buttons not among them."""
    lines: list[str] = []
    for block in outgoing.blocks:
        if block.gap:
            lines.append("")
        lines += block_lines(block)
    return lines


def block_lines(block: Block) -> list[str]:
    text = "".join(map(marked, block.spans))
    mark = {"text": "", "item": "- ", "quote": "| "}[block.kind]
    first, *others = text.split("\n")
    return [mark + first, *((mark if mark == "| " else "") + more for more in others)]


def marked(span: Span) -> str:
    if not span.text:
        return ""
    match span.style:
        case "strong":
            return f"**{span.text}**"
        case "struck":
            return f"~~{span.text}~~"
        case "dim":
            return f"_{span.text}_"
        case "link":
            return f"[{span.text}]({span.url})"
        case _:
            return span.text


def spoken(lines: Iterable[str], labels: Iterable[str]) -> list[str]:
    """As a transcript has it."""
    said = [f"< {shown(line)}" if line else "<" for line in lines]
    buttons = " ".join(f"[{label}]" for label in labels)
    return [*said, f"< {buttons}"] if buttons else said


def act_line(act: Act) -> str:
    """An act with an effect besides talking; empty for the others."""
    match act:
        case Escalate():
            return escalated(act.kind, act.text, act.path, act.reference)
        case Submit():
            return submitted(act.reference, act.number)
        case Resubmit():
            return resubmitted(act.reference)
        case Withdraw():
            return withdrawn(act.reference)
        case Forget():
            return forgotten(act.references)
        case _:
            return ""


def escalated(kind: str, text: str, path: str, reference: str) -> str:
    about = "".join(f" ({one})" for one in (path, reference) if one)
    said = ": " + shown(text).replace("\n", " / ") if text else ""
    return f"! Escalate {kind}{about}{said}"


def submitted(reference: str, number: int) -> str:
    return f"! Submit {reference} (application {number})"


def resubmitted(reference: str) -> str:
    return f"! Resubmit {reference}"


def withdrawn(reference: str) -> str:
    return f"! Withdraw {reference}"


def forgotten(references: Iterable[str]) -> str:
    return " ".join(["! Forget", *references])


@dataclass
class References:
    """Random references in the order of their coming: FD-AAAA-AAAA, FD-BBBB-BBBB."""

    known: list[str] = field(default_factory=list)

    def named(self, lines: Iterable[str]) -> tuple[str, ...]:
        return tuple(_REFERENCE.sub(self._name, line) for line in lines)

    def _name(self, found: re.Match[str]) -> str:
        if found[0] not in self.known:
            self.known.append(found[0])
        letter = "ABCDEFGH"[self.known.index(found[0])]
        return f"FD-{letter * 4}-{letter * 4}"


def difference(turn: Turn, got: tuple[str, ...], name: str) -> str:
    """What a failed test shows."""
    return "\n".join(
        [
            f"{name}.txt:{turn.line}: {' / '.join(turn.source)}",
            "expected:",
            *turn.expected,
            "got:",
            *got,
        ]
    )


# The recorder


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.transcript")
    parser.add_argument("names", nargs="*", help="transcripts; all where none is named")
    parser.add_argument("--write", action="store_true", help="write what the bot says now")
    options = parser.parse_args(arguments)
    changed = [
        name
        for name in options.names or names()
        if asyncio.run(_record(load(name.removesuffix(".txt")), write=options.write))
    ]
    for name in changed:
        print(f"{'written' if options.write else 'differs'}: {name}")
    return 0 if options.write or not changed else 1


async def _record(transcript: Transcript, *, write: bool) -> bool:
    from tests.play import PurePlayer

    player = PurePlayer()
    lines: list[tuple[str, ...]] = []
    try:
        for turn in transcript.turns:
            lines.append(await player.play(turn))
    except LookupError as error:
        before = "\n".join(lines[-1]) if lines else ""
        raise SystemExit(f"{transcript.name}.txt: {error}, after:\n{before}") from None
    text = written(transcript, lines)
    path = FOLDER / f"{transcript.name}.txt"
    if text == path.read_text(encoding="utf-8"):
        return False
    if write:
        path.write_text(text, encoding="utf-8")
    return True


def chats(transcripts: Iterable[Transcript]) -> Iterator[tuple[Transcript, Turn]]:
    for transcript in transcripts:
        for turn in transcript.turns:
            yield transcript, turn


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
