"""Fixtures for all tests: servers once per session, a database per test, the whole system on request."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.servers import Address, Clones, Servers, start_redis

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from tests.support.system import System

# Examples of each property; `HYPOTHESIS_PROFILE=long` is for hours, not for a change.
settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile(
    "long", max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

SERVERS = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the session's servers in the process that all workers share."""
    # httpx asks for it at every request to an app: where it is not installed, the whole path was looked through.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] # None: known not to be there
    gc.disable()  # what is loaded now stays: to look through it again and again took a quarter of that time
    if not hasattr(config, "workerinput"):
        config.stash[SERVERS] = Servers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Start the servers once and tell each worker of xdist where they are."""
    node.workerinput["servers"] = asdict(node.config.stash[SERVERS].address())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers."""
    if (servers := config.stash.get(SERVERS, None)) is not None:
        servers.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files first that hold slow tests, or tests with a time-out of their own.

    Files are handed out whole: at the end no worker then has a long one while the others have none.
    """
    long = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "timeout")))}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """Collect garbage from now on."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Address:
    """Return where the session's PostgreSQL and Redis are."""
    given: dict[str, Any] | None = getattr(pytestconfig, "workerinput", {}).get("servers")
    return Address(**given) if given else pytestconfig.stash[SERVERS].address()


@pytest.fixture
async def clones(servers: Address, pytestconfig: pytest.Config) -> AsyncIterator[Clones]:
    """Make databases from the template."""
    worker: str = getattr(pytestconfig, "workerinput", {}).get("workerid", "main")
    async with Clones(servers, worker) as clones:
        yield clones


@pytest.fixture
async def database(clones: Clones) -> AsyncIterator[str]:
    """Return the name of a fresh, migrated database."""
    name = await clones.make()
    yield name
    await clones.drop(name)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a Redis that this test may empty, pause or stop."""
    with ExitStack() as stack:
        yield start_redis(tmp_path, stack=stack).url


@pytest.fixture
def marked_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what `@pytest.mark.settings(name=value)` changes for one test."""
    marker = request.node.get_closest_marker("settings")
    return marker.kwargs if marker else {}


@pytest.fixture
async def system(
    servers: Address, database: str, tmp_path: Path, marked_settings: dict[str, Any]
) -> AsyncIterator[System]:
    """Run the whole system, with the settings that the test is marked with."""
    # Here, because tests of pure rules need not load three services.
    from tests.support.system import running_system

    async with running_system(servers, database, data_dir=tmp_path, **marked_settings) as running:
        yield running
