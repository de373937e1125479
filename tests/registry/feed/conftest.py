"""A world of registry's own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.servers import Address
from tests.support.world import World, open_world


@pytest.fixture
async def world(servers: Address, database: str, tmp_path: Path) -> AsyncIterator[World]:
    """Open registry's context on a fresh database."""
    async with open_world(servers, database, tmp_path) as opened:
        yield opened
