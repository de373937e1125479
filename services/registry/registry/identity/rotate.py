"""`python -m registry.identity.rotate [--at-once]`: a new key for signing tokens."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from registry.identity import rotation
from registry.identity.schemas import SigningKeyState
from shared.context import open_context
from shared.db import Session
from shared.errors import Problem
from shared.settings import Settings


async def rotate(settings: Settings, *, now: datetime, at_once: bool) -> SigningKeyState:
    """Add a signing key and return it."""
    async with open_context(settings, service="registry", part="rotate") as context:

        async def work(session: Session) -> SigningKeyState:
            today = await context.clock.now(session)
            return await rotation.rotate(
                session, context, maker=rotation.SYSTEM, at_once=at_once, now=now, today=today
            )

        return await context.db.run(work)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", action="store_true", help="after a leak: end every token issued so far")
    at_once: bool = parser.parse_args(arguments).at_once
    try:
        key = asyncio.run(rotate(Settings(), now=datetime.now(UTC), at_once=at_once))
    except Problem as problem:
        sys.exit(f"{problem.message.zh} {problem.message.en}")
    sys.stdout.write(f"signing key {key.kid}, signs from {key.signs_from.isoformat()}\n")


if __name__ == "__main__":
    main()
