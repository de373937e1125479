"""A correction replaces the row it names, whatever became of that row.

Knows results and reviews in the database; what the replacement means for people is told by effects.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.matching.rules import alarms, lifts_positive, needs_new_sample
from results_ingest.matching.stage import Staged
from results_ingest.reviews.service import close_replaced
from shared.db import Session, execute, fetch_all, sql
from shared.result_ids import result_id, split

Key = tuple[UUID, int]

LOCK_TARGETS = sql("""
SELECT r.batch_id, r."row", r.lab_code, r.outcome, r.test_kind, r.mode, r.state, r.person_id, r.tube_id,
    r.same_as, r.superseded_by, coalesce(r.from_positive, false) AS from_positive,
    EXISTS (SELECT FROM ingest.tube t WHERE t.tube_id = r.tube_id AND t.subject <> 'person') AS of_thing
FROM unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[])) AS u (batch_id, "row")
CROSS JOIN LATERAL (
    SELECT x.* FROM ingest.result x WHERE x.batch_id = u.batch_id AND x."row" = u."row" OFFSET 0 FOR UPDATE
) r
""")
REVIEWS = sql("""
SELECT result_id, verdict, person_ids FROM ingest.review WHERE result_id = ANY(CAST(:ids AS uuid[]))
""")
SUPERSEDE = sql("""
UPDATE ingest.result r SET superseded_by = u.by
FROM unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[]), CAST(:by AS uuid[]))
    AS u (batch_id, "row", by)
WHERE r.batch_id = u.batch_id AND r."row" = u."row" AND r.superseded_by IS NULL
""")
SUPERSEDE_AT_TUBES = sql("""
UPDATE ingest.tube_result t SET superseded = true
FROM unnest(CAST(:tubes AS uuid[]), CAST(:batches AS uuid[]), CAST(:rows AS smallint[]))
    AS u (tube_id, batch_id, "row")
WHERE t.tube_id = u.tube_id AND t.batch_id = u.batch_id AND t."row" = u."row"
""")
CLOSE_WAITING = sql("""
UPDATE ingest.unmatched SET state = 'closed', resolved_at = CAST(:now AS timestamptz)
WHERE state = 'open' AND (id = ANY(CAST(:ids AS uuid[])) OR (
    kind = 'pool_member' AND tube_id = ANY(CAST(:tubes AS uuid[]))
    AND (batch_id, "row") IN (
        SELECT * FROM unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[])))))
""")
PEOPLE_OF = sql("""
SELECT u.n, m.person_id FROM unnest(CAST(:tubes AS uuid[])) WITH ORDINALITY AS u (tube_id, n)
CROSS JOIN LATERAL (
    SELECT person_id FROM ingest.tube_member
    WHERE tube_id = u.tube_id AND person_id IS NOT NULL ORDER BY person_id OFFSET 0
) m
""")


@dataclass(frozen=True, slots=True)
class Replaced:
    """The result that a correction stands for now, and whom it had concerned: people, or a unit's thing.

    `told`: others than registry have heard of it, by an alarm or an order, and must hear of its end.
    """

    result_id: UUID
    person_ids: tuple[UUID, ...]
    of_thing: bool
    told: bool


async def aim(session: Session, rows: Sequence[Staged]) -> list[Staged]:
    """Point every correction at the result that counts, and hold the ones that cannot have it.

    A row that tells of a sample already told of is replaced through the one that took effect.
    """
    asking = {
        (r.corrects_batch, r.corrects_row)
        for r in rows
        if r.corrects_batch is not None and r.corrects_row is not None
    }
    if not asking:
        return list(rows)
    found = await _targets(session, asking)
    reviewed = await _verdicts(session, list(found.values()))
    taken: set[Key] = set()
    return [_aimed(row, found, reviewed, taken) for row in rows]


async def _targets(session: Session, keys: set[Key]) -> dict[Key, RowMapping]:
    found = await _lock(session, keys)
    roots = {split(row["same_as"]) for row in found.values() if row["same_as"]}
    root_rows = await _lock(session, roots)
    return {key: root_rows[split(row["same_as"])] if row["same_as"] else row for key, row in found.items()}


async def _lock(session: Session, keys: set[Key]) -> dict[Key, RowMapping]:
    if not keys:
        return {}
    ordered = sorted(keys)
    rows = await fetch_all(
        session, LOCK_TARGETS, batches=[batch for batch, _ in ordered], rows=[row for _, row in ordered]
    )
    return {(row["batch_id"], row["row"]): row for row in rows}


async def _verdicts(session: Session, targets: Sequence[RowMapping]) -> dict[UUID, str | None]:
    ids = [result_id(row["batch_id"], row["row"]) for row in targets]
    return {row["result_id"]: row["verdict"] for row in await fetch_all(session, REVIEWS, ids=ids)}


def _aimed(
    row: Staged, found: Mapping[Key, RowMapping], reviewed: Mapping[UUID, str | None], taken: set[Key]
) -> Staged:
    if row.corrects_batch is None or row.corrects_row is None:
        return row
    target = found.get((row.corrects_batch, row.corrects_row))
    if target is None or target["lab_code"] != row.lab_code:
        return row._replace(hold=row.hold or "correction_target_unknown")
    key = (target["batch_id"], target["row"])
    if target["superseded_by"] is not None or key in taken:
        return row._replace(hold=row.hold or "correction_conflict")
    taken.add(key)
    lifts = lifts_positive(
        old_outcome=target["outcome"],
        old_from_positive=target["from_positive"],
        old_verdict=reviewed.get(result_id(*key)),
        new_outcome=row.outcome,
        test_kind=target["test_kind"],
    )
    return row._replace(corrects_batch=key[0], corrects_row=key[1], from_positive=lifts)


async def supersede(session: Session, rows: Sequence[Any], *, now: datetime) -> dict[UUID, Replaced]:
    """Retire what these matched corrections replace; return it by the correction's result id."""
    corrections = {(r.corrects_batch, r.corrects_row): result_id(r.batch_id, r.row) for r in rows}
    if not corrections:
        return {}
    targets = list((await _lock(session, {(b, n) for b, n in corrections if b and n})).values())
    keys = [(row["batch_id"], row["row"]) for row in targets]
    batches, numbers = [key[0] for key in keys], [key[1] for key in keys]
    ids = [result_id(*key) for key in keys]
    tubes = [row["tube_id"] for row in targets]
    by = [corrections[key] for key in keys]
    await execute(session, SUPERSEDE, batches=batches, rows=numbers, by=by)
    await execute(session, SUPERSEDE_AT_TUBES, tubes=tubes, batches=batches, rows=numbers)
    await execute(session, CLOSE_WAITING, ids=ids, tubes=tubes, batches=batches, rows=numbers, now=now)
    people = await _people(session, targets)
    return {
        correction: Replaced(replaced, persons, target["of_thing"], _told(target))
        for correction, replaced, persons, target in zip(by, ids, people, targets, strict=True)
    }


def _told(target: RowMapping) -> bool:
    """Say whether an alarm, or an order of a new sample or a re-check, went out for a result."""
    if target["state"] == "unmatched":
        return False
    lifted = bool(target["from_positive"])
    return lifted or needs_new_sample(target["outcome"]) or alarms(target["outcome"], target["test_kind"])


async def close(session: Session, replaced: Iterable[Replaced], *, now: datetime) -> None:
    """Close the reviews of replaced results and end what was told of them.

    Last, so that who hears of a positive that a correction has called into doubt is told of that first.
    """
    await close_replaced(session, [each.result_id for each in replaced if each.told], now=now)


async def _people(session: Session, targets: Sequence[RowMapping]) -> list[tuple[UUID, ...]]:
    members = await fetch_all(session, PEOPLE_OF, tubes=[row["tube_id"] for row in targets])
    people: list[set[UUID]] = [{row["person_id"]} if row["person_id"] else set() for row in targets]
    for member in members:
        people[member["n"] - 1].add(member["person_id"])
    # Whom a replaced correction had itself withdrawn still waits for the review that moves on.
    place = {result_id(row["batch_id"], row["row"]): n for n, row in enumerate(targets)}
    for review in await fetch_all(session, REVIEWS, ids=list(place)):
        people[place[review["result_id"]]].update(review["person_ids"])
    return [
        tuple(sorted(each)) if row["state"] == "matched" else ()
        for each, row in zip(people, targets, strict=True)
    ]
