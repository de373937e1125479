"""The three services behind real ports of this machine, for what comes from another process."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from typing_extensions import override

from deploy.local.ports import free_port
from registry.identity.service import create_client
from shared.context import Context
from tests.support.servers import Address
from tests.support.system import PACKAGES, settings_of


class Server(uvicorn.Server):
    """A real listening server that leaves the test process's signals alone."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Listening:
    """The three services behind real ports, and an administrator's credentials."""

    urls: dict[str, str]
    client_id: str
    client_secret: str
    apps: dict[str, Any]


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[None]:
    """Serve an app on a port."""
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def listening_on(
    servers: Address, database: str, data_dir: Path, *, wrap: Callable[[str, Any], Any] = lambda _, app: app
) -> AsyncIterator[Listening]:
    """Run the three services on a database; `wrap` puts something before a service's app."""
    ports = {service: free_port() for service in PACKAGES}
    urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    more = {f"{PACKAGES[service]}_url": url for service, url in urls.items()}
    values = {**servers.values(database), **more, "data_dir": data_dir, "queue_prefix": f"{database}:"}
    async with AsyncExitStack() as stack:
        # All are imported before any runs: an import is long enough to take the database for silent.
        modules = {service: importlib.import_module(f"{PACKAGES[service]}.app") for service in PACKAGES}
        settings = {service: settings_of(service, values | {"log_level": "WARNING"}) for service in PACKAGES}
        apps = {service: modules[service].create(settings[service]) for service in PACKAGES}
        for service, app in apps.items():
            await stack.enter_async_context(served(wrap(service, app), ports[service]))
        context: Context[Any] = apps["registry"].state.context
        async with context.db.transaction() as session:
            client_id, secret = await create_client(
                session, context, name="浏览器", kind="person", scopes=["admin"], now=datetime.now(UTC)
            )
        yield Listening(urls, client_id, secret, apps)
