"""Settings from the file, secrets from the environment, and a mend for every mistake."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.app import build_house
from bot.config import Settings, StaffChat, load
from bot.environment import ConfigError, Secrets

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
TELEGRAM = "123456789:AAExampleExampleExampleExampleExampl"
SLACK_BOT = "xoxb-1234567890-abcdefghijkl"
SLACK_APP = "xapp-1-A0123456789-abcdefghijkl"
WHSEC = "whsec_dGhlIGZpcnN0IHNlY3JldCBvZiB0aGUgdGVzdHM="
NEWER = "whsec_dGhlIG5leHQgc2VjcmV0IG9mIHRoZSB0ZXN0cyBub3c="


@pytest.fixture(autouse=True)
def _a_place_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "TELEGRAM_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(f"FRONTDESK_{name}", raising=False)


def load_text(text: str) -> Settings:
    file = Path("settings.toml")
    file.write_text(text, encoding="utf-8")
    return load(file)


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    return caught.value


# -- where settings come from


def test_without_a_file_every_setting_has_its_default() -> None:
    assert load() == Settings()
    assert load().database.file == Path("frontdesk.db")
    assert load().staff.chat is None


def test_the_file_of_the_folder_is_read() -> None:
    Path("config.toml").write_text('[program]\nname = "the Repair Partners"\n', encoding="utf-8")
    assert load().program.name == "the Repair Partners"


def test_the_environment_names_another_file_and_the_option_goes_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("config.toml").write_text('[program]\nname = "one"\n', encoding="utf-8")
    Path("b.toml").write_text('[program]\nname = "two"\n', encoding="utf-8")
    Path("c.toml").write_text('[program]\nname = "three"\n', encoding="utf-8")
    monkeypatch.setenv("FRONTDESK_CONFIG", "b.toml")
    assert load().program.name == "two"
    assert load(Path("c.toml")).program.name == "three"


@pytest.mark.parametrize("by_environment", [True, False])
def test_a_file_that_was_named_must_be_there(
    monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    monkeypatch.setenv("FRONTDESK_CONFIG", "nowhere.toml" if by_environment else "")
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such file"):
        load(None if by_environment else Path("nowhere.toml"))


def test_the_mark_that_editors_on_windows_put_first_is_no_mistake() -> None:
    Path("config.toml").write_bytes(b'\xef\xbb\xbf[program]\r\nname = "the Repair Partners"\r\n')
    assert load().program.name == "the Repair Partners"


def test_a_file_that_is_no_text_is_named() -> None:
    Path("config.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"config\.toml: cannot be read"):
        load()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().program.name = "another"  # type: ignore[misc]  # the very thing that is tried


# -- secrets


def test_secrets_come_from_the_environment_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FRONTDESK_TELEGRAM_TOKEN", TELEGRAM)
    monkeypatch.setenv("FRONTDESK_SLACK_BOT_TOKEN", SLACK_BOT)
    monkeypatch.setenv("FRONTDESK_SLACK_APP_TOKEN", "")
    settings = load()
    assert settings.secrets.telegram_token
    assert settings.secrets.telegram_token.get_secret_value() == TELEGRAM
    assert settings.secrets.slack_app_token is None
    assert list(settings.secrets.values()) == [TELEGRAM, SLACK_BOT]
    shown = f"{settings!r} {settings} {settings.secrets!r} {settings.model_dump_json()}"
    assert TELEGRAM not in shown
    assert SLACK_BOT not in shown


@pytest.mark.parametrize(
    "text",
    [
        f'[telegram]\ntoken = "{TELEGRAM}"',
        f'[telegram]\nbase_url = "https://example.com/bot{TELEGRAM}"',
        f'[slack]\nbot_token = "{SLACK_BOT}"',
        f'[program]\nname = "{SLACK_APP}"',
        f'[secrets]\ntelegram = "{TELEGRAM}"',
        f'"{SLACK_BOT}" = 1',
        f'[program]\n"{TELEGRAM}" = "x"',
        f'things = ["{SLACK_BOT}"]',
        f'[handoff]\nwebhook_url = "https://example.com/?key={WHSEC}"',
        f'[handoff]\nfolder = "{WHSEC}"',
        '[handoff]\nsmtp_password = "x"',
    ],
)
def test_a_token_in_the_file_is_refused_with_the_place_where_it_belongs(text: str) -> None:
    error = refused(text)
    assert "FRONTDESK_TELEGRAM_TOKEN" in str(error)
    for secret in (TELEGRAM, SLACK_BOT, SLACK_APP, WHSEC):
        assert secret not in f"{error} {error!r} {error.__cause__!r} {error.__context__!r}"


def test_secrets_cannot_be_set_by_a_table() -> None:
    assert refused("[secrets]\nx = 1").key == "secrets"


def test_several_webhook_secrets_are_told_apart_and_cut_out_of_the_logs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text in (f"{WHSEC} {NEWER}", f" {WHSEC},\n{NEWER} "):
        monkeypatch.setenv("FRONTDESK_WEBHOOK_SECRETS", text)
        secrets = load().secrets
        assert secrets.webhook_keys == [WHSEC, NEWER]
        assert {WHSEC, NEWER} <= set(secrets.values())


@pytest.mark.parametrize(
    "text",
    ["", "whsec_", "secret", "whsec_c2hvcnQ=", "whsec_n?t base64!", WHSEC[6:], f"{WHSEC} x"],
)
def test_a_webhook_secret_that_is_none_is_named_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("FRONTDESK_WEBHOOK_SECRETS", text)
    with pytest.raises(ConfigError, match="FRONTDESK_WEBHOOK_SECRETS: must hold") as told:
        _ = load().secrets.webhook_keys
    assert len(text) < 8 or text not in str(told.value)


@pytest.mark.parametrize(
    ("text", "sinks"),
    [
        ("", ()),
        ("webhook_url = 'https://example.com:8443/hooks?a=1'", ("webhook",)),
        ("webhook_url = 'http://127.0.0.1:8080/'\nfolder = 'x'", ("webhook", "files")),
        ("webhook_url = 'http://[::1]:8080/'", ("webhook",)),
        ("smtp_host = 'mail.example.com'", ("email",)),
    ],
)
def test_a_sink_is_on_where_its_first_key_is_set(text: str, sinks: tuple[str, ...]) -> None:
    settings = load_text(f"[handoff]\n{text}")
    assert settings.handoff.sinks == sinks
    assert build_house(settings).sinks == sinks


# -- mistakes


@pytest.mark.parametrize(
    ("text", "key", "mend"),
    [
        ("[program]\nnmae = 'x'", "program.nmae", 'did you mean "name"?'),
        ("[progam]\nname = 'x'", "progam", 'did you mean "program"?'),
        ("[staff]\nchanel = 'x'", "staff.chanel", "chat"),
        ("[store]\nzzzzzz = 1", "store.zzzzzz", "known here: url"),
        ("[program]\nname = 3", "program.name", "string"),
        ("[program]\nname = ''", "program.name", "at least 1"),
        ("program = 3", "program", "write [program] on a line of its own"),
        ("[program]\nlearn_more_url = 'example'", "program.learn_more_url", "https://"),
        ("[program]\napplication_email = 'example'", "program.application_email", "@"),
        ("[store]\nurl = 'postgres://h/x'", "store.url", "sqlite:///frontdesk.db"),
        ("[store]\nurl = 'sqlite:///'", "store.url", "sqlite:///frontdesk.db"),
        ("[store]\nurl = 'sqlite:////'", "store.url", "sqlite:///frontdesk.db"),
        ("[store]\nurl = 'sqlite:///.'", "store.url", "sqlite:///frontdesk.db"),
        ("[store]\nurl = 'sqlite:///:memory:'", "store.url", "sqlite:///frontdesk.db"),
        ("[staff]\nchat = 'C0123'", "staff.chat", "slack:C0123456789"),
        ("[staff]\nchat = 'telegram:99'", "staff.chat", "telegram:-1001234567890"),
        ("[privacy]\nkeep_drafts_days = 3", "privacy.keep_drafts_days", "from 4 to 3650 days"),
        ("[privacy]\nkeep_drafts_days = -1", "privacy.keep_drafts_days", "or 0 to keep"),
        ("[privacy]\nkeep_drafts_days = 3651", "privacy.keep_drafts_days", "from 4 to 3650 days"),
        ("[privacy]\nkeep_drafts_days = '90'", "privacy.keep_drafts_days", "integer"),
        ("[log]\nlevel = 'loud'", "log.level", "'debug', 'info', 'warning' or 'error'"),
        ("[handoff]\nwebhook_url = 'http://example.com/'", "handoff.webhook_url", "https://"),
        ("[handoff]\nwebhook_url = 'https://u:p@example.com/'", "handoff.webhook_url", "password"),
        ("[handoff]\nwebhook_url = 'example.com'", "handoff.webhook_url", "https://"),
        ("[handoff]\nsmtp_port = 0", "handoff.smtp_port", "greater than or equal to 1"),
        ("[handoff]\nsmtp_security = 'ssl'", "handoff.smtp_security", "'tls' or 'none'"),
        ("[handoff]\nemail_from = 'x'", "handoff.email_from", "@"),
        ("[handoff]\nemail_from = 'a@b.example\\nBcc:c@d'", "handoff.email_from", "@"),
        ("[handoff]\nemail_from = 'A <a@b.example>'", "handoff.email_from", "@"),
        ("[handoff]\nemail_from = 'a,b@c.example'", "handoff.email_from", "@"),
        ("[handoff]\nemail_from = 'a@münchen.example'", "handoff.email_from", "xn--"),
        ("[program]\napplication_email = '<x@y'", "program.application_email", "@"),
        ("[handoff]\nfolders = 'x'", "handoff.folders", 'did you mean "folder"?'),
        ("[telegram]\nbase_url = ''", "telegram.base_url", "at least 1"),
    ],
)
def test_a_mistake_is_named_with_its_mend(text: str, key: str, mend: str) -> None:
    error = refused(text)
    assert error.key == key
    assert mend in error.mend
    assert str(error) == f"{error.key}: {error.mend}"


def test_broken_toml_is_named_by_line_and_column() -> None:
    assert "line 2, column 8" in refused('[program]\nname = = "x"').mend


# -- values


def test_the_staff_chat_is_a_channel_and_a_chat() -> None:
    assert load_text('[staff]\nchat = "slack:C0123"').staff.chat == StaffChat("slack", "C0123")
    telegram = load_text('[staff]\nchat = "telegram:-100123"').staff.chat
    assert telegram == StaffChat("telegram", "-100123")


def test_four_slashes_are_an_absolute_path() -> None:
    assert load_text('[store]\nurl = "sqlite:////var/f.db"').database.file == Path("/var/f.db")


@pytest.mark.parametrize("days", [0, 4, 90, 3650])
def test_days_are_taken_and_reach_the_dialog_and_the_privacy_text(days: int) -> None:
    settings = load_text(f"[privacy]\nkeep_drafts_days = {days}")
    house = build_house(settings)
    assert house.script.keep_days == days
    text = house.renderer.text("en", "field.consent.ask")
    assert ("erased after" in text) == bool(days)
    assert f"erased after {days} days" in text or not days


# -- the example


def settings_of(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Every setting by its dotted key, with its default."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = field.annotation
        if inner is Secrets:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= settings_of(inner, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = "" if field.default is None else field.default
    return found


def uncommented() -> str:
    return re.sub(r"^#(?=\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_holds_every_setting_with_its_default_and_nothing_else() -> None:
    tables = tomllib.loads(uncommented())
    shown = {
        f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()
    }
    assert shown == settings_of(Settings)


def test_the_example_loads_as_it_is_and_uncommented() -> None:
    assert load_text(EXAMPLE.read_text(encoding="utf-8")) == Settings()
    assert load_text(uncommented()) == Settings()


def test_every_setting_of_the_example_is_explained() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#\w+ = ", line):
            assert re.match(r"# \w?", before), f"{line} has no explanation above it"


def test_the_example_names_every_secret_of_the_environment() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name in Secrets.model_fields:
        assert f"FRONTDESK_{name.upper()}" in text


def test_nothing_else_reads_the_environment() -> None:
    root = EXAMPLE.parent
    for package in ("bot", "dialogs", "knowledge"):
        for file in (root / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"\benviron\b|\bgetenv\b", text) or file.name == "config.py", file
