"""Fixtures of results-ingest."""

from collections.abc import AsyncIterator

import pytest

from tests.results_ingest.support import Ingest, running_ingest
from tests.support.servers import Address


@pytest.fixture
async def ingest(servers: Address, database: str) -> AsyncIterator[Ingest]:
    """Run the service and its handlers; the business clock stands near 2030-01-15 12:00."""
    async with running_ingest(servers, database) as running:
        yield running
