"""Filling a modal as Slack's client does: its checks before sending, the shape of state.values."""

from typing import Any

from .slack_text import named
from .slack_world import Json, View

_OPTION = {"static_select", "radio_buttons"}
_OPTIONS = {"checkboxes", "multi_static_select"}
_PICKED = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


def filled(view: View, values: dict[str, Any]) -> dict[str, Any]:
    """`values` by "block_id/action_id", completed with what the modal came with.

    AssertionError for what the client would not send: an unknown field, a required one left
    empty, a text outside min_length and max_length.
    """
    fields, entered = view.fields, {}
    for asked, value in values.items():
        names = [name for name in fields if asked in {name, name.partition("/")[2]}]
        assert len(names) == 1, f"no field {asked!r}; there are {sorted(fields)}"
        entered[names[0]] = value
    required = {block["block_id"] for block in view.blocks if not block.get("optional")}
    for name, element in fields.items():
        value = entered.setdefault(name, _initial(element))
        if name.partition("/")[0] in required:
            assert value not in (None, "", []), f"the field {name!r} must be filled"
        if isinstance(value, str) and value and element["type"] == "plain_text_input":
            shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
            assert shortest <= len(value) <= longest, f"{name!r} takes {shortest} to {longest}"
    return entered


def _initial(element: Json) -> Any:
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    named = [value for key, value in element.items() if key.startswith("initial_")]
    return named[0] if named else None


def state_values(view: View, entered: dict[str, Any]) -> Json:
    """state.values of a view_submission: block_id -> action_id -> what the element holds."""
    values: dict[str, Json] = {}
    for name, element in view.fields.items():
        block_id, _, action_id = name.partition("/")
        values.setdefault(block_id, {})[action_id] = _held(element, entered[name])
    return values


def _held(element: Json, value: Any) -> Json:
    kind = element["type"]
    held: Json = {"type": kind}
    options = {option["value"]: option for option in element.get("options", [])}
    if kind in _OPTION:
        held["selected_option"] = None if value is None else options[value]
    elif kind in _OPTIONS:
        held["selected_options"] = [options[one] for one in value or []]
    elif kind in _PICKED:
        held[_PICKED[kind]] = value
    else:
        held["value"] = named(value) if value else None
    return held
