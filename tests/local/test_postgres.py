"""How the PostgreSQL of `make run` is fitted to the machine."""

from pathlib import Path

import pytest

from deploy.local.plan import POOL_SIZE, make_plan, postgres_program
from deploy.local.postgres import cache_of, connections_for, memory_here
from deploy.local.state import open_state
from shared.settings import Settings


@pytest.mark.parametrize(
    ("gigabytes", "megabytes"), [(0.25, 128), (2, 512), (8, 2048), (24, 4096), (512, 4096)]
)
def test_its_cache_is_a_quarter_of_the_memory_within_bounds(gigabytes: float, megabytes: int) -> None:
    assert cache_of(int(gigabytes * 2**30)) == megabytes


def test_the_memory_of_this_machine_is_found() -> None:
    assert 2**28 < memory_here() < 2**50


@pytest.mark.parametrize(
    ("processes", "pool_size", "connections"), [(6, 8, 200), (12, 8, 332), (24, 8, 644), (6, 20, 392)]
)
def test_every_process_may_fill_its_pools(processes: int, pool_size: int, connections: int) -> None:
    assert connections_for(processes, pool_size=pool_size) == connections


def test_what_is_allowed_for_is_what_a_process_takes_by_default() -> None:
    assert Settings.model_fields["pool_size"].default == POOL_SIZE


def test_a_run_with_more_processes_allows_more_connections(tmp_path: Path) -> None:
    plan = make_plan(open_state(tmp_path), {"APIS": "4", "WORKERS": "4", "REDIS_URL": "redis://127.0.0.1:1"})
    assert plan.postgres is not None
    assert "max_connections=644" in postgres_program(plan, plan.postgres).command
