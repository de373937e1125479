"""Ports for servers of our own: never one in use, never one that an outgoing connection may be given."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import FIRST, free_ports, is_free, last_port


@pytest.fixture
def taken() -> Iterator[int]:
    """Listen on a port of our range."""
    with socket.socket() as server:
        first = free_ports(1)
        server.bind(("127.0.0.1", first))
        server.listen()
        yield first


def test_a_row_with_a_port_in_use_is_passed_over(taken: int) -> None:
    drawn = iter([taken - FIRST - 1, taken - FIRST, taken - FIRST + 1])
    assert not is_free("127.0.0.1", taken)
    assert free_ports(2, lambda _: next(drawn)) == taken + 1


def test_no_port_is_given_where_none_is_free(taken: int) -> None:
    with pytest.raises(RuntimeError, match="no 1 free ports"):
        free_ports(1, lambda _: taken - FIRST)


@pytest.mark.parametrize(
    ("range_of_the_system", "last"),
    [("32768\t60999", 32_000), ("20000\t60999", 20_000), ("1024\t65535", 32_000), ("", 32_000)],
)
def test_our_range_ends_before_that_of_outgoing_connections(
    tmp_path: Path, range_of_the_system: str, last: int
) -> None:
    handed_out = tmp_path / "range"
    handed_out.write_text(range_of_the_system)
    assert last_port(handed_out) == last


def test_without_such_a_file_our_range_is_whole(tmp_path: Path) -> None:
    assert last_port(tmp_path / "none") == 32_000
