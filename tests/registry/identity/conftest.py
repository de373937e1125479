"""Registry's identity on its own: one app, no workers, a fresh database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from registry.identity import service
from registry.identity.key_routes import router as keys
from registry.identity.routes import router as clients
from registry.identity.signing import check_with_own_keys
from registry.identity.token_routes import router as tokens
from registry.settings import RegistrySettings
from shared.context import Context
from shared.web.app import create_app
from tests.support.servers import Address

URL = "http://registry.test"
PROXY = "https://yingjian.example/v1/oauth/token"


@dataclass
class Registry:
    """What these tests drive."""

    app: FastAPI
    context: Context[Any]
    http: httpx.AsyncClient

    async def make(self, *, name: str = "甲", kind: str = "system", **terms: Any) -> tuple[str, str]:
        """Make a client and return its id and secret."""
        async with self.context.db.transaction() as session:
            return await service.create_client(
                session, self.context, name=name, kind=kind, now=datetime.now(UTC), **terms
            )

    async def ask(self, client_id: str, secret: str, **form: str) -> httpx.Response:
        """Ask for a token with HTTP Basic."""
        data = {"grant_type": "client_credentials", **form}
        return await self.http.post("/v1/oauth/token", data=data, auth=(client_id, secret))

    async def bearer(self, **terms: Any) -> dict[str, str]:
        """Return the Authorization header of a new client, its token fetched from the real endpoint."""
        answer = await self.ask(*await self.make(**terms))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def add_area(self, code: str, level: str) -> None:
        """Add a department without going through its own slice."""
        async with self.context.db.transaction() as session:
            await session.execute(
                text("""
                    INSERT INTO registry.department
                        (code, name, level, sealed_contact, created_by, created_at, updated_at)
                    VALUES (:code, :code, :level, '', 'test', now(), now())
                """),
                {"code": code, "level": level},
            )


@pytest.fixture
def settings(servers: Address, database: str, tmp_path: Path) -> RegistrySettings:
    return RegistrySettings(
        **servers.values(database),
        registry_url=URL,
        data_dir=tmp_path,
        queue_prefix=database,
        token_audiences=(PROXY,),
    )


def registry_app(settings: RegistrySettings) -> FastAPI:
    """Return registry with this slice alone."""
    return create_app(
        service="registry",
        title="test",
        description="test",
        settings=settings,
        routers=[tokens, clients, keys],
        on_start=check_with_own_keys,
    )


@pytest.fixture
async def registry(settings: RegistrySettings) -> AsyncIterator[Registry]:
    app = registry_app(settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=URL) as http,
    ):
        yield Registry(app, app.state.context, http)
