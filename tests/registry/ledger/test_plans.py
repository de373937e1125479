"""The plans of the hot statements: look-ups by key, never a walk over everybody."""

from typing import Any

from sqlalchemy import TextClause

from registry.ledger import jobs, queries
from registry.statuses import queries as statuses
from registry.statuses.facts import day_of
from shared.db import copy_rows, execute, sql
from tests.support.world import NOON, World, applied, code_of, result


def everybody_walked(plan: str) -> bool:
    """Say whether a plan reads a table of people from end to end."""
    return any(f"Seq Scan on {table}" in plan for table in ("person_status", "person ", "ledger_entry"))


async def plan_of(world: World, statement: TextClause, **parameters: Any) -> str:
    """Return the plan of a statement of the results handler, its stage filled but not analysed."""
    people = await world.people(30)
    async with world.context.db.transaction() as session:
        await execute(session, queries.NO_SCANS)
        await execute(session, queries.CREATE_STAGE)
        rows = jobs._records(applied([result(person) for person in people]))
        await copy_rows(session, queries.STAGE, queries.COLUMNS, rows)
        lines = await session.execute(sql(f"EXPLAIN {statement}"), parameters)
        return "\n".join(line[0] for line in lines)


async def test_plain_results_find_their_people_by_key(world: World) -> None:
    parameters = {"lab_code": "LAB01", "today": day_of(NOON), "reported_at": NOON, "now": NOON}
    plan = await plan_of(world, queries.APPLY, **parameters)
    assert "Index Scan using person_status_pkey" in plan
    assert not everybody_walked(plan)
    assert "Hash Join" not in plan


async def test_many_codes_are_looked_up_one_by_one(world: World) -> None:
    people = await world.people(30)
    async with world.context.db.transaction() as session:
        await execute(session, sql("SET LOCAL enable_seqscan = off"))
        codes = [code_of(person) for person in people]
        lines = await session.execute(
            sql("EXPLAIN " + statuses.BY_CODES.replace("$1", ":codes")), {"codes": codes}
        )
        plan = "\n".join(line[0] for line in lines)
    assert "person_health_code_key" in plan
    assert "person_status_pkey" in plan
    assert not everybody_walked(plan)
