"""Logs that cannot tell what anybody wrote.

1. Ours are the loggers ``frontdesk.*``: an event's fixed name and ids, never a person's words. A
   value that is no plain scalar is logged as its type; an exception as its type and the
   ``file:line`` of its frames, because its text may quote what was being handled.
2. Everybody else's records lose message, arguments and traceback when they are *made* (SDK and
   HTTP loggers print tokens and whole messages): name, level, place and exception class stay. This
   holds for every handler and for loggers that do not exist yet; a record that was built past the
   factory is reduced by the formatter.
3. What crashed past everything (a thread, a callback, the program) and warnings take the same way.
4. Second line of defence: whatever looks like a token is cut out of the finished line.

The only file that imports structlog.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import structlog

OURS = "frontdesk"
TOKEN_SHAPES = re.compile(
    r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"  # Telegram's bot token, also inside an address
    r"|whsec_[A-Za-z0-9+/]{16,}=*"  # a webhook's secret
    r"|x(?:ox[a-z]|app|wfp)-[A-Za-z0-9-]{8,}"  # Slack's tokens
    r"|(?<=[?&]ticket=)[^&\s\"]+"  # Socket Mode's single-use address
    r"|(?<=hooks\.slack\.com/)[^\s\"]+",
)
CUT = "[cut]"
MAX_VALUE = 300
"""characters of one logged value"""

Logger = structlog.stdlib.BoundLogger
_Fields = MutableMapping[str, Any]


def logger(name: str) -> Logger:
    """Our logger ``frontdesk.<name>``: ``log.info("row sent", row=12)``. Needs no set-up."""
    return cast(
        "Logger",
        structlog.wrap_logger(
            logging.getLogger(f"{OURS}.{name}"),
            processors=[structlog.stdlib.filter_by_level, _plain, _to_record],
            wrapper_class=structlog.stdlib.BoundLogger,
        ),
    )


def set_up(
    level: Literal["debug", "info", "warning", "error"] = "info",
    form: Literal["json", "text"] = "text",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to ``stream`` (stderr), one JSON object or logfmt line
    each. ``secrets`` are cut out wherever they turn up. Foreign loggers speak from "warning" on,
    with level "debug" from there on. Calling it again replaces the settings.
    """
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_Formatter(form, secrets))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    ours = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(ours if level == "debug" else max(ours, logging.WARNING))
    logging.getLogger(OURS).setLevel(ours)
    logging.setLogRecordFactory(_make_record)
    logging.raiseExceptions = False  # else a record that cannot be formatted is printed raw
    sys.excepthook = _program_crashed
    sys.unraisablehook = _not_raisable
    threading.excepthook = _thread_crashed
    warnings.showwarning = _warned


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """What crashes in this loop's callbacks and forgotten tasks is logged as everything else is."""
    loop.set_exception_handler(_loop_crashed)


def frames_of(error: BaseException) -> list[str]:
    """Where it went wrong, outermost first: ``courier.py:120 in _carry``. No values."""
    return [
        f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


# -- making records


def _plain(_: object, __: str, fields: _Fields) -> _Fields:
    """Exceptions become type and frames; anything that is no scalar becomes its type."""
    error = fields.pop("exc_info", None)
    for key, value in fields.items():
        if isinstance(value, str):
            fields[key] = value[:MAX_VALUE]
        elif value is not None and not isinstance(value, bool | int | float):
            fields[key] = type(value).__name__
    if error:
        fields.update(_error_fields(error))
    return fields


def _error_fields(error: Any) -> dict[str, str]:
    """``error`` is what ``exc_info`` may be: an exception, a triple, or True for the current."""
    if isinstance(error, tuple):
        error = error[1]
    elif not isinstance(error, BaseException):
        error = sys.exc_info()[1]
    if error is None:
        return {}
    return {
        "error": " < ".join(type(link).__name__ for link in _chain(error)),
        "frames": " | ".join(frames_of(error)),
    }


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, each once (a chain can be a ring)."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _to_record(_: object, __: str, fields: _Fields) -> tuple[tuple[_Fields], dict[str, Any]]:
    """The arguments of the standard library's logger: the fields travel as the message."""
    return (fields,), {"exc_info": False}  # `exception` would add it


class _Reduced(logging.LogRecord):
    """A foreign record, made by the factory."""

    error_kind = ""
    """the class of the exception that it was about"""


def _is_ours(name: str | None) -> bool:
    """None: `logging.makeLogRecord` makes a record first and names it then."""
    return name is not None and (name == OURS or name.startswith(f"{OURS}."))


def _make_record(
    name: str,
    level: int,
    pathname: str,
    lineno: int,
    msg: object,
    args: Any,
    exc_info: Any,
    func: str | None = None,
    sinfo: str | None = None,
    **_: object,
) -> logging.LogRecord:
    if _is_ours(name):
        return logging.LogRecord(name, level, pathname, lineno, msg, args, exc_info, func, sinfo)
    kind = _error_kind(msg, args, exc_info)
    record = _Reduced(name, level, pathname, lineno, kind, (), None, func)
    record.error_kind = kind
    return record


def _error_kind(msg: object, args: Any, exc_info: Any) -> str:
    """The class of the exception that a foreign record is about; empty where there is none."""
    told = [*(exc_info if isinstance(exc_info, tuple) else ()), msg]
    told += list(args.values()) if isinstance(args, dict) else list(args or ())
    return next((type(one).__name__ for one in told if isinstance(one, BaseException)), "")


# -- writing them


class _Formatter(logging.Formatter):
    """One line a record; a record that is not ours is reduced here too, wherever it was made."""

    def __init__(self, form: Literal["json", "text"], secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._render: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if form == "json"
            else structlog.processors.LogfmtRenderer(bool_as_flag=False)
        )

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if _is_ours(record.name):
            fields |= self._said(record)
        else:
            fields["where"] = f"{record.filename}:{record.lineno}"
            fields["error"] = (
                record.error_kind
                if isinstance(record, _Reduced)
                else _error_kind(record.msg, record.args, record.exc_info)
            )
        line = str(self._render(None, "", fields)).replace("\r", "\\r").replace("\n", "\\n")
        for secret in self._secrets:
            line = line.replace(secret, CUT)
        return TOKEN_SHAPES.sub(CUT, line)

    @staticmethod
    def _said(record: logging.LogRecord) -> dict[str, Any]:
        if isinstance(record.msg, dict):
            return {"event": record.msg.get("event", ""), **record.msg}
        fields: dict[str, Any] = {"event": record.getMessage()[:MAX_VALUE]}
        return fields | (_error_fields(record.exc_info) if record.exc_info else {})


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Nothing: a line that cannot be written is not worth the message that it would print."""


# -- what nobody caught


def _program_crashed(
    kind: type[BaseException], error: BaseException, _: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logger("crash").critical("the program stopped", exc_info=error)


def _thread_crashed(told: threading.ExceptHookArgs) -> None:
    if not issubclass(told.exc_type, SystemExit):
        logger("crash").error("a thread stopped", exc_info=told.exc_value)


def _not_raisable(told: Any) -> None:
    # typeshed names the type of `told` only for type checkers, hence Any
    logger("crash").error("could not be raised", exc_info=told.exc_value)


def _loop_crashed(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    logger("crash").error("a task or callback stopped", exc_info=told.get("exception"))


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    logger("warning").warning(category.__name__, where=f"{Path(filename).name}:{lineno}")
