"""`python -m registry.identity.rotate [--at-once]`: a new key for signing tokens."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from registry.identity import signing
from shared.context import open_context
from shared.settings import Settings


async def rotate(settings: Settings, *, now: datetime, at_once: bool) -> str:
    """Add a signing key and return its id."""
    async with open_context(settings, service="registry", part="rotate") as context:
        return await context.db.run(
            lambda session: signing.rotate(session, context, now=now, at_once=at_once)
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", action="store_true", help="after a leak: end every token issued so far")
    at_once: bool = parser.parse_args(arguments).at_once
    kid = asyncio.run(rotate(Settings(), now=datetime.now(UTC), at_once=at_once))
    sys.stdout.write(f"signing key {kid}\n")


if __name__ == "__main__":
    main()
