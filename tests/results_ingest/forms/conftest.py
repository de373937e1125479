"""Fixtures of the standards: results-ingest alone."""

from collections.abc import AsyncIterator

import pytest

from tests.results_ingest.batches.support import Desk, Lab, running_desk
from tests.support.servers import Address


@pytest.fixture
async def desk(servers: Address, database: str) -> AsyncIterator[Desk]:
    """Run the service alone; the business clock stands near 2030-01-15 12:00."""
    async with running_desk(servers, database) as running:
        yield running


@pytest.fixture
async def lab(desk: Desk) -> Lab:
    """Return the laboratory LAB01."""
    return await desk.lab("LAB01")
