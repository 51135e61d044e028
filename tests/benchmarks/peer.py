"""The peer: the same eight fields with python-telegram-bot's ``ConversationHandler``.

Written as its documentation writes one, without buttons, explanations or checks beyond "not empty",
and with the durable persistence that the SDK has no class for: each ``update_*`` is a transaction
in SQLite (WAL, synchronous=FULL), and what an update changed is written before the next one is
taken. It answers before it commits, as the SDK is made: a crash between the two loses an answer
that was confirmed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BasePersistence,
    CallbackContext,
    ConversationHandler,
    ExtBot,
    MessageHandler,
    PersistenceInput,
    filters,
)

from tests.benchmarks.commits import durable
from tests.benchmarks.people import FIELDS, Person
from tests.benchmarks.wire import TOKEN, Wire

Data = dict[Any, Any]
FORM = "form"

QUESTIONS = {
    "legal_name": "What is the legal name of your organisation?",
    "dba": "What name do you trade under?",
    "owner": "Who owns the organisation?",
    "address": "What is the address of your shop?",
    "phone": "What is its telephone number?",
    "email": "What is your business e-mail address?",
    "website": "What is your website?",
    "experience": "What experience have you with repairs?",
}


class Persistence(BasePersistence[Data, Data, Data]):
    """``one_commit``: hold what one update changed until ``commit``, which the SDK would not call:
    the cheapest durable way that there could be."""

    def __init__(self, path: Path, *, one_commit: bool = False) -> None:
        super().__init__(
            store_data=PersistenceInput(bot_data=False, chat_data=False, callback_data=False)
        )
        self._db = durable(path)
        self._one_commit = one_commit
        self._db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT")
        self._db.execute("CREATE TABLE states (key TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT")

    def start(self, people: list[Person]) -> None:
        """These people stand at the first question."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO states VALUES (?, ?)",
            [(json.dumps([p.chat, p.chat]), json.dumps(0)) for p in people],
        )
        self._db.execute("COMMIT")

    def answers(self) -> dict[int, dict[str, str]]:
        """What the database holds: chat -> field -> answer."""
        return {id: json.loads(data) for id, data in self._db.execute("SELECT * FROM users")}

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()

    def _write(self, statement: str, *values: object) -> None:
        if self._one_commit and not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(statement, values)

    async def update_user_data(self, user_id: int, data: Data) -> None:
        self._write(
            "INSERT INTO users VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            user_id,
            json.dumps(data),
        )

    async def update_conversation(
        self, name: str, key: tuple[int | str, ...], new_state: object | None
    ) -> None:
        self._write(
            "INSERT INTO states VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET state = excluded.state",
            json.dumps(key),
            json.dumps(new_state),
        )

    async def get_user_data(self) -> dict[int, Data]:
        return dict(self.answers())

    async def get_conversations(self, name: str) -> dict[tuple[int | str, ...], object]:
        rows = self._db.execute("SELECT key, state FROM states")
        return {tuple(json.loads(key)): json.loads(state) for key, state in rows}

    async def get_chat_data(self) -> dict[int, Data]:
        return {}

    async def get_bot_data(self) -> Data:
        return {}

    async def get_callback_data(self) -> None: ...
    async def update_chat_data(self, chat_id: int, data: Data) -> None: ...
    async def update_bot_data(self, data: Data) -> None: ...
    async def update_callback_data(self, data: Any) -> None: ...
    async def drop_chat_data(self, chat_id: int) -> None: ...
    async def drop_user_data(self, user_id: int) -> None: ...
    async def refresh_user_data(self, user_id: int, user_data: Data) -> None: ...
    async def refresh_chat_data(self, chat_id: int, chat_data: Data) -> None: ...
    async def refresh_bot_data(self, bot_data: Data) -> None: ...
    async def flush(self) -> None: ...


class Peer:
    """The running form of these people, each of whom stands at the first question."""

    def __init__(self, path: Path, people: list[Person], *, one_commit: bool = False) -> None:
        self.wire = Wire()
        self.persistence = Persistence(path, one_commit=one_commit)
        self.persistence.start(people)
        self._app: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder()
            .bot(ExtBot(TOKEN, request=self.wire, get_updates_request=self.wire))
            .persistence(self.persistence)
            .updater(None)
            .job_queue(None)
            .build()
        )
        self._app.add_handler(_form())

    async def __aenter__(self) -> Peer:
        await self._app.initialize()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.shutdown()
        self.persistence.close()

    async def turn(self, raw: bytes) -> None:
        """From the bytes to the answer sent and everything committed."""
        update = Update.de_json(json.loads(raw), self._app.bot)
        await self._app.process_update(update)
        await self._app.update_persistence()
        self.persistence.commit()


def _form() -> ConversationHandler[Any]:
    typed = filters.TEXT & ~filters.COMMAND
    return ConversationHandler(
        entry_points=[],
        states={nth: [MessageHandler(typed, _asked(nth))] for nth in range(len(FIELDS))},
        fallbacks=[],
        name=FORM,
        persistent=True,
    )


def _asked(nth: int) -> Any:
    """The callback that takes the answer to the nth question."""

    async def take(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> int:
        message, data = update.effective_message, context.user_data
        assert message is not None
        assert data is not None
        text = (message.text or "").strip()
        if not text:
            await message.reply_text("Please type an answer.")
            return nth
        data[FIELDS[nth]] = text
        if nth + 1 < len(FIELDS):
            await message.reply_text(f"Question {nth + 2} of 8. {QUESTIONS[FIELDS[nth + 1]]}")
            return nth + 1
        summary = "\n".join(f"{field}: {answer}" for field, answer in data.items())
        await message.reply_text(f"This is what I have:\n{summary}")
        return ConversationHandler.END

    return take
