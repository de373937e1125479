"""`make reset`: back to before the first start."""

import asyncio
import os
import sys

import asyncpg

from deploy.local.state import AlreadyRunningError, clear, data_dir

EMPTY = """
    DROP SCHEMA IF EXISTS registry, ingest, notifier, bus CASCADE;
    DROP TABLE IF EXISTS public.alembic_version;
"""


def reset() -> int:
    """Remove the data directory's contents, and our schemas from a database of the user's own."""
    root = data_dir()
    try:
        clear(root)
    except AlreadyRunningError as error:
        sys.stderr.write(f"{error}: stop it first\n")
        return 1
    if url := os.environ.get("DATABASE_URL"):
        asyncio.run(_empty(url))
        sys.stdout.write("the schemas registry, ingest, notifier and bus are gone from the database\n")
    sys.stdout.write(f"{root} is empty again\n")
    return 0


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(EMPTY)
    finally:
        await connection.close()
