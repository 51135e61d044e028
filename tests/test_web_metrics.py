"""What /metrics shows, to whom, and what never stands in it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import config
from bot.store.rows import Backlog
from bot.store.sqlite import open_store
from bot.web import metrics
from bot.web.server import WebServer, _is_local
from tests.applicant import applicant, apply
from tests.web_rig import WebRig, web_rigged

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebRig]:
    monkeypatch.setattr(metrics, "AGE", 0.0)
    async with web_rigged(tmp_path / "frontdesk.db") as rig:
        yield rig


async def page(url: str) -> str:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text


def read(text: str) -> Values:
    """By another's parser: (name, labels) -> value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(values: Values, name: str, **labels: str) -> float:
    return values.get((f"frontdesk_{name}", frozenset(labels.items())), 0.0)


async def test_turns_refusals_questions_and_what_waits_are_counted(rig: WebRig) -> None:
    amira, ben = rig.applicant("telegram", 1), rig.applicant("slack", 2)
    await apply(amira, applicant(2), rig.until)
    await ben.says("hello")
    await rig.hears(ben)
    await ben.says("do you need audited accounts?")
    await rig.until(lambda: len(ben.heard) > 1)
    await rig.taken()
    said = sum(not move.does.startswith("[") for move in applicant(2).moves)
    values = read(await page(rig.url))
    assert value(values, "turns_total", channel="telegram", kind="said") == said
    taps = len(applicant(2).moves) - said
    assert value(values, "turns_total", channel="telegram", kind="picked") == taps
    assert value(values, "turns_total", channel="slack", kind="said") == 2
    assert value(values, "turn_seconds_count", channel="telegram") == said + taps
    assert value(values, "questions_total", band="answer") == 1
    assert value(values, "question_confidence_count") == 1
    assert value(values, "store_up") == 1
    assert value(values, "outbox_dead") == 0
    taken = value(values, "http_requests_total", path="/telegram", status="200")
    assert taken == said + taps


async def test_a_refused_answer_is_counted_by_its_field_and_code(rig: WebRig) -> None:
    amira = rig.applicant("telegram", 1)
    moves = applicant(2).moves
    for move in moves[: next(n for n, m in enumerate(moves) if "e-mail" in m.asked)]:
        await rig.until(lambda move=move: amira.asked(move.asked) or not move.asked)  # type: ignore[misc]  # bound at once
        await (amira.taps(move.does.strip("[]")) if move.does[0] == "[" else amira.says(move.does))
    await rig.hears(amira, "business e-mail address")
    await amira.says("amira@@example")
    await rig.taken()
    text = await page(rig.url)
    found = re.findall(r'frontdesk_refusals_total\{code="(\w+)",field="(\w+)"\} 1\.0', text)
    assert [field for _, field in found] == ["email"]


async def test_a_turn_that_raises_and_one_that_is_turned_back_are_counted(
    rig: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = rig.applicant("telegram")
    with rig.locked():
        await amira.says("hello")
        await rig.until(lambda: [p for p in rig.telegram.posting.posts if p.status == 503])
    await rig.taken()
    rig.telegram.posting.copies = 3
    await amira.says("hello again")
    await rig.taken()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("bot.conversation.step", broken)
    await amira.says("and again")
    await rig.taken()
    values = read(await page(rig.url))
    assert value(values, "arrivals_not_stored_total", channel="telegram") >= 1
    assert value(values, "duplicates_total", channel="telegram") >= 2
    assert value(values, "failed_turns_total", channel="telegram") >= 1
    assert value(values, "failures") == 1


async def test_nothing_of_a_person_stands_in_it(rig: WebRig) -> None:
    amira, one = rig.applicant("telegram", 1, "Amirabelle"), applicant(3)
    await apply(amira, one, rig.until)
    await rig.taken()
    text = await page(rig.url)
    assert len(text) > 1000
    reference = str(rig.rows("SELECT reference FROM records")[0][0])
    private = [*one.truth.values(), "Amirabelle", amira.id, reference]
    for secret in private:
        if len(secret) > 4 and secret not in {"service_business", "not_sure"}:
            assert secret not in text
    names = set(re.findall(r"[{,](\w+)=", text))
    assert names == {"channel", "kind", "le", "path", "status", "band", "field", "code"} & names


async def test_strangers_cannot_make_it_grow(rig: WebRig) -> None:
    async with httpx.AsyncClient() as client:
        await client.get(f"{rig.url}/healthz")
        before = (await page(rig.url)).count("\n")
        for number in range(50):
            await client.get(f"{rig.url}/nowhere/{number}")
            await client.post(f"{rig.url}/telegram", headers={"X-Any": str(number)})
    after = (await page(rig.url)).count("\n")
    assert after - before <= 8


async def test_the_stores_figures_are_read_once_in_five_seconds(
    rig: WebRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "AGE", 60.0)
    store, reads = rig.app.store, 0
    original = store.read

    async def counting(query: object) -> object:
        nonlocal reads
        reads += 1
        return await original(query)  # type: ignore[arg-type]  # whatever it is

    monkeypatch.setattr(store, "read", counting)
    await asyncio.gather(*(page(rig.url) for _ in range(5)))
    assert reads <= 1


async def test_while_the_store_is_away_the_rest_is_still_shown(
    rig: WebRig,
) -> None:
    with rig.locked():
        async with asyncio.timeout(60):
            while "frontdesk_store_up 1" in (text := await page(rig.url)):
                pass
    assert "frontdesk_turn_seconds" in text


# --- who may see it ---


async def test_what_came_through_a_proxy_is_not_shown_it(rig: WebRig) -> None:
    async with httpx.AsyncClient() as client:
        for mark in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"):
            answer = await client.get(f"{rig.url}/metrics", headers={mark: "203.0.113.9"})
            assert answer.status_code == 404
        assert (await client.get(f"{rig.url}/metrics")).status_code == 200


async def test_an_address_of_its_own_shows_it_there_alone(tmp_path: Path) -> None:
    server = config.Server(listen="127.0.0.1:0", metrics_listen="localhost:0")
    async with web_rigged(tmp_path / "frontdesk.db", server=server) as rig:
        public, own = rig.replicas[0].web.ports
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{public}/metrics")).status_code == 404
            assert (await client.get(f"http://127.0.0.1:{own}/metrics")).status_code == 200
            assert (await client.get(f"http://127.0.0.1:{own}/readyz")).status_code == 200
            assert (await client.post(f"http://127.0.0.1:{own}/telegram")).status_code == 404


async def test_an_open_address_shows_it_only_where_the_operator_says_so(tmp_path: Path) -> None:
    asked = config.Server(listen="0.0.0.0:0", metrics_listen="0.0.0.0:0")
    unasked = config.Server(listen="0.0.0.0:0")
    for index, (given, status) in enumerate([(unasked, 404), (asked, 200)]):
        store = await open_store(tmp_path / f"{index}.db", serving=False)
        web = WebServer(given, [])
        async with web.open(store), httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{web.ports[0]}/metrics"
            assert (await client.get(url)).status_code == status
        await store.close()


def test_local_is_what_never_leaves_the_machine() -> None:
    assert all(map(_is_local, ("127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1")))
    assert not any(map(_is_local, ("0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.com:1")))


# --- the store's figures ---


async def test_what_waits_is_told_with_the_age_of_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    store = await open_store(path, serving=False)
    empty = await store.read(lambda reports: reports.backlog())
    assert empty == Backlog(0, "", 0, 0, 0, 0, 0, 0)
    connection = sqlite3.connect(path)
    row = "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind,"
    row += " case_id, created_at, due_at, state) VALUES ('slack', 'U1', '', 'send', '{}', '[]',"
    row += " 0, '', '', ?, ?, ?)"
    connection.executemany(
        row,
        [
            ("2026-11-01T00:00:00.000Z",) * 2 + ("sent",),
            ("2026-11-02T00:00:00.000Z",) * 2 + ("waiting",),
            ("2026-11-03T00:00:00.000Z",) * 2 + ("waiting",),
            ("2026-11-03T00:00:00.000Z",) * 2 + ("dead",),
        ],
    )
    delivery = "INSERT INTO deliveries (sink, reference, event, version, occasion, happened_at,"
    delivery += " due_at, state) VALUES ('files', 'FD-1', ?, 1, 1, '', '', ?)"
    states = [("submitted", "dead"), ("approved", "held"), ("declined", "held"), ("x", "waiting")]
    connection.executemany(delivery, states)
    connection.commit()
    connection.close()
    found = await store.read(lambda reports: reports.backlog())
    assert found == Backlog(2, "2026-11-02T00:00:00.000Z", 1, 1, 2, 1, 0, 0)
    await store.close()


async def test_no_figure_reads_a_whole_table(tmp_path: Path) -> None:
    """The plan of each of its queries uses an index of what waits."""
    path = tmp_path / "frontdesk.db"
    store = await open_store(path, serving=False)
    queries: list[str] = []
    connection = sqlite3.connect(path)
    connection.set_trace_callback(queries.append)
    from bot.store.reports import SqlReports

    SqlReports(connection.execute).backlog()
    connection.set_trace_callback(None)
    assert len(queries) >= 7
    for query in queries:
        plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
        assert not [step for step in plan if "SCAN" in step and "INDEX" not in step], (query, plan)
    connection.close()
    await store.close()
