"""Acts to messages: the words' templates filled in, as blocks of spans.

A template is parsed once, before anything is filled in; so whatever a person typed arrives as one
plain span and can never become markup. All acts of a turn that speak become one message, with the
question last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bot.messages import Block, Button, Outgoing, Span, Style
from dialogs.acts import Act, Ask, Cite, Lines, Mention, Offer, Say, Term, Value
from dialogs.wording import Wording

Speech = Say | Ask | Cite
_SPEECH = (Say, Ask, Cite)  # a union is put together anew each time it is named
LABEL_LIMIT = 40
ASKED = 1024
"""questions kept as they are put; by name, number and language there are some hundreds"""

_TOKEN = re.compile(r"(\*\*|~~)|\{(\w+)\}|\[([^\]\n]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    style: Style
    url: str = ""
    slot: bool = False
    """``text`` is a placeholder's name"""


@dataclass(frozen=True, slots=True)
class _Line:
    kind: Literal["text", "item", "quote"]
    gap: bool
    pieces: tuple[_Piece, ...]
    block: Block | None
    """the finished block, where there is nothing to fill in"""


@lru_cache(maxsize=4096)
def _parse(template: str) -> tuple[_Line, ...]:
    lines: list[_Line] = []
    gap = False
    for raw in template.strip("\n").split("\n"):
        line, kind, style = raw.rstrip(), "text", "plain"
        if not line:
            gap = bool(lines)
            continue
        if line.startswith("- "):
            line, kind = line[2:], "item"
        elif line.startswith("> "):
            line, kind = line[2:], "quote"
        elif line.startswith("_") and line.endswith("_") and len(line) > 2:
            line, style = line[1:-1], "dim"
        lines.append(_line(kind, gap, tuple(_pieces(line, style))))  # type: ignore[arg-type]
        gap = False
    return tuple(lines)


def _line(kind: Literal["text", "item", "quote"], gap: bool, pieces: tuple[_Piece, ...]) -> _Line:
    block = None
    if not any(piece.slot for piece in pieces):
        spans = [Span(piece.text, piece.style, piece.url) for piece in pieces]
        block = Block(_joined(spans), kind, gap)
    return _Line(kind, gap, pieces, block)


@lru_cache(maxsize=4096)
def _fixed(template: str, style: Style) -> tuple[Span, ...] | None:
    """The template inside a line, in this style; None where something is to be filled in."""
    spans: list[Span] = []
    for n, line in enumerate(_parse(template)):
        if line.block is None:
            return None
        if n:
            spans.append(Span(" ", style))
        for piece in line.pieces:
            spans.append(
                Span(piece.text, style if piece.style == "plain" else piece.style, piece.url)
            )
    return tuple(spans)


@lru_cache(maxsize=4096)
def _fixed_text(template: str) -> str | None:
    """The template as plain text; None where something is to be filled in."""
    spans = _fixed(template, "plain")
    return None if spans is None else "".join(span.text for span in spans)


def _label(text: str) -> str:
    """One line that fits a button."""
    text = " ".join(text.split())
    return text if len(text) <= LABEL_LIMIT else f"{text[: LABEL_LIMIT - 1]}…"


@lru_cache(maxsize=4096)
def _fixed_label(template: str) -> str | None:
    """The same of a template; None where something is to be filled in."""
    text = _fixed_text(template)
    return None if text is None else _label(text)


@lru_cache(maxsize=4096)
def _parted(question: str) -> tuple[str, str]:
    """A question's text -> (what explains it, its last line: the question itself)."""
    explained, _, last = question.rpartition("\n")
    return explained, last


def _pieces(line: str, base: Style | str) -> Iterator[_Piece]:
    style, at = base, 0
    for token in _TOKEN.finditer(line):
        if token.start() > at:
            yield _Piece(line[at : token.start()], style)  # type: ignore[arg-type]
        at = token.end()
        if token[1]:
            wanted = "strong" if token[1] == "**" else "struck"
            style = base if style == wanted else wanted
        elif token[2]:
            yield _Piece(token[2], style, slot=True)  # type: ignore[arg-type]
        else:
            yield _Piece(token[3], "link", token[4])
    if at < len(line):
        yield _Piece(line[at:], style)  # type: ignore[arg-type]


class Renderer:
    """``program`` holds what any sentence may name: program, company, brand, privacy; a setting's
    text, or the words that stand for it."""

    def __init__(self, wording: Wording, program: Mapping[str, Value]) -> None:
        self._wording = wording
        self._program = dict(program)
        self._asked: dict[tuple[str, str, str, int, int], tuple[Block, ...]] = {}

    def message(self, language: str, acts: Iterable[Act], *, free: bool = False) -> Outgoing | None:
        """One message of all that is said in these acts; None where nothing is.

        ``free``: the question that is open after the turn takes free text.
        """
        speech = [act for act in acts if isinstance(act, _SPEECH)]
        if not speech:
            return None
        blocks: list[Block] = []
        begins = _prompt_begins(speech)
        said = 0
        for n, act in enumerate(speech):
            if n == begins:
                said = len(blocks)
            told = self._speech(language, act)
            if blocks and told:
                blocks.append(Block(told[0].spans, told[0].kind, gap=True))
                blocks += told[1:]
            else:
                blocks += told
        offers = [offer for act in reversed(speech) for offer in act.offers]
        buttons = self.buttons(language, offers)
        if begins == len(speech):
            return Outgoing(tuple(blocks), buttons, free=free)
        theirs = {offer.choice for act in speech[:begins] for offer in act.offers}
        kept = tuple(n for n, button in enumerate(buttons) if button.choice in theirs)
        return Outgoing(
            tuple(blocks), buttons, free=free, prompt=True, said=said, said_buttons=kept
        )

    def text(self, language: str, key: str, values: Mapping[str, Value] | None = None) -> str:
        """A sentence as plain text."""
        template = self._wording.text(language, key)
        fixed = _fixed_text(template)
        if fixed is not None:
            return fixed
        return "".join([s.text for s in self._inline(language, template, values or {}, "plain")])

    def say(self, language: str, key: str, values: Mapping[str, Value]) -> list[Block]:
        return self._fill(language, self._wording.text(language, key), values)

    def buttons(self, language: str, offers: Iterable[Offer]) -> tuple[Button, ...]:
        buttons: list[Button] = []
        seen = set()
        for offer in offers:
            if offer.choice in seen:
                continue
            seen.add(offer.choice)
            label = offer.label
            if isinstance(label, Term):
                template = self._wording.text(language, label.key)
                cut = _fixed_label(template)
                if cut is None:
                    cut = _label(self.text(language, label.key, offer.values))
            else:
                cut = _label(label)
            buttons.append(Button(cut, offer.choice))
        return tuple(buttons)

    def _speech(self, language: str, act: Speech) -> Sequence[Block]:
        match act:
            case Say():
                return self._fill(language, self._wording.text(language, act.key), act.values)
            case Ask():
                return self._ask(language, act)
            case Cite():
                source = self._wording.text(language, "question.source")
                values = {"source": act.found.source}
                asked = (Say("question.quoted", {"question": one}) for one in act.asked)
                return [
                    *(block for say in asked for block in self._speech(language, say)),
                    *self._fill(language, act.found.passage, {}),
                    *self._fill(language, source, values),
                ]

    def _ask(self, language: str, act: Ask) -> Sequence[Block]:
        if act.values:
            return self._filled_ask(language, act)
        # Only the program's own values are filled in: the same for everybody.
        key = (language, act.name, act.style, act.number, act.total)
        blocks = self._asked.get(key)
        if blocks is None:
            if len(self._asked) >= ASKED:
                self._asked.clear()
            blocks = self._asked[key] = tuple(self._filled_ask(language, act))
        return blocks

    def _filled_ask(self, language: str, act: Ask) -> list[Block]:
        words, place = self._wording, ""
        if act.number:
            numbers = {"number": str(act.number), "total": str(act.total), **act.values}
            key = "ask.numbered_item" if "item" in act.values else "ask.numbered"
            place = self.text(language, key, numbers)
        asked = "reason" in act.values
        if act.style == "short":
            lead = words.text(language, "ask.back_asked" if asked else "ask.back")
            lead = f"{lead}, {place}: " if place else f"{lead}: "
            question = self._strong(language, words.text(language, f"field.{act.name}.ask_again"))
            return [Block((Span(lead), *question))]
        explained, question_line = _parted(words.text(language, f"field.{act.name}.ask"))
        blocks = self._fill(language, explained, act.values) if explained else []
        for known in ("current", "earlier", "sent", "reason"):
            if act.values.get(known):
                said = words.text(language, f"ask.{known}")
                blocks = [*self._fill(language, said, act.values), *blocks]
        lead_span = (Span(f"{place}: "),) if place else ()
        return [*blocks, Block((*lead_span, *self._strong(language, question_line)))]

    def _strong(self, language: str, text: str) -> tuple[Span, ...]:
        return _joined(self._inline(language, text, {}, "strong"))

    def _fill(self, language: str, template: str, values: Mapping[str, Value]) -> list[Block]:
        blocks: list[Block] = []
        for line in _parse(template):
            if line.block is not None:
                blocks.append(line.block)
                continue
            if len(line.pieces) == 1:
                value = values.get(line.pieces[0].text)
                if isinstance(value, Lines):
                    inner = [b for say in value.lines for b in self._speech(language, say)]
                    if inner and line.gap:
                        inner[0] = replace(inner[0], gap=True)
                    blocks += inner
                    continue
            spans = self._spans(language, line.pieces, values)
            blocks.append(Block(_joined(spans), line.kind, line.gap))
        return blocks

    def _inline(
        self, language: str, template: str, values: Mapping[str, Value], style: Style
    ) -> Iterable[Span]:
        fixed = _fixed(template, style)
        if fixed is not None:
            return fixed
        spans: list[Span] = []
        for n, line in enumerate(_parse(template)):
            if n:
                spans.append(Span(" ", style))
            for span in self._spans(language, line.pieces, values):
                spans.append(Span(span.text, style) if span.style == "plain" else span)
        return spans

    def _spans(
        self, language: str, pieces: Iterable[_Piece], values: Mapping[str, Value]
    ) -> list[Span]:
        spans: list[Span] = []
        for piece in pieces:
            if not piece.slot:
                spans.append(Span(piece.text, piece.style, piece.url))
                continue
            value = values.get(piece.text)
            if value is None:
                value = self._program.get(piece.text, "")
            match value:
                case str():
                    if value:
                        spans.append(Span(value, piece.style))
                case Mention(person, name):
                    spans.append(Span(name, "mention", person))
                case Term():
                    text = self._wording.text(language, value.key)
                    spans += self._inline(language, text, values, piece.style)
                case Lines():
                    for n, say in enumerate(value.lines):
                        if n:
                            spans.append(Span(" ", piece.style))
                        text = self._wording.text(language, say.key)
                        spans += self._inline(language, text, say.values, piece.style)
        return spans


def _prompt_begins(speech: Sequence[Speech]) -> int:
    """The number of the first act after which only prompts come."""
    begins = len(speech)
    for act in reversed(speech):
        if not (isinstance(act, Ask) or (isinstance(act, Say) and act.prompt)):
            break
        begins -= 1
    return begins


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours of one style as one span."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.style not in ("link", "mention") and joined[-1].style == span.style:
            joined[-1] = Span(joined[-1].text + span.text, span.style)
        else:
            joined.append(span)
    return tuple(joined)
