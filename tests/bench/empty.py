"""An empty FastAPI route that runs one prepared statement: what a single read is held against."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import msgspec
from fastapi import FastAPI, Request, Response

DATABASE: Final = "BENCH_DATABASE_URL"
ONE: Final = """
    SELECT p.health_code_id, s.last_outcome, s.due_on, s.version
    FROM registry.person p JOIN registry.person_status s ON s.person_id = p.person_id
    WHERE p.health_code_id = $1
"""


def create() -> FastAPI:
    """Return the app: `uvicorn --factory tests.bench.empty:create`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ[DATABASE], min_size=8, max_size=16) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/v1/statuses/{health_code_id}")
    async def get_status(health_code_id: str, request: Request) -> Response:
        async with request.app.state.pool.acquire() as connection:
            row = await connection.fetchrow(ONE, health_code_id)
        return Response(msgspec.json.encode(dict(row)), media_type="application/json")

    return app
