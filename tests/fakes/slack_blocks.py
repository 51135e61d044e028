"""Block Kit as Slack checks it: limits, required and unknown fields, uniqueness, generated ids.

Sources: the limits of Slack's Block Kit reference as its Python SDK's models carry them. Field
reports say that `action_id` must be unique within one block and `block_id` within one message, and
that all blocks of a message together may not exceed some 13,200 characters.
"""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
ALL_BLOCKS_CHARS = 13_200
_COMMON = {"type", "block_id"}
_BLOCKS: dict[str, set[str]] = {
    "section": {"text", "fields", "accessory", "expand"},
    "actions": {"elements"},
    "header": {"text", "level"},
    "context": {"elements"},
    "divider": set(),
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "image": {"image_url", "slack_file", "alt_text", "title"},
    "markdown": {"text"},
    "rich_text": {"elements"},
}
_BUTTON = {
    "type",
    "text",
    "action_id",
    "value",
    "url",
    "style",
    "confirm",
    "accessibility_label",
}
_OPTIONS = {  # element type -> most options
    "static_select": 100,
    "multi_static_select": 100,
    "radio_buttons": 10,
    "checkboxes": 10,
    "overflow": 5,
}
_TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_PICKED = {
    "datepicker",
    "timepicker",
    "datetimepicker",
    "users_select",
    "multi_users_select",
    "conversations_select",
    "channels_select",
}


class Problems:
    """What is wrong with some blocks, in the words and with the pointers that Slack uses."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def say(self, where: str, what: str) -> None:
        self.found.append(f"[ERROR] {what} [json-pointer:{where}]")

    def text(
        self,
        where: str,
        value: object,
        most: int,
        *,
        plain: bool = True,
        required: bool = True,
    ) -> None:
        """A text object of 1 to `most` characters; `plain` asks for plain_text."""
        if value is None:
            if required:
                self.say(where, "missing required field: text")
            return
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            self.say(where, "must provide an object")
            return
        kind = value.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.say(f"{where}/type", f"unsupported type: {kind}")
        if not value["text"]:
            self.say(f"{where}/text", "must be more than 0 characters")
        if len(value["text"]) > most:
            self.say(f"{where}/text", f"must be less than {most + 1} characters")
        allowed = {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}
        self.only(where, value, allowed)

    def string(self, where: str, value: object, most: int) -> None:
        """An optional string of 1 to `most` characters."""
        if value is None:
            return
        if not isinstance(value, str) or not value:
            self.say(where, "must be more than 0 characters")
        elif len(value) > most:
            self.say(where, f"must be less than {most + 1} characters")

    def number(self, where: str, items: object, most: int) -> list[Json]:
        """A list of 1 to `most` objects."""
        if not isinstance(items, list) or not items:
            self.say(where, "must provide at least 1 item")
            return []
        if len(items) > most:
            self.say(where, f"no more than {most} items allowed")
        return [item for item in items if isinstance(item, dict)]

    def only(self, where: str, value: Json, allowed: set[str]) -> None:
        for name in sorted(set(value) - allowed):
            self.say(where, f"invalid additional property: {name}")


def check_blocks(
    blocks: object, *, most: int = MESSAGE_BLOCKS, where: str = "/blocks"
) -> list[str]:
    """What Slack would refuse in `blocks`, in its `response_metadata.messages`; else empty."""
    problems = Problems()
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        problems.say(where, "must provide a list of objects")
        return problems.found
    if len(blocks) > most:
        problems.say(where, f"no more than {most} items allowed")
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        spot = f"{where}/{index}"
        _check_block(problems, spot, block)
        block_id = block.get("block_id")
        if block_id in seen:
            problems.say(f"{spot}/block_id", f'block_id "{block_id}" already exists')
        if isinstance(block_id, str):
            seen.add(block_id)
    markdown = sum(len(str(b.get("text"))) for b in blocks if b.get("type") == "markdown")
    if markdown > 12_000:
        problems.say(where, "must be less than 12001 characters")
    return problems.found


def too_long_together(blocks: list[Json]) -> bool:
    """Whether Slack would answer msg_blocks_too_long."""
    return len(json.dumps(blocks, ensure_ascii=False)) > ALL_BLOCKS_CHARS


def _check_block(problems: Problems, where: str, block: Json) -> None:
    kind = str(block.get("type"))
    if kind not in _BLOCKS:
        problems.say(f"{where}/type", f"unsupported type: {kind}")
        return
    problems.only(where, block, _COMMON | _BLOCKS[kind])
    problems.string(f"{where}/block_id", block.get("block_id"), 255)
    match kind:
        case "section":
            _check_section(problems, where, block)
        case "actions":
            _check_elements(
                problems, where, problems.number(f"{where}/elements", block.get("elements"), 25)
            )
        case "header":
            problems.text(f"{where}/text", block.get("text"), 150)
        case "context":
            elements = problems.number(f"{where}/elements", block.get("elements"), 10)
            for number, element in enumerate(elements):
                if element.get("type") != "image":
                    problems.text(f"{where}/elements/{number}", element, 3000, plain=False)
        case "input":
            problems.text(f"{where}/label", block.get("label"), 2000)
            problems.text(f"{where}/hint", block.get("hint"), 2000, required=False)
            _check_element(problems, f"{where}/element", block.get("element"))
        case "image":
            problems.string(f"{where}/image_url", block.get("image_url"), 3000)
            if not isinstance(block.get("alt_text"), str):
                problems.say(where, "missing required field: alt_text")
            problems.string(f"{where}/alt_text", block.get("alt_text"), 2000)
        case "rich_text":
            _check_rich_text(problems, where, block)


_RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
_RICH_STYLES = {"bold", "italic", "strike", "code", "underline"}


def _check_rich_text(problems: Problems, where: str, block: Json) -> None:
    """Of the inline elements only text, link and user are known here."""
    for number, part in enumerate(problems.number(f"{where}/elements", block.get("elements"), 999)):
        spot = f"{where}/elements/{number}"
        if part.get("type") not in _RICH:
            problems.say(f"{spot}/type", f"unsupported type: {part.get('type')}")
        elif part["type"] == "rich_text_list":
            if part.get("style") not in {"bullet", "ordered"}:
                problems.say(f"{spot}/style", "must be a valid enum value")
            for index, item in enumerate(
                problems.number(f"{spot}/elements", part.get("elements"), 999)
            ):
                if item.get("type") != "rich_text_section":
                    problems.say(f"{spot}/elements/{index}/type", "unsupported type")
                _check_inline(problems, f"{spot}/elements/{index}", item)
        else:
            _check_inline(problems, spot, part)


def _check_inline(problems: Problems, where: str, part: Json) -> None:
    for number, element in enumerate(
        problems.number(f"{where}/elements", part.get("elements"), 999)
    ):
        spot = f"{where}/elements/{number}"
        kind = element.get("type")
        if kind == "user":  # a mention, which rings with that person
            problems.only(spot, element, {"type", "user_id", "style"})
            if not str(element.get("user_id", "")).startswith(("U", "W")):
                problems.say(f"{spot}/user_id", "must be a user's id")
            continue
        if kind not in {"text", "link"}:
            problems.say(f"{spot}/type", f"unsupported type: {kind}")
        if not element.get("text"):
            problems.say(f"{spot}/text", "must be more than 0 characters")
        if kind == "link":
            problems.string(f"{spot}/url", element.get("url") or "", 3000)
        problems.only(spot, element, {"type", "text", "url", "style"})
        problems.only(f"{spot}/style", element.get("style", {}), _RICH_STYLES)


def _check_section(problems: Problems, where: str, block: Json) -> None:
    fields = block.get("fields")
    problems.text(f"{where}/text", block.get("text"), 3000, plain=False, required=not fields)
    if fields is not None:
        for number, each in enumerate(problems.number(f"{where}/fields", fields, 10)):
            problems.text(f"{where}/fields/{number}", each, 2000, plain=False)
    if "accessory" in block:
        _check_element(problems, f"{where}/accessory", block["accessory"])


def _check_elements(problems: Problems, where: str, elements: list[Json]) -> None:
    seen: set[object] = set()
    for number, element in enumerate(elements):
        spot = f"{where}/elements/{number}"
        _check_element(problems, spot, element)
        action_id = element.get("action_id")
        if action_id is not None and action_id in seen:
            problems.say(f"{spot}/action_id", f'action_id "{action_id}" already exists')
        seen.add(action_id)


def _check_element(problems: Problems, where: str, element: object) -> None:
    if not isinstance(element, dict):
        problems.say(where, "must provide an object")
        return
    kind = element.get("type")
    problems.string(f"{where}/action_id", element.get("action_id"), 255)
    problems.text(f"{where}/placeholder", element.get("placeholder"), 150, required=False)
    if kind == "button":
        problems.only(where, element, _BUTTON)
        problems.text(f"{where}/text", element.get("text"), 75)
        problems.string(f"{where}/value", element.get("value"), 2000)
        problems.string(f"{where}/url", element.get("url"), 3000)
        if element.get("style", "primary") not in {"primary", "danger"}:
            problems.say(f"{where}/style", "must be a valid enum value")
    elif kind in _OPTIONS:
        options = problems.number(f"{where}/options", element.get("options"), _OPTIONS[kind])
        for number, option in enumerate(options):
            spot = f"{where}/options/{number}"
            problems.text(f"{spot}/text", option.get("text"), 75, plain=False)
            problems.string(f"{spot}/value", option.get("value") or "", 150)
    elif kind in _TYPED:
        longest = element.get("max_length", 3000)
        if not isinstance(longest, int) or not 1 <= longest <= 3000:
            problems.say(f"{where}/max_length", "must be between 1 and 3000")
    elif kind not in _PICKED and kind != "image":
        problems.say(f"{where}/type", f"unsupported type: {kind}")


def check_view(view: object) -> list[str]:
    """What Slack would refuse in a modal or a home tab; empty when all is well."""
    problems = Problems()
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        problems.say("/view/type", "must be a valid enum value")
        return problems.found
    if view["type"] == "modal":
        problems.text("/view/title", view.get("title"), 24)
        problems.text("/view/submit", view.get("submit"), 24, required=False)
        problems.text("/view/close", view.get("close"), 24, required=False)
    problems.string("/view/callback_id", view.get("callback_id"), 255)
    if len(str(view.get("private_metadata", ""))) > 3000:
        problems.say("/view/private_metadata", "must be less than 3001 characters")
    blocks = view.get("blocks")
    problems.found += check_blocks(blocks, most=VIEW_BLOCKS, where="/view/blocks")
    inputs = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if view["type"] == "modal" and inputs and not view.get("submit"):
        problems.say("/view", "missing required field: submit")
    return problems.found


_ids = itertools.count(1)


def texts_of(part: Any) -> list[str]:
    """All text elements of rich text, in their order; none of the buttons."""
    if isinstance(part, list):
        return [text for one in part for text in texts_of(one)]
    match part["type"]:
        case "text" | "plain_text" | "link":
            return [part["text"]]
        case "user":
            return [f"@{part['user_id']}"]
        case "actions":
            return []
        case _:
            return texts_of(part["elements"])


def furnish(blocks: list[Json]) -> list[Json]:
    """A copy of `blocks` as Slack stores it, where every block_id and action_id is filled in."""
    stored = copy.deepcopy(blocks)
    for block in stored:
        block.setdefault("block_id", f"b{next(_ids):04x}")
        for element in _elements(block):
            if element.get("type") != "image":
                element.setdefault("action_id", f"a{next(_ids):04x}")
    return stored


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block: actions, a section's accessory, an input."""
    for block in blocks:
        for element in _elements(block):
            yield block, element


def _elements(block: Json) -> list[Json]:
    match block.get("type"):
        case "actions":
            return list(block.get("elements", []))
        case "section" if "accessory" in block:
            return [block["accessory"]]
        case "input" if "element" in block:
            return [block["element"]]
        case _:
            return []
