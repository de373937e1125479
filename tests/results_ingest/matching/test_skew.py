"""Sides that commit at the same moment see each other: a result and its person, two holders of a code."""

import asyncio
from uuid import UUID

import pytest

from results_ingest.identities import service as identities
from results_ingest.matching import service as matching
from shared.messages import ResultsApplied
from tests.results_ingest.support import Ingest, effects


async def test_each_waits_for_the_other_where_it_must(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001", known=False)
    batch = await ingest.post(ingest.row(health_code_id="HC-0001"), settle=False)
    [part] = await ingest.run("SELECT batch_id, part FROM ingest.batch_part")
    both = asyncio.Event()
    inside = 0

    async def meet() -> None:
        nonlocal inside
        inside += 1
        if inside == 2:
            both.set()
        try:  # one of the two is kept out by the other's anchor and comes when that has committed
            await asyncio.wait_for(both.wait(), 0.5)
        except TimeoutError:
            both.set()

    async def result() -> None:
        async with ingest.context.db.transaction() as session:
            await matching.apply_part(session, ingest.context, **part)
            await meet()

    async def arrival() -> None:
        async with ingest.context.db.transaction() as session:
            await identities.learn(session, [ingest.identity(person)], now=ingest.now)
            await meet()

    await asyncio.gather(result(), arrival())
    assert (await ingest.again(batch))["matched"] == 1
    assert len(effects(await ingest.told(ResultsApplied))) == 1


@pytest.mark.parametrize("lower_first", [True, False])
async def test_a_code_leads_to_its_new_holder_while_the_old_one_gives_it_away(
    ingest: Ingest, *, lower_first: bool
) -> None:
    old, new = await ingest.person(known=False), await ingest.person(known=False)
    old.person_id, new.person_id = (UUID(int=1 if lower_first else 2), UUID(int=2 if lower_first else 1))
    old.code = "HC-GIVEN"
    await ingest.learn(old, new)
    old.code, new.code, old.version, new.version = "HC-OWN", "HC-GIVEN", 2, 2
    written = asyncio.Event()

    async def giving() -> None:
        async with ingest.context.db.transaction() as session:
            await identities.learn(session, [ingest.identity(old)], now=ingest.now)
            written.set()
            await asyncio.sleep(0.3)  # not committed while the other one looks who has the code

    async def taking() -> None:
        await written.wait()
        async with ingest.context.db.transaction() as session:
            await identities.learn(session, [ingest.identity(new)], now=ingest.now)

    await asyncio.gather(giving(), taking())
    led = await ingest.run("SELECT health_code_id, person_id FROM ingest.identity_code ORDER BY 1")
    assert [(row["health_code_id"], row["person_id"]) for row in led] == [
        ("HC-GIVEN", new.person_id),
        ("HC-OWN", old.person_id),
    ]
