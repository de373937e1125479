"""A result and its person that commit at the same moment find each other."""

import asyncio

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
