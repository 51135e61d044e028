"""Settings: ``config.toml`` for what may be seen, the environment for what may not.

The file is the one named by ``--config``, else by ``FRONTDESK_CONFIG``, else ``./config.toml`` if
there is one; without a file every setting has its default. Every key stands in
``config.example.toml``. Nothing else of the program reads the environment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from rapidfuzz import fuzz, process

from bot.environment import ConfigError, Place, Secrets
from bot.logs import TOKEN_SHAPES
from bot.mornings import Morning
from bot.roles import ROLES, Role, Roles
from bot.setting_texts import (
    database,
    email_address,
    keep_days,
    listen_address,
    receiver,
    telegram_hook,
    web_address,
)
from bot.store.databases import Database

DEFAULT_FILE = Path("config.toml")


@dataclass(frozen=True, slots=True)
class StaffChat:
    """Where staff read the cards."""

    channel: Literal["telegram", "slack"]
    chat: str
    """the platform's id of the group or channel"""


def _staff_chat(text: object) -> object:
    """``telegram:-100123`` or ``slack:C0123`` as a value; None where it is empty."""
    if text == "":
        return None
    if isinstance(text, str):
        if group := re.fullmatch(r"telegram:(-\d+)", text):
            return StaffChat("telegram", group[1])
        if channel := re.fullmatch(r"slack:([CG][A-Z0-9]+)", text):
            return StaffChat("slack", channel[1])
    raise ValueError(
        'must be "telegram:" and the group\'s id ("telegram:-1001234567890") or "slack:" and the '
        'channel\'s id ("slack:C0123456789"), or "" for none'
    )


def _person(text: str) -> str:
    """Somebody in the staff chat, by the platform's id."""
    if not re.fullmatch(r"telegram:[1-9]\d*|slack:[UW][A-Z0-9]+", text):
        raise ValueError(
            'must be "telegram:" or "slack:" and the person\'s id there: "slack:U0123ABC"'
        )
    return text


def _hour(text: str) -> str:
    """Empty, or ``08:00``."""
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('must be an hour from "00:00" to "23:59", or "" for none')
    return text


def _zone(name: str) -> str:
    """A time zone of the IANA's."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        hint = _nearest(name, sorted(available_timezones())) if name else ""
        close = hint if hint.startswith("did") else 'for example "Asia/Jakarta" or "UTC"'
        raise ValueError(f"must be the name of a time zone; {close}") from None
    return name


WebAddress = Annotated[str, AfterValidator(web_address)]
BaseAddress = Annotated[str, Field(min_length=1), AfterValidator(web_address)]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Program(Section):
    """What the bot speaks for. An empty address is not shown."""

    name: str = Field("the Service Provider program", min_length=1)
    company: str = Field("the company", min_length=1)
    brand: str = Field("the company", min_length=1)
    region: str = ""
    learn_more_url: WebAddress = ""
    certification_url: WebAddress = ""
    application_email: Annotated[str, AfterValidator(email_address)] = ""


class Privacy(Section):
    """What is shown before the first personal answer. An empty text: the words' own."""

    text: str = ""
    controller: str = ""
    contact: str = ""
    keep_drafts_days: Annotated[int, AfterValidator(keep_days)] = 90


class Store(Section):
    """``connections``: to PostgreSQL, of one process; as many turns run side by side."""

    url: Annotated[str, AfterValidator(database)] = "sqlite:///frontdesk.db"
    connections: Annotated[int, Field(ge=1, le=100)] = 8


class Knowledge(Section):
    """``articles``, ``not_covered``: folders; empty: those that come with the program. ``cache``: a
    folder for what the search has learnt; empty: the user's own for such things."""

    articles: str = ""
    not_covered: str = ""
    cache: str = ""
    wrong_answer_costs: Annotated[float, Field(ge=0.1, le=100)] = 2.0


class Telegram(Section):
    """``base_url`` is without the ``/bot`` that the method calls begin with; ``webhook_url``: where
    Telegram posts updates to, "" has it asked for them."""

    base_url: BaseAddress = "https://api.telegram.org"
    webhook_url: Annotated[str, AfterValidator(telegram_hook)] = ""


class Slack(Section):
    base_url: BaseAddress = "https://slack.com/api/"


class Staff(Section):
    """``members_may``: roles of whoever is in the chat; ``people``: of those who have others;
    ``claim_minutes``: how long who takes a question has it; ``ping_minutes``: after which one that
    nobody took is named again, 0 for never; ``on_call``: whom that calls, one after the other;
    ``digest_at``: the hour of the morning card, "" for none."""

    chat: Annotated[StaffChat | None, BeforeValidator(_staff_chat)] = None
    members_may: list[Role] = sorted(ROLES)
    people: dict[Annotated[str, AfterValidator(_person)], list[Role]] = {}
    claim_minutes: Annotated[int, Field(ge=1, le=10_080)] = 30
    ping_minutes: Annotated[int, Field(ge=0, le=10_080)] = 30
    on_call: list[Annotated[str, AfterValidator(_person)]] = []
    digest_at: Annotated[str, AfterValidator(_hour)] = "08:00"
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @property
    def roles(self) -> Roles:
        people = {person: frozenset(roles) for person, roles in self.people.items()}
        return Roles(frozenset(self.members_may), people)

    @property
    def morning(self) -> Morning | None:
        if not self.digest_at:
            return None
        return Morning(time.fromisoformat(self.digest_at), ZoneInfo(self.timezone))


class Handoff(Section):
    """Where applications go beyond the chat; each way is off while its first key is empty."""

    webhook_url: Annotated[str, AfterValidator(receiver)] = ""
    smtp_host: Annotated[str, Field(pattern=r"^\S*$")] = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    email_from: Annotated[str, AfterValidator(email_address)] = ""
    folder: str = ""

    @property
    def sinks(self) -> tuple[str, ...]:
        """The names of those that are on."""
        ways = (("webhook", self.webhook_url), ("email", self.smtp_host), ("files", self.folder))
        return tuple(name for name, given in ways if given)


class Server(Section):
    """``host:port`` each. ``listen`` "": no server; ``metrics_listen`` "": /metrics is on
    ``listen`` where that is on this very machine, and nowhere else."""

    listen: Annotated[str, AfterValidator(listen_address)] = ""
    metrics_listen: Annotated[str, AfterValidator(listen_address)] = ""


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "text"


class Settings(Section):
    program: Program = Program()
    privacy: Privacy = Privacy()
    store: Store = Store()
    knowledge: Knowledge = Knowledge()
    telegram: Telegram = Telegram()
    slack: Slack = Slack()
    staff: Staff = Staff()
    handoff: Handoff = Handoff()
    server: Server = Server()
    log: Log = Log()
    secrets: Annotated[Secrets, Field(exclude=True, repr=False)] = Secrets.model_construct()

    @property
    def database(self) -> Database:
        secret = self.secrets.database_password
        password = secret.get_secret_value() if secret is not None else ""
        return Database(self.store.url, password, self.store.connections)


def load(path: Path | None = None) -> Settings:
    """The settings; ``path`` is the file that the operator named. Raises ConfigError."""
    place = Place().config
    named = path or (Path(place) if place else None)
    file = named or DEFAULT_FILE
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before it
    except FileNotFoundError:
        if named is not None:
            raise ConfigError(str(file), "there is no such file") from None
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(file), f"cannot be read as UTF-8 text ({type(error).__name__})"
        ) from None
    return _settings(text, str(file), Secrets())


def _settings(text: str, file: str, secrets: Secrets) -> Settings:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = str(error)  # "<what is wrong> (at line 3, column 7)"
        raise ConfigError(file, f"is not valid TOML: {TOKEN_SHAPES.sub('...', place)}") from None
    _refuse_secrets(tables)
    if "secrets" in tables:
        raise ConfigError(
            "secrets",
            "is no table of this file; secrets are read from the "
            "environment: " + ", ".join(_variables()),
        )
    try:
        return Settings.model_validate({**tables, "secrets": secrets})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ConfigError(_key(first["loc"]), _mend(first)) from None


def _variables() -> list[str]:
    return [f"FRONTDESK_{name.upper()}" for name in Secrets.model_fields]


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _mend(error: Any) -> str:
    """From pydantic's error (``type``, ``loc``, ``msg``) to what to do about it."""
    if error["type"] == "extra_forbidden":
        *table, name = error["loc"]
        model = Settings.model_fields[table[0]].annotation if table else Settings
        known = [key for key in getattr(model, "model_fields", {}) if key != "secrets"]
        return f"is not a setting; {_nearest(str(name), known)}"
    if error["type"] in {"model_type", "model_attributes_type"}:
        return f"is a table; write [{error['loc'][0]}] on a line of its own, its keys below it"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _nearest(name: str, known: list[str]) -> str:
    best = process.extractOne(name.lower(), known, scorer=fuzz.ratio, score_cutoff=60)
    if best:
        return f'did you mean "{best[0]}"?'
    return "known here: " + ", ".join(known)


def _refuse_secrets(tables: dict[str, Any]) -> None:
    """A token in the file is refused, whatever key it stands at."""
    for key, value in _leaves(tables):
        named_so = re.search(r"token|secret|password", key.rpartition(".")[2])
        if named_so or TOKEN_SHAPES.search(f"{key} {value}"):
            raise ConfigError(
                TOKEN_SHAPES.sub("...", key),
                "secrets do not belong in this file; take it out, and put it into the environment "
                "variable that it is for: " + ", ".join(_variables()),
            )


def _leaves(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value
