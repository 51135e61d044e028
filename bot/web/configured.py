"""The server that the settings ask for, or none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels import Hook
from bot.config import Settings
from bot.environment import ConfigError
from bot.web import Web


def configured_web(settings: Settings, hooks: Sequence[Hook]) -> Web | None:
    """Takes its ports at once. Raises ConfigError."""
    if not asked_for(settings, hooks):
        return None
    from bot.web.server import WebServer  # noqa: PLC0415 - its packages are an extra

    return WebServer(settings.server, hooks)


def asked_for(settings: Settings, hooks: Sequence[Hook]) -> bool:
    """Whether there is to be a server. Raises ConfigError where it is needed and cannot be, but for
    a port that is taken: the program that runs has it."""
    if not settings.server.listen:
        if hooks:
            paths = " and ".join(hook.path for hook in hooks)
            raise ConfigError(
                "server.listen",
                f'must be set, for example "127.0.0.1:8080": {paths} is posted to there',
            )
        if settings.server.metrics_listen:
            raise ConfigError("server.listen", "must be set where server.metrics_listen is")
        return False
    try:
        from bot.web.server import bound  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise ConfigError(
            "server.listen",
            f"{error.name} is not installed, which the server needs: pip install "
            '"frontdesk[server]"',
        ) from None
    for key in ("listen", "metrics_listen"):
        if host := getattr(settings.server, key).rpartition(":")[0]:
            bound(f"server.{key}", f"{host}:0").close()
    return True
