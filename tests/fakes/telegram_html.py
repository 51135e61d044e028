"""Telegram's HTML markup and UTF-16 arithmetic, as the Bot API server applies them.

The rules for tags and their error sentences follow the server's own parser; one rule is stricter
than the real one: a `&` that starts no entity is refused here, as the documentation asks, while the
server would let it pass. A bot that forgets to escape is so found by any text with an ampersand.
"""

import html
import re
from typing import Any

Json = dict[str, Any]

SPACE = " \n\r\t\v\f\0"
TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
_MENTION = re.compile(r"tg://user\?id=([0-9]+)")
_CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
_ATTRIBUTE = re.compile(r"""\s*([a-zA-Z-]+)(?:\s*=\s*("[^"<]*"|'[^'<]*'|[a-zA-Z0-9.-]+))?""")
_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("url", re.compile(r"(?:https?://|www\.)[^\s<>]+")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
)


class MarkupError(Exception):
    """The text is no valid HTML markup; `str()` is the part after "can't parse entities: "."""


def utf16(text: str) -> int:
    """The length in UTF-16 code units, in which Telegram counts offsets, lengths and limits."""
    return len(text.encode("utf-16-le")) // 2


def found_entities(text: str) -> list[Json]:
    """What Telegram marks in plain text by itself: commands, e-mails, addresses and mentions."""
    taken: list[tuple[int, int]] = []
    entities = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and end > other for other, other_end in taken):
                continue
            taken.append((start, end))
            entities.append(
                {"type": kind, "offset": utf16(text[:start]), "length": utf16(text[start:end])}
            )
    return sorted(entities, key=lambda entity: entity["offset"])


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """The text without the white space around it, its entities moved and cut to what is left."""
    shift = utf16(text) - utf16(text.lstrip(SPACE))
    stripped = text.strip(SPACE)
    size = utf16(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] - shift + entity["length"], size)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text shown and its entities (offsets in UTF-16 units). Raises `MarkupError`."""
    shown: list[str] = []
    size = 0  # UTF-16 units shown so far
    open_tags: list[tuple[str, int, Json]] = []
    entities: list[Json] = []
    at = 0
    while at < len(source):
        sign = source[at]
        if sign == "<" and source[at + 1 : at + 2] == "/":
            begin = at
            at, name = _end_tag(source, begin)
            if not open_tags:
                raise MarkupError(f"Unexpected end tag at byte offset {_byte(source, begin)}")
            tag, start, details = open_tags.pop()
            if name not in ("", tag):
                raise MarkupError(
                    f"Unmatched end tag at byte offset {_byte(source, begin)}, "
                    f'expected "</{tag}>", found "</{name}>"'
                )
            if size > start:
                kind = "text_mention" if "user" in details else TAGS[tag]
                entity = {"type": kind, "offset": start, "length": size - start}
                entities.append(entity | details)
        elif sign == "<":
            at, tag, details = _start_tag(source, at)
            open_tags.append((tag, size, details))
        else:
            piece = sign
            if sign == "&":
                match = _CHARACTER.match(source, at)
                if not match:
                    raise MarkupError(
                        f'Unescaped "&" at byte offset {_byte(source, at)}: write "&amp;"'
                    )
                at, piece = match.end(), html.unescape(match[0])
            else:
                at += 1
            shown.append(piece)
            size += utf16(piece)
    if open_tags:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(shown), entities


def _start_tag(source: str, start: int) -> tuple[int, str, Json]:
    at = start + 1
    while at < len(source) and source[at] not in SPACE + ">":
        at += 1
    if at == len(source):
        raise MarkupError(f"Unclosed start tag at byte offset {_byte(source, start)}")
    tag = source[start + 1 : at].lower()
    if tag not in TAGS:
        raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {_byte(source, start)}')
    values: dict[str, str] = {}
    while (at := _skip_space(source, at)) < len(source) and source[at] != ">":
        match = _ATTRIBUTE.match(source, at)
        if not match:
            raise MarkupError(
                f'Empty attribute name in the tag "{tag}" at byte offset {_byte(source, at)}'
            )
        values[match[1].lower()] = html.unescape((match[2] or "").strip("\"'"))
        at = match.end()
    if at == len(source):
        raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {_byte(source, start)}')
    if tag == "span" and values.get("class") != "tg-spoiler":
        raise MarkupError(
            f'Tag "span" must have class "tg-spoiler" at byte offset {_byte(source, start)}'
        )
    details: Json = {}
    if tag == "a":
        details["url"] = values.get("href", "")
        if called := _MENTION.fullmatch(details["url"]):
            details = {"user": {"id": int(called[1])}}
    elif tag == "tg-emoji":
        details["custom_emoji_id"] = values.get("emoji-id", "")
    return at + 1, tag, details


def _end_tag(source: str, start: int) -> tuple[int, str]:
    end = source.find(">", start)
    if end < 0:
        raise MarkupError(f"Unclosed end tag at byte offset {_byte(source, start)}")
    return end + 1, source[start + 2 : end].strip(SPACE).lower()


def _skip_space(source: str, at: int) -> int:
    while at < len(source) and source[at] in SPACE:
        at += 1
    return at


def _byte(source: str, at: int) -> int:
    return len(source[:at].encode())
