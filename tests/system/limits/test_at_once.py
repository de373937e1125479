"""What is under way at one time: large bodies, one client's requests, everybody's."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.limits.limiter import Limiter
from tests.support.system import System
from tests.system.limits.support import batch, laboratory


async def test_large_bodies_of_one_client_wait_for_each_other_unread(system: System) -> None:
    lab = await laboratory(system)
    limiter: Limiter = system.apps["results-ingest"].state.limiter
    limiter.uploads_at_once = 1
    go, begun = asyncio.Event(), []

    def body(name: str) -> AsyncIterator[bytes]:
        async def chunks() -> AsyncIterator[bytes]:
            begun.append(name)
            yield b"{"
            await go.wait()
            yield b"}"

        return chunks()

    sent = [
        asyncio.create_task(
            lab.post("/v1/batches", content=body(name), headers={"Content-Type": "application/json"})
        )
        for name in ("first", "second")
    ]
    while not begun:
        await asyncio.sleep(0.01)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(begun) == 1
    assert (await lab.post("/v1/batches", json=batch(1))).status_code == 202, "a small body does not wait"
    go.set()
    assert [answer.status_code for answer in await asyncio.gather(*sent)] == [422, 422]
    assert sorted(begun) == ["first", "second"]


async def half_sent(lab: httpx.AsyncClient, go: asyncio.Event) -> "asyncio.Task[httpx.Response]":
    """Begin a post whose body has come in half, and leave it there until `go`."""
    begun = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        begun.set()
        yield b"{"
        await go.wait()
        yield b"}"

    post = lab.post("/v1/batches", content=body(), headers={"Content-Type": "application/json"})
    task = asyncio.create_task(post)
    await begun.wait()
    return task


@pytest.mark.settings(most_requests=1)
async def test_more_requests_than_can_be_served_are_turned_away_at_once(system: System) -> None:
    lab = await laboratory(system)
    go = asyncio.Event()
    first = await half_sent(lab, go)
    shed = await lab.get("/v1/batches")
    assert (shed.status_code, shed.json()["code"], shed.headers["retry-after"]) == (503, "overloaded", "2")
    assert (await lab.get("/healthz")).status_code == 200
    go.set()
    assert (await first).status_code == 422
    assert (await lab.get("/v1/batches")).status_code == 200


@pytest.mark.settings(requests_at_once=1)
async def test_one_client_cannot_take_the_place_of_all_others(system: System) -> None:
    lab, other = await laboratory(system), await laboratory(system, "LAB02")
    go = asyncio.Event()
    first = await half_sent(lab, go)
    assert (await lab.get("/v1/batches")).json()["code"] == "too_many_at_once"
    assert (await other.get("/v1/batches")).status_code == 200
    go.set()
    await first
    assert (await lab.get("/v1/batches")).status_code == 200, "its place is free again"
