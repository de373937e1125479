"""results-ingest alone: its batches and labs over HTTP on a real database, without workers."""

import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import CursorResult, text

from results_ingest.batches import routes as batches
from results_ingest.labs import routes as labs
from results_ingest.settings import ResultsIngestSettings
from results_ingest.sheets import routes as sheets
from shared.context import Context
from shared.security.keys import KeptKeys
from shared.security.principal import Principal
from shared.web.app import create_app
from tests.support.routes import kept_routes
from tests.support.servers import Address

COLLECTED = "2030-01-14T08:00:00+08:00"
TESTED = "2030-01-14T11:05:00+08:00"
NOW = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
Row = dict[str, Any]


async def no_keys() -> dict[str, Any]:
    """Answer as a registry that publishes nothing."""
    return {}


class NamedTokens:
    """Takes a token for the name of a client; tokens themselves are tested with identity."""

    def __init__(self) -> None:
        self.known: dict[str, Principal] = {}
        self.keys = KeptKeys(issuer="test", fetch=no_keys)

    async def verify(self, token: str) -> Principal:
        """Return the client of that name."""
        return self.known[token]


@dataclass
class Lab:
    """A client of results-ingest, and numbers for its batches."""

    http: httpx.AsyncClient
    numbers: Callable[[], str] = field(
        default_factory=lambda: map("B{:04d}".format, itertools.count(1)).__next__
    )

    async def post(
        self, rows: Sequence[object], *, batch_no: str | None = None, query: str = "", language: str = "zh-CN"
    ) -> httpx.Response:
        """Post rows, under a new number unless one is given."""
        body = {"batch_no": batch_no or self.numbers(), "results": rows}
        return await self.http.post(f"/v1/batches{query}", json=body, headers={"Accept-Language": language})

    async def raw(self, body: bytes, media_type: str = "application/json", **headers: str) -> httpx.Response:
        """Post bytes as they are."""
        return await self.http.post(
            "/v1/batches", content=body, headers={"Content-Type": media_type, **headers}
        )

    async def accepted(self, rows: Sequence[object], **more: Any) -> dict[str, Any]:
        """Post rows and return the receipt of a new batch."""
        answer = await self.post(rows, **more)
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def get(self, path: str, **params: str | int) -> Any:
        """Return what a path answers, which must be 200."""
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class Desk:
    """What these tests drive."""

    app: FastAPI
    context: Context[Any]
    tokens: NamedTokens

    def client(self, name: str, *scopes: str, lab_code: str | None = None, **area: str) -> Lab:
        """Return a client with these scopes."""
        self.tokens.known[name] = Principal(
            f"client-{name}", name, "system", frozenset(scopes), lab_code, **area
        )
        return Lab(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
                base_url="http://results-ingest.test",
                headers={"Authorization": f"Bearer {name}"},
                timeout=60,
            )
        )

    async def lab(self, lab_code: str) -> Lab:
        """Register a laboratory and return its client."""
        admin = self.client("admin", "admin")
        answer = await admin.http.post("/v1/labs", json={"lab_code": lab_code, "name": "检验科"})
        assert answer.status_code in (200, 201), answer.text
        return self.client(lab_code, "results:write", lab_code=lab_code)

    async def set_clock(self, moment: datetime) -> None:
        """Move the business clock."""
        await self.run(
            "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
            moment=moment,
        )

    async def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement as the service's role and return its rows."""
        async with self.context.db.transaction() as session:
            result = await session.execute(text(statement), parameters)
            return (
                [dict(one) for one in result.mappings().all()]
                if isinstance(result, CursorResult) and result.returns_rows
                else []
            )


def row(tube_code: object = "T1", **fields: object) -> Row:
    """Return a good row; a field set to `...` is left out."""
    made = {"tube_code": tube_code, "outcome": "negative", "collected_at": COLLECTED, "tested_at": TESTED}
    return {name: value for name, value in {**made, **fields}.items() if value is not ...}


@asynccontextmanager
async def running_desk(
    servers: Address,
    database: str,
    *,
    clock: datetime | None = NOW,
    **more: Any,
) -> AsyncIterator[Desk]:
    """Run the service's labs and batches on a database of its own."""
    values = {**servers.values(database), "queue_prefix": f"{database}:", "log_level": "WARNING", **more}
    app = kept_routes(
        "batches",
        create_app(
            service="results-ingest",
            title="Results ingest",
            description="Tests",
            settings=ResultsIngestSettings(**values),
            routers=[labs.router, batches.router, sheets.router],
        ),
    )
    async with app.router.lifespan_context(app):
        tokens = NamedTokens()
        app.state.context = dataclasses.replace(app.state.context, tokens=tokens)
        desk = Desk(app, app.state.context, tokens)
        if clock is not None:
            await desk.set_clock(clock)
        yield desk
