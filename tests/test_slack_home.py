"""Slack's Home tab, through the whole program and a local Slack: where the application stands, and
the button that goes on with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.channels.slack_home import MOST_BLOCKS, home_view, read_home
from bot.conversation import States
from bot.house import House
from bot.messages import Block, HomeOpened, Outgoing, Span, Unreadable
from bot.reviewing import Reviewed, claim, decide, request
from bot.store import Transaction
from dialogs.slots import Asked
from tests.applications import STRAIGHT
from tests.commands import frontdesk
from tests.fakes.slack_blocks import check_view
from tests.rig import Person, Rig, rigged
from tests.test_cli_review import failed, good
from tests.test_store_erase import assert_gone

AT = "2026-11-25T10:00:00.000Z"
BEGUN = STRAIGHT[: STRAIGHT.index("Siti Rahma")]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db") as one:
        yield one


def page(amira: Person) -> str:
    """What stands in their Home tab; empty where none was published."""
    view = amira.human.home
    return "\n".join(_texts(view.blocks)) if view is not None else ""


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return ["".join(_texts(one)) if _inline(part) else "\n".join(_texts(one)) for one in part]
    if not isinstance(part, Mapping) or part.get("type") in ("button", "actions"):
        return []
    if part.get("type") in ("text", "plain_text", "link"):
        return [str(part["text"])]
    return ["".join(text for one in part.get("elements", ()) for text in _texts(one))]


def _inline(part: list[Any]) -> bool:
    return bool(part) and part[0].get("type") == "text"


def buttons(amira: Person) -> list[str]:
    view = amira.human.home
    return list(view.buttons) if view is not None else []


def published(rig: Rig) -> int:
    return sum(call.ok for call in rig.slack.made("views.publish"))


async def shows(rig: Rig, amira: Person, words: str) -> None:
    await rig.until(lambda: words in page(amira))


async def opens(rig: Rig, amira: Person, words: str) -> None:
    await amira.human.opens_home()
    await shows(rig, amira, words)


async def taps(amira: Person, label: str) -> None:
    await amira.human.taps(label, view=amira.human.home)


async def says(rig: Rig, amira: Person, *lines: str) -> None:
    for line in lines:
        await amira.says(line)
    await rig.taken()


async def reference(rig: Rig) -> str:
    await rig.until(lambda: rig.rows("SELECT reference FROM records"))
    return str(rig.rows("SELECT reference FROM records")[0][0])


async def test_who_has_begun_nothing_is_offered_to_start_and_begins_in_the_chat(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await opens(rig, amira, "You have not begun")
    assert buttons(amira) == ["Start"]
    assert rig.rows("SELECT count(*) FROM conversations") == [(0,)], "looking begins nothing"
    assert amira.heard == []
    await taps(amira, "Start")
    await rig.until(lambda: amira.heard)
    await shows(rig, amira, "questions done")
    assert buttons(amira) == ["Continue"]


async def test_the_start_button_does_what_the_word_does(rig: Rig) -> None:
    amira, budi = rig.applicant("slack", 1), rig.applicant("slack", 2, "Budi")
    await opens(rig, amira, "You have not begun")
    await taps(amira, "Start")
    await budi.says("apply")
    await rig.until(lambda: amira.heard and budi.heard)
    assert amira.heard == budi.heard


async def test_it_says_how_far_an_application_is_and_goes_on_with_it(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    assert "questions done. Nothing is sent before you submit it." in page(amira)
    assert "Lembayung" not in page(amira), "what was answered stands in the chat alone"
    await says(rig, amira, "Siti Rahma")
    await shows(rig, amira, "is there another one")
    await says(rig, amira, "that is all", "Indonesia")
    await shows(rig, amira, "Open question: Address")
    await rig.hears(amira, "What is the street address")
    heard = len(amira.heard)
    await taps(amira, "Continue")
    await rig.until(lambda: len(amira.heard) > heard)
    assert "address" in amira.newest.lower()


async def test_a_message_that_changes_nothing_on_it_publishes_nothing(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    before = published(rig)
    await says(rig, amira, "why do you ask?", "help", "thanks")
    await rig.until(lambda: amira.asked("owner") or amira.asked("Owner"))
    rows = rig.rows("SELECT count(*) FROM outbox WHERE chat LIKE 'home:%'")
    assert rows == [(before,)]
    await says(rig, amira, "Siti Rahma")
    await rig.until(lambda: published(rig) == before + 1)


async def test_who_never_opened_it_gets_none(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await amira.human.opens_home("messages")
    await says(rig, amira, *STRAIGHT)
    await rig.hears(amira, "Your reference is")
    assert rig.slack.made("views.publish") == []
    assert rig.rows("SELECT count(*) FROM homes") == [(0,)]


async def test_a_sent_application_stands_there_by_its_public_name_and_what_staff_ask(
    rig: Rig,
) -> None:
    amira = rig.applicant("slack")
    await opens(rig, amira, "You have not begun")
    await says(rig, amira, *STRAIGHT)
    await shows(rig, amira, "Under review")
    ref = await reference(rig)
    assert ref in page(amira)
    assert buttons(amira) == []

    def asks(house: House, states: States, tx: Transaction) -> Reviewed:
        return request(house, states, tx, ref, "Ana", [Asked("email", "It bounces.")])

    await rig.app.door.review(asks)
    await shows(rig, amira, "It bounces.")
    assert buttons(amira) == ["Answer now"]
    await taps(amira, "Answer now")
    await rig.hears(amira, "It bounces.")
    await says(rig, amira, "info@lembayung.co.id", "send")
    await shows(rig, amira, "your new answers")

    def decides(house: House, states: States, tx: Transaction) -> Reviewed:
        claim(house, tx, ref, "Ana")
        return decide(house, states, tx, ref, "Ana", "declined", "")

    await rig.app.door.review(decides)
    await shows(rig, amira, "Declined")
    assert buttons(amira) == ["Apply again"]


async def test_after_an_erase_it_is_empty(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    await says(rig, amira, "erase my data", "yes")
    await shows(rig, amira, "You have not begun")
    assert buttons(amira) == ["Start"]
    query = "SELECT count(*) FROM outbox WHERE chat LIKE 'home:%' AND body LIKE '%Owner%'"
    assert rig.rows(query) == [(0,)]


async def test_who_has_only_looked_is_erased_too(rig: Rig, tmp_path: Path) -> None:
    amira = rig.applicant("slack")
    await opens(rig, amira, "You have not begun")
    await rig.app.courier.drain()
    assert rig.rows("SELECT person FROM homes") == [(amira.id,)]
    done = await asyncio.to_thread(frontdesk, tmp_path, "erase", f"slack:{amira.id}", "--yes")
    assert "they have only looked" in good(done)
    assert rig.rows("SELECT * FROM homes") == []
    assert_gone(tmp_path / "frontdesk.db", (amira.id,))
    assert rig.rows("SELECT action, subject FROM audit") == [("erased", "home")]
    again = await asyncio.to_thread(frontdesk, tmp_path, "erase", f"slack:{amira.id}", "--yes")
    assert "Nobody is known as" in failed(again)
    await opens(rig, amira, "You have not begun")


@pytest.mark.parametrize("kind", ["429", "500", "drop", "lost"])
async def test_trouble_with_the_page_holds_up_no_message_and_the_newest_page_wins(
    rig: Rig, kind: str
) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    rig.slack.fault(method="views.publish", kind=kind, times=2)
    await says(rig, amira, "Siti Rahma", "that is all", "Indonesia")
    await rig.hears(amira, "address")
    assert "Address" not in page(amira) or kind == "lost"
    await rig.until(lambda: "Open question: Address" in page(amira), timeout=20)
    await rig.stop()
    assert "Open question: Address" in page(amira)
    left = rig.rows("SELECT state FROM outbox WHERE state IN ('waiting', 'dead')")
    # Where only the answer was lost, the page is there and will be published once more.
    assert left in ([], [("waiting",)] if kind == "lost" else [])


async def test_a_page_that_is_refused_for_good_is_no_news_for_staff(tmp_path: Path) -> None:
    """As with each change of it, once the Home tab of the app was switched off."""
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        amira = rig.applicant("slack")
        await says(rig, amira, *BEGUN)
        await opens(rig, amira, "Open question: Owner")
        refused = rig.slack.fault(method="views.publish", kind="not_enabled", times=99)
        await says(rig, amira, "Siti Rahma", "that is all", "Indonesia")
        await rig.until(lambda: refused.hits)
        await rig.app.courier.drain()
        assert rig.rows("SELECT reason FROM outbox WHERE state = 'dead'") == []
        assert not rig.staff.cards("could not be delivered")
        refused.end()
        await opens(rig, amira, "Open question: Address")


async def test_pages_that_wait_become_one(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    before = len(rig.slack.made("views.publish"))
    held = rig.slack.fault(method="views.publish", kind="delay", times=1)
    lines = ("Siti Rahma", "that is all", "Indonesia", *STRAIGHT[STRAIGHT.index("Indonesia") + 1 :])
    await says(rig, amira, *lines[:6])
    await rig.hears(amira, "e-mail")
    held.end()
    await shows(rig, amira, "Open question: Business e-mail")
    assert len(rig.slack.made("views.publish")) - before <= 3, "one was out, the newest followed"
    await rig.stop()
    states = rig.rows("SELECT DISTINCT state FROM outbox WHERE chat LIKE 'home:%'")
    assert sorted(states) == [("sent",), ("superseded",)]


async def test_a_page_that_waits_while_the_program_is_stopped_is_published_after(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    rig.slack.fault(method="views.publish", kind="500", times=1)
    await says(rig, amira, "Siti Rahma", "that is all")
    await rig.hears(amira, "country")
    await rig.stop()
    await rig.start()
    await rig.until(lambda: "Open question: Country" in page(amira), timeout=20)


async def test_a_button_of_somebody_elses_page_is_none_of_theirs(rig: Rig) -> None:
    amira, eve = rig.applicant("slack", 1), rig.applicant("slack", 2, "Eve")
    await says(rig, amira, *BEGUN)
    await opens(rig, amira, "Open question: Owner")
    await opens(rig, eve, "You have not begun")
    (row,) = rig.rows("SELECT max(id) FROM outbox WHERE chat = ?", f"home:{amira.id}")[0]
    await rig.hears(amira, "owner")
    state = "SELECT state FROM conversations WHERE person = ?"
    before, heard = rig.rows(state, amira.id), amira.heard
    for value in (f"{row}:0", f"{row}:7", "x", "999999999:0", ""):
        await eve.human.taps_data("pick-0", value, view=eve.human.home)
    await eve.human.taps_data("pick-0", f"{row}:0", view=eve.human.home)
    await rig.taken()
    await rig.until(lambda: eve.heard)
    assert rig.rows(state, amira.id) == before
    assert amira.heard == heard
    theirs = rig.rows(state, eve.id)
    assert json.loads(theirs[0][0])["draft"] is None


async def test_a_button_of_the_chat_is_none_of_the_page_and_the_other_way_round(rig: Rig) -> None:
    amira = rig.applicant("slack")
    await opens(rig, amira, "You have not begun")
    await says(rig, amira, "hello")
    await rig.until(lambda: amira.heard)
    (home,) = rig.rows("SELECT max(id) FROM outbox WHERE chat LIKE 'home:%'")[0]
    (chat,) = rig.rows("SELECT max(id) FROM outbox WHERE chat = ? AND choices <> '[]'", amira.id)[0]
    await amira.human.taps_data("pick-0", f"{chat}:0", view=amira.human.home)
    await amira.human.taps_data("pick-0", f"{home}:0")
    await rig.taken()
    states = rig.rows("SELECT state FROM conversations WHERE person = ?", amira.id)
    assert json.loads(states[0][0])["draft"] is None


async def test_an_opening_that_comes_twice_is_one(rig: Rig) -> None:
    amira = rig.applicant("slack")
    envelope = await amira.human.opens_home()
    await shows(rig, amira, "You have not begun")
    rig.slack.redeliver(envelope)
    await rig.taken()
    assert rig.rows("SELECT count(*) FROM outbox") == [(1,)]


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home"}},
         Unreadable),
        (
            {"type": "event_callback", "event_id": "Ev1",
             "event": {"type": "app_home_opened", "tab": "home", "user": "U1"}},
            HomeOpened,
        ),
        (
            {"type": "event_callback", "event_id": "Ev1",
             "event": {"type": "app_home_opened", "tab": "home", "user": 7}},
            Unreadable,
        ),
        ({"type": "event_callback", "event": {"type": "app_home_opened", "tab": "messages"}}, None),
        ({"type": "block_actions", "view": {"type": "home"}}, Unreadable),
        ({"type": "block_actions", "view": {"type": "modal"}}, None),
        ({"type": "block_actions", "view": None}, None),
        ({"type": "event_callback", "event": None}, None),
        ({}, None),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_a_payload_of_the_tab_is(payload: dict[str, Any], kind: type | None) -> None:
    read = read_home(payload, at=AT)
    assert type(read) is (kind or type(None))


def test_a_page_of_any_length_is_one_that_slack_takes() -> None:
    blocks = tuple(Block((Span(f"line {n} " + "x" * 500),), gap=True) for n in range(300))
    view = home_view(Outgoing(blocks))
    assert check_view(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
