"""HTTP on the socket: uvicorn's own, with an end to how large and how slow a head may be.

uvicorn keeps whatever stands before, between and behind the bytes of a body in memory, before anybody
has been asked for a token, and waits for the end of a head for ever. What bodies may be is
`shared/web/bodies.py`'s.
"""

import asyncio
from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A head has at most this many bytes, and so have a chunk's extension and the trailers; what a single
# read brings beyond it is let through.
MOST_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 30.0
VERSIONS: Final = ("1.0", "1.1")


class Protocol(HttpToolsProtocol):
    """A connection. A head that grows or lasts beyond measure ends it, with 400 where one can be sent."""

    beside_body = 0
    head_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._wait_for_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self.beside_body += len(data)
        super().data_received(data)
        if self.beside_body > MOST_BYTES and not self.transport.is_closing():
            self._end()

    @override
    def on_message_begin(self) -> None:
        self._wait_for_head()
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self.beside_body = 0
        self._stop_waiting()
        self._check_version()
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        self.beside_body = 0
        super().on_body(body)

    def _check_version(self) -> None:
        """Refuse a version that nobody speaks here, and chunks in HTTP/1.0, which a proxy reads otherwise.

        ValueError, which the parser passes on as its own: 400, before anything is worked on.
        """
        version = self.parser.get_http_version()
        chunked = any(name.lower() == b"transfer-encoding" for name, _ in self.headers)
        if version not in VERSIONS or (chunked and version != VERSIONS[-1]):
            message = "a version of HTTP that is not spoken here"
            raise ValueError(message)

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._end)

    def _stop_waiting(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _end(self) -> None:
        """Refuse a head; a request that is already being worked on hears that its sender is gone."""
        self.logger.warning("A head or trailer was too large or too slow.")
        working = getattr(self.cycle, "response_complete", True) is False  # no cycle before the first head
        if working:
            self.transport.close()
        else:
            self.send_400_response("The head of the request is too large or too slow.")
