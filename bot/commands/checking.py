"""``check``: the findings, a line each."""

from __future__ import annotations

from bot import check as checks
from bot.commands.common import console
from bot.config import Settings


async def check(settings: Settings) -> bool:
    """Whether everything is good."""
    good = True
    async for finding in checks.check(settings):
        tell(finding.what, finding.good, finding.told)
        good = good and finding.good
    return good


def tell(what: str, good: bool, told: str) -> None:
    screen = console()
    screen.print("ok   " if good else "mend ", style="green" if good else "bold red", end="")
    screen.print(f"{what}: {told}", soft_wrap=True)
