"""Odd texts in every field: nothing breaks, what is stored is what was sent, and it is shown back
as text on each channel, whatever it looks like.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from bot.channels import slack_blocks, telegram_payloads
from bot.messages import Outgoing
from dialogs.slots import Answered, Kept
from tests.applicants.base import ASKED, talk_at, values
from tests.applicants.talk import Talk
from tests.fakes.slack_blocks import check_blocks, texts_of
from tests.fakes.telegram import parse_html

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "naughty.jsonl"
_MARKUP = (
    "<b>",
    "</i>",
    "&amp;",
    "&lt;",
    "*",
    "_",
    "~",
    "`",
    "```",
    "<!channel>",
    "<@U1>",
    "](",
    "{0}",
    "{value}",
    "%s",
    "$(id)",
    "';--",
    "=1+1",
    "@SUM(A1)",
    "\\",
    "•",
    ">",
    "-",
    "http://a.b",
)
_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x300, 0x36F),  # marks that stand on the letter before
    (0x370, 0x5FF),
    (0x600, 0x6FF),
    (0xE00, 0xE7F),
    (0x1E00, 0x206F),  # with the invisible ones that turn the direction
    (0x3040, 0x30FF),
    (0x4E00, 0x4FFF),
    (0xFE00, 0xFFFF),
    (0x1F300, 0x1F6FF),
    (0xE0000, 0xE007F),
    (0x0, 0x1F),
)


def corpus() -> tuple[str, ...]:
    """Raises FileNotFoundError where the corpora are absent: they are no part of the repository."""
    lines = CORPUS.read_text(encoding="utf-8").split("\n")
    return tuple(json.loads(line)["input"] for line in lines if line)


def random_texts(seed: int, count: int) -> Iterator[str]:
    rng = random.Random(f"{seed}:naughty")
    for _ in range(count):
        parts: list[str] = []
        for _ in range(rng.choice((1, 2, 3, 5, 8, 40))):
            if rng.random() < 0.3:
                parts.append(rng.choice(_MARKUP))
                continue
            low, high = rng.choice(_RANGES)
            parts += [chr(rng.randint(low, high)) for _ in range(rng.randint(1, 6))]
        yield "".join(parts)


def everywhere(
    texts: tuple[str, ...], languages: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """(path, language, text): each text in every field, in every language."""
    for language in languages:
        for path in (*ASKED, "summary"):
            for text in texts:
                yield path, language, text


def trouble_with(path: str, language: str, text: str) -> str:
    """What is wrong after this text was sent there; empty for nothing. What raises goes on."""
    talk = talk_at(path, language)
    before = values(talk.state.draft)
    talk.said(text)
    draft = talk.state.draft
    after = values(draft)
    for changed in after:
        slot = draft.slots.get(changed) if draft is not None else None
        if before.get(changed) == after[changed] or not isinstance(slot, Answered | Kept):
            continue
        if wrong := _stored(slot, text):
            return f"{changed}: {wrong}"
    return _shown_inert(talk, path, text)


def _stored(slot: Answered | Kept, sent: str) -> str:
    """What was typed is a stretch of what was sent; a name or a text stands as it was typed."""
    whole, typed = as_sent(sent), as_sent(slot.typed)
    if typed not in whole and not _button_like(slot.typed):
        return f"{slot.typed!r} was never sent"
    return ""


def _button_like(typed: str) -> bool:
    return typed in ("yes", "no", "not_sure", "reseller", "service_business")


def as_sent(text: str) -> str:
    """What is visible of it, NFC: spaces, controls and what Unicode has not assigned aside."""
    visible = (
        char for char in text if unicodedata.category(char)[0] not in "CZ" or char == "\u200d"
    )
    return unicodedata.normalize("NFC", "".join(visible))


def _shown_inert(talk: Talk, path: str, text: str) -> str:
    outgoing = talk.outgoing
    if outgoing is None:
        return ""
    return _telegram(outgoing) or _slack(outgoing)


def _telegram(outgoing: Outgoing) -> str:
    """The markup's parse is the text that was meant, with no more links than were meant."""
    links, seen = 0, ""
    for payload in telegram_payloads.compose(outgoing):
        shown, entities = parse_html(payload.body["text"])
        links += sum(entity["type"] == "text_link" for entity in entities)
        seen += shown
    meant = "".join(span.text for block in outgoing.blocks for span in block.spans)
    if _letters(seen) != _letters(meant):
        return f"Telegram shows {seen!r}"
    wanted = sum(span.style == "link" for block in outgoing.blocks for span in block.spans)
    return "" if links <= wanted else "Telegram shows a link that is none"


def _slack(outgoing: Outgoing) -> str:
    seen = ""
    for payload in slack_blocks.compose(outgoing):
        blocks = payload.body.get("blocks", [])
        if refused := check_blocks(blocks):
            return f"Slack refuses {refused}"
        seen += "".join(texts_of(blocks))
    meant = "".join(span.text for block in outgoing.blocks for span in block.spans)
    return "" if _letters(seen) == _letters(meant) else f"Slack shows {seen!r}"


def _letters(text: str) -> str:
    """Without spaces and the marks that a channel sets before items."""
    return re.sub(r"[\s•\N{ZERO WIDTH SPACE}]+", "", text)
