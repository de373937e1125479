"""A small district in a running system."""

import pytest

from tests.support.system import System
from tests.system.people import District


@pytest.fixture
async def district(system: System) -> District:
    """Build the district."""
    return await District(system).build()
