"""The gateway for short messages at the far end: it remembers what it took, whatever our side knows."""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Self

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
DOWN: Final = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Provider:
    """`taken` counts by delivery id; `first` is when each came, in `time.time()`."""

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)
    failing: bool = False
    silent: int = 0
    """How many of the next messages are taken without an answer."""
    silenced: int = 0
    slow: float = 0.0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        body = json.loads(await reader.readexactly(length))
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.failing:
            writer.write(DOWN)
            return True
        self.taken[body["delivery_id"]] += 1
        self.first.setdefault(body["delivery_id"], time.time())
        if self.silent > 0:
            self.silent -= 1
            self.silenced += 1
            return False
        answer = json.dumps({"message_id": body["delivery_id"]}).encode()
        writer.write(OK % (len(answer), answer))
        await writer.drain()
        return True
