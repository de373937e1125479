"""How the rows of a sheet are kept: in parts of one transaction each, packed and sealed."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from shared.security.sealing import Sealer
from shared.sheets.columns import Layout, layout_of
from shared.sheets.kinds import Kind
from shared.sheets.rows import Format, Rows

SEALED_HEAD: Final = "sheet.head"
SEALED_ROWS: Final = "sheet.rows"
_LEVEL: Final = 1


class Head(msgspec.Struct, frozen=True):
    """What is known of a sheet before its rows: its header and what the sender said of it."""

    format: Format
    number: int
    header: list[str]
    mapping: dict[str, str]
    constants: dict[str, str]
    suspect: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows with the numbers that a person sees."""

    numbers: list[int]
    rows: list[list[str]]


def seal_head(sealer: Sealer, head: Head) -> bytes:
    """Return a sealed header."""
    return sealer.seal(msgspec.msgpack.encode(head), context=SEALED_HEAD)


def open_head(sealer: Sealer, sealed: bytes) -> Head:
    """Return the header of a sheet."""
    return msgspec.msgpack.decode(sealer.open(sealed, context=SEALED_HEAD), type=Head)


def layout(head: Head, kind: Kind) -> Layout:
    """Return what the columns of a kept sheet are: the same as when it was sent, by the same rules."""
    rows = Rows(head.format, numbers=[head.number] * 2, rows=[head.header, head.header])
    found = layout_of(rows, kind.columns, mapping=head.mapping, constants=head.constants)
    return Layout(found.format, found.columns, found.constants, frozenset(head.suspect))


def sealed_parts(sealer: Sealer, rows: Rows, *, size: int) -> list[bytes]:
    """Return the data rows of a sheet, sealed part by part."""
    packed = (
        zlib.compress(msgspec.msgpack.encode((part.numbers, part.rows)), _LEVEL)
        for part in _cut(rows.numbers[1:], rows.rows[1:], size)
    )
    return [sealer.seal(each, context=SEALED_ROWS) for each in packed]


def open_part(sealer: Sealer, sealed: bytes) -> Part:
    """Return the rows of a part."""
    packed = zlib.decompress(sealer.open(sealed, context=SEALED_ROWS))
    numbers, rows = msgspec.msgpack.decode(packed, type=tuple[list[int], list[list[str]]])
    return Part(numbers, rows)


def _cut(numbers: Sequence[int], rows: Sequence[list[str]], size: int) -> Iterator[Part]:
    for start in range(0, len(rows), size):
        yield Part(list(numbers[start : start + size]), list(rows[start : start + size]))
