"""The log as lines of JSON: where it begins, every row with its hash, whatever hangs on no chain, the head.

`python -m shared.audit.exporting SERVICE [FILE]` writes them; the routes stream the same.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared.audit import heads, queries
from shared.audit.chain import begin_line, genesis, link_line
from shared.audit.sealing import last_link
from shared.context import SCHEMAS, Context, open_context
from shared.db import LONG_SECONDS, Session, fetch_all, fetch_value
from shared.settings import Settings

PAGE: Final = 5_000


async def place(session: Session, context: Context[Any], n: int) -> bytes | None:
    """Return the chain's hash at `n`, None where it has not come so far."""
    if n == 0:
        return genesis(context.service)
    stored = await fetch_value(session, queries.of(context.audit.schema).link_at, n=n)
    return None if stored is None else bytes(stored)


async def head(session: Session, context: Context[Any], *, now: datetime) -> heads.SignedHead:
    """Return the head as it stands, signed; `now` is real time."""
    n, previous = await last_link(session, context)
    return heads.sign(
        heads.signing_key(context.settings), service=context.service, n=n, previous=previous, now=now
    )


async def export(context: Context[Any], *, after: int, previous: bytes) -> AsyncIterator[bytes]:
    """Yield the lines from behind the chain's `after`-th row, pages in short transactions of their own."""
    statements = queries.of(context.audit.schema)
    async with context.db.transaction() as session:
        signed = await head(session, context, now=context.db.now())
        newest = await fetch_value(session, statements.newest)
    yield begin_line(context.service, after=after, previous=previous, now=context.db.now()) + b"\n"
    position = after
    while position < signed.head.n:
        async with context.db.transaction(seconds=LONG_SECONDS) as session:
            rows = await fetch_all(session, statements.links, after=position, last=signed.head.n, limit=PAGE)
        if not rows:
            break
        yield b"".join(link_line(row) + b"\n" for row in rows)
        position = rows[-1]["n"]
    for start in range(0, newest, 10 * PAGE):
        async with context.db.transaction(seconds=LONG_SECONDS) as session:
            rows = await fetch_all(session, statements.strays, after=start, until=start + 10 * PAGE)
        if rows:
            yield b"".join(link_line(row) + b"\n" for row in rows)
    yield heads.line(signed) + b"\n"


async def export_to(settings: Settings, service: str, path: Path | None) -> None:
    """Write a service's whole log to a file, or to standard output."""
    async with open_context(settings, service=service, part="audit-export") as context:
        with sys.stdout.buffer if path is None else path.open("wb") as file:
            async for lines in export(context, after=0, previous=genesis(service)):
                file.write(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=sorted(SCHEMAS))
    parser.add_argument("file", type=Path, nargs="?", help="default: standard output")
    chosen = parser.parse_args(arguments)
    asyncio.run(export_to(Settings(), chosen.service, chosen.file))


if __name__ == "__main__":
    main()
