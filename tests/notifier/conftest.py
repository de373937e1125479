"""Notifier alone: what the other services say is published for it, and read back over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.notifier.desk import Desk, open_desk
from tests.notifier.outward import Opens, opens
from tests.support.servers import Address


@pytest.fixture
async def desk(
    servers: Address, database: str, tmp_path: Path, marked_settings: dict[str, Any]
) -> AsyncIterator[Desk]:
    """Run notifier's app and worker; `@pytest.mark.settings(name=value)` changes its settings."""
    async with open_desk(servers, database, data_dir=tmp_path, **marked_settings) as desk:
        yield desk


@pytest.fixture
def open_outward(servers: Address, database: str, tmp_path: Path) -> Opens:
    return opens(servers, database, tmp_path)
