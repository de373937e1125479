"""A TCP proxy in user space: what a network does to two that speak with each other.

One for each pair; `state` may be changed at any time and holds for open connections as well.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, Self

State = Literal["open", "cut", "stalled", "deaf"]
"""`cut` refuses and breaks; `stalled` carries nothing either way; `deaf` carries no answers back."""

CHUNK: Final = 65536
LOOK_SECONDS: Final = 0.01
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
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
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
        """Carry everything again, at once."""
        self.state, self.delay, self.cut_answers = "open", 0.0, 0

    def break_all(self) -> None:
        """Break the connections that are open."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state == "cut":
            writer.transport.abort()
            return
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, onward[1])
        self._open.update(both)
        there = asyncio.create_task(self._carry(reader, onward[1], answers=False))
        back = asyncio.create_task(self._carry(onward[0], writer, answers=True))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for task in (there, back):
            task.cancel()
        for each in both:
            self._open.discard(each)
            each.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                while self.state == "stalled" or (answers and self.state == "deaf"):
                    await asyncio.sleep(LOOK_SECONDS)
                if self.delay:
                    await asyncio.sleep(self.delay)
                if answers and self.cut_answers > 0 and self.marker in data:
                    self.cut_answers -= 1
                    self.swallowed += 1
                    return
                writer.write(data)
                await writer.drain()
