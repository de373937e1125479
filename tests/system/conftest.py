"""A small district in a running system."""

from collections.abc import Iterator

import pytest

from tests.support.forked import Forked
from tests.support.system import System
from tests.system.people import District


@pytest.fixture
async def district(system: System) -> District:
    """Build the district."""
    return await District(system).build()


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    """Start worker processes that may be killed."""
    forked = Forked()
    yield forked
    forked.close()
