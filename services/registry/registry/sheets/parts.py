"""How the rows of a sheet are kept: in parts of one transaction each, packed and sealed."""

import zlib
from collections.abc import Hashable, Mapping, Sequence
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


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Rows with the numbers that a person sees; `before`: earlier rows that a trial of these rests on."""

    numbers: list[int]
    rows: list[list[str]]
    before: list[list[str]] = []


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


def sealed_parts(
    sealer: Sealer, rows: Rows, *, size: int, before: Mapping[int, list[int]] | None = None
) -> list[bytes]:
    """Return the data rows of a sheet, sealed part by part; `before`: places of earlier rows, by part."""
    data = rows.rows[1:]
    parts = (
        Part(
            rows.numbers[1 + start : 1 + start + size],
            data[start : start + size],
            [data[place] for place in (before or {}).get(number, ())],
        )
        for number, start in enumerate(range(0, len(data), size))
    )
    packed = (zlib.compress(msgspec.msgpack.encode(part), _LEVEL) for part in parts)
    return [sealer.seal(each, context=SEALED_ROWS) for each in packed]


def open_part(sealer: Sealer, sealed: bytes) -> Part:
    """Return the rows of a part."""
    packed = zlib.decompress(sealer.open(sealed, context=SEALED_ROWS))
    return msgspec.msgpack.decode(packed, type=Part)


def earlier(concerns: Sequence[Sequence[Hashable | None]], *, size: int) -> dict[int, list[int]]:
    """Return for each part the places of earlier rows that its rows rest on, directly or through others.

    `concerns`: of each row what it is about, then what it rests on; nothing for one that is not taken.
    """
    found: dict[int, list[int]] = {}
    about: dict[Hashable, list[int]] = {}
    for number, start in enumerate(range(0, len(concerns), size)):
        here = range(start, min(start + size, len(concerns)))
        wanted: set[int] = set()
        left = {key for place in here for key in concerns[place] if key is not None}
        known = set(left)
        while left:
            places = set(about.get(left.pop(), ())) - wanted
            wanted |= places
            fresh = {key for place in places for key in concerns[place] if key is not None} - known
            known |= fresh
            left |= fresh
        if wanted:
            found[number] = sorted(wanted)
        for place in here:
            if concerns[place] and concerns[place][0] is not None:
                about.setdefault(concerns[place][0], []).append(place)
    return found
