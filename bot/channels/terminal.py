"""The terminal: one person, who types, and reads what comes.

At a terminal: line editing, history, colours; whatever arrives is shown above the prompt. From a
pipe, to a file, or on a terminal that can do nothing: lines in, lines out, in their order, and the
end of the input is the end.

The only file that imports prompt_toolkit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input import create_input
from prompt_toolkit.output import create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import is_dumb_terminal

from bot.channels import Take
from bot.channels.terminal_input import Fence, lines_of
from bot.channels.terminal_text import Line, lay_out, plain_text
from bot.clock import stamp
from bot.messages import Delivered, Incoming, Later, Outcome, Receipt
from bot.store.rows import OutboxRow, StoreUnavailable

NAME = "terminal"
LEAVE = frozenset({"/quit", "/exit"})
PATIENCE = 0.4
"""seconds before somebody who waits is told so"""
ATTEMPTS = 6
"""at a line from a pipe while the database takes nothing, the waits doubling from 0.2 s"""

STYLE = Style.from_dict(
    {
        "strong": "bold",
        "dim": "ansibrightblack",
        "struck": "strike",
        "link": "underline",
        "button": "ansicyan",
        "prompt": "bold ansicyan",
    }
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The latest message that had buttons."""

    row: int
    picks: tuple[int, ...]
    """the index of each button"""
    latest: bool
    """nothing was shown after it"""
    free: bool


class TerminalChannel:
    """``words``: the entries ``terminal.*`` of the wording, without that prefix, filled in.
    ``settled`` waits until all that was committed is shown; ``App`` has it, so it is set after
    both are made."""

    name = NAME

    def __init__(
        self,
        person: str,
        input: TextIO,
        output: TextIO,
        words: Mapping[str, str],
        *,
        colours: bool = True,
    ) -> None:
        self.person = person
        self.settled: Callable[[], Awaitable[None]] | None = None
        self._words = words
        self._input = input
        self._output = output
        self._colours = colours
        self.interactive = input.isatty() and output.isatty() and not is_dumb_terminal()
        self._session = _prompt_session(input, output) if self.interactive else None
        self._run = secrets.token_hex(6)
        self._count = 0
        self._shown: _Shown | None = None
        self._begun = asyncio.Event()
        self._gone = asyncio.Event()

    def reaches(self, chat: str) -> bool:
        """Only this person sits here; what is for another one waits for them."""
        return chat == self.person and not self._gone.is_set()

    async def listen(self, take: Take) -> None:
        if self._session is not None:
            self._print(self._sentence("begin"))
        self._begun.set()
        typed = self._prompted(self._session) if self._session else self._piped()
        with patch_stdout() if self._session else contextlib.nullcontext():
            with contextlib.suppress(StoreUnavailable):
                await self._give(take, "/start")
            try:
                async with contextlib.aclosing(typed):
                    async for text in typed:
                        if self._gone.is_set() or text.strip() in LEAVE:
                            break
                        await self._give(take, text)
            finally:
                if self._session is not None:
                    self._print(self._sentence("end"))

    async def send(self, row: OutboxRow) -> Outcome:
        await self._begun.wait()
        if self._gone.is_set() or not self.reaches(row.chat):
            return Later("nobody is there to read it")
        message = f"{self._run}-b{row.id}"
        if row.kind == "delete":
            return Delivered(message)  # what was shown cannot be taken back
        body = json.loads(row.body)["body"]
        try:
            await self._show(list(lay_out(body, self._width())))
        except (OSError, ValueError) as error:  # a closed pipe, a closed file
            self._gone.set()
            return Later(type(error).__name__)  # soon: at the next start somebody reads again
        if body["buttons"]:
            picks = body.get("picks", range(len(body["buttons"])))
            self._shown = _Shown(row.id, tuple(picks), True, body["free"])
        elif self._shown is not None:
            self._shown = replace(self._shown, latest=False)
        return Delivered(message)

    async def check(self) -> str:
        return "the terminal needs no settings"

    async def close(self) -> None:
        self._gone.set()

    # -- what is typed

    async def _prompted(self, session: PromptSession[str]) -> AsyncGenerator[str]:
        """Messages typed at the prompt, until Ctrl-D or Ctrl-C."""
        fenced = Fence()
        while not self._gone.is_set():
            sign = "... " if fenced.open else "> "
            try:
                line = await session.prompt_async(
                    FormattedText([("class:prompt", sign)]),
                    set_exception_handler=False,  # the program has its own
                    handle_sigint=False,
                )
            except (EOFError, KeyboardInterrupt):
                return
            # Bytes that are no UTF-8 come as halves of characters, which no database takes.
            text = fenced.feed(line.encode(errors="surrogateescape").decode(errors="replace"))
            if text is not None and text.strip():
                yield text

    async def _piped(self) -> AsyncGenerator[str]:
        fenced = Fence()
        async with contextlib.aclosing(lines_of(self._input.fileno())) as lines:
            async for line in lines:
                text = fenced.feed(line)
                if text is not None and text.strip():
                    yield text
        if fenced.open and (rest := fenced.rest()).strip():
            yield rest

    async def _give(self, take: Take, text: str) -> None:
        """Hand it over, and wait until what it led to is shown."""
        arrival = self._understood(text)
        if arrival is None:
            return
        wait = 0.2
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._patiently(take(arrival))
                break
            except StoreUnavailable as error:
                if self._session is not None:
                    self._print(self._sentence("not_taken"), str(error))
                    return
                if attempt == ATTEMPTS:
                    raise
            await asyncio.sleep(wait)
            wait *= 2
        if self.settled is None:
            return
        if self._session is None:
            await self.settled()
            return
        with contextlib.suppress(TimeoutError):  # it will be shown above the prompt
            await asyncio.wait_for(self.settled(), 2.0)

    async def _patiently(self, taken: asyncio.Future[Receipt]) -> None:
        if self._session is not None:
            await asyncio.wait([taken], timeout=PATIENCE)
            if not taken.done():
                self._print(self._sentence("wait"))
        await taken

    def _understood(self, text: str) -> Incoming | None:
        """The message or the tap; None where it was a tap on nothing, which is said at once."""
        said, shown = text.strip(), self._shown
        slash = said[1:] if said.startswith("/") else ""
        if slash.isascii() and slash.isdigit():
            number = int(slash[:9])
            if shown is None or not 1 <= number <= len(shown.picks):
                self._print(self._sentence("no_button", number=slash))
                return None
            return self._arrival(tapped=(shown.row, shown.picks[number - 1]))
        bare = shown is not None and shown.latest and not shown.free
        if bare and said.isascii() and said.isdigit() and shown is not None:
            number = int(said[:9])
            if 1 <= number <= len(shown.picks):
                return self._arrival(tapped=(shown.row, shown.picks[number - 1]))
        return self._arrival(text)

    def _arrival(self, text: str = "", tapped: tuple[int, int] | None = None) -> Incoming:
        id = f"{self._run}:{self._count}"
        self._count += 1
        return Incoming(
            NAME,
            f"{NAME}:{id}",
            self.person,
            self.person,
            id,
            stamp(datetime.now(UTC)),
            text=text,
            kind="picked" if tapped else "said",
            button=tapped,
        )

    # -- what is shown

    async def _show(self, lines: list[Line]) -> None:
        """Below what was shown before, above the prompt."""
        if self._session is None:
            self._write(lines)
        else:
            await run_in_terminal(lambda: self._write(lines))

    def _write(self, lines: list[Line]) -> None:
        if self._session is None or not self._colours:
            text = "".join(plain_text(line) + "\n" for line in (*lines, ()))
            self._output.write(text)
            self._output.flush()
            return
        pieces = [
            (f"class:{style}", text) for line in (*lines, ()) for style, text in (*line, _NEW_LINE)
        ]
        print_formatted_text(self._session.output, FormattedText(pieces), STYLE)

    def _print(self, *sentences: str) -> None:
        """Our own words, beside the conversation."""
        lines = [
            {"kind": "text", "gap": False, "spans": [["dim", line, ""]]}
            for sentence in sentences
            for line in sentence.strip().split("\n")
        ]
        body = {"lines": lines, "buttons": []}
        with contextlib.suppress(OSError, ValueError):
            self._write(list(lay_out(body, self._width())))

    def _sentence(self, key: str, **values: str) -> str:
        text = self._words[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _width(self) -> int | None:
        """Columns; None where it is no terminal, since nobody knows who reads it."""
        if not self._output.isatty():
            return None
        if self._session is not None:
            return self._session.output.get_size().columns
        return shutil.get_terminal_size().columns


_NEW_LINE = ("plain", "\n")


def _prompt_session(input: TextIO, output: TextIO) -> PromptSession[str]:
    screen = create_output(stdout=output)
    if isinstance(screen, Vt100_Output):
        screen.enable_cpr = False  # nothing here needs the cursor's place, and not all can tell it
    session: PromptSession[str] = PromptSession(
        input=create_input(input), output=screen, style=STYLE
    )
    return session
