"""Who must hear of a result at once: alarms, re-checks, new samples, and the CDC's work list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.ids import result_id
from results_ingest.matching import rules
from results_ingest.matching.corrections import Replaced
from results_ingest.matching.tubes import Tube, retained_singles
from results_ingest.reviews.service import Opening, open_review
from shared.bus.publishing import publish
from shared.db import Session, fetch_all, sql
from shared.ids import new_id
from shared.messages import AlarmRaised, RecheckOrdered, ResampleOrdered

HEALTH_CODES = sql("""
SELECT person_id, health_code_id FROM ingest.identity
WHERE person_id = ANY(CAST(:people AS uuid[])) AND health_code_id IS NOT NULL
""")

Codes = Mapping[UUID, str]
Row = Any


async def raise_all(
    session: Session,
    rows: Sequence[Row],
    tubes: Mapping[UUID, Tube],
    replaced: Mapping[UUID, Replaced],
    *,
    now: datetime,
) -> None:
    """Tell of everything among these rows that is not an ordinary negative."""
    wanted = [row for row in rows if row.outcome != "negative" or row.from_positive]
    people = {p for row in wanted for p in _people(row, tubes.get(row.tube_id))}
    codes = await _health_codes(session, people)
    for row in wanted:
        tube = tubes.get(row.tube_id)
        before = replaced.get(result_id(row.batch_id, row.row))
        if row.test_kind == "antibody":
            continue
        if rules.alarms(row.outcome, row.test_kind):
            await _alarm(session, row, tube, codes, now=now)
        if rules.needs_new_sample(row.outcome):
            await _resample(session, row, tube, now=now)
        if rules.is_reviewed(row.outcome, row.mode, row.test_kind) or row.from_positive:
            await _review(session, row, tube, codes, before, now=now)


async def raise_held(session: Session, rows: Sequence[Row], *, now: datetime) -> None:
    """Tell the CDC of positives that were held: a contradiction must not hide one."""
    for row in rows:
        if row.outcome != "positive" or row.test_kind == "antibody":
            continue
        subject = ("tube", row.tube_code) if row.tube_code else ("person", row.health_code_id)
        own = result_id(row.batch_id, row.row)
        await _raise(session, row, subject[0], subject[1] or str(own), (), now=now, conflict=True)


async def _health_codes(session: Session, people: set[UUID]) -> Codes:
    if not people:
        return {}
    rows = await fetch_all(session, HEALTH_CODES, people=sorted(people))
    return {row["person_id"]: row["health_code_id"] for row in rows}


def _people(row: Row, tube: Tube | None) -> tuple[UUID, ...]:
    return tube.known if tube else (row.person_id,)


def _subject(row: Row, tube: Tube | None, codes: Codes) -> tuple[str, str] | None:
    """Return the type and code of whom a result is about; None for a single whose person is unknown."""
    if tube is not None and tube.subject != "person":
        return "unit", tube.unit_code or ""
    if tube is not None and tube.mode == "mixed":
        return "tube", tube.tube_code
    people = _people(row, tube)
    return ("person", codes.get(people[0], str(people[0]))) if people else None


async def _alarm(session: Session, row: Row, tube: Tube | None, codes: Codes, *, now: datetime) -> None:
    subject = _subject(row, tube, codes)
    if subject is None:
        return
    people = _people(row, tube)
    await _raise(session, row, *subject, people, now=now, tube=tube)
    if row.mode == "mixed" and (tube is None or tube.subject == "person"):
        ordered = RecheckOrdered(
            result_id=result_id(row.batch_id, row.row),
            tube_code=tube.tube_code if tube else str(result_id(row.batch_id, row.row)),
            site_code=tube.site_code if tube else None,
            lab_code=row.lab_code,
            person_ids=people,
            retained_tubes=await retained_singles(session, tube) if tube else (),
            due_at=(now + rules.RECHECK_WITHIN).isoformat(),
        )
        await publish(session, ordered, now=now, urgent=True)


async def _raise(
    session: Session,
    row: Row,
    subject_type: str,
    subject_code: str,
    people: tuple[UUID, ...],
    *,
    now: datetime,
    tube: Tube | None = None,
    conflict: bool = False,
) -> None:
    raised = AlarmRaised(
        alarm_id=new_id(now),
        kind="pool" if subject_type == "tube" and tube is not None else "positive",
        result_id=result_id(row.batch_id, row.row),
        outcome=row.outcome,
        subject_type=subject_type,
        subject_code=subject_code,
        person_ids=people,
        unit_code=tube.unit_code if tube else None,
        lab_code=row.lab_code,
        collected_at=(row.collected_at or row.tested_at).isoformat(),
        tested_at=row.tested_at.isoformat(),
        received_at=row.reported_at.isoformat(),
        members=len(tube.members) if tube else len(people),
        members_unknown=len(tube.unknown) if tube else 0,
        conflict=conflict,
    )
    await publish(session, raised, now=now, urgent=True)


async def _resample(session: Session, row: Row, tube: Tube | None, *, now: datetime) -> None:
    ordered = ResampleOrdered(
        result_id=result_id(row.batch_id, row.row),
        tube_code=tube.tube_code if tube else None,
        site_code=tube.site_code if tube else None,
        unit_code=tube.unit_code if tube else None,
        lab_code=row.lab_code,
        person_ids=_people(row, tube),
        at=now.isoformat(),
    )
    await publish(session, ordered, now=now, urgent=True)


async def _review(
    session: Session,
    row: Row,
    tube: Tube | None,
    codes: Codes,
    before: Replaced | None,
    *,
    now: datetime,
) -> None:
    subject = _subject(row, tube, codes)
    if subject is None and tube is not None and before is not None and before.person_ids:
        subject = ("tube", tube.tube_code)  # whom the replaced result concerned waits for this review
    if subject is None:
        return
    people = (*_people(row, tube), *(before.person_ids if before else ()))
    opening = Opening(
        result_id=result_id(row.batch_id, row.row),
        person_ids=tuple(dict.fromkeys(people)),
        subject_type=subject[0],
        subject_code=subject[1],
        unit_code=tube.unit_code if tube else None,
        lab_code=row.lab_code,
        outcome=row.outcome,
        from_positive=row.from_positive,
        collected_at=row.collected_at,
        tested_at=row.tested_at,
    )
    await open_review(session, opening, now=now)
