"""The Web API's methods over the workspace: checked, answered and refused as Slack documents."""

import json
from collections.abc import Callable

from .slack_blocks import check_blocks, check_view, too_long_together
from .slack_world import (
    BOT_ID,
    BOT_USER,
    DOMAIN,
    RESPONSE_SECONDS,
    RESPONSE_USES,
    TEAM,
    TRIGGER_SECONDS,
    Json,
    Message,
    Room,
    Trigger,
    Upload,
    View,
    World,
)

POST_CHARS = 40_000  # longer text is cut, with a warning
UPDATE_BYTES = 4_000  # chat.update refuses more, counted after escaping (a field report)
_ENCODED = {"blocks", "attachments", "view", "metadata", "links"}


class ApiError(Exception):
    """A refusal: `{"ok": false, "error": code}`, with Slack's explanations where it gives some."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code, self.messages = code, messages or []

    def json(self) -> Json:
        body: Json = {"ok": False, "error": self.code}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
            body["errors"] = self.messages
        return body


def decoded(params: Json) -> Json:
    """Form fields that hold JSON, decoded; refuses what is no JSON as Slack does."""
    plain = dict(params)
    for name in _ENCODED & set(plain):
        if isinstance(plain[name], str):
            try:
                plain[name] = json.loads(plain[name])
            except ValueError:
                raise ApiError(f"invalid_{name}_format") from None
    return plain


def _true(value: object) -> bool:
    return value in (True, 1, "1", "true", "True")


class WebApi:
    """`call(method, params)` -> the answer's body; raises ApiError."""

    def __init__(self, world: World, connect: Callable[[], str]) -> None:
        self._world, self._connect = world, connect
        self._methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._connections_open,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._post_ephemeral,
            "conversations.open": self._open,
            "conversations.info": self._info,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.members": self._members,
            "users.info": self._users_info,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "reactions.add": self._reactions_add,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete_upload,
        }

    def call(self, method: str, params: Json) -> Json:
        answer = self._methods.get(method)
        if answer is None:
            raise ApiError("unknown_method")
        return {"ok": True} | answer(params)

    # -- tokens and connections

    def _auth_test(self, _: Json) -> Json:
        return {
            "url": f"https://{DOMAIN}.slack.com/",
            "team": "Frontdesk test",
            "user": "frontdesk",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _connections_open(self, _: Json) -> Json:
        return {"url": self._connect()}

    # -- messages

    def _post_message(self, params: Json) -> Json:
        room = self._writable(params)
        text, warning = self._content(params)
        thread_ts = self._thread(room, params)
        more: Json = {"thread_ts": thread_ts, "metadata": params.get("metadata")}
        if thread_ts and _true(params.get("reply_broadcast")):
            more["subtype"] = "thread_broadcast"
        message = self._world.post(
            room,
            BOT_USER,
            text,
            blocks=params.get("blocks") or [],
            bot_id=BOT_ID,
            attachments=params.get("attachments") or [],
            **more,
        )
        return {"channel": room.id, "ts": message.ts, "message": message.json()} | warning

    def _post_ephemeral(self, params: Json) -> Json:
        room = self._writable(params)
        user = str(params.get("user", ""))
        if user not in room.members:
            raise ApiError("user_not_in_channel")
        text, warning = self._content(params)
        message = self._world.post(
            room,
            BOT_USER,
            text,
            blocks=params.get("blocks") or [],
            bot_id=BOT_ID,
            only_for=user,
            thread_ts=self._thread(room, params),
        )
        return {"message_ts": message.ts} | warning

    def _update(self, params: Json) -> Json:
        room, message = self._own(params, "cant_update_message")
        if "text" in params and len(str(params["text"]).encode()) > UPDATE_BYTES:
            raise ApiError("msg_too_long")
        text, _ = self._content(params)
        news: Json = {"text": text}
        # What is not given stays: only an empty list takes blocks or attachments away.
        news |= {name: params[name] for name in ("blocks", "attachments") if name in params}
        self._world.change(message, by_hand=True, **news)
        return {"channel": room.id, "ts": message.ts, "text": text, "message": message.json()}

    def _delete(self, params: Json) -> Json:
        room, message = self._own(params, "cant_delete_message")
        self._world.remove(message)
        return {"channel": room.id, "ts": message.ts}

    def _reactions_add(self, params: Json) -> Json:
        room = self._readable(params)
        message = room.message(params.get("timestamp"))
        if message is None or not message.lasting:
            raise ApiError("message_not_found")
        users = message.reactions.setdefault(str(params.get("name")), [])
        if BOT_USER in users:
            raise ApiError("already_reacted")
        users.append(BOT_USER)
        self._world.changed()
        return {}

    def _upload_url(self, params: Json) -> Json:
        if not params.get("filename") or not str(params.get("length", "")).isdigit():
            raise ApiError("invalid_arguments")
        id = self._world.new_id("F")
        upload = Upload(str(params["filename"]), int(params["length"]))
        self._world.uploads[id] = upload
        return {"upload_url": f"{self._world.url}/upload/{id}", "file_id": id}

    def _complete_upload(self, params: Json) -> Json:
        files = params.get("files")
        if isinstance(files, str):
            files = json.loads(files)
        uploads = [self._world.uploads.get(file["id"]) for file in files or []]
        if not uploads or any(one is None or one.content is None for one in uploads):
            raise ApiError("file_not_found")
        shown = [
            {"id": file["id"], "name": one.name, "title": file.get("title"), "size": one.length}
            for file, one in zip(files or [], uploads, strict=True)
            if one is not None
        ]
        if params.get("channel_id"):
            room = self._writable({"channel": params["channel_id"]})
            self._world.post(
                room,
                BOT_USER,
                str(params.get("initial_comment") or ""),
                bot_id=BOT_ID,
                thread_ts=self._thread(room, params),
                files=shown,
            )
        return {"files": shown}

    def _content(self, params: Json) -> tuple[str, Json]:
        """The text that is stored, and the answer's warning if it was cut."""
        text, blocks = str(params.get("text") or ""), params.get("blocks")
        if blocks:
            messages = check_blocks(blocks)
            if messages:
                raise ApiError("invalid_blocks", messages)
            if too_long_together(blocks):
                raise ApiError("msg_blocks_too_long")
        if not (text.strip() or blocks or params.get("attachments")):
            raise ApiError("no_text")
        if len(text) > POST_CHARS:
            cut = {"response_metadata": {"warnings": ["message_truncated"]}}
            return text[:POST_CHARS], {"warning": "message_truncated"} | cut
        return text, {}

    def _thread(self, room: Room, params: Json) -> str | None:
        """The thread to answer in; a reply's own ts starts no thread."""
        thread_ts = params.get("thread_ts")
        if not thread_ts:
            return None
        parent = room.message(thread_ts)
        if parent is None or not parent.lasting or parent.thread_ts not in {None, parent.ts}:
            raise ApiError("thread_not_found")
        return str(thread_ts)

    def _room(self, params: Json) -> Room:
        asked = str(params.get("channel") or "")
        if not asked:
            raise ApiError("invalid_arguments", ["[ERROR] missing required field: channel"])
        if asked in self._world.users and asked != BOT_USER:
            return self._world.dm(asked)
        for room in self._world.rooms.values():
            if room.id == asked or (room.kind != "im" and f"#{room.name}" == asked):
                # A private channel the app is not in does not exist for it.
                if room.kind == "group" and BOT_USER not in room.members:
                    break
                return room
        raise ApiError("channel_not_found")

    def _readable(self, params: Json) -> Room:
        room = self._room(params)
        if BOT_USER not in room.members:
            raise ApiError("not_in_channel")
        return room

    def _writable(self, params: Json) -> Room:
        room = self._readable(params)
        if room.archived:
            raise ApiError("is_archived")
        return room

    def _own(self, params: Json, refusal: str) -> tuple[Room, Message]:
        if str(params.get("channel")) not in self._world.rooms:  # ids only, unlike posting
            raise ApiError("channel_not_found")
        room = self._readable(params)
        message = room.message(params.get("ts"))
        if message is None or not message.lasting:
            raise ApiError("message_not_found")
        if not message.from_bot:
            raise ApiError(refusal)
        return room, message

    # -- conversations and people

    def _open(self, params: Json) -> Json:
        users = str(params.get("users") or "").split(",")
        if len(users) != 1 or users[0] not in self._world.users or users[0] == BOT_USER:
            raise ApiError("user_not_found")
        already = f"D{users[0][1:]}" in self._world.rooms
        answer: Json = {"channel": {"id": self._world.dm(users[0]).id}}
        return answer | ({"no_op": True, "already_open": True} if already else {})

    def _info(self, params: Json) -> Json:
        return {"channel": self._room(params).json()}

    def _members(self, params: Json) -> Json:
        members = list(self._room(params).members)
        return {"members": members, "response_metadata": {"next_cursor": ""}}

    def _history(self, params: Json) -> Json:
        room = self._readable(params)
        shown = [m for m in reversed(room.messages) if m.lasting and m.top_level]
        return self._page(shown, params)

    def _replies(self, params: Json) -> Json:
        room = self._readable(params)
        parent = room.message(params.get("ts"))
        if parent is None or not parent.lasting:
            raise ApiError("thread_not_found")
        return self._page([parent, *room.replies(parent.ts)], params)

    def _page(self, messages: list[Message], params: Json) -> Json:
        oldest, latest = str(params.get("oldest") or "0"), str(params.get("latest") or "9" * 12)
        inclusive = _true(params.get("inclusive"))
        chosen = [
            m
            for m in messages
            if float(oldest) < float(m.ts) < float(latest)
            or (inclusive and m.ts in {oldest, latest})
        ]
        start, limit = int(params.get("cursor") or 0), int(params.get("limit") or 100)
        more = len(chosen) > start + limit
        return {
            "messages": [m.json() for m in chosen[start : start + limit]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def _users_info(self, params: Json) -> Json:
        user = str(params.get("user") or "")
        if user not in self._world.users:
            raise ApiError("user_not_found")
        name = self._world.users[user]
        profile = {"real_name": name, "display_name": name, "email": f"{user.lower()}@example.org"}
        return {
            "user": {
                "id": user,
                "team_id": TEAM,
                "name": name.lower(),
                "real_name": name,
                "deleted": False,
                "is_bot": user == BOT_USER,
                "tz": "America/New_York",
                "locale": "en-US",
                "profile": profile,
            }
        }

    # -- views

    def _views_open(self, params: Json) -> Json:
        body = self._view_body(params)
        user = self._exchange(params).user
        return {"view": self._world.open_view(user, body).json()}

    def _views_push(self, params: Json) -> Json:
        body = self._view_body(params)
        user = self._exchange(params).user
        stack = self._world.modals.get(user, [])
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= 3:
            raise ApiError("push_limit_reached")
        return {"view": self._world.open_view(user, body, under=stack[-1]).json()}

    def _views_update(self, params: Json) -> Json:
        body, wanted = self._view_body(params), params.get("view_id")
        external = params.get("external_id")
        views = [v for stack in self._world.modals.values() for v in stack]
        views += self._world.homes.values()
        for view in views:
            if view.id == wanted or (external and view.body.get("external_id") == external):
                self._fresh(view, params)
                self._world.update_view(view, body)
                return {"view": view.json()}
        raise ApiError("not_found")

    def _views_publish(self, params: Json) -> Json:
        body, user = self._view_body(params), str(params.get("user_id") or "")
        if user not in self._world.users:
            raise ApiError("user_not_found")
        home = self._world.homes.get(user)
        if home is None:
            view_id = self._world.new_id("V")
            home = self._world.homes[user] = View(view_id, user, body, "", view_id)
        else:
            self._fresh(home, params)
        self._world.update_view(home, body)
        return {"view": home.json()}

    def _view_body(self, params: Json) -> Json:
        view = params.get("view")
        messages = check_view(view)
        if messages or not isinstance(view, dict):
            raise ApiError("invalid_arguments", messages)
        return view

    def _fresh(self, view: View, params: Json) -> None:
        if params.get("hash") and params["hash"] != view.hash:
            raise ApiError("hash_conflict")

    def _exchange(self, params: Json) -> Trigger:
        trigger = self._world.triggers.get(str(params.get("trigger_id")))
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._world.clock.now() - trigger.born > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger

    # -- response_url

    def respond(self, token: str, params: Json) -> Json:
        """A post to a response_url: five times within half an hour, where the person was."""
        way = self._world.response_urls.get(token)
        if way is None:
            raise ApiError("invalid_url")
        if way.uses >= RESPONSE_USES:
            raise ApiError("used_url")
        if self._world.clock.now() - way.born > RESPONSE_SECONDS:
            raise ApiError("expired_url")
        original = way.original
        if _true(params.get("delete_original")) and original is not None:
            self._world.remove(original)
        elif _true(params.get("replace_original")) and original is not None:
            text, _ = self._content(params)
            self._world.change(original, by_hand=True, text=text, blocks=params.get("blocks") or [])
        else:
            self.answer(way.room, way.user, params)
        way.uses += 1
        return {"ok": True}

    def answer(self, room: Room, user: str, params: Json) -> Message:
        """A message where the person was: theirs alone unless the response_type is in_channel."""
        text, _ = self._content(params)
        alone = params.get("response_type", "ephemeral") != "in_channel"
        return self._world.post(
            room,
            BOT_USER,
            text,
            blocks=params.get("blocks") or [],
            bot_id=BOT_ID,
            thread_ts=self._thread(room, params),
            only_for=user if alone else None,
        )
