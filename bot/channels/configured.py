"""The channels that the settings ask for. The SDKs load only where they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from bot.channels import Channel
from bot.config import Settings
from bot.documents import Documents
from bot.environment import ConfigError
from bot.platform_words import slack_words, telegram_menus, telegram_words
from dialogs.wording import Wording

SLACK_BOT_TOKEN = "FRONTDESK_SLACK_BOT_TOKEN"  # noqa: S105 - the variable's name
SLACK_APP_TOKEN = "FRONTDESK_SLACK_APP_TOKEN"  # noqa: S105 - as above


def configured_channels(
    settings: Settings,
    wording: Wording,
    on_conflict: Callable[[], Awaitable[None]] | None = None,
    documents: Documents | None = None,
) -> dict[str, Channel]:
    """The channels whose tokens are set. ``on_conflict``: another program reads the bot's messages
    on Telegram. ``documents``: makes files to send."""
    channels: dict[str, Channel] = {}
    staff = settings.staff.chat
    secrets = settings.secrets
    if secrets.telegram_token is not None:
        from bot.channels.telegram import TelegramChannel  # noqa: PLC0415 - only with its token
        from bot.channels.telegram_webhook import Registration  # noqa: PLC0415 - as above

        address = settings.telegram.webhook_url
        channels["telegram"] = TelegramChannel(
            secrets.telegram_token.get_secret_value(),
            base_url=settings.telegram.base_url,
            staff_chat=staff.chat if staff is not None and staff.channel == "telegram" else "",
            on_conflict=on_conflict,
            menus=telegram_menus(wording),
            documents=documents,
            words=telegram_words(wording),
            webhook=Registration(address, secrets.hook_secret) if address else None,
        )
    if secrets.slack_bot_token or secrets.slack_app_token or secrets.slack_signing_secret:
        from bot.channels.slack import SlackChannel  # noqa: PLC0415 - as above

        given = secrets.slack_signing_secret
        signed = given.get_secret_value().strip() if given is not None else ""
        channels["slack"] = SlackChannel(
            _slack_token(SLACK_BOT_TOKEN, secrets.slack_bot_token, "xoxb-"),
            "" if signed else _slack_token(SLACK_APP_TOKEN, secrets.slack_app_token, "xapp-"),
            words=slack_words(wording),
            base_url=settings.slack.base_url,
            staff_chat=staff.chat if staff is not None and staff.channel == "slack" else None,
            documents=documents,
            signing_secret=signed,
        )
    return channels


def _slack_token(key: str, secret: SecretStr | None, beginning: str) -> str:
    # A file with the line ends of Windows, read by a shell, leaves one behind it.
    token = secret.get_secret_value().strip() if secret is not None else ""
    if not token.startswith(beginning):
        mend = "Slack needs xoxb-... of the bot, and xapp-... of the app or the signing secret"
        raise ConfigError(key, mend if not token else f"{mend}; this one begins otherwise")
    return token
