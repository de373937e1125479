"""Opens findings, notes day by day who is still behind, and ends what has been put right."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from registry.findings import queries
from registry.findings.rules import KIND_OF, Found, outcome_of, settled_state
from registry.statuses import service as statuses
from registry.statuses.display import status_of
from registry.statuses.loading import limits_of
from shared import bus
from shared.bus.putting_off import one_by_one
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, Problem
from shared.ids import new_id
from shared.messages import FindingEnded, FindingRecorded
from shared.messages.findings import FoundPerson
from shared.security.principal import Principal

BY_ITSELF: Final = "schedule"
LOOK: Final = "findings.look"


async def open_findings(
    session: Session,
    *,
    unit_code: str,
    spot_check_id: UUID,
    found: Sequence[Found],
    day: date,
    who: Principal,
    now: datetime,
) -> list[UUID]:
    """Open one finding for each kind among those found at a spot check, and tell notifier of each."""
    opened = []
    for kind in sorted({KIND_OF[each.reason] for each in found}):
        named = [each for each in found if KIND_OF[each.reason] == kind]
        finding_id = new_id(now)
        first = min(each.since for each in named)
        await execute(
            session,
            queries.INSERT,
            finding_id=finding_id,
            unit_code=unit_code,
            kind=kind,
            spot_check_id=spot_check_id,
            period_from=first,
            period_to=day,
            opened_by=who.client_id,
            now=now,
        )
        await name_people(session, [(finding_id, each) for each in named], now=now)
        await bus.publish(
            session,
            FindingRecorded(
                finding_id=finding_id,
                kind=kind,
                source="spot_check",
                unit_code=unit_code,
                period_from=first.isoformat(),
                period_to=day.isoformat(),
                found_at=now.isoformat(),
                people=tuple(
                    FoundPerson(each.reason, each.since.isoformat(), each.person_id, each.health_code_id)
                    for each in named
                ),
            ),
            now=now,
        )
        opened.append(finding_id)
    return opened


async def note_day(
    session: Session,
    *,
    unit_codes: Sequence[str],
    found: Sequence[tuple[str, Found]],
    day: date,
    now: datetime,
) -> None:
    """Bring the open findings of these units to the day's list: who came is named, who went is ended.

    Nothing is told: the units hear of their people by the day's reminders.
    """
    firsts: dict[tuple[str, str], date] = {}
    for unit_code, each in found:
        key = (unit_code, KIND_OF[each.reason])
        firsts[key] = min(each.since, firsts.get(key, each.since))
    if firsts:
        await execute(
            session,
            queries.OPEN_NEW,
            finding_ids=[new_id(now) for _ in firsts],
            unit_codes=[unit_code for unit_code, _ in firsts],
            kinds=[kind for _, kind in firsts],
            sinces=list(firsts.values()),
            day=day,
            opened_by=BY_ITSELF,
            now=now,
        )
    rows = await fetch_all(session, queries.OPEN_OF_UNITS, units=list(unit_codes))
    if not rows:
        return
    open_ids = {(row["unit_code"], row["kind"]): row["finding_id"] for row in rows}
    named = [(open_ids[unit_code, KIND_OF[each.reason]], each) for unit_code, each in found]
    await name_people(session, named, now=now)
    await execute(
        session,
        queries.CLOSE_MISSING,
        finding_ids=list(open_ids.values()),
        found_findings=[finding_id for finding_id, _ in named],
        found_people=[each.person_id for _, each in named],
        day=day,
        now=now,
    )
    await execute(session, queries.PROLONG, finding_ids=list(open_ids.values()), day=day)
    await _close_empty(session, list(open_ids.values()), now=now)


async def look_again(session: Session, context: Context[Any]) -> bool:
    """End what has been put right of the findings that were not looked at for a while."""
    now = await context.clock.now(session)
    rows = await fetch_all(
        session, queries.TO_LOOK_AT, now=now, seconds=context.settings.finding_look_seconds
    )

    async def look(finding_id: UUID) -> None:
        await settle(session, context, finding_id=finding_id, now=now)

    await one_by_one(session, context, LOOK, [row["finding_id"] for row in rows], look, key=str)
    return False


async def settle(session: Session, context: Context[Any], *, finding_id: UUID, now: datetime) -> None:
    """End the part of everybody who has been put right, and the finding with the last of them."""
    async with full_sight(session):  # a duty may come from any unit
        rows = await fetch_all(session, queries.OPEN_PEOPLE, finding_id=finding_id, today=day_of(now))
        ids = sorted({row["person_id"] for row in rows if row["person_id"] is not None})
        known = await statuses.rows_of(session, context, person_ids=ids, now=now)
        limits = limits_of(context.settings)
        states = {
            person_id: settled_state(status_of(row, now, limits), row.counted_on, today=day_of(now))
            for person_id, row in known.items()
        }
        ended = [
            (row["entry_id"], outcome, row["person_id"])
            for row in rows
            if (
                outcome := outcome_of(
                    row["reason"], enrolled=row["enrolled"], due_state=states.get(row["person_id"])
                )
            )
        ]
        await execute(
            session,
            queries.END_PEOPLE,
            entry_ids=[entry_id for entry_id, _, _ in ended],
            outcomes=[outcome for _, outcome, _ in ended],
            person_ids=[person_id for _, _, person_id in ended],
            now=now,
        )
        await execute(session, queries.LOOKED, finding_id=finding_id, now=now)
        await _close_empty(session, [finding_id], now=now)


async def opened_by(session: Session, *, finding_id: UUID) -> set[str]:
    """Return the client that opened a finding, locked."""
    return {row["opened_by"] for row in await fetch_all(session, queries.LOCK, finding_id=finding_id)}


async def withdraw(session: Session, *, finding_id: UUID, by: str, now: datetime) -> None:
    """Take a finding back: it was none. Problem 404 where it was taken back already."""
    if await fetch_one(session, queries.WITHDRAW, finding_id=finding_id, closed_by=by, now=now) is None:
        raise Problem(NOT_FOUND)
    await execute(session, queries.WITHDRAW_PEOPLE, finding_id=finding_id, now=now)
    await tell_end(session, finding_id, "withdrawn", now=now)


async def name_people(session: Session, named: Sequence[tuple[UUID, Found]], *, now: datetime) -> None:
    """Put people on findings; whoever stands on one already stays as they are."""
    if not named:
        return
    await execute(
        session,
        queries.INSERT_PEOPLE,
        entry_ids=[new_id(now) for _ in named],
        finding_ids=[finding_id for finding_id, _ in named],
        person_ids=[each.person_id for _, each in named],
        spot_rows=[each.spot_row for _, each in named],
        reasons=[each.reason for _, each in named],
        sinces=[each.since for _, each in named],
        now=now,
    )


async def _close_empty(session: Session, finding_ids: Sequence[UUID], *, now: datetime) -> None:
    closed = await fetch_all(
        session, queries.CLOSE_EMPTY, finding_ids=list(finding_ids), closed_by=BY_ITSELF, now=now
    )
    for row in closed:
        if row["source"] == "spot_check":
            await tell_end(session, row["finding_id"], "closed", now=now)


async def tell_end(session: Session, finding_id: UUID, state: str, *, now: datetime) -> None:
    """Tell notifier how a finding ended."""
    ended = FindingEnded(finding_id=finding_id, state=state, at=now.astimezone(SHANGHAI).isoformat())
    await bus.publish(session, ended, now=now)
