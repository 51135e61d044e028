"""The people of the benchmark: what each types, and the bytes in which Telegram delivers it.

Both sides are given the very same bytes: a text message of a private chat, with the fields that
the Bot API sends. Every person's answers differ, so that no cache of texts can help.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

FIELDS = ("legal_name", "dba", "owner", "address", "phone", "email", "website", "experience")
"""the eight questions, in the order in which both sides ask them"""

FIRST_CHAT = 5_000_000_000
"""ids of people begin here; they need more than 32 bits, as Telegram's may"""

_SENT_AT = 1_790_000_000
"""the messages' time, seconds since 1970"""


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    """from 0"""

    @property
    def chat(self) -> int:
        return FIRST_CHAT + self.number

    @property
    def answers(self) -> tuple[str, ...]:
        """One a field, in the order of ``FIELDS``."""
        n = self.number
        return (
            f"Harbour {n} Device Repair Ltd.",
            f"Harbour Repair {n}",
            f"Maribel Ostrander{'abcdefghij'[n % 10]}",
            f"{n % 9000 + 100} Mill Street, Suite {n % 97 + 1}, Portland, OR 97204",
            f"+1 503 226 {n % 10_000:04d}",
            f"office{n}@harbour-device-repair.com",
            f"https://www.harbour-device-repair.com/shop/{n}",
            f"We have repaired phones and tablets since {1980 + n % 40}, with nine technicians.",
        )

    def updates(self) -> tuple[bytes, ...]:
        """The eight answers as updates, each as the bytes that arrive."""
        return tuple(
            _update(self, 8 * self.number + nth, text) for nth, text in enumerate(self.answers)
        )


def people(count: int, first: int = 0) -> list[Person]:
    return [Person(first + n) for n in range(count)]


def _update(person: Person, id: int, text: str) -> bytes:
    update = {
        "update_id": 700_000_000 + id,
        "message": {
            "message_id": 10 + id,
            "from": {
                "id": person.chat,
                "is_bot": False,
                "first_name": "Maribel",
                "last_name": "Ostrander",
                "username": f"maribel_{person.number}",
                "language_code": "en",
            },
            "chat": {
                "id": person.chat,
                "first_name": "Maribel",
                "last_name": "Ostrander",
                "username": f"maribel_{person.number}",
                "type": "private",
            },
            "date": _SENT_AT,
            "text": text,
        },
    }
    return json.dumps(update).encode()
