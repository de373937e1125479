"""A transaction that was allowed more time has it, although its role's limit already runs when it asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.db import Database
from tests.support.system import System

# Of this database alone, and gone with it.
SHORT = "ALTER ROLE {role} IN DATABASE {database} SET transaction_timeout = '1500ms'"
LONGER = text("SELECT pg_sleep(2)")


async def test_more_time_holds_beyond_the_limit_of_the_role(system: System) -> None:
    url = system.settings["registry"].database_url
    await system.owner.execute(SHORT.format(role=make_url(url).username, database=system.database))
    db = Database(url, name="long", pool_size=1)
    try:
        async with db.transaction(seconds=30) as session:
            await session.execute(LONGER)
        with pytest.raises(DBAPIError):
            async with db.transaction() as session:
                await session.execute(LONGER)
    finally:
        await db.close()
