"""A card that becomes another one: the message is changed where it stands, on either platform."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.house import post
from bot.messages import Block, Button, Deed, Outgoing, Span
from tests.rig import Platform, Rig, rigged
from tests.test_staff_chat import BOTH


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


def card(text: str, *labels: str) -> Outgoing:
    buttons = tuple(Button(label, Deed(label)) for label in labels)
    return Outgoing((Block((Span(text),)),), buttons)


async def posts(rig: Rig, outgoing: Outgoing, edit: str = "") -> None:
    staff = rig.house.staff
    assert staff is not None
    where = {"channel": staff.channel, "chat": staff.chat, "at": rig.house.now(), "edit": edit}
    rows = await rig.app.store.run(lambda tx: post(rig.house, tx, outgoing, **where))  # type: ignore[arg-type]  # texts
    rig.app.courier.offer(rows)
    await rig.app.courier.drain()


def stored(rig: Rig) -> list[str]:
    return [id for (id,) in rig.rows("SELECT message FROM outbox WHERE state = 'sent' ORDER BY id")]


def labels(rig: Rig) -> list[list[str]]:
    return [getattr(m, "labels", None) or list(m.buttons) for m in rig.staff.messages]


@BOTH
async def test_a_card_becomes_another_one_in_its_place(rig: Rig) -> None:
    await posts(rig, card("It waits.", "Take it"))
    (first,) = stored(rig)
    await posts(rig, card("Ana has it.", "Release"), first)
    assert rig.staff.texts == ["Ana has it."]
    assert labels(rig) == [["Release"]]
    await posts(rig, card("It is decided."), first)
    assert rig.staff.texts == ["It is decided."]
    assert labels(rig) == [[]]
    assert stored(rig) == [first] * 3


@BOTH
async def test_the_same_edit_twice_is_no_failure(rig: Rig) -> None:
    await posts(rig, card("It waits.", "Take it"))
    (first,) = stored(rig)
    for _ in range(2):
        await posts(rig, card("Ana has it."), first)
    assert rig.staff.texts == ["Ana has it."]
    assert stored(rig) == [first] * 3


@BOTH
async def test_a_card_that_is_gone_is_said_anew(rig: Rig) -> None:
    await posts(rig, card("It waits.", "Take it"))
    (first,) = stored(rig)
    message: Any = rig.staff.messages[0]
    message.deleted = True
    if rig.on == "slack":
        with contextlib.suppress(ValueError):
            rig.staff.room.room.messages.remove(message)
    await posts(rig, card("Ana has it."), first)
    assert rig.staff.texts[-1] == "Ana has it."
    assert stored(rig)[-1] != first
