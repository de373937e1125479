"""A bare HTTP/1.1 client: the load generator shares the cores with what it measures, so it must cost little.

One connection carries one request at a time; what is sent was made beforehand. It knows only what our
own servers answer: a length, no chunks.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from typing_extensions import override

END: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def request(
    method: str, path: str, *, token: str, length: int | None = None, accept: str = "application/json"
) -> bytes:
    """Return a request's head; a body of `length` bytes of JSON follows it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        f"Accept: {accept}",
    ]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def head_of(received: bytes | bytearray) -> tuple[int, int, int] | None:
    """Return status, where the body begins and its length; None while the head is not whole."""
    end = received.find(END)
    if end < 0:
        return None
    status = int(received[9:12])
    at = received[:end].lower().find(LENGTH)
    if at < 0:
        if status == 204:
            return status, end + len(END), 0
        message = "an answer without a length"
        raise ValueError(message)
    line_end = received.find(b"\r\n", at + 2)
    return status, end + len(END), int(received[at + len(LENGTH) : line_end])


class _Exchange(asyncio.Protocol):
    """One connection and the answer it waits for."""

    def __init__(self) -> None:
        self.open = True
        self._received = bytearray()
        self._head: tuple[int, int, int] | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    @override
    def data_received(self, data: bytes) -> None:
        """Collect an answer."""
        self._received += data
        if self._head is None:
            self._head = head_of(self._received)
        if self._head is None or self._waiting is None:
            return
        status, begin, length = self._head
        if len(self._received) >= begin + length:
            answer = Answer(status, bytes(self._received[begin : begin + length]))
            self._received = bytearray()
            self._head = None
            if not self._waiting.done():
                self._waiting.set_result(answer)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.open = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("closed by the server"))

    def answer(self) -> asyncio.Future[Answer]:
        """Return the next answer to come."""
        self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting


@dataclass(slots=True)
class Line:
    """A connection to one server; opened again where the server has closed it for idleness."""

    host: str
    port: int
    transport: asyncio.WriteTransport | None = None
    exchange: _Exchange | None = None

    async def send(self, head: bytes, body: bytes = b"") -> Answer:
        """Send a request and return its answer."""
        if self.exchange is None or self.transport is None or not self.exchange.open:
            loop = asyncio.get_running_loop()
            self.transport, self.exchange = await loop.create_connection(_Exchange, self.host, self.port)
        answer = self.exchange.answer()
        self.transport.writelines([head, body])
        return await answer

    def close(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.close()


def line_to(url: str) -> Line:
    """Return a line to the server of a base URL; it connects when it is used."""
    parts = urlsplit(url)
    return Line(parts.hostname or "", parts.port or 80)
