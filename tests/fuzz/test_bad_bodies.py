"""Bodies that are no batch are refused whole, with a coded problem, and keep nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
import structlog
from starlette.requests import Request
from starlette.types import Message

from shared.errors import Problem
from shared.web.bodies import raw_body
from tests.fuzz.bad_bodies import bodies
from tests.results_ingest.batches.support import Desk, Lab, running_desk
from tests.support.servers import Address

LEAST = {"encodings": 50, "structure": 30, "sizes": 20, "gzip": 30, "standards": 30}
INJECTED = [
    "/v1/batches/%00", "/v1/batches/..%2f..%2fetc%2fpasswd", "/v1/batches/%0d%0aSet-Cookie:%20a=b",
    "/v1/batches?batch_no=%27%20OR%201%3D1", "/v1/batches?cursor=%7B%7B7*7%7D%7D", "/v1/batches?limit=1%0a2",
    "/v1/batches?received_from=2030-01-01T00%3A00%3A00%2B08%3A00%0Alevel%3Derror", "/v1/labs/%1b%5b31m",
    "/v1/labs/%F0%9F%98%80", "/v1/labs/%ff%fe", "/v1/batches/" + "9" * 400, "/v1/labs/" + "%252e" * 50,
]  # fmt: skip
HEADERS = ["a" * 300, "zh\x0bx", "$(id)", "en;q=1e9", "en;q=nan", ",,,;q=", "\xe9", "11010519491231002X"]


async def test_every_bad_body_is_refused_whole(lab: Lab, desk: Desk, tell: Callable[[str], None]) -> None:
    table = bodies()
    found = Counter(each.group for each in table)
    tell(f"bad bodies: {dict(found)}, {found.total()} in all")
    assert all(found[group] >= least for group, least in LEAST.items()), found
    wrong = []
    for each in table:
        answer = await lab.http.post("/v1/batches", content=each.content, headers=each.headers)
        problem = answer.headers["content-type"] == "application/problem+json"
        if answer.status_code not in each.status or problem != (answer.status_code >= 400):
            wrong.append((each.group, each.name, answer.status_code, answer.text[:200]))
    assert wrong == []
    kept = await desk.run("SELECT count(*) AS n FROM ingest.batch")
    assert kept == [{"n": 0}]


@pytest.fixture
async def loud_lab(servers: Address, database: str) -> AsyncIterator[Lab]:
    """Return a laboratory of a service that logs every request."""
    async with running_desk(servers, database, log_level="INFO") as desk:
        yield await desk.lab("LAB01")


async def test_what_is_injected_is_inert_and_one_request_is_one_line_of_log(loud_lab: Lab) -> None:
    lab = loud_lab
    with structlog.testing.capture_logs() as lines:
        for path in INJECTED:
            answer = await lab.http.get(path)
            assert 400 <= answer.status_code < 500 or answer.status_code == 200, (path, answer.text)
            assert "set-cookie" not in answer.headers
        for value in HEADERS:
            raw = value.encode("latin-1")
            headers = {b"X-Request-Id": raw, b"Accept-Language": raw, b"User-Agent": raw}
            answer = await lab.http.get("/v1/batches", headers=headers)
            assert answer.status_code == 200
            assert answer.headers["x-request-id"] != value
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == len(lines) == len(INJECTED) + len(HEADERS)
    assert all("\n" not in str(line) and "OR 1=1" not in str(line) for line in lines)


def _sending(*chunks: bytes, headers: list[tuple[bytes, bytes]]) -> Request:
    waiting = list(chunks)

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        return await asyncio.Future()

    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_a_sender_that_stops_is_told_so_and_let_go() -> None:
    with pytest.raises(Problem) as caught:
        await raw_body(_sending(b"{", headers=[]), grace=0.05)
    assert caught.value.message.code == "body_too_slow"
    assert caught.value.headers == {"Connection": "close"}


async def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    headers = [(b"content-length", b"1000000000")]
    with pytest.raises(Problem) as caught:
        await raw_body(_sending(headers=headers), max_bytes=100)
    assert caught.value.message.code == "body_too_large"
