"""Drives the system over HTTP: laboratories, sampling sites, the CDC, the platform that reads the feed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx

from tests.chaos.clients import TIMEOUT, Client
from tests.chaos.ledger import Batch, Ledger
from tests.chaos.stand import Stand
from tests.chaos.traffic import Call, Step, Traffic
from tests.system.people import CDC, DEPARTMENT, TOWN, department, unit

LABS: Final = ("LAB01", "LAB02")
AGAIN_SHARE: Final = 0.2
PAGE: Final = 10_000
HEADQUARTERS: Final = "HQ-01"
USUAL_PACE: Final = 5.0
AT_ONCE: Final = 16
"""Batches that the laboratories have under way at the most: they wait for answers, as real ones do."""
BEHIND: Final = 30
"""From so many undone messages on they begin nothing: recovery is measured, not a slow machine's backlog."""
FAR_BEHIND: Final = 300
"""The same while processes die at their crash points: there traffic must come, and nothing is measured."""


@dataclass
class Driver:
    """`pace` is batches a second of all laboratories together; `view` is what the platform has read."""

    stand: Stand
    ledger: Ledger
    traffic: Traffic
    clients: dict[str, Client]
    rng: Random
    pace: float = USUAL_PACE
    view: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursor: str | None = None
    pages: int = 0
    backwards: list[str] = field(default_factory=list)
    waiting: int = 0
    """Messages that the system has not done yet, as last seen."""
    behind: int = BEHIND
    followed: bool = True
    """Whether the laboratories wait when the system does not follow; an overload is when they do not."""
    under_way: Counter[str] = field(default_factory=Counter)
    posted: int = 0
    resent: int = 0
    without_redis: list[float] = field(default_factory=list)
    """From when until when Redis was gone, in `time.time()`."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _going: asyncio.Event = field(default_factory=asyncio.Event)

    def go(self) -> None:
        """Let the laboratories post."""
        self._going.set()

    async def hold(self) -> None:
        """Let the laboratories finish what they have begun, and begin nothing more."""
        self._going.clear()
        async with asyncio.timeout(240):
            while self.under_way["steps"]:
                await asyncio.sleep(0.05)

    async def laboratories(self) -> None:
        """Begin batches at the pace, for ever; the caller cancels."""
        while True:
            await self._going.wait()
            while self.followed and (self.under_way["steps"] >= AT_ONCE or self.waiting >= self.behind):
                await asyncio.sleep(0.02)
            self.send(self.traffic.step(self.rng.choice(LABS)))
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) / self.pace)

    def send(self, step: Step) -> None:
        """Carry out a step beside everything else."""
        _ = self._begin(step)

    async def sent(self, step: Step) -> None:
        """Carry out a step and wait until all of it is acknowledged."""
        await asyncio.wait({self._begin(step)})

    def _begin(self, step: Step) -> asyncio.Task[None]:
        task = asyncio.create_task(self._carry_out(step))
        self.under_way["steps"] += 1
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self.under_way["steps"] -= 1
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.ledger.contradictions.append(f"the driver failed: {task.exception()!r}")

    async def _carry_out(self, step: Step) -> None:
        await self.call(step.before)
        receipt = await self.post(step.batch)
        if receipt is not None and self.rng.random() < AGAIN_SHARE:
            self.resent += 1
            await self.post(step.batch)
        await self.call(step.after)
        for number, verdict in step.reviews:
            if receipt is not None:
                await self._review(step.batch, receipt, number, verdict)

    async def post(self, batch: Batch) -> dict[str, Any] | None:
        """Post a batch until there is a receipt."""
        self.posted += 1
        self.ledger.sent.add(batch.batch_no)
        answer = await self.clients[batch.lab].until_done(
            "POST", "/v1/batches", body=batch.body, done=(200, 202)
        )
        if answer is None:
            return None
        receipt: dict[str, Any] = answer.json()
        self.ledger.acknowledge(batch, receipt)
        return receipt

    async def call(self, calls: Sequence[Call]) -> None:
        """Post what stands before or after a batch, each until it is acknowledged."""
        for client, path, body in calls:
            answer = await self.clients[client].until_done("POST", path, body=body)
            if answer is not None and path == "/v1/people/bulk":
                for row in body["people"]:
                    self.ledger.people[row["health_code_id"]] = row

    async def _review(self, batch: Batch, receipt: dict[str, Any], number: int, verdict: str) -> None:
        result = UUID(int=UUID(receipt["batch_id"]).int | number)
        body = {"verdict": verdict, "reviewer": "王医生", "note": "复核"}
        answer = await self.clients["cdc"].until_done("POST", f"/v1/reviews/{result}", body=body)
        if answer is not None:
            batch.rows[number - 1].review = verdict

    async def platform(self) -> None:
        """Read the feed for ever, keeping the cursor; the caller cancels."""
        while True:
            if not await self.read_page():
                await asyncio.sleep(0.2)

    async def read_page(self) -> bool:
        """Read one page; return whether there is more."""
        params = {"limit": PAGE} | ({"cursor": self.cursor} if self.cursor else {})
        answer = await self.clients["platform"].once("GET", "/v1/status-changes", params=params)
        if answer is None or answer.status_code != httpx.codes.OK:
            return False
        page = answer.json()
        self.pages += 1
        for change in page["changes"]:
            code = change["health_code_id"]
            known = self.view.get(code)
            if known is not None and change.get("version", 0) < known.get("version", 0):
                self.backwards.append(code)
            self.view[code] = change
        self.cursor = page["next_cursor"]
        return bool(page["more"])

    async def reader(self) -> None:
        """Look at somebody's record now and then: each look must be in the audit trail."""
        while True:
            code = self.rng.choice(self.traffic.plain)
            self.ledger.looks["tried"] += 1
            answer = await self.clients["reader"].once("GET", f"/v1/people/by-health-code/{code}")
            if answer is not None and answer.status_code == httpx.codes.OK:
                self.ledger.looks["answered"] += 1
            await asyncio.sleep(0.5)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let everybody work while the block runs."""
        tasks = [asyncio.create_task(each()) for each in (self.laboratories, self.platform, self.reader)]
        self.go()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task


@asynccontextmanager
async def driving(stand: Stand, ledger: Ledger, traffic: Traffic, rng: Random) -> AsyncIterator[Driver]:
    """Open the clients and build the district."""
    credentials, running = stand.credentials, [True]
    # Without a limit: connections that a fault leaves hanging must not hold up what is sent next.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False) as http:
        token_url = credentials.urls["registry"] + "/v1/oauth/token"

        def client(service: str, account: str) -> Client:
            known = credentials.accounts.get(account) or credentials.labs[account]
            return Client(http, credentials.urls[service], token_url, known, ledger, lambda: running[0])

        clients = {
            "admin": client("registry", "admin"),
            "intake": client("results_ingest", "admin"),
            "desk": client("notifier", "admin"),
            "reader": client("registry", "cdc"),
            "platform": client("registry", "platform"),
            "sampling": client("results_ingest", "sampling"),
            "cdc": client("results_ingest", "cdc"),
            **{lab: client("lab", lab) for lab in LABS},
        }
        driver = Driver(stand, ledger, traffic, clients, rng)
        await _build(driver)
        try:
            yield driver
        finally:
            running[0] = False


async def _build(driver: Driver) -> None:
    """Enter laboratories, departments, one unit and everybody who is known from the start."""
    for lab in LABS:
        await driver.clients["intake"].until_done(
            "POST", "/v1/labs", body={"lab_code": lab, "name": f"检测机构{lab}"}
        )
    bodies = (
        ("DISTRICT", "district", None), (HEADQUARTERS, "department", "headquarters"),
        (CDC, "department", "cdc"), (DEPARTMENT, "department", None), (TOWN, "township", None),
    )  # fmt: skip
    admin = driver.clients["admin"]
    for body in bodies:
        await admin.until_done("POST", "/v1/departments", body=department(*body))
    await admin.until_done("POST", "/v1/units", body=unit())
    people = list(driver.ledger.people.values())
    for start in range(0, len(people), 500):
        await admin.until_done("POST", "/v1/people/bulk", body={"people": people[start : start + 500]})
