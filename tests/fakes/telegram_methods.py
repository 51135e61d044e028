"""The Bot API's methods: each takes the decoded parameters and changes the world, or refuses."""

import re
from collections.abc import Callable
from typing import Any

from tests.fakes import telegram_keyboards as keyboards
from tests.fakes.telegram_html import (
    Json,
    MarkupError,
    found_entities,
    parse_html,
    trimmed,
    utf16,
)
from tests.fakes.telegram_world import INACCESSIBLE_AFTER, Chat, Message, RefusedError, World

TEXT_LIMIT = 4096  # UTF-16 units
CAPTION_LIMIT = 1024
CALLBACK_DATA_LIMIT = 64  # bytes
ANSWER_LIMIT = 200
COMMANDS_LIMIT = 100
MEDIA_ACTIONS = ("photo", "video", "voice", "document", "video_note")
ACTIONS = frozenset(
    {"typing", "choose_sticker", "find_location"}
    | {f"{verb}_{kind}" for verb in ("record", "upload") for kind in MEDIA_ACTIONS}
    - {"record_photo", "record_document"}
)
BUTTON_KINDS = frozenset(
    {"callback_data", "url", "web_app", "login_url", "copy_text", "callback_game", "pay"}
    | {f"switch_inline_query{where}" for where in ("", "_current_chat", "_chosen_chat")}
)
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
ADMIN_RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
)
GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


class BotMethods:
    """`call(name, params)` runs one method; getUpdates and its kin live with the server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.uploads = 0
        self.commands: dict[tuple[str, str], list[Json]] = {}  # (scope type, language) -> commands
        self._methods: dict[str, Callable[[Json], Any]] = {
            "getMe": self._get_me,
            "sendMessage": self._send_message,
            "sendDocument": self._send_document,
            "sendPhoto": self._send_photo,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_message_text,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
            "answerCallbackQuery": self._answer_callback_query,
            "getChat": self._get_chat,
            "getChatMember": self._get_chat_member,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "deleteMyCommands": self._delete_my_commands,
        }

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._methods)

    def call(self, name: str, params: Json) -> Any:
        """The method's `result`. Raises `RefusedError`."""
        return self._methods[name](params)

    def _get_me(self, _: Json) -> Json:
        return {
            **self.world.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": not self.world.privacy,
            "supports_inline_queries": False,
        }

    def _send_message(self, params: Json) -> Json:
        text, entities, source = _formatted(params, "text", TEXT_LIMIT)
        if not text.strip():
            raise RefusedError(400, "Bad Request: message text is empty")
        return self._post(params, text=text, entities=entities, html=source)

    def _send_document(self, params: Json) -> Json:
        upload = params.get("document")
        if not upload:
            raise RefusedError(400, "Bad Request: there is no document in the request")
        text, entities, source = _formatted(params, "caption", CAPTION_LIMIT)
        document: Json = {"file_id": str(upload), "file_unique_id": str(upload)}
        content = None
        if isinstance(upload, dict):
            content = upload["content"]
            if not content:
                raise RefusedError(400, "Bad Request: file must be non-empty")
            self.uploads += 1
            unique = f"upload-{self.uploads}"
            document = {
                "file_id": unique,
                "file_unique_id": unique,
                "file_name": upload["file_name"],
                "mime_type": upload["mime_type"],
                "file_size": len(content),
            }
        return self._post(
            params,
            text=text,
            entities=entities,
            html=source,
            media={"document": document},
            file=content,
        )

    def _send_photo(self, params: Json) -> Json:
        upload = params.get("photo")
        if not isinstance(upload, dict) or not upload["content"].startswith(b"\x89PNG"):
            raise RefusedError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        text, entities, source = _formatted(params, "caption", CAPTION_LIMIT)
        self.uploads += 1
        photo = [{"file_id": f"upload-{self.uploads}", "file_size": len(upload["content"])}]
        return self._post(
            params,
            text=text,
            entities=entities,
            html=source,
            media={"photo": photo},
            file=upload["content"],
        )

    def _post(self, params: Json, **fields: Any) -> Json:
        markup = _markup(params)
        chat = self.world.writable(params.get("chat_id"))
        keyboards.check(markup, chat)
        if params.get("message_thread_id"):
            raise RefusedError(400, "Bad Request: message thread not found")
        reply_to = _reply(params, chat)
        message = chat.add(
            self.world.bot, self.world.now(), markup=markup, reply_to=reply_to, **fields
        )
        keyboards.show(markup, chat)
        chat.other_bot_spoke_last = False
        return message.to_json()

    def _send_chat_action(self, params: Json) -> bool:
        if params.get("action") not in ACTIONS:
            raise RefusedError(400, "Bad Request: wrong parameter action in request")
        self.world.writable(params.get("chat_id"))
        return True

    def _own(self, params: Json) -> Message:
        chat = self.world.writable(params.get("chat_id"))
        message = chat.message(params.get("message_id", 0))
        if message is None:
            raise RefusedError(400, "Bad Request: message to edit not found")
        if not message.from_bot:
            raise RefusedError(400, "Bad Request: message can't be edited")
        return message

    def _edit_message_text(self, params: Json) -> Json:
        text, entities, source = _formatted(params, "text", TEXT_LIMIT)
        if not text.strip():
            raise RefusedError(400, "Bad Request: message text is empty")
        markup = _markup(params)
        keyboards.check_edit(markup)
        message = self._own(params)
        if message.media:
            raise RefusedError(400, "Bad Request: there is no text in the message to edit")
        before = (message.text, message.entities, message.keys)
        if before == (text, entities, (markup or {}).get("inline_keyboard", [])):
            raise RefusedError(400, NOT_MODIFIED)
        message.text, message.entities, message.html = text, entities, source
        message.markup, message.edit_date = markup, self.world.now()
        return message.to_json()

    def _edit_message_reply_markup(self, params: Json) -> Json:
        markup = _markup(params)
        keyboards.check_edit(markup)
        message = self._own(params)
        if message.keys == (markup or {}).get("inline_keyboard", []):
            raise RefusedError(400, NOT_MODIFIED)
        message.markup, message.edit_date = markup, self.world.now()
        return message.to_json()

    def _deletable(self, chat: Chat, message: Message) -> bool:
        if chat.bot_status == "administrator":
            return True
        young = self.world.now() - message.date < INACCESSIBLE_AFTER
        return young and (message.from_bot or chat.kind == "private")

    def _delete_message(self, params: Json) -> bool:
        chat = self.world.writable(params.get("chat_id"))
        message = chat.message(params.get("message_id", 0))
        if message is None:
            raise RefusedError(400, "Bad Request: message to delete not found")
        if not self._deletable(chat, message):
            raise RefusedError(400, "Bad Request: message can't be deleted for everyone")
        message.deleted = True
        return True

    def _delete_messages(self, params: Json) -> bool:
        ids = params.get("message_ids") or []
        if not 1 <= len(ids) <= 100:
            raise RefusedError(400, "Bad Request: message identifiers are not specified")
        chat = self.world.writable(params.get("chat_id"))
        for message in map(chat.message, ids):  # those that cannot be found are skipped
            if message is not None and self._deletable(chat, message):
                message.deleted = True
        return True

    def _answer_callback_query(self, params: Json) -> bool:
        text = str(params.get("text") or "")
        if utf16(text) > ANSWER_LIMIT:
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        query_id = params.get("callback_query_id")
        tap = next((tap for tap in self.world.taps if tap.query_id == query_id), None)
        if tap is None or tap.expired:
            raise RefusedError(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        tap.answers.append((text, bool(params.get("show_alert"))))
        return True

    def _get_chat(self, params: Json) -> Json:
        chat = self.world.known(params.get("chat_id"))
        return {
            **chat.to_json(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(GIFTS, True),
        }

    def _get_chat_member(self, params: Json) -> Json:
        chat = self.world.known(params.get("chat_id"))
        user_id = params.get("user_id")
        if chat.hides_members and chat.bot_status != "administrator":
            raise RefusedError(400, "Bad Request: member list is inaccessible")
        known = {**chat.members, self.world.bot["id"]: self.world.bot}
        if chat.person is not None:
            known[chat.person["id"]] = chat.person
        if user_id in known:
            user = known[user_id]
            status = chat.bot_status if user is self.world.bot else "member"
            if user_id in chat.admins:
                status = "administrator"
            return member(user, status)
        stranger = self.world.chats.get(user_id) if isinstance(user_id, int) else None
        if stranger is None or stranger.person is None:
            raise RefusedError(400, "Bad Request: user not found")
        return member(stranger.person, "left")

    def _set_my_commands(self, params: Json) -> bool:
        commands = params.get("commands") or []
        if len(commands) > COMMANDS_LIMIT:
            raise RefusedError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise RefusedError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= utf16(command["description"]) <= 256:
                raise RefusedError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_scope(params)] = commands
        return True

    def _get_my_commands(self, params: Json) -> list[Json]:
        return self.commands.get(_scope(params), [])

    def _delete_my_commands(self, params: Json) -> bool:
        self.commands.pop(_scope(params), None)
        return True


def member(user: Json, status: str) -> Json:
    """A ChatMember object."""
    details: Json = {}
    if status == "administrator":
        details = dict.fromkeys(ADMIN_RIGHTS, True) | {"is_anonymous": False}
    elif status == "kicked":
        details = {"until_date": 0}
    return {"user": user, "status": status, **details}


def _scope(params: Json) -> tuple[str, str]:
    scope = params.get("scope") or {}
    return scope.get("type", "default"), str(params.get("language_code") or "")


def _formatted(params: Json, name: str, limit: int) -> tuple[str, list[Json], str | None]:
    """The text as shown, its entities, and its HTML source if it had one."""
    source = str(params.get(name) or "")
    mode = str(params.get("parse_mode") or "").lower()
    if mode == "html":
        try:
            text, entities = parse_html(source)
        except MarkupError as refusal:
            raise RefusedError(400, f"Bad Request: can't parse entities: {refusal}") from refusal
    elif mode in ("markdown", "markdownv2"):
        raise NotImplementedError("this Telegram speaks HTML only")
    elif mode:
        raise RefusedError(400, "Bad Request: unsupported parse_mode")
    else:
        text = source
        entities = params.get("entities" if name == "text" else "caption_entities") or []
        for entity in entities:
            if entity["offset"] + entity["length"] > utf16(text):
                raise RefusedError(
                    400,
                    f"Bad Request: entity beginning at UTF-16 offset {entity['offset']} ends after "
                    f"the end of the text at UTF-16 offset {utf16(text)}",
                )
        entities = entities or found_entities(text)
    text, entities = trimmed(text, entities)
    if utf16(text) > limit:
        what = "message is too long" if name == "text" else "message caption is too long"
        raise RefusedError(400, f"Bad Request: {what}")
    return text, entities, source if mode else None


def _markup(params: Json) -> Json | None:
    markup = params.get("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise RefusedError(400, "Bad Request: object expected as reply markup")
    for key in (key for row in markup.get("inline_keyboard", []) for key in row):
        if not str(key.get("text", "")).strip():
            raise RefusedError(
                400,
                "Bad Request: can't parse inline keyboard button: "
                'Field "text" must be a non-empty String',
            )
        if not BUTTON_KINDS & key.keys():
            raise RefusedError(
                400,
                "Bad Request: can't parse inline keyboard button: "
                "Text buttons are unallowed in the inline keyboard",
            )
        size = len(str(key.get("callback_data", " ")).encode())
        if not 1 <= size <= CALLBACK_DATA_LIMIT:
            raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
        if "url" in key and not re.match(r"(?:https?://|tg://|www\.)?[\w-]+\S*$", key["url"]):
            raise RefusedError(
                400,
                f"Bad Request: inline keyboard button URL '{key['url']}' is invalid: "
                "Wrong HTTP URL",
            )
    return markup


def _reply(params: Json, chat: Chat) -> Message | None:
    wanted = params.get("reply_parameters") or {}
    message_id = wanted.get("message_id") or params.get("reply_to_message_id")
    if not message_id:
        return None
    optional = wanted.get("allow_sending_without_reply") or params.get(
        "allow_sending_without_reply"
    )
    message = chat.message(message_id)
    if message is None and not optional:
        raise RefusedError(400, "Bad Request: message to be replied not found")
    return message
