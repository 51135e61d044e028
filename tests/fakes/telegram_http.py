"""The Bot API's HTTP: parameters in all the ways a bot may send them, answers, dropped lines."""

import json
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.telegram_faults import Call
from tests.fakes.telegram_html import Json
from tests.fakes.telegram_world import RefusedError

# Parameters that are text whatever they look like; any other is JSON where it parses as such.
TEXTS = frozenset(
    {
        "text",
        "caption",
        "callback_query_id",
        "parse_mode",
        "action",
        "url",
        "document",
        "language_code",
        "secret_token",
    }
)


async def parameters(request: web.Request) -> Json:
    """Query, form, multipart or JSON parameters, decoded. Raises UnicodeDecodeError."""
    given: Json = dict(request.query)
    if request.content_type == "multipart/form-data":
        for name, part in (await request.post()).items():
            given[name] = part
            if isinstance(part, web.FileField):
                given[name] = {
                    "content": part.file.read(),
                    "file_name": part.filename,
                    "mime_type": part.content_type,
                }
    elif request.content_type == "application/json":
        given |= await request.json()
    else:
        body = (await request.read()).decode()
        given |= dict(parse_qsl(body, keep_blank_values=True, errors="strict"))
    decoded = {name: _value(name, value) for name, value in given.items()}
    for name, value in decoded.items():
        if isinstance(value, str) and value.startswith("attach://"):
            decoded[name] = decoded.get(value.removeprefix("attach://"), value)
    return decoded


def _value(name: str, value: object) -> object:
    if not isinstance(value, str) or name in TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def number(params: Json, name: str, default: int) -> int:
    value = params.get(name, default)
    return value if isinstance(value, int) else default


def answer(status: int, body: Json) -> web.Response:
    return web.json_response(body, status=status)


def refused(refusal: RefusedError) -> web.Response:
    body: Json = {
        "ok": False,
        "error_code": refusal.status,
        "description": refusal.description,
    }
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return answer(refusal.status, body)


def connected(request: web.Request) -> bool:
    """Whether somebody still waits for the answer."""
    return request.transport is not None and not request.transport.is_closing()


def hang_up(request: web.Request, call: Call) -> web.Response:
    """End the connection without an answer."""
    call.status = 0
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
