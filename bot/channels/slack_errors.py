"""What Slack's refusals mean to us. Codes are from Slack's reference of each method."""

from __future__ import annotations

from typing import Any

from bot.environment import ConfigError

PASSING = {
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
NO_SCOPE = "missing_scope"
NO_SCOPE_MEND = "the app lacks a scope: compare it with slack-manifest.yaml and install it again"
TOKEN = {
    "account_inactive",
    "invalid_auth",
    NO_SCOPE,
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
}
"""the operator's to mend; what waits to be sent waits for that"""
MARKUP = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
"""the same as plain text may go"""
THREAD = {"thread_not_found", "cannot_reply_to_message"}
"""the same outside of the thread may go"""
UNCHANGEABLE = {
    "message_not_found",
    "cant_update_message",
    "edit_window_closed",
    "msg_too_long",
}
"""the same as a new message may go"""


class SlackError(Exception):
    """A call that Slack did not carry out, or that got no answer. ``code``: Slack's word;
    ``passing``: worth another try, not before ``seconds`` where Slack named them."""

    def __init__(self, code: str, *, passing: bool, seconds: float | None = None) -> None:
        super().__init__(code)
        self.code, self.passing, self.seconds = code, passing, seconds

    def about(self, key: str) -> Exception:
        """The operator's error if it is one about the token in ``key``, else this one."""
        if self.code not in TOKEN:
            return self
        if self.code == NO_SCOPE:
            return ConfigError(key, NO_SCOPE_MEND)
        mend = f"Slack refuses it ({self.code}); copy it again from the app's settings"
        return ConfigError(key, mend)


def refusal(status: int, data: Any, retry_after: str | None) -> SlackError:
    """From an HTTP status, the answer's JSON (anything else: no answer of Slack's) and the header
    Retry-After."""
    code = data.get("error") if isinstance(data, dict) else None
    passing = code is None or code in PASSING | TOKEN or status == 429 or status >= 500
    seconds = None
    if status == 429 and retry_after is not None:
        try:
            seconds = max(0.0, float(retry_after))
        except ValueError:  # a date: then the courier's own back-off
            seconds = None
    return SlackError(str(code or f"status_{status}"), passing=passing, seconds=seconds)
