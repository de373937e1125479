"""What a matched result sets going: effects on people, alarms, re-checks, new samples, reviews.

The one place for rows matched at once and rows matched late; every row comes here once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.clocks import service as clocks
from results_ingest.matching import alarms, corrections, things, twins
from results_ingest.matching.corrections import Replaced
from results_ingest.matching.publishing import Effect, publish_effects
from results_ingest.matching.tubes import Tube, add_results, tubes_of
from results_ingest.matching.waiting import open_members
from shared.db import Session
from shared.result_ids import result_id

Row = Any
"""A row of ingest.result as matching returns it, by attribute."""


async def take_effect(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Let newly matched rows take effect, the replaced ones among them none."""
    replaced = await corrections.supersede(session, [r for r in rows if r.corrects_batch], now=now)
    gone = {each.result_id for each in replaced.values()}
    alive = [r for r in rows if result_id(r.batch_id, r.row) not in gone]
    tubes = await tubes_of(session, [r.tube_id for r in alive if r.tube_id])
    alive = await twins.without(session, alive, tubes)
    resulted = [r for r in alive if r.tube_id]
    if resulted:
        await add_results(session, resulted)
        await clocks.hint(session, about="subject", ids=sorted({r.tube_id for r in resulted}))
        await open_members(session, resulted, tubes, now=now)
    effects: list[Effect] = []
    for row in alive:
        effects.extend(effects_of(row, tubes.get(row.tube_id), replaced))
    await publish_effects(session, effects, now=now)
    await things.tell(session, alive, tubes, replaced.values(), now=now)
    await alarms.raise_all(session, alive, tubes, replaced, now=now)
    await corrections.close(session, replaced.values(), now=now)


def effects_of(row: Row, tube: Tube | None, replaced: Mapping[UUID, Replaced]) -> list[Effect]:
    """Return what a row means for everyone it concerns, and for those it no longer concerns."""
    own = result_id(row.batch_id, row.row)
    people = tube.known if tube else (row.person_id,)
    effects = [effect_on(person_id, row, tube) for person_id in people]
    before = replaced.get(own)
    gone = [person_id for person_id in (before.person_ids if before else ()) if person_id not in people]
    return effects + [effect_on(person_id, row, tube)._replace(withdrawn=True) for person_id in gone]


def effect_on(person_id: UUID, row: Row, tube: Tube | None) -> Effect:
    """Return what a row means for one person."""
    return Effect(
        lab_code=row.lab_code,
        reported_at=row.reported_at,
        person_id=person_id,
        result_id=result_id(row.batch_id, row.row),
        outcome=row.outcome,
        mode=row.mode,
        test_kind=row.test_kind,
        collected_at=row.collected_at.isoformat(),
        tested_at=row.tested_at.isoformat(),
        tube_id=tube.tube_id if tube else None,
        tube_code=tube.tube_code if tube else None,
        paired_with=tube.paired_with if tube else None,
        replaces=result_id(row.corrects_batch, row.corrects_row) if row.corrects_batch else None,
        from_positive=row.from_positive,
    )
