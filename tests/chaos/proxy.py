"""A TCP proxy in user space: what a network does to two that speak with each other.

One for each pair; `state` may be changed at any time and holds for open connections as well.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from typing_extensions import override

State = Literal["open", "cut", "stalled", "deaf"]
"""`cut` refuses and breaks; `stalled` carries nothing either way; `deaf` carries no answers back."""

COMMITTED: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""PostgreSQL's CommandComplete of a commit."""


@dataclass
class Proxy:
    """Listens on 127.0.0.1 and carries bytes to `target`."""

    target: int
    port: int = 0
    state: State = "open"
    delay: float = 0.0
    cut_answers: int = 0
    """How many of the next answers that hold `marker` are swallowed, and their connection broken."""
    marker: bytes = COMMITTED
    swallowed: int = 0
    lines: set["_Line"] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.break_all()

    def cut(self) -> None:
        """Break every connection and refuse new ones until `mend`."""
        self.state = "cut"
        self.break_all()

    def mend(self) -> None:
        """Carry everything again, and first what was held back."""
        self.state, self.delay, self.cut_answers = "open", 0.0, 0
        for line in list(self.lines):
            line.carry()

    def break_all(self) -> None:
        """Break the connections that are open."""
        for line in list(self.lines):
            line.end()


class _Line(asyncio.Protocol):
    """One connection: the near end of it, and `_Far` the other. What may not pass is held back in order."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._near: asyncio.Transport | None = None
        self._far: asyncio.Transport | None = None
        self._held: dict[bool, list[bytes]] = {True: [], False: []}
        self._connecting: asyncio.Task[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._near = transport
        if self._proxy.state == "cut":
            transport.abort()
            return
        self._proxy.lines.add(self)
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            far, _ = await loop.create_connection(lambda: _Far(self), "127.0.0.1", self._proxy.target)
            self._far = far
        if self._far is None or self._near is None or self._near.is_closing():
            self.end()
        else:
            self.carry()

    @override
    def data_received(self, data: bytes) -> None:
        self.take(data, answer=False)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.end()

    def take(self, data: bytes, *, answer: bool) -> None:
        """Carry what has come, unless it is an answer to be swallowed."""
        proxy = self._proxy
        if answer and proxy.cut_answers > 0 and proxy.marker in data:
            proxy.cut_answers -= 1
            proxy.swallowed += 1
            self.end()
        elif proxy.delay:
            asyncio.get_running_loop().call_later(proxy.delay, self._queue, data, answer)
        else:
            self._queue(data, answer)

    def _queue(self, data: bytes, answer: bool) -> None:  # noqa: FBT001 - called by the loop
        self._held[answer].append(data)
        self.carry()

    def carry(self) -> None:
        """Pass on whatever may pass now."""
        stopped = {True: ("stalled", "deaf", "cut"), False: ("stalled", "cut")}
        for answer, target in ((False, self._far), (True, self._near)):
            if target is not None and self._proxy.state not in stopped[answer]:
                held, self._held[answer] = self._held[answer], []
                if held and not target.is_closing():
                    target.write(b"".join(held))

    def end(self) -> None:
        """Break both ends."""
        self._proxy.lines.discard(self)
        for transport in (self._near, self._far):
            if transport is not None and not transport.is_closing():
                transport.abort()


class _Far(asyncio.Protocol):
    def __init__(self, line: _Line) -> None:
        self._line = line

    @override
    def data_received(self, data: bytes) -> None:
        self._line.take(data, answer=True)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._line.end()
