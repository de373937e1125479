"""What a process needs for its whole life, built once: the same for HTTP, worker, commands and tests."""

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final, Generic, TypeVar

import httpx

from shared.audit.buffer import AuditBuffer
from shared.bus.nudger import Nudger, open_redis
from shared.clock import Clock, MovableClock, RealClock
from shared.db import Database
from shared.reads import Reads
from shared.security.data_keys import follow, sealer_of
from shared.security.sealing import BlindIndex, Sealer
from shared.security.tokens import TokenVerifier, verifier_of
from shared.settings import Settings, service_database_url

S = TypeVar("S", bound=Settings)

SCHEMAS: Final = {"registry": "registry", "results-ingest": "ingest", "notifier": "notifier"}


@dataclass(frozen=True, slots=True)
class Context(Generic[S]):
    """A service's settings, pool, clock, keys and clients."""

    service: str
    settings: S
    db: Database
    reads: Reads
    clock: Clock
    sealer: Sealer
    index: BlindIndex
    nudger: Nudger
    audit: AuditBuffer
    http: httpx.AsyncClient
    tokens: TokenVerifier


def spare_collector() -> None:
    """Let the garbage collector look seldom, and never at what was loaded at the start.

    Thousands of rows are held for the length of a request: searching them for cycles that are not
    there cost as much as checking them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@cache
def _certificates() -> ssl.SSLContext:
    """Return what outward calls trust, read once: that takes a fortieth of a second."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def open_context(
    settings: S, *, service: str, http: httpx.AsyncClient | None = None, part: str = "api"
) -> AsyncIterator[Context[S]]:
    """Open a service's context; `http` replaces the outward client (tests)."""
    sealer = sealer_of(settings)
    url = service_database_url(settings, SCHEMAS[service])
    client = http or httpx.AsyncClient(timeout=5, verify=_certificates())
    nudger = Nudger(open_redis(settings.redis_url), prefix=settings.queue_prefix)
    db = Database(
        url,
        name=f"{service}-{part}",
        pool_size=settings.pool_size,
        patience=settings.database_patience_seconds,
        info={"nudger": nudger},
    )
    audit = AuditBuffer(db, SCHEMAS[service])
    reads = Reads(url, name=f"{service}-{part}-reads", size=settings.pool_size, db=db)
    await reads.open()
    nudger.start()
    db.start()
    audit.start()
    file = settings.data_keys_file
    following = asyncio.create_task(follow(sealer, file)) if file else None
    try:
        yield Context(
            service=service,
            settings=settings,
            db=db,
            reads=reads,
            clock=RealClock() if settings.environment == "production" else MovableClock(),
            sealer=sealer,
            index=BlindIndex(settings.index_key, algorithm=settings.index_algorithm),
            nudger=nudger,
            audit=audit,
            http=client,
            tokens=verifier_of(settings, service=service, http=client, clock=db.seconds),
        )
    finally:
        if following is not None:
            following.cancel()
        await audit.close()
        await nudger.close()
        await reads.close()
        await db.close()
        if http is None:
            await client.aclose()
