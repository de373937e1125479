"""Fixtures of the bad-input matrix: results-ingest alone, or the whole system once for a module."""

from collections.abc import AsyncIterator, Callable

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


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line even where output is captured: how many cases there were."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end=" ")  # noqa: T201 - for whoever runs the matrix

    return say
