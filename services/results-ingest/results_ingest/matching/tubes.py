"""What matching asks of tubes: their members, their retained singles, and the results they have had."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.db import Session, execute, fetch_all, sql

TUBES = sql("""
SELECT t.tube_id, t.tube_code, t.mode, t.subject, t.unit_code, t.site_code, t.sample_kind, t.collected_at,
    p.paired_with
FROM ingest.tube t
CROSS JOIN LATERAL (
    -- a single may name its pool, or be named by it
    SELECT coalesce(t.paired_with, (
        SELECT x.tube_code FROM ingest.tube x
        WHERE t.mode = 'single' AND x.paired_with = t.tube_code AND x.current AND x.mode = 'mixed'
        ORDER BY x.tube_id LIMIT 1
    )) AS paired_with
) p
WHERE t.tube_id = ANY(CAST(:tubes AS uuid[]))
""")
MEMBERS = sql("""
SELECT m.tube_id, m.position, m.person_id, m.match_key, m.fault
FROM ingest.tube_member m WHERE m.tube_id = ANY(CAST(:tubes AS uuid[])) ORDER BY m.tube_id, m.position
""")
RETAINED = sql("""
SELECT u.tube_code, array_agg(x.tube_code ORDER BY x.tube_code) AS singles
FROM unnest(CAST(:codes AS text[]), CAST(:pairs AS text[])) AS u (tube_code, paired_with)
CROSS JOIN LATERAL (
    SELECT y.tube_code FROM ingest.tube y
    WHERE y.current AND y.mode = 'single' AND y.paired_with = u.tube_code
    UNION
    SELECT y.tube_code FROM ingest.tube y
    WHERE y.current AND y.mode = 'single' AND y.tube_code = u.paired_with
    OFFSET 0
) x
GROUP BY u.tube_code
""")
CURRENT = sql("""
SELECT tube_id FROM ingest.tube WHERE current AND tube_code = ANY(CAST(:codes AS text[]))
""")
ADD_RESULTS = sql("""
INSERT INTO ingest.tube_result (tube_id, batch_id, "row", lab_code)
SELECT * FROM unnest(CAST(:tubes AS uuid[]), CAST(:batches AS uuid[]), CAST(:rows AS smallint[]),
    CAST(:labs AS text[]))
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a tube; unknown as long as `person_id` is None."""

    position: int
    person_id: UUID | None
    match_key: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube as the effects of its result need it."""

    tube_id: UUID
    tube_code: str
    mode: str
    subject: str
    unit_code: str | None
    site_code: str | None
    paired_with: str | None
    sample_kind: str | None = None
    members: list[Member] = field(default_factory=list)
    fresh: frozenset[int] | None = None
    """Only these positions are to be told, because the others were: members who became known late."""

    @property
    def known(self) -> tuple[UUID, ...]:
        """Return the persons who are known, once each, and of late members only those."""
        told = [m for m in self.members if self.fresh is None or m.position in self.fresh]
        return tuple(dict.fromkeys(m.person_id for m in told if m.person_id is not None))

    @property
    def everybody(self) -> tuple[UUID, ...]:
        """Return all persons who are known, once each."""
        return tuple(dict.fromkeys(m.person_id for m in self.members if m.person_id is not None))

    @property
    def unknown(self) -> list[Member]:
        """Return the members whom nobody knows yet."""
        return [m for m in self.members if m.person_id is None]


async def tubes_of(session: Session, tube_ids: Sequence[UUID]) -> dict[UUID, Tube]:
    """Return these tubes with their members, by id."""
    wanted = sorted(set(tube_ids))
    if not wanted:
        return {}
    names = (
        "tube_id", "tube_code", "mode", "subject", "unit_code", "site_code", "paired_with", "sample_kind",
    )  # fmt: skip
    rows = await fetch_all(session, TUBES, tubes=wanted)
    tubes = {row["tube_id"]: Tube(**{name: row[name] for name in names}) for row in rows}
    for row in await fetch_all(session, MEMBERS, tubes=wanted):
        member = Member(row["position"], row["person_id"], row["match_key"], row["fault"])
        tubes[row["tube_id"]].members.append(member)
    return tubes


async def current_tubes(session: Session, codes: Sequence[str]) -> dict[str, Tube]:
    """Return the tubes that these codes stand for now, with their members, by code."""
    if not codes:
        return {}
    rows = await fetch_all(session, CURRENT, codes=sorted(set(codes)))
    tubes = await tubes_of(session, [row["tube_id"] for row in rows])
    return {tube.tube_code: tube for tube in tubes.values()}


async def retained_singles(session: Session, pools: Sequence[Tube]) -> dict[str, tuple[str, ...]]:
    """Return the singles that were kept beside pools, by the pool's code."""
    if not pools:
        return {}
    rows = await fetch_all(
        session,
        RETAINED,
        codes=[pool.tube_code for pool in pools],
        pairs=[pool.paired_with for pool in pools],
    )
    return {row["tube_code"]: tuple(row["singles"]) for row in rows}


async def add_results(session: Session, rows: Sequence[Any]) -> None:
    """Note at each tube that it has had this result."""
    await execute(
        session,
        ADD_RESULTS,
        tubes=[row.tube_id for row in rows],
        batches=[row.batch_id for row in rows],
        rows=[row.row for row in rows],
        labs=[row.lab_code for row in rows],
    )
