"""Registry's HTTP side alone, with an administrator, from noon of a day in 2030 on.

No worker runs: what comes round is called by the tests that are about it.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from migrations.urls import for_driver
from tests.support.district import District
from tests.support.servers import Address
from tests.support.system import System, base_url, settings_of

NOON = datetime.fromisoformat("2030-11-20T12:00:00+08:00")


@pytest.fixture
async def district(
    servers: Address, database: str, tmp_path: Path, marked_settings: dict[str, Any]
) -> AsyncIterator[District]:
    """Run registry and return it as an administrator of the whole district sees it."""
    values = {
        **servers.values(database),
        "registry_url": base_url("registry"),
        "data_dir": tmp_path,
        "queue_prefix": f"{database}:",
        "pool_size": 4,
        "log_level": "WARNING",
        **marked_settings,
    }
    owner = await asyncpg.connect(for_driver(servers.database_url(database)))
    system = System(servers, database, {"registry": settings_of("registry", values)}, owner)
    try:
        await system.start_app("registry")
        await system.set_clock(NOON)
        yield District(system, await system.client("registry", scopes=["admin"]))
    finally:
        await system.close()
        await owner.close()
