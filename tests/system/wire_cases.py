"""Requests that no client library would send, as bytes, with what must become of each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

LARGE: Final = 1 << 20
CRLF: Final = b"\r\n"
# Stand for codes of the case's own, of the same length: in its body, and in a request hidden inside it.
OUTER: Final = "OUTER-00000"
INNER: Final = "INNER-00000"
TAKEN, REFUSED, EITHER = "taken", "refused", "either"


@dataclass(frozen=True)
class Target:
    """A route that takes a body, and a body that it takes."""

    service: str
    path: str
    body: dict[str, object]

    def good(self, code: str = OUTER) -> bytes:
        """Return the body."""
        return json.dumps(self.body).replace(OUTER, code).encode()


@dataclass(frozen=True)
class Case:
    """Bytes on a connection. What is not `taken` gets a 4xx or a closed connection, and changes nothing.

    `ends`: the sender closes its side behind the last byte, since the service may rightly wait for more.
    """

    name: str
    sent: bytes
    becomes: str = REFUSED
    ends: bool = False

    def numbered(self, number: int) -> "Case":
        """Return the case with codes of its own."""
        sent = self.sent
        for code in (OUTER, INNER):
            sent = sent.replace(code.encode(), code_of(code, number).encode())
        return replace(self, sent=sent)


def code_of(code: str, number: int) -> str:
    """Return the code that a case has in the place of OUTER or INNER."""
    return f"{code[:6]}{number:05}"


def cases(target: Target, head: bytes) -> Iterator[Case]:
    """Yield every case against a target; `head` are the fields that a good request has."""
    made = [case for make in (_lengths, _chunks, _encodings, _heads, _lines) for case in make(target, head)]
    yield from (case.numbered(number) for number, case in enumerate(made))


def _request(
    target: Target, head: bytes, *fields: bytes, body: bytes = b"", method: bytes = b"POST",
    version: bytes = b"HTTP/1.1", path: bytes = b"",
) -> bytes:  # fmt: skip
    line = b" ".join((method, path or target.path.encode(), version))
    return CRLF.join((line, head, *fields, b"", body))


def _length(size: object) -> bytes:
    return f"Content-Length: {size}".encode()


CHUNKED: Final = b"Transfer-Encoding: chunked"


def _chunk(data: bytes, size: bytes | None = None) -> bytes:
    return (size or f"{len(data):x}".encode()) + CRLF + data + CRLF


END: Final = b"0\r\n\r\n"


def _lengths(target: Target, head: bytes) -> Iterator[Case]:
    good, inner = target.good(), target.good(INNER)
    size = len(good)
    smuggled = _request(target, head, _length(len(inner)), body=inner)

    def of(*fields: bytes, body: bytes = good) -> bytes:
        return _request(target, head, *fields, body=body)

    yield Case("the right length", of(_length(size)), becomes=TAKEN)
    yield Case("length and chunks", of(_length(size), CHUNKED, body=_chunk(good) + END))
    yield Case("chunks and length", of(CHUNKED, _length(size), body=_chunk(good) + END))
    yield Case("length 0 and chunks", of(_length(0), CHUNKED, body=_chunk(good) + END))
    yield Case(
        "an end of chunks, then a request", of(_length(5 + len(smuggled)), CHUNKED, body=END + smuggled)
    )
    yield Case("two lengths", of(_length(size), _length(size - 1)))
    yield Case("two lengths, the first too short", of(_length(5), _length(size)))
    yield Case("two lengths in one field", of(_length(f"{size}, {size - 1}")))
    yield Case("one length twice", of(_length(size), _length(size)), becomes=EITHER)
    for wrong in (
        "-1",
        f"+{size}",
        f"0x{size:x}",
        f"{size}.0",
        "1e3",
        "",
        "ten",
        f"{size}_0",
        "9" * 40,
        f"{size};",
    ):
        yield Case(f"length {wrong[:12]!r}", of(_length(wrong)))
    yield Case("length in other digits", of("Content-Length: １０".encode()))
    yield Case("a length longer than the body", of(_length(size + 7)), ends=True)
    yield Case("a length a byte longer", of(_length(size + 1)), ends=True)
    yield Case("a length of 40 MB and nothing", of(_length(40 << 20), body=b""), ends=True)
    yield Case("a length of a petabyte", of(_length(1 << 50)), ends=True)
    yield Case("a length a byte shorter", of(_length(size - 1)))
    yield Case("a length of 1", of(_length(1)))
    yield Case("a length of 0", of(_length(0)))
    yield Case(
        "a longer length over the next request", of(_length(size + len(smuggled)), body=good + smuggled)
    )
    yield Case("no length", of())
    yield Case("half a body", of(_length(size), body=good[: size // 2]), ends=True)


def _chunks(target: Target, head: bytes) -> Iterator[Case]:
    good = target.good()
    size = len(good)

    def of(body: bytes, *fields: bytes) -> bytes:
        return _request(target, head, CHUNKED, *fields, body=body)

    yield Case("chunks", of(_chunk(good[:9]) + _chunk(good[9:]) + END), becomes=TAKEN)
    yield Case("chunks of a byte", of(b"".join(_chunk(bytes([each])) for each in good) + END), becomes=TAKEN)
    yield Case("a chunk with an extension", of(_chunk(good, f"{size:x};a=b".encode()) + END), becomes=EITHER)
    yield Case("a trailer", of(_chunk(good) + b"0\r\nX-Checksum: 1\r\n\r\n"), becomes=TAKEN)
    yield Case(
        "a trailer that is a length", of(_chunk(good) + b"0\r\nContent-Length: 3\r\n\r\n"), becomes=EITHER
    )
    yield Case("a chunk a byte longer than it says", of(_chunk(good, f"{size - 1:x}".encode()) + END))
    yield Case(
        "a chunk a byte shorter than it says", of(_chunk(good, f"{size + 1:x}".encode()) + END), ends=True
    )
    yield Case(
        "a chunk that says twice its size", of(_chunk(good, f"{size * 2:x}".encode()) + END), ends=True
    )
    yield Case("a chunk of 1 that is longer", of(_chunk(good, b"1") + END))
    for wrong in (b"-1", b"zz", b"0x10", b" 10", b"", b"F" * 17, b"F" * 4_000, b"1 0", b"\x001"):
        yield Case(f"a chunk of {wrong[:8]!r}", of(wrong + CRLF + good + CRLF + END), ends=True)
    yield Case("chunks without an end", of(_chunk(good)), ends=True)
    yield Case("half an end", of(_chunk(good) + b"0\r\n"), ends=True)
    yield Case("no chunk at all", of(END))
    yield Case("a chunk without its CRLF", of(f"{size:x}".encode() + CRLF + good + END), ends=True)
    yield Case("chunks with bare line feeds", of(f"{size:x}\n".encode() + good + b"\n0\n\n"), ends=True)
    yield Case(
        "an extension of a megabyte",
        of(_chunk(good, f"{size:x};".encode() + b"a" * LARGE) + END),
        becomes=REFUSED,
    )
    yield Case(
        "trailers without number",
        of(_chunk(good) + b"0\r\n" + b"X-A: b\r\n" * 50_000 + CRLF),
        becomes=REFUSED,
    )
    yield Case("a hundred thousand chunks of a blank", of(b"1\r\n \r\n" * 100_000 + END))


def _encodings(target: Target, head: bytes) -> Iterator[Case]:
    good = target.good()
    body = _chunk(good) + END

    for value in (
        "xchunked", "chunked, identity", "identity", "gzip", "chunked, gzip", "\x0bchunked", "chunked\x00", "chunk",
        "chunked;q=1",
    ):  # fmt: skip
        sent = _request(target, head, f"Transfer-Encoding: {value}".encode(), body=body)
        yield Case(f"transfer encoding {value!r}", sent, ends=True)
    yield Case("chunked twice", _request(target, head, CHUNKED, CHUNKED, body=body), becomes=EITHER)
    yield Case(
        "chunked and then another",
        _request(target, head, CHUNKED, b"Transfer-Encoding: x", body=body),
        ends=True,
    )
    yield Case("a blank before the colon", _request(target, head, b"Transfer-Encoding : chunked", body=body))
    yield Case(
        "a length with a blank before the colon", _request(target, head, b"Content-Length : 5", body=good)
    )
    old = _request(target, head, CHUNKED, body=body, version=b"HTTP/1.0")
    yield Case("chunks in HTTP/1.0", old, becomes=REFUSED, ends=True)
    for coding, sent in (
        (b"gzip", good),
        (b"gzip, gzip", good),
        (b"deflate", good),
        (b"br", good),
        (b"gzip", b""),
    ):
        fields = (b"Content-Encoding: " + coding, _length(len(sent)))
        yield Case(
            f"{coding.decode()} that is none, {len(sent)} bytes", _request(target, head, *fields, body=sent)
        )
    expects = (b"Expect: 100-continue", _length(len(good)))
    yield Case("100-continue", _request(target, head, *expects, body=good), becomes=TAKEN)
    yield Case("an expectation of nobody's", _request(target, head, b"Expect: 200-ok", body=b""), ends=True)


def _heads(target: Target, head: bytes) -> Iterator[Case]:
    good = target.good()
    size = _length(len(good))

    def of(*fields: bytes) -> bytes:
        return _request(target, head, *fields, size, body=good)

    yield Case("a field of a megabyte", of(b"X-Bomb: " + b"a" * LARGE))
    yield Case("a field name of a megabyte", of(b"a" * LARGE + b": b"))
    yield Case("20,000 fields", of(*(f"X-{each}: {'b' * 60}".encode() for each in range(20_000))))
    yield Case("100,000 empty fields", of(*([b"X:"] * 100_000)))
    yield Case(
        "a head without an end",
        of(*([b"X-A: " + b"b" * 1_000] * 3_000))[: -len(good)][: 2 * LARGE],
        ends=True,
    )
    yield Case("a line without a colon", of(b"nonsense"))
    yield Case("a field without a name", of(b": x"))
    yield Case("a blank in a name", of(b"X A: x"))
    yield Case("NUL in a name", of(b"X\x00A: x"))
    yield Case("NUL in a value", of(b"X-A: x\x00y"))
    yield Case("a bare CR in a value", of(b"X-A: x\rContent-Length: 1"))
    yield Case("a bare LF in a value", of(b"X-A: x\nX-B: y"), becomes=EITHER)
    yield Case("a folded line", of(b"X-A: x\r\n y"), becomes=EITHER)
    yield Case("bytes beyond ASCII", of(b"X-A: \xff\xfe"), becomes=EITHER)
    yield Case("two hosts", of(b"Host: elsewhere.example"), becomes=EITHER)
    yield Case(
        "an upgrade to HTTP/2", of(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), becomes=EITHER
    )
    yield Case("two tokens", of(b"Authorization: Bearer x"))
    yield Case("two media types", of(b"Content-Type: text/plain"), becomes=EITHER)
    yield Case("a request id of a megabyte less", of(b"X-Request-Id: " + b"a" * 10_000), becomes=TAKEN)


def _lines(target: Target, head: bytes) -> Iterator[Case]:
    good = target.good()
    fields = (_length(len(good)),)

    def to(path: bytes) -> bytes:
        return _request(target, head, *fields, body=good, path=path)

    def get(path: bytes) -> bytes:
        return _request(target, head, method=b"GET", path=path)

    for version, taken in ((b"HTTP/1.0", True), (b"HTTP/1.2", False), (b"HTTP/0.9", False), (b"HTTP/2.0", False),
                           (b"HTTP/9.9", False), (b"http/1.1", False), (b"HTTP/1.1x", False), (b"", False)):  # fmt: skip
        sent = _request(target, head, *fields, body=good, version=version)
        yield Case(
            f"version {version.decode() or 'none'}", sent, becomes=TAKEN if taken else REFUSED, ends=not taken
        )
    yield Case("HTTP/1.0 without a length", _request(target, head, body=good, version=b"HTTP/1.0"), ends=True)
    path = target.path.encode()
    yield Case("a whole address", to(b"http://elsewhere.example" + path), becomes=TAKEN)
    yield Case("a whole address with NUL", to(b"http://else\x00where" + path))
    yield Case("another scheme", to(b"gopher://elsewhere.example" + path), becomes=TAKEN)
    yield Case("two slashes", to(b"//elsewhere.example" + path))
    yield Case("NUL in the path", to(path + b"\x00"))
    yield Case("a path that is none", to(b"nowhere"))
    for tail in (b"%00", b"/%00", b"/a%00b", b"/%ff%fe", b"/%c0%af", b"/..%2f..%2fetc%2fpasswd", b"/%0d%0aX-A:%20b",
                 b"/%", b"/%zz", b"/\xe5\xba\x94", b"/a b", b"?cursor=%00", b"?limit=%00", b"?batch_no=%00",
                 b"?a=\x00", b"/" + b"a" * 100_000, b"?a=" + b"b" * 100_000, b"?" + b"a=b&" * 20_000):  # fmt: skip
        # `/a b` ends the path at the blank, and a list may be read.
        yield Case(
            f"GET …{tail[:24]!r}",
            get(path + tail),
            becomes=EITHER if tail.startswith(b"?") else REFUSED,
            ends=tail == b"/a b",
        )
    for method in (b"TRACE", b"CONNECT", b"NONSENSE", b"post", b"", b"P" * 10_000, b"PO\x00ST", b"PRI"):
        sent = _request(target, head, *fields, body=good, method=method)
        yield Case(f"method {method[:9].decode()!r}", sent, ends=True)
    yield Case("the asterisk", _request(target, head, method=b"OPTIONS", path=b"*"), becomes=EITHER)
    yield Case("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ends=True)
    yield Case("a greeting of TLS", bytes.fromhex("1603010200010001fc0303") + bytes(500), ends=True)
    yield Case("bytes of no kind", bytes(range(256)) * 40, ends=True)
    yield Case("nothing", b"", ends=True)
    yield Case("an empty line first", b"\r\n\r\n" + to(path), becomes=TAKEN)
