"""Makes a spot check: looks everybody up as of its moment, keeps what was found, opens the findings."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from anyio import to_thread

from registry.findings import service as findings
from registry.findings.reading import SEALED_IDENTITY
from registry.findings.rules import KIND_OF, Found
from registry.people.rows import Document
from registry.spot_checks import errors, queries
from registry.spot_checks.preparing import FoundRow, found_rows, same_person_twice
from registry.spot_checks.rules import Seen, breach, valid_negative
from registry.spot_checks.schemas import MOST_FOUND, SpotCheckIn
from registry.statuses.display import status_of
from registry.statuses.facts import RESULT
from registry.statuses.loading import limits_of
from registry.statuses.past import Moment, moments
from registry.units.reading import visible
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import (
    INVALID_BODY,
    NOT_FOUND,
    TIME_IN_FUTURE,
    TOO_MANY_ROWS,
    Problem,
    RowError,
    body_refusal,
)
from shared.ids import new_id
from shared.security.access import Principal

SEALED_NOTE: Final = "spot_check.note"
CONTENT_INDEX: Final = "spot_check.content"
Known = tuple[UUID, str | None, Document]


async def make(
    session: Session,
    context: Context[Any],
    wanted: SpotCheckIn,
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
) -> tuple[UUID, list[RowError], bool]:
    """Return the check's id, what is wrong with rows, and whether it is new.

    Problem 404 for a unit that is unknown or outside the area, 409 for a number that stands with other
    content, 422 for a moment to come and where no row is good.
    """
    await visible(session, unit_code=unit_code, who=who)
    if len(wanted.people) > MOST_FOUND:
        raise Problem(TOO_MANY_ROWS, limit=MOST_FOUND)
    at = wanted.checked_at or now
    if at > now:
        raise body_refusal(TIME_IN_FUTURE, "checked_at")
    content = context.index.of(
        CONTENT_INDEX, json.dumps([str(wanted.checked_at), wanted.note, wanted.people], sort_keys=True)
    )
    good, wrong = await to_thread.run_sync(found_rows, context.index, wanted.people, day_of(now))
    stored = await _standing(session, wanted, unit_code=unit_code, content=content)
    people = await _people(session, good, who=who, today=day_of(now))
    twice = same_person_twice(good, [people.get(row.number, (None,))[0] for row in good])
    wrong = sorted([*wrong, *twice], key=lambda error: error.row or 0)
    if stored is not None:
        return stored, wrong, False
    bad = {error.row for error in twice}
    good = [row for row in good if row.number not in bad]
    if not good:
        raise Problem(INVALID_BODY, errors=wrong)
    made = await fetch_one(
        session,
        queries.INSERT,
        spot_check_id=new_id(now),
        unit_code=unit_code,
        check_no=wanted.check_no,
        content_index=content,
        checked_at=at,
        sealed_note=None
        if wanted.note is None
        else context.sealer.seal(wanted.note.encode(), context=SEALED_NOTE),
        made_by=who.client_id,
        now=now,
    )
    if made is None:  # somebody was quicker under this number
        again = await _standing(session, wanted, unit_code=unit_code, content=content)
        if again is None:
            raise Problem(NOT_FOUND)
        return again, wrong, False
    await _keep(
        session, context, made["spot_check_id"], good, people, unit_code=unit_code, at=at, who=who, now=now
    )
    return made["spot_check_id"], wrong, True


async def _standing(session: Session, wanted: SpotCheckIn, *, unit_code: str, content: bytes) -> UUID | None:
    if wanted.check_no is None:
        return None
    stored = await fetch_one(session, queries.BY_NO, unit_code=unit_code, check_no=wanted.check_no)
    if stored is None:
        return None
    if bytes(stored["content_index"]) != content:
        raise Problem(errors.CHECK_NO_IN_USE)
    spot_check_id: UUID = stored["spot_check_id"]
    return spot_check_id


async def _people(
    session: Session, rows: Sequence[FoundRow], *, who: Principal, today: date
) -> dict[int, Known]:
    """Return the id, code and document of those whom the caller may see, by row."""
    area = {"area_township": who.township, "area_department": who.department, "today": today}
    documents = [row.document for row in rows if row.document is not None]
    by_document = await fetch_all(
        session,
        queries.BY_DOCUMENT,
        id_types=[id_type for id_type, _ in documents],
        id_indexes=[id_index for _, id_index in documents],
        **area,
    )
    codes = [row.health_code_id for row in rows if row.health_code_id is not None]
    by_code = await fetch_all(session, queries.BY_CODE, codes=codes, **area)
    known: dict[object, Known] = {}
    for row in (*by_document, *by_code):
        document = (row["id_type"], bytes(row["id_index"]))
        person = (row["person_id"], row["health_code_id"], document)
        known[document] = known[row["health_code_id"] or document] = person
    return {row.number: known[key] for row in rows if (key := row.document or row.health_code_id) in known}


async def _keep(
    session: Session,
    context: Context[Any],
    spot_check_id: UUID,
    rows: Sequence[FoundRow],
    people: dict[int, Known],
    *,
    unit_code: str,
    at: datetime,
    who: Principal,
    now: datetime,
) -> None:
    """Keep how everybody stood at the moment, and open the findings."""
    day = day_of(at)
    ids = sorted({person_id for person_id, _, _ in people.values()})
    then = await moments(session, context, person_ids=ids, at=at, known_by=at)
    nobody = Seen(registered=False, records=None if who.limited else 0)
    seen = [
        _seen(context, moment, unit_code=unit_code, at=at) if moment is not None else nobody
        for row in rows
        for moment in [then.get(people[row.number][0]) if row.number in people else None]
    ]
    breaches = [breach(each, day=day) for each in seen]
    days = context.settings.spot_check_days
    documents = [people[row.number][2] if row.number in people else row.document for row in rows]
    await execute(
        session,
        queries.INSERT_PEOPLE,
        spot_check_id=spot_check_id,
        rows=[row.number for row in rows],
        person_ids=[people.get(row.number, (None,))[0] for row in rows],
        id_types=[document and document[0] for document in documents],
        id_indexes=[document and document[1] for document in documents],
        name_indexes=[row.name_index for row in rows],
        sealed=[None if row.number in people else _sealed(context, row) for row in rows],
        registered=[each.registered for each in seen],
        enrolled=[each.enrolled for each in seen],
        records=[each.records for each in seen],
        last_samples=[each.negative_on for each in seen],
        valid=[valid_negative(each, day=day, days=days) for each in seen],
        due_ons=[each.due_on for each in seen],
        due_states=[each.due_state for each in seen],
        reasons=[" ".join(each.reasons) for each in seen],
        kinds=["" if found is None else KIND_OF[found[0]] for found in breaches],
        breaches=[found and found[0] for found in breaches],
        sinces=[found and found[1] for found in breaches],
    )
    named = [
        Found(found[0], found[1], person_id, row.number, code)
        for row, found in zip(rows, breaches, strict=True)
        if found is not None
        for person_id, code, _ in [people.get(row.number, (None, None, None))]
    ]
    await findings.open_findings(
        session, unit_code=unit_code, spot_check_id=spot_check_id, found=named, day=day, who=who, now=now
    )


def _seen(context: Context[Any], moment: Moment, *, unit_code: str, at: datetime) -> Seen:
    day = day_of(at)
    status = status_of(moment.row, at, limits_of(context.settings))
    results = [fact for fact in moment.facts if fact.kind == RESULT]
    replaced = {fact.replaces for fact in moment.facts if fact.replaces is not None}
    negative = status.last_result is not None and status.last_result.outcome == "negative"
    return Seen(
        registered=True,
        enrolled=any(
            stay.unit_code == unit_code
            and stay.enrolled_on <= day
            and (stay.left_on is None or day < stay.left_on)
            for stay in moment.stays
        ),
        records=sum(fact.entry_id not in replaced for fact in results),
        negative_on=moment.row.counted_on if negative else None,
        due_on=status.due_on,
        due_state=status.due_state,
        reasons=status.reasons,
    )


def _sealed(context: Context[Any], row: FoundRow) -> bytes:
    known = {"id_no": row.id_no, "name": row.name, "health_code_id": row.health_code_id}
    return context.sealer.seal_json(known, context=SEALED_IDENTITY)
