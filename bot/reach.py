"""Who can be written to: what a platform says of a person who is gone, or wants no more messages.

A reminder that such a person was sent would only be refused too, and shown to staff as a failure.
Other refusals are defects of ours or of the platform's, and stop no reminder.
"""

from __future__ import annotations

from bot.store import Transaction

GONE = {
    "telegram": frozenset(
        {
            "bot was blocked by the user",
            "bot can't initiate conversation with a user",
            "chat not found",
            "peer_id_invalid",
            "user is deactivated",
            "user not found",
        }
    ),
    "slack": frozenset(
        {
            "cannot_dm_bot",
            "channel_not_found",
            "is_archived",
            "messages_tab_disabled",
            "user_disabled",
            "user_not_found",
        }
    ),
}
"""channel -> reasons of ``RefusedForGood``, as its ``send`` words them. Slack lets nobody block an
app: a person who left the workspace is what can be told there."""


def reachable(tx: Transaction, conversation: int) -> bool:
    """Unless the latest message to the person was refused because they are gone."""
    row = tx.conversation(conversation)
    if row is None:
        return False
    return tx.last_refusal(conversation) not in GONE.get(row.channel, frozenset())
