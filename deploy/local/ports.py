"""Ports of 127.0.0.1 for servers of our own."""

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

# Above what services are usually found at, below what systems hand out to outgoing connections: one of
# those may take a port of that range at any moment, also between our look and our server's start.
FIRST: Final = 12_000
LAST: Final = 32_000
HANDED_OUT: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
NARROWEST: Final = 2_000
ATTEMPTS: Final = 200


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    return free_ports(1)


def free_ports(count: int, draw: Callable[[int], int] = secrets.randbelow) -> int:
    """Return the first of so many ports in a row that nobody uses at the moment; `draw(n)` gives 0 to n - 1.

    Raises RuntimeError where there are none.
    """
    last = last_port()
    for _ in range(ATTEMPTS):
        first = FIRST + draw(last - FIRST - count)
        if all(is_free("127.0.0.1", first + number) for number in range(count)):
            return first
    message = f"no {count} free ports in a row between {FIRST} and {last}"
    raise RuntimeError(message)


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there; what a closed connection left behind does not hinder it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def last_port(handed_out: Path = HANDED_OUT) -> int:
    """Return the end of our range: below the system's own, unless that leaves too few."""
    try:
        begins = int(handed_out.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return LAST
    return min(LAST, begins) if begins >= FIRST + NARROWEST else LAST
