"""How the PostgreSQL of `make run` is fitted to the machine."""

import pytest

from deploy.local.postgres import cache_of, memory_here


@pytest.mark.parametrize(
    ("gigabytes", "megabytes"), [(0.25, 128), (2, 512), (8, 2048), (24, 4096), (512, 4096)]
)
def test_its_cache_is_a_quarter_of_the_memory_within_bounds(gigabytes: float, megabytes: int) -> None:
    assert cache_of(int(gigabytes * 2**30)) == megabytes


def test_the_memory_of_this_machine_is_found() -> None:
    assert 2**28 < memory_here() < 2**50
