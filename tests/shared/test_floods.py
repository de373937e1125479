"""Statements that go straight to the driver are part of the session's transaction like any other."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.db import Database, Session, execute, fetch_all, fetch_many, sql
from tests.support.servers import Address

MAKE = sql("CREATE TABLE drop_in_flood (n integer)")
FAILING = sql("""
    CREATE FUNCTION fail_serially() RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$
""")
ADD = sql("INSERT INTO drop_in_flood VALUES (:n) RETURNING n")
ALL = sql("SELECT n FROM drop_in_flood ORDER BY n")
SAID = sql("SELECT CAST(:b AS text) AS b, CAST(:a AS integer) AS a, CAST(:b AS text) || '!' AS again")


@pytest.fixture
async def db(servers: Address, database: str) -> AsyncIterator[Database]:
    opened = Database(servers.database_url(database), name="floods", pool_size=2)
    async with opened.transaction() as session:
        await execute(session, MAKE)
        await execute(session, FAILING)
    yield opened
    await opened.close()


async def added(db: Database) -> list[int]:
    async with db.transaction() as session:
        return [row["n"] for row in await fetch_all(session, ALL)]


async def test_what_goes_to_the_driver_falls_with_its_transaction_from_the_first_statement_on(
    db: Database,
) -> None:
    async def fail(session: Session) -> None:
        for n in (1, 2):
            await fetch_many(session, ADD, n=n)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.run(fail)
    assert await added(db) == []
    async with db.transaction() as session:
        for n in (1, 2):
            assert [row["n"] for row in await fetch_many(session, ADD, n=n)] == [n]
    assert await added(db) == [1, 2]


async def test_parameters_are_told_apart_by_their_names(db: Database) -> None:
    async with db.transaction() as session:
        usual = await fetch_all(session, SAID, a=1, b="x")
        swift = await fetch_many(session, SAID, a=1, b="x")
    assert [dict(row) for row in swift] == [dict(row) for row in usual] == [{"b": "x", "a": 1, "again": "x!"}]


async def test_what_the_driver_could_not_serialise_is_tried_again(db: Database) -> None:
    attempts: list[Any] = []

    async def work(session: Session) -> None:
        await fetch_many(session, ADD, n=len(attempts))
        attempts.append(session)
        if len(attempts) < 3:
            await fetch_many(session, sql("SELECT fail_serially()"))

    await db.run(work)
    assert len(attempts) == 3
    assert await added(db) == [2]
