"""``telegram register`` and ``unregister``: for the bot as a whole, so once and by hand."""

from __future__ import annotations

from bot.channels.telegram_webhook import Registration
from bot.config import Settings
from bot.environment import ConfigError


async def register(settings: Settings) -> None:
    url = settings.telegram.webhook_url
    if not url:
        raise ConfigError(
            "telegram.webhook_url",
            'must be set: the address that leads here ("https://bot.example.com/telegram")',
        )
    state = await _register(settings, Registration(url, settings.secrets.hook_secret))
    print(f"Telegram posts this bot's updates to {url}{state}.")


async def unregister(settings: Settings) -> None:
    state = await _register(settings, None)
    print(f"Telegram posts this bot's updates nowhere; they are to be fetched{state}.")
    if settings.telegram.webhook_url:
        print('Now take telegram.webhook_url out of the settings, or set it to "".')


async def _register(settings: Settings, webhook: Registration | None) -> str:
    from bot.channels.telegram import TelegramChannel  # noqa: PLC0415 - the SDK loads slowly

    token = settings.secrets.telegram_token
    if token is None:
        raise ConfigError("FRONTDESK_TELEGRAM_TOKEN", "is not set; BotFather shows it on /token")
    channel = TelegramChannel(token.get_secret_value(), base_url=settings.telegram.base_url)
    try:
        return await channel.register(webhook)
    finally:
        await channel.close()
