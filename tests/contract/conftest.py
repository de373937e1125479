"""One running system per module, used as its clients use it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.office import Office
from tests.support.servers import Address, Clones
from tests.support.system import running_system


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(
    request: pytest.FixtureRequest, servers: Address, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """Run the whole system for one module; `SETTINGS` of the module changes settings."""
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    more = getattr(request.module, "SETTINGS", {})
    async with Clones(servers, f"contract_{name}") as clones:
        database = await clones.make()
        async with running_system(
            servers, database, data_dir=tmp_path_factory.mktemp("data"), **more
        ) as system:
            yield await Office(system).open()
        await clones.drop(database)
