"""Sampling teams: entered in bulk, replaced as a whole, confirmed by calls (requirements row 85)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of, masked_contact
from registry.identity.errors import AREA_OUTSIDE
from registry.teams import errors, queries
from registry.teams.schemas import MOST_TEAMS, TeamIn
from shared import bus
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, TOO_MANY_ROWS, Problem, RowError
from shared.messages import SamplingTeam, TeamsChanged
from shared.security.access import Principal
from shared.web.bodies import check_rows, verdict_of

SEALED_LEADER: Final = "contact.team"
SEALED_MEMBER: Final = "contact.team_member"


async def put(
    session: Session, context: Context[Any], rows: Sequence[object], *, who: Principal, now: datetime
) -> dict[str, Any]:
    """Add teams or replace them: `{accepted, updated, rejected, errors: [RowError]}`."""
    if len(rows) > MOST_TEAMS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_TEAMS)
    checked, faults = check_rows(TeamIn, rows)
    levels = await levels_of(session, [team.township_code for _, team in checked])
    async with full_sight(session):
        stored = await fetch_all(session, queries.LOCK, codes=sorted({team.team_code for _, team in checked}))
    places = {row["team_code"]: row["township_code"] for row in stored}
    good: dict[str, TeamIn] = {}
    for number, team in checked:
        fault = _fault(team, levels, places, who=who)
        if team.team_code in good:
            fault = ("team_code", errors.TEAM_REPEATED.code)
        if fault is None:
            good[team.team_code] = team
        else:
            faults.append(RowError(number, *fault))
    await _write(session, context, good, by=who.client_id, now=now)
    await _tell(session, sorted(good), now=now)
    await record(session, context, who=who, action="teams.put", now=now, rows=len(good))
    updated = sum(code in places for code in good)
    return verdict_of(len(rows), accepted=len(good) - updated, updated=updated, errors=faults)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    now: datetime,
    after: str,
    limit: int,
    township_code: str | None,
    defect: str | None,
) -> list[dict[str, Any]]:
    """Return teams inside the caller's area, by code."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=after,
        limit=limit,
        township_code=township_code,
        defect=defect,
        **_seen(context, who, now),
    )
    return [_shown(context, row) for row in rows]


async def get(
    session: Session, context: Context[Any], *, team_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return one team with its members, masked; Problem 404 outside the caller's area."""
    stored = await fetch_one(session, queries.ONE, team_code=team_code, **_seen(context, who, now))
    if stored is None:
        raise Problem(NOT_FOUND)
    members = await fetch_all(session, queries.MEMBERS, team_code=team_code)
    await record(session, context, who=who, action="team.read", now=now, subject=team_code, rows=len(members))
    people = [
        {
            **masked_contact(context, row["sealed_member"], sealed_as=SEALED_MEMBER),
            "certificate_until": row["certificate_until"] and row["certificate_until"].isoformat(),
        }
        for row in members
    ]
    return {**_shown(context, stored), "people": people}


async def note_call(
    session: Session, context: Context[Any], *, team_code: str, result: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Keep what came of a call to a team and return the team; Problem 404 outside the caller's area."""
    if not await visible_codes(session, [team_code], who=who):
        raise Problem(NOT_FOUND)
    await execute(session, queries.NOTE_CALL, team_code=team_code, result=result, by=who.client_id, now=now)
    await record(session, context, who=who, action="team.call", now=now, subject=team_code)
    return await get(session, context, team_code=team_code, who=who, now=now)


async def visible_codes(session: Session, codes: Sequence[str], *, who: Principal) -> frozenset[str]:
    """Return which of these codes are teams that the caller may see."""
    if not codes:
        return frozenset()
    rows = await fetch_all(
        session, queries.VISIBLE, codes=sorted(set(codes)), limited=who.limited, area_township=who.township
    )
    return frozenset(row["team_code"] for row in rows)


def _fault(
    team: TeamIn, levels: Mapping[str, str], places: Mapping[str, str], *, who: Principal
) -> tuple[str, str] | None:
    if team.township_code not in levels:
        return ("township_code", department_errors.UNKNOWN_TOWNSHIP.code)
    if levels[team.township_code] != "township":
        return ("township_code", department_errors.NOT_A_TOWNSHIP.code)
    there = places.get(team.team_code, team.township_code)
    if who.limited and {there, team.township_code} != {who.township}:
        return ("township_code", AREA_OUTSIDE.code)
    return None


async def _write(
    session: Session, context: Context[Any], good: Mapping[str, TeamIn], *, by: str, now: datetime
) -> None:
    for code in sorted(good):
        team = good[code]
        leader = context.sealer.seal_json(team.leader.model_dump(), context=SEALED_LEADER)
        await execute(
            session, queries.PUT, sealed_leader=leader, by=by, now=now,
            **team.model_dump(include={"team_code", "name", "township_code", "active"}),
        )  # fmt: skip
    await execute(session, queries.CLEAR_MEMBERS, codes=sorted(good))
    members = [
        {
            "team_code": code,
            "member_no": number,
            "sealed_member": context.sealer.seal_json(
                member.model_dump(exclude={"certificate_until"}), context=SEALED_MEMBER
            ),
            "phone_index": context.index.of("phone", member.phone),
            "certificate_until": member.certificate_until,
        }
        for code in sorted(good)
        for number, member in enumerate(good[code].members, start=1)
    ]
    if members:
        await session.execute(queries.ADD_MEMBER, members)


async def _tell(session: Session, codes: Sequence[str], *, now: datetime) -> None:
    if codes:
        rows = await fetch_all(session, queries.TO_TELL, codes=codes)
        teams = tuple(SamplingTeam(**row) for row in rows)
        await bus.publish(session, TeamsChanged(teams=teams), now=now)


def _seen(context: Context[Any], who: Principal, now: datetime) -> dict[str, Any]:
    return {
        "limited": who.limited,
        "area_township": who.township,
        "today": day_of(now),
        "called_since": now - timedelta(days=context.settings.team_call_days),
    }


def _shown(context: Context[Any], stored: RowMapping) -> dict[str, Any]:
    fields = ("team_code", "name", "township_code", "active", "members", "grids", "call_result", "defects")
    return {
        **{field: stored[field] for field in (*fields, "revision")},
        "leader": masked_contact(context, stored["sealed_leader"], sealed_as=SEALED_LEADER),
        "called_at": stored["called_at"] and stored["called_at"].astimezone(SHANGHAI).isoformat(),
    }
