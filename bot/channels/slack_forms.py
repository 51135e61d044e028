"""Forms for staff as Slack's modals: plain dicts, no SDK.

A modal takes 100 blocks, a title and a submit label of 24 characters, a field's label and hint of
150 each, and 3,000 characters of metadata, which only names the button that opened the form.
"""

from __future__ import annotations

from typing import Any

from bot.channels.slack_blocks import SlackWords, note_view, render
from bot.messages import Form, Input, Receipt

Json = dict[str, Any]

MOST, ABOUT = 100, 20
"""blocks of a modal, and how many of them stand above inputs"""
STAFF_VIEW = "frontdesk-form"


def form_view(words: SlackWords, form: Form) -> Json:
    """The modal. What comes back is read by ``slack_events``."""
    row, index = form.button
    about = render(form.about)[: ABOUT if form.inputs else MOST]
    view: Json = {
        "type": "modal",
        "callback_id": STAFF_VIEW,
        "private_metadata": f"{row}:{index}:{form.card}",
        "title": _plain_text(form.title[:24]),
        "close": _plain_text(words.cancel),
        "blocks": [*about, *map(_input, form.inputs[: MOST - ABOUT])],
    }
    return {**view, "submit": _plain_text(form.submit[:24])} if form.inputs else view


def form_answer(words: SlackWords, receipt: Receipt) -> Json:
    """What a form that was sent is answered: it stays open with what is wrong said under the
    fields, goes on with a further page, or ends with a note. Empty: it closes."""
    if receipt.form is not None:
        return {"response_action": "update", "view": form_view(words, receipt.form)}
    if receipt.faults:
        return {"response_action": "errors", "errors": dict(receipt.faults)}
    if receipt.note:
        return {"response_action": "update", "view": note_view(words, receipt.note)}
    return {}


def _input(one: Input) -> Json:
    element = _choice(one) if one.options else _text(one)
    field: Json = {
        "type": "input",
        "block_id": one.name,
        "optional": not one.needed,
        "label": _plain_text(one.label[:150]),
        "element": element,
    }
    return {**field, "hint": _plain_text(one.hint[:150])} if one.hint else field


def _text(one: Input) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": one.name,
        "multiline": one.lines,
        "max_length": one.most,
    }
    return {**element, "initial_value": one.value[: one.most]} if one.value else element


def _choice(one: Input) -> Json:
    options = [
        {"text": _plain_text(label[:75]), "value": value} for value, label in one.options[:100]
    ]
    element: Json = {"type": "multi_static_select", "action_id": one.name, "options": options}
    chosen = one.value.split()
    first = [option for option in options if option["value"] in chosen]
    return {**element, "initial_options": first} if first else element


def _plain_text(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
