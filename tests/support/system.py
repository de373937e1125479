"""The whole system in one process: three apps, three workers, real PostgreSQL and real Redis.

Apps are called through ASGI and reach each other the same way; nothing leaves the process by HTTP.
"""

import asyncio
import dataclasses
import importlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx
from fastapi import FastAPI
from typing_extensions import override

from migrations.urls import for_driver
from registry.identity import signing
from shared.bus.runner import work
from shared.context import Context, open_context
from shared.db import Database
from shared.security.principal import Principal
from shared.security.tokens import verifier_of
from shared.settings import Settings
from tests.support.routes import kept_routes
from tests.support.servers import Address

PACKAGES: Final = {"registry": "registry", "results-ingest": "results_ingest", "notifier": "notifier"}
SETTINGS: Final = {
    "registry": "RegistrySettings",
    "results-ingest": "ResultsIngestSettings",
    "notifier": "NotifierSettings",
}
SERVICE_OF: Final = {"registry": "registry", "ingest": "results-ingest", "notifier": "notifier"}
RENEW_SECONDS: Final = 300.0
Outside = Callable[[httpx.Request], httpx.Response]

UNDONE: Final = """
    SELECT m.name, d.consumer, d.state, d.attempt, d.error
    FROM bus.delivery AS d JOIN bus.message AS m USING (message_id)
    WHERE d.state NOT IN ('done', 'dropped')
"""
MOVE_CLOCK: Final = "UPDATE bus.business_clock SET ahead = $1::timestamptz - clock_timestamp()"


def nothing_outside(request: httpx.Request) -> httpx.Response:
    """Answer for the outside world in tests that have none."""
    return httpx.Response(502, request=request)


class Renewed(httpx.Auth):
    """Signs a client in anew before its token runs out: a long run outlives one."""

    def __init__(self, sign: Callable[[], Awaitable[str]]) -> None:
        self.sign = sign
        self.token = ""
        self.signed_at = time.monotonic()

    @override
    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if time.monotonic() - self.signed_at > RENEW_SECONDS:
            self.token, self.signed_at = await self.sign(), time.monotonic()
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


@dataclasses.dataclass
class System:
    """What a test drives. `outside` answers whatever the services call beyond themselves."""

    address: Address
    database: str
    settings: dict[str, Settings]
    owner: asyncpg.Connection
    apps: dict[str, FastAPI] = dataclasses.field(default_factory=dict)
    outside: Outside = nothing_outside
    workers: dict[str, asyncio.Task[None]] = dataclasses.field(default_factory=dict)
    _stack: AsyncExitStack = dataclasses.field(default_factory=AsyncExitStack)
    _worker_stacks: dict[str, AsyncExitStack] = dataclasses.field(default_factory=dict)

    def context(self, service: str) -> Context[Any]:
        """Return the context of a service's app."""
        context: Context[Any] = self.apps[service].state.context
        return context

    def db(self, schema: str) -> Database:
        """Return the pool of the service that owns `schema`, under its role."""
        return self.context(SERVICE_OF.get(schema, schema)).db

    async def client(
        self,
        service: str,
        *,
        scopes: Collection[str] = (),
        name: str = "test",
        kind: str = "system",
        client_id: str | None = None,
        lab_code: str | None = None,
        area_code: str | None = None,
        area_level: str | None = None,
    ) -> httpx.AsyncClient:
        """Return an HTTP client of a service; with scopes it carries a token of a client of its own."""
        headers: dict[str, str] = {}
        auth: Renewed | None = None
        if scopes:
            level = area_level or ("district" if area_code else None)
            who = Principal(
                client_id=client_id or f"test-{uuid4()}",
                name=name,
                kind=kind,
                scopes=frozenset(scopes),
                lab_code=lab_code,
                area_code=area_code,
                area_level=level,
            )
            headers["Authorization"] = f"Bearer {await self.token(who)}"
            auth = Renewed(partial(self.token, who))
        transport = httpx.ASGITransport(app=self.apps[service], raise_app_exceptions=False)
        url = base_url(service)
        return await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url=url, headers=headers, auth=auth, timeout=30)
        )

    async def token(self, who: Principal) -> str:
        """Return a token of registry's for this client."""
        registry = self.context("registry")
        async with registry.db.transaction() as session:
            return await signing.sign(session, registry, who, now=datetime.now(UTC))

    async def set_clock(self, moment: datetime) -> None:
        """Move the business clock of all three services."""
        await self.owner.execute(MOVE_CLOCK, moment)

    async def settle(self, *, seconds: float = 60, dead: bool = False) -> None:
        """Wait until no delivery is undone and every change is in the feed.

        A dead letter fails the test at once, unless `dead` says that one is expected.
        """
        deadline = time.monotonic() + seconds
        while undone := await self._undone():
            left = [row for row in undone if row.get("state") != "dead"]
            if dead and not left:
                return
            assert dead or len(left) == len(undone), f"dead letters: {undone}"
            assert time.monotonic() < deadline, f"not settled after {seconds} s: {undone[:10]}"
            assert all(not task.done() for task in self.workers.values()), "a worker has ended"
            await asyncio.sleep(0.02)

    async def _undone(self) -> list[dict[str, Any]]:
        rows = [dict(row) for row in await self.owner.fetch(UNDONE)]
        if await self.owner.fetchval("SELECT to_regclass('registry.feed_pending') IS NOT NULL"):
            pending = await self.owner.fetchval("SELECT count(*) FROM registry.feed_pending")
            rows += [{"feed_pending": pending}] if pending else []
        return rows

    async def start_workers(self, *services: str) -> None:
        """Start the workers of these services (default: all)."""
        for service in services or tuple(self.apps):
            stack = AsyncExitStack()
            settings = self.settings[service]
            context = await stack.enter_async_context(
                open_context(settings, service=service, http=self.context(service).http, part="worker")
            )
            module = importlib.import_module(f"{PACKAGES[service]}.worker")
            task = asyncio.create_task(
                work(
                    context,
                    handlers=module.HANDLERS,
                    schedules=module.SCHEDULES,
                    routines=getattr(module, "ROUTINES", ()),
                ),
                name=f"{service}-worker",
            )
            self.workers[service], self._worker_stacks[service] = task, stack

    async def stop_workers(self, *services: str) -> None:
        """Stop the workers of these services (default: all); what they hold is given back."""
        for service in services or tuple(self.workers):
            task = self.workers.pop(service)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self._worker_stacks.pop(service).aclose()

    async def start_app(self, service: str) -> None:
        """Start a service's app with its own context, its outward HTTP mounted on the other apps."""
        module = importlib.import_module(f"{PACKAGES[service]}.app")
        app: FastAPI = kept_routes(service, module.create(self.settings[service]))
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        self.apps[service] = app
        http = await self._stack.enter_async_context(self._http())
        context: Context[Any] = app.state.context
        tokens = verifier_of(self.settings[service], http, service=service, clock=context.db.seconds)
        app.state.context = dataclasses.replace(context, http=http, tokens=tokens)

    def _http(self) -> httpx.AsyncClient:
        async def answer(request: httpx.Request) -> httpx.Response:
            for service, app in self.apps.items():
                if request.url.host == httpx.URL(base_url(service)).host:
                    return await httpx.ASGITransport(app=app).handle_async_request(request)
            return self.outside(request)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer), timeout=5)

    async def reconnect(self) -> None:
        """Open the owner's connection anew, after its server has been away."""
        await self.owner.close(timeout=1)
        self.owner = await asyncpg.connect(for_driver(self.address.database_url(self.database)))

    async def close(self) -> None:
        """Stop everything."""
        await self.stop_workers()
        await self._stack.aclose()


def base_url(service: str) -> str:
    """Return the URL by which a service is known inside the process."""
    return f"http://{service}.test"


def settings_of(service: str, values: dict[str, Any]) -> Settings:
    """Return the settings of a service's own class."""
    module = importlib.import_module(f"{PACKAGES[service]}.settings")
    settings: Settings = getattr(module, SETTINGS[service])(**values)
    return settings


@asynccontextmanager
async def running_system(
    address: Address,
    database: str,
    *,
    data_dir: Path,
    services: Collection[str] = tuple(PACKAGES),
    **more: object,
) -> AsyncIterator[System]:
    """Run the system on a database of its own; `more` are further settings."""
    urls = {f"{PACKAGES[service]}_url": base_url(service) for service in PACKAGES}
    values = {
        **address.values(database),
        **urls,
        "data_dir": data_dir,
        "queue_prefix": f"{database}:",
        "pool_size": 4,
        "log_level": "WARNING",
        "webhook_networks": ["127.0.0.9/32"],  # where nobody listens
        **more,
    }
    settings = {service: settings_of(service, values) for service in services}
    owner = await asyncpg.connect(for_driver(address.database_url(database)))
    system = System(address, database, settings, owner)
    try:
        for service in services:
            await system.start_app(service)
        await system.start_workers()
        yield system
    finally:
        await system.close()
        await system.owner.close()
