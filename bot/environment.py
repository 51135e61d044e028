"""What only the environment says: the secrets, and where the settings are."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CUTTABLE = 6
"""characters; Telegram takes a letter as a secret, and a log without that letter says nothing"""


class ConfigError(Exception):
    """Only the operator can mend it. ``key``: the setting, or the environment variable, or the
    file; ``mend``: what to do. Neither ever holds the value of a secret."""

    def __init__(self, key: str, mend: str) -> None:
        super().__init__(key, mend)
        self.key = key
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.key}: {self.mend}"


class Secrets(BaseSettings):
    """From the environment only. An empty variable counts as not set."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    webhook_secrets: SecretStr | None = None
    smtp_user: SecretStr | None = None
    smtp_password: SecretStr | None = None
    database_password: SecretStr | None = None

    @property
    def hook_secret(self) -> str:
        """What Telegram's posts must bear. Raises ConfigError."""
        given = self.telegram_webhook_secret
        text = given.get_secret_value() if given is not None else ""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
            raise ConfigError(
                "FRONTDESK_TELEGRAM_WEBHOOK_SECRET",
                "goes with telegram.webhook_url and must hold 1 to 256 of the characters A-Z, a-z, "
                "0-9, _ and -. To make one: openssl rand -hex 32",
            )
        return text

    @property
    def webhook_keys(self) -> list[str]:
        """``whsec_...``, several while they are being exchanged. Raises ConfigError."""
        given = self.webhook_secrets.get_secret_value() if self.webhook_secrets else ""
        keys = [key for key in re.split(r"[\s,]+", given) if key]
        if not keys or not all(map(_is_webhook_key, keys)):
            raise ConfigError(
                "FRONTDESK_WEBHOOK_SECRETS",
                'must hold one or several secrets "whsec_" and base64 of 24 to 64 bytes, with '
                'spaces between them. To make one: echo "whsec_$(openssl rand -base64 32)"',
            )
        return keys

    def values(self) -> Iterator[str]:
        """The secrets themselves, for cutting them out of the logs."""
        for secret in (
            self.telegram_token,
            self.slack_bot_token,
            self.slack_app_token,
            self.smtp_password,
            self.database_password,
            self.slack_signing_secret,
        ):
            if secret is not None:
                yield secret.get_secret_value().strip()  # as it is used
        hook = self.telegram_webhook_secret
        if hook is not None and len(hook.get_secret_value()) >= CUTTABLE:
            yield hook.get_secret_value()
        if self.webhook_secrets is not None:
            yield from re.split(r"[\s,]+", self.webhook_secrets.get_secret_value())


def _is_webhook_key(text: str) -> bool:
    if not text.startswith("whsec_"):
        return False
    try:
        return 24 <= len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) <= 64
    except binascii.Error:
        return False


class Place(BaseSettings):
    """Which file the environment names."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", extra="ignore")

    config: str = ""
