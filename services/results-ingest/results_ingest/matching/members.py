"""Members of tubes become known: at the binding, or when their identity arrives."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.matching import alarms, twins
from results_ingest.matching.effects import effect_on
from results_ingest.matching.publishing import publish_effects
from results_ingest.matching.rules import chunks
from results_ingest.matching.tubes import tubes_of
from results_ingest.matching.waiting import RESOLVE_MEMBERS
from shared.bus.publishing import publish
from shared.db import Session, execute, fetch_all, sql
from shared.messages import SamplesBound
from shared.messages.facts import Sample

WAITING_TUBES = sql("""
SELECT t.tube_id FROM ingest.tube t
WHERE t.tube_id IN (
    SELECT m.tube_id FROM ingest.tube_member m
    WHERE m.person_id IS NULL AND m.match_key = ANY(CAST(:keys AS text[]))
)
ORDER BY t.tube_id FOR NO KEY UPDATE
""")
_RESOLVE = """
WITH found AS (
    SELECT m.tube_id, m.position, coalesce(d.person_id, h.person_id) AS person_id,
        coalesce(m.name_index <> coalesce(d.name_index, h.name_index), false) AS odd
    FROM ingest.tube_member m
    LEFT JOIN LATERAL (
        SELECT i.person_id, i.name_index
        FROM ingest.identity_code c JOIN LATERAL (
            SELECT x.* FROM ingest.identity x WHERE x.person_id = c.person_id OFFSET 0
        ) i ON true
        WHERE c.health_code_id = m.health_code_id OFFSET 0
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT i.person_id, i.name_index FROM ingest.identity i
        WHERE i.id_index = m.id_index ORDER BY i.version DESC, i.person_id LIMIT 1 OFFSET 0
    ) d ON true
    WHERE m.person_id IS NULL AND {which} AND coalesce(d.person_id, h.person_id) IS NOT NULL
)
UPDATE ingest.tube_member m
SET person_id = CASE WHEN NOT f.odd THEN f.person_id END,
    known_at = CASE WHEN NOT f.odd THEN CAST(:now AS timestamptz) END,
    fault = CASE WHEN f.odd THEN 'name_mismatch' END
FROM found f WHERE m.tube_id = f.tube_id AND m.position = f.position
RETURNING m.tube_id, m.position, m.person_id, m.fault
"""
RESOLVE_BY_KEYS = sql(_RESOLVE.format(which="m.match_key = ANY(CAST(:keys AS text[]))"))
RESOLVE_BY_TUBES = sql(_RESOLVE.format(which="m.tube_id = ANY(CAST(:tubes AS uuid[]))"))
NAME = sql("""
UPDATE ingest.tube_member SET person_id = :person_id, known_at = CAST(:now AS timestamptz), fault = NULL
WHERE tube_id = :tube_id AND position = :position AND person_id IS NULL
RETURNING tube_id, position, person_id, fault
""")
LOCK_TUBE = sql("SELECT tube_id FROM ingest.tube WHERE tube_id = :tube_id FOR NO KEY UPDATE")
SAMPLES = sql("""
SELECT tube_id, tube_code, mode, collected_at, lab_code, paired_with, result_due_at
FROM ingest.tube WHERE tube_id = ANY(CAST(:tubes AS uuid[]))
""")
RESULTS = sql("""
SELECT r.batch_id, r."row", r.lab_code, r.state, r.person_id, r.tube_id, r.reported_at, r.tested_at,
    r.collected_at, r.outcome, r.mode, r.test_kind, r.tube_code, r.health_code_id, r.corrects_batch,
    r.corrects_row, coalesce(r.from_positive, false) AS from_positive
FROM unnest(CAST(:tubes AS uuid[])) AS u (tube_id)
CROSS JOIN LATERAL (
    SELECT x.batch_id, x."row" FROM ingest.tube_result x
    WHERE x.tube_id = u.tube_id AND NOT x.superseded OFFSET 0
) t
CROSS JOIN LATERAL (
    SELECT x.* FROM ingest.result x WHERE x.batch_id = t.batch_id AND x."row" = t."row" OFFSET 0
) r
WHERE r.same_as IS NULL
ORDER BY r.batch_id, r."row"
""")


async def resolve_by_keys(session: Session, keys: Sequence[str], *, now: datetime) -> None:
    """Give members that wait for these keys their persons, their samples and their results."""
    # A result that is being applied to such a tube either sees the member known or is seen here.
    if await fetch_all(session, WAITING_TUBES, keys=list(keys)):
        await tell(session, await fetch_all(session, RESOLVE_BY_KEYS, keys=list(keys), now=now), now=now)


async def resolve_by_tubes(session: Session, tube_ids: Sequence[UUID], *, now: datetime) -> list[RowMapping]:
    """Look for the persons of these tubes' members; return who was found, for `tell`."""
    return list(await fetch_all(session, RESOLVE_BY_TUBES, tubes=list(tube_ids), now=now))


async def name_member(
    session: Session, tube_id: UUID, position: int, *, person_id: UUID, now: datetime
) -> None:
    """Make somebody a member as a person has decided."""
    await execute(session, LOCK_TUBE, tube_id=tube_id)
    named = await fetch_all(session, NAME, tube_id=tube_id, position=position, person_id=person_id, now=now)
    await tell(session, named, now=now)


async def tell(session: Session, found: Sequence[RowMapping], *, now: datetime) -> None:
    """Publish samples and results of members who are known from now on."""
    if not found:
        return
    await execute(
        session,
        RESOLVE_MEMBERS,
        tubes=[row["tube_id"] for row in found],
        positions=[row["position"] for row in found],
        faults=[row["fault"] for row in found],
        now=now,
    )
    known = [row for row in found if row["person_id"] is not None]
    if known:
        await _tell_samples(session, known, now=now)
        await _tell_results(session, known, now=now)


async def _tell_samples(session: Session, known: Sequence[RowMapping], *, now: datetime) -> None:
    wanted = sorted({row["tube_id"] for row in known})
    tubes = {row["tube_id"]: row for row in await fetch_all(session, SAMPLES, tubes=wanted)}
    samples = [_sample(row["person_id"], tubes[row["tube_id"]]) for row in known]
    for chunk in chunks(samples):
        await publish(session, SamplesBound(samples=tuple(chunk)), now=now)


def _sample(person_id: UUID, tube: RowMapping) -> Sample:
    return Sample(
        person_id=person_id,
        tube_id=tube["tube_id"],
        tube_code=tube["tube_code"],
        mode=tube["mode"],
        collected_at=tube["collected_at"].isoformat(),
        lab_code=tube["lab_code"],
        paired_with=tube["paired_with"],
        result_due_at=tube["result_due_at"].isoformat(),
    )


async def _tell_results(session: Session, known: Sequence[RowMapping], *, now: datetime) -> None:
    fresh: dict[UUID, set[int]] = defaultdict(set)
    for row in known:
        fresh[row["tube_id"]].add(row["position"])
    rows: list[Any] = list((await session.execute(RESULTS, {"tubes": sorted(fresh)})).all())
    if not rows:
        return
    whole = await tubes_of(session, [row.tube_id for row in rows])
    tubes = {tube_id: replace(tube, fresh=frozenset(fresh[tube_id])) for tube_id, tube in whole.items()}
    rows = await twins.without(session, rows, tubes)
    effects = [
        effect_on(person_id, row, tubes[row.tube_id])
        for row in rows
        for person_id in tubes[row.tube_id].known
    ]
    await publish_effects(session, effects, now=now)
    await alarms.raise_all(session, rows, tubes, {}, now=now)
