"""Notifier alone: what the other services say is published for it, and read back over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.notifier.desk import Desk, open_desk
from tests.notifier.outward import Opens, opens
from tests.support.servers import Address


@pytest.fixture
async def desk(
    request: pytest.FixtureRequest, servers: Address, database: str, tmp_path: Path
) -> AsyncIterator[Desk]:
    """Run notifier's app and worker; `@pytest.mark.settings(name=value)` changes its settings."""
    marker = request.node.get_closest_marker("settings")
    async with open_desk(servers, database, data_dir=tmp_path, **(marker.kwargs if marker else {})) as desk:
        yield desk


@pytest.fixture
def open_outward(servers: Address, database: str, tmp_path: Path) -> Opens:
    return opens(servers, database, tmp_path)
