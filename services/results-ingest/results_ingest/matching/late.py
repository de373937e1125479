"""Late matching: what waits is judged again, by all rules, when its person or tube has come.

The caller has written what arrived and holds the anchors of its keys.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.matching import corrections, members, queries
from results_ingest.matching.alarms import raise_held
from results_ingest.matching.effects import take_effect
from results_ingest.matching.keys import in_order
from results_ingest.matching.stage import Staged, put_on_stage, waiting
from results_ingest.matching.waiting import open_rows, resolve_rows, waiting_for
from shared.db import Session, execute

Key = tuple[UUID, int]


async def people_arrived(session: Session, keys: Iterable[str], *, now: datetime) -> None:
    """Match rows and tube members that wait for these people."""
    ordered = in_order(keys)
    await execute(session, queries.BY_INDEX)
    await members.resolve_by_keys(session, ordered, now=now)
    await rematch(session, await waiting_for(session, ordered), now=now)


async def tubes_bound(session: Session, keys: Iterable[str], *, now: datetime) -> None:
    """Match rows that wait for these tubes."""
    await execute(session, queries.BY_INDEX)
    await rematch(session, await waiting_for(session, in_order(keys)), now=now)


async def rematch(
    session: Session,
    ids: Iterable[Key],
    *,
    now: datetime,
    people: Mapping[Key, UUID | None] | None = None,
) -> None:
    """Judge rows again; those in `people` as a person has decided, held or not."""
    await execute(session, queries.BY_INDEX)
    for each in _rounds(await waiting(session, ids)):
        await _judge(session, each, people or {}, now=now)


def _rounds(rows: Sequence[Staged]) -> list[list[Staged]]:
    """Put rows of different laboratories for one tube one after the other: the first one counts."""
    labs: dict[str, list[str]] = {}
    rounds: list[list[Staged]] = []
    for row in sorted(rows, key=lambda r: (r.batch_id, r.row)):
        place = 0
        if row.tube_code is not None:
            seen = labs.setdefault(row.tube_code, [])
            if row.lab_code not in seen:
                seen.append(row.lab_code)
            place = seen.index(row.lab_code)
        while len(rounds) <= place:
            rounds.append([])
        rounds[place].append(row)
    return rounds


async def _judge(
    session: Session, rows: Sequence[Staged], people: Mapping[Key, UUID | None], *, now: datetime
) -> None:
    decided = {(row.batch_id, row.row): row for row in rows if (row.batch_id, row.row) in people}
    staged = [
        row._replace(forced=True, forced_person=people[key])
        if (key := (row.batch_id, row.row)) in decided
        else row
        for row in rows
    ]
    await put_on_stage(session, await corrections.aim(session, staged))
    judged = (await session.execute(queries.JUDGE_AGAIN)).all()
    await _update(session, judged, now=now)
    matched = [row for row in judged if row.state == "matched"]
    held = [row for row in judged if row.state == "held" and (row.batch_id, row.row) not in decided]
    await resolve_rows(session, matched, now=now)
    await open_rows(session, held, now=now)
    await raise_held(session, held, now=now)
    if matched:
        await take_effect(session, matched, now=now)


async def _update(session: Session, rows: Sequence[Any], *, now: datetime) -> None:
    changed = [row for row in rows if row.state != "unmatched"]
    if not changed:
        return
    await execute(
        session,
        queries.UPDATE_JUDGED,
        batches=[row.batch_id for row in changed],
        rows=[row.row for row in changed],
        states=[row.state for row in changed],
        codes=[row.code for row in changed],
        people=[row.person_id for row in changed],
        tubes=[row.tube_id for row in changed],
        collected=[row.collected_at for row in changed],
        modes=[row.mode for row in changed],
        corrects_batches=[row.corrects_batch for row in changed],
        corrects_rows=[row.corrects_row for row in changed],
        from_positive=[row.from_positive for row in changed],
        now=now,
    )
