"""A desk whose worker reaches real servers of the test's own, not a stand-in for them."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.notifier.desk import Desk, open_desk
from tests.support.servers import Address

# Everything by one channel after another; what rests is tried again at once.
QUICK: dict[str, Any] = {
    "circuit_seconds": 0.05, "delivery_poll_seconds": 0.05, "fallback_attempts": 2, "daily_caps": {},
    "webhook_networks": ["127.0.0.1/32"], "webhook_plain_http": True,
}  # fmt: skip


class Opens(Protocol):
    """Opens a desk with settings."""

    def __call__(self, **settings: Any) -> Any:
        """Return the context manager of a desk."""
        ...


def opens(servers: Address, database: str, data_dir: Path) -> Opens:
    """Return what opens a desk on this database."""

    @asynccontextmanager
    async def made(**settings: Any) -> AsyncIterator[Desk]:
        more = {**QUICK, **settings}
        async with (
            open_desk(servers, database, data_dir=data_dir, **more) as desk,
            httpx.AsyncClient() as http,
        ):
            app = desk.system.apps["notifier"]
            app.state.context = dataclasses.replace(app.state.context, http=http)
            await desk.system.stop_workers()
            await desk.system.start_workers()
            yield desk
            await desk.system.stop_workers()

    return made


async def deliveries(desk: Desk, **wanted: str) -> list[dict[str, Any]]:
    """Return the deliveries as they are stored, with whom they are for, oldest first."""
    rows = await desk.rows(
        "SELECT d.*, n.recipient_type, n.recipient_code FROM notifier.delivery d"
        " JOIN notifier.notice n USING (notice_id) ORDER BY d.created_at, d.delivery_id"
    )
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


async def states(desk: Desk, **wanted: str) -> list[str]:
    """Return the states of some deliveries."""
    return [row["state"] for row in await deliveries(desk, **wanted)]
