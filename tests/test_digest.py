"""The card of the day: what it says, and that it comes once a morning, whatever clocks, kills and
other processes do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import stamp
from bot.config import load
from bot.digest import MARK, tell_morning
from bot.environment import ConfigError
from bot.mornings import Morning
from bot.store.rows import StoreUnavailable
from bot.store.sqlite import open_store
from tests.mornings import DAY, FORM_STEPS, Desk, desk_on
from tests.places import open_at
from tests.rig import Platform, rigged
from tests.speaking import TRUE

HOUR = timedelta(hours=1)
QUIET = "Good morning. Nothing new since"
TO_EMAIL = FORM_STEPS[: FORM_STEPS.index(TRUE["email"])]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """At ten o'clock; the next card is due at eight."""
    async with desk_on(tmp_path / "frontdesk.db") as one:
        assert await one.strikes() == [], "nothing was promised before now"
        yield one


async def cards(desk: Desk, *spans: timedelta) -> list[int]:
    """How many cards come after each of these spans."""
    found = []
    for span in spans:
        desk.now += span
        found.append(len(await desk.strikes()))
    return found


# What it says


async def test_it_tells_what_is_new_what_waits_longest_and_what_was_abandoned(desk: Desk) -> None:
    await desk.says("1", *FORM_STEPS)
    await desk.says("2", *TO_EMAIL)
    await desk.says("3", "talk to a person", "When do you open on Monday?")
    (reference,) = desk.sql("SELECT reference FROM records")[0]
    (card,) = await desk.passes(22 * HOUR)
    assert card.splitlines() == [
        "Good morning. Since 2026-11-22 10:00:",
        f"New applications: 1 ({reference})",
        f"Applications that wait for review: 1. Longest: {reference} for 22 h",
        "Questions without an answer: 1. Longest: 1 for 22 h",
    ]
    for card in await desk.passes(6 * DAY):
        assert "New applications" not in card
        assert "Abandoned" not in card
    await desk.answers(1, "At nine.")
    (card,) = await desk.passes(DAY)
    assert "Applications that wait for review: 1. Longest" in card
    assert "Questions without" not in card
    assert "Abandoned, without a word for 7 days: 1 (Business e-mail: 1)" in card.splitlines()
    (card,) = await desk.passes(DAY)
    assert "Abandoned" not in card, "told once"


async def test_it_holds_nothing_that_an_applicant_wrote(desk: Desk) -> None:
    await desk.says("1", *FORM_STEPS)
    await desk.says("3", "talk to a person", "When do you open on Monday?")
    (card,) = await desk.passes(22 * HOUR)
    assert [text for text in (*TRUE.values(), "Monday") if len(text) > 5 and text in card] == []


async def test_messages_that_went_nowhere_are_counted(desk: Desk) -> None:
    await desk.says("1", "hello")
    (row,) = [row for row in desk.rows if row.chat == "1"]
    await desk.store.run(lambda tx: tx.mark_dead(row.id, "chat not found", stamp(desk.now)))
    await desk.store.run(
        lambda tx: tx.add_failed_event("telegram:x", None, "{}", "", stamp(desk.now), "KeyError")
    )
    (card,) = await desk.passes(22 * HOUR)
    assert card.splitlines()[1:] == [
        "Not delivered: 1. See: frontdesk failures",
        "Not handled: 1. See: frontdesk failures",
    ]
    (card,) = await desk.passes(DAY)
    assert card.startswith(QUIET)


async def test_of_many_only_the_first_are_named(desk: Desk) -> None:
    for person in "12345":
        await desk.says(person, *FORM_STEPS)
    (card,) = await desk.passes(22 * HOUR)
    new, waiting = card.splitlines()[1:3]
    assert new.startswith("New applications: 5 (FD-")
    assert new.endswith("and 2 more)")
    assert waiting.count("FD-") == 3


async def test_nothing_to_say_is_said(desk: Desk) -> None:
    assert await desk.passes(22 * HOUR) == [
        "Good morning. Nothing new since 2026-11-22 10:00, and nothing waits for you."
    ]


# Once a morning


async def test_it_comes_once_a_day_however_often_the_clock_strikes(desk: Desk) -> None:
    told = await desk.passes(3 * DAY, timedelta(minutes=10))
    assert len(told) == 3
    moments = [at for (at,) in desk.sql("SELECT created_at FROM outbox ORDER BY id")]
    assert [at[11:16] for at in moments] == ["08:00", "08:00", "08:00"]


async def test_missed_mornings_are_made_up_for_once(desk: Desk) -> None:
    assert await cards(desk, 7 * DAY, timedelta(minutes=1), 20 * HOUR, 4 * HOUR) == [1, 0, 0, 1]


async def test_what_came_between_is_told_in_exactly_one_card(desk: Desk) -> None:
    told: list[str] = []
    for person in "123456":
        await desk.says(person, *FORM_STEPS)
        told += await desk.passes(17 * HOUR)
    told += await desk.passes(2 * DAY)
    new = [line for card in told for line in card.splitlines() if line.startswith("New")]
    assert sum(int(line.split()[2]) for line in new) == 6


async def test_a_restart_at_any_moment_repeats_nothing(desk: Desk) -> None:
    told = []
    for _ in range(30):
        desk.now += 3 * HOUR
        await desk.restart()
        told += await desk.strikes()
    assert len(told) == 3, "90 hours from ten o'clock"


async def test_a_program_that_is_killed_before_the_commit_tells_it_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.now += DAY

    def killed(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as while_dying:
        while_dying.setattr("bot.digest.morning_card", killed)
        with pytest.raises(StoreUnavailable):
            await desk.strikes()
    await desk.restart()
    assert desk.sql("SELECT * FROM outbox") == []
    assert len(await desk.strikes()) == 1


async def test_two_processes_tell_it_once(desk: Desk) -> None:
    desk.now += DAY
    other = await open_store(desk.path, serving=False)
    try:
        rows = await asyncio.gather(
            *(tell_morning(desk.house, store) for store in (desk.store, other) * 4)
        )
    finally:
        await other.close()
    assert sum(len(one) for one in rows) == 1


@pytest.mark.parametrize(
    ("jumps", "told"),
    [
        ((22 * HOUR, -HOUR, HOUR, HOUR), [1, 0, 0, 0]),  # back over the hour, and again
        (
            (22 * HOUR, -3 * DAY, DAY, 2 * DAY),
            [1, 0, 1, 1],
        ),  # it was ahead before: its days count anew
        ((30 * DAY, -29 * DAY, DAY, DAY), [1, 0, 1, 1]),  # far ahead for a while
        ((30 * HOUR, 365 * DAY, -365 * DAY, DAY, DAY), [1, 1, 0, 1, 1]),
    ],
)
async def test_a_clock_that_jumps_tells_no_morning_twice_and_loses_none_after(
    desk: Desk, jumps: tuple[timedelta, ...], told: list[int]
) -> None:
    assert await cards(desk, *jumps) == told


async def test_none_comes_where_none_is_wanted_or_there_is_no_staff_chat(desk: Desk) -> None:
    desk.morning = None
    assert await desk.passes(3 * DAY) == []


async def test_another_hour_takes_hold_at_once(desk: Desk) -> None:
    desk.morning = Morning(time(22, 30), ZoneInfo("UTC"))
    assert await cards(desk, 12 * HOUR, HOUR, 12 * HOUR) == [0, 1, 0]


async def test_a_mark_that_is_none_begins_anew(desk: Desk) -> None:
    desk.sql("UPDATE meta SET value = 'nonsense' WHERE key = 'digest'")
    assert await cards(desk, DAY, DAY) == [0, 1]


# Hours, zones, clock changes


def morning(at: str, zone: str) -> Morning:
    return Morning(time.fromisoformat(at), ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "now", "latest"),
    [
        ("08:00", "UTC", "2026-11-22T08:00", "2026-11-22T08:00"),
        ("08:00", "UTC", "2026-11-22T07:59", "2026-11-21T08:00"),
        ("08:00", "Asia/Jakarta", "2026-11-22T00:59", "2026-11-21T01:00"),
        ("08:00", "Asia/Jakarta", "2026-11-22T01:00", "2026-11-22T01:00"),
        ("00:00", "Asia/Jakarta", "2026-11-21T17:00", "2026-11-21T17:00"),
        ("00:00", "Asia/Jakarta", "2026-11-21T16:59", "2026-11-20T17:00"),
        ("23:59", "Pacific/Kiritimati", "2026-11-22T10:00", "2026-11-22T09:59"),
        # forward at 02:00, so that 02:30 is 03:30 that day
        ("02:30", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T01:30"),
        ("08:00", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T06:00"),
        # back at 03:00: 02:30 comes twice, the first counts
        ("02:30", "Europe/Berlin", "2026-10-25T01:45", "2026-10-25T00:30"),
        ("08:00", "Europe/Berlin", "2026-10-25T12:00", "2026-10-25T07:00"),
        # midnight is skipped, and comes twice
        ("00:00", "America/Santiago", "2026-09-06T12:00", "2026-09-06T04:00"),
        ("00:00", "America/Havana", "2026-11-01T12:00", "2026-11-01T04:00"),
        # a whole date was skipped
        ("08:00", "Pacific/Apia", "2011-12-30T18:00", "2011-12-30T18:00"),
    ],
)
def test_the_latest_morning(at: str, zone: str, now: str, latest: str) -> None:
    assert morning(at, zone).latest(utc(now)) == utc(latest)


@given(
    st.sampled_from(sorted(available_timezones())),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 47 * 365).map(lambda days: utc("1990-01-01T00:00") + timedelta(days)),
    st.integers(1, 40),
)
@settings(deadline=None, max_examples=150)
def test_each_date_has_one_morning_in_every_zone(
    zone: str, at: time, begin: datetime, days: int
) -> None:
    clock, now = Morning(at, ZoneInfo(zone)), begin
    seen: list[datetime] = []
    for hour in range(days * 24):
        latest = clock.latest(now + timedelta(hours=hour))
        assert latest <= now + timedelta(hours=hour)
        if not seen or latest != seen[-1]:
            assert not seen or latest > seen[-1], "a later look never finds an earlier morning"
            seen.append(latest)
    dates = [moment.astimezone(clock.zone).date() for moment in seen]
    assert len(set(dates)) == len(dates)
    assert abs(len(dates) - days) <= 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "08:00"])
async def test_a_clock_change_neither_doubles_nor_drops_a_card(
    zone: str, at: str, tmp_path: Path
) -> None:
    for month, day in ((3, 6), (10, 2), (10, 23), (11, 1)):
        async with desk_on(tmp_path / f"{month}-{day}.db") as desk:
            noon = datetime(2026, month, day, 12, tzinfo=ZoneInfo(zone))
            desk.now, desk.morning = noon.astimezone(UTC), morning(at, zone)
            assert await desk.strikes() == []
            later = (noon + 6 * DAY).astimezone(UTC)  # by the clock on the wall
            assert len(await desk.passes(later - desk.now, HOUR / 2)) == 6


# Its settings


def settings_of(folder: Path, staff: str) -> Morning | None:
    file = folder / "config.toml"
    file.write_text(f"[staff]\n{staff}\n", encoding="utf-8")
    return load(file).staff.morning


def test_the_hour_and_the_zone_are_settings(tmp_path: Path) -> None:
    jakarta = settings_of(tmp_path, 'digest_at = "07:30"\ntimezone = "Asia/Jakarta"')
    assert jakarta == morning("07:30", "Asia/Jakarta")
    assert settings_of(tmp_path, 'digest_at = ""') is None
    assert settings_of(tmp_path, "") == morning("08:00", "UTC")


@pytest.mark.parametrize(
    ("given", "key", "mend"),
    [
        ('digest_at = "8:00"', "staff.digest_at", "an hour from"),
        ('digest_at = "24:00"', "staff.digest_at", "an hour from"),
        ('timezone = "Asia/Jakata"', "staff.timezone", 'did you mean "Asia/Jakarta"?'),
        ('timezone = ""', "staff.timezone", 'for example "Asia/Jakarta"'),
        ('timezone = "../../etc/passwd"', "staff.timezone", "the name of a time zone"),
        ('timezone = "Asia"', "staff.timezone", "the name of a time zone"),
    ],
)
def test_what_is_no_hour_or_zone_is_named(tmp_path: Path, given: str, key: str, mend: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings_of(tmp_path, given)
    assert raised.value.key == key
    assert mend in raised.value.mend


# The whole program


@pytest.mark.parametrize("staff", ["telegram", "slack"])
async def test_a_serving_program_posts_it_into_the_staff_chat_once(
    staff: Platform, tmp_path: Path
) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff=staff, start=False) as rig:
        store = await open_at(rig.path, serving=False)
        long_ago = "2020-01-01T08:00:00.000Z"
        await store.run(lambda tx: tx.set_meta(MARK, f"{long_ago} {long_ago}"))
        await store.close()
        for _ in range(2):  # and a restart
            await rig.start()
            await rig.staff.card("Good morning. Nothing new since 2020-01-01 08:00")
            await rig.stop()
        rows = rig.rows("SELECT count(*) FROM outbox WHERE body LIKE '%Good morning%'")
        assert rows == [(1,)]
        await rig.start()  # as the rig ends it
