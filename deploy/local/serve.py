"""Serves an app beside others on the same port: `python -m deploy.local.serve APP HOST PORT`.

With SO_REUSEPORT the kernel deals connections out among the processes; one listening socket shared by
all of them would give nearly all of a few long connections to one.
"""

import socket
import sys

import uvicorn

from shared.web.protocol import Protocol


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port that others of us may bind too, where the system knows that."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    return listening


def main() -> None:
    """Serve until told to stop."""
    app, host, port = sys.argv[1:]
    config = uvicorn.Config(
        app,
        factory=True,
        http=Protocol,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listen(host, int(port))])


if __name__ == "__main__":
    main()
