"""Registering tubes and their members. Binding may come after the result: then matching is told."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.clocks import service as clocks
from results_ingest.clocks.rules import Limit, after, limit_for
from results_ingest.matching import anchors, late, members
from results_ingest.matching.keys import tube_key
from results_ingest.matching.queries import BY_INDEX
from results_ingest.tubes import queries
from results_ingest.tubes.checking import (
    area_faults,
    drills_among,
    outside_of,
    pool_faults,
    size_faults,
    tubes_among,
)
from results_ingest.tubes.content import Wanted, member_record, member_records, tube_record, wanted_of
from results_ingest.tubes.errors import (
    DRILL_ROUND,
    MEMBER_REPEATED,
    OWN,
    TUBE_RESULTED,
)
from results_ingest.tubes.lookup import visible
from results_ingest.tubes.rules import (
    PENDING_LAPSES,
    Fault,
    at_checkpoint,
    member_faults,
    tube_faults,
)
from results_ingest.tubes.schemas import MemberIn, TubeIn
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError
from shared.ids import new_id
from shared.security.principal import Principal

ACCEPTED = "accepted"
UPDATED = "updated"


async def register(
    session: Session, context: Context[Any], tubes: Sequence[TubeIn], *, who: Principal, now: datetime
) -> list[str | list[Fault]]:
    """Register tubes; return for each `accepted`, `updated` (same content again) or its faults.

    A refused tube binds nobody. A client with an area names no unit and no site outside it.
    """
    limits = await clocks.limits_of(session)
    kinds = await _site_kinds(session, [tube.site_code for tube in tubes])
    outside = await outside_of(session, who, tubes)
    drills = await drills_among(session, [tube.round_code for tube in tubes])
    pools = await tubes_among(session, [tube.members for tube in tubes if tube.mode == "mixed"])
    verdicts: list[str | list[Fault]] = []
    good: dict[str, Wanted] = {}
    for tube in tubes:
        kind = kinds.get(tube.site_code or "")
        faults = pool_faults(tube.members, pools) or tube_faults(tube, site_kind=kind, now=now)
        faults = area_faults(tube, outside) or faults or size_faults(context.settings, tube)
        if tube.round_code in drills:
            faults = [("round_code", DRILL_ROUND.code)]
        wanted = (
            None
            if faults
            else wanted_of(tube, context.sealer, context.index, due_at=_due_at(tube, kind, limits))
        )
        if wanted is not None and wanted.repeated is not None:
            faults = [(f"members.{wanted.repeated}", "member_repeated")]
        if faults or wanted is None:
            verdicts.append(faults)
        elif tube.tube_code not in good:
            good[tube.tube_code] = wanted
            verdicts.append(ACCEPTED)
        else:
            verdicts.append(_compared(good[tube.tube_code].digest, wanted.digest))
    reuse_after = timedelta(days=context.settings.tube_reuse_days)
    outcomes, bound = await _store(session, good, reuse_after=reuse_after, client_id=who.client_id, now=now)
    horizon = now - timedelta(days=context.settings.clock_horizon_days)
    await _start_clocks(session, bound, kinds, limits, horizon=horizon, now=now)
    return [
        outcomes[tube.tube_code] if verdict == ACCEPTED else verdict
        for tube, verdict in zip(tubes, verdicts, strict=True)
    ]


def _due_at(tube: TubeIn, site_kind: str | None, limits: Sequence[Limit]) -> datetime:
    named = clocks.named_of(tube.site_code, site_kind)
    limit = limit_for(limits, "result", named, day=day_of(tube.collected_at))
    return after(tube.collected_at, limit.minutes if limit else None) or tube.collected_at + PENDING_LAPSES


async def _site_kinds(session: Session, codes: Sequence[str | None]) -> dict[str, str]:
    wanted = sorted({code for code in codes if code is not None})
    rows = await fetch_all(session, queries.SITE_KINDS, codes=wanted) if wanted else []
    return {row["site_code"]: row["kind"] for row in rows}


def _compared(stored: bytes, wanted: bytes) -> str | list[Fault]:
    return UPDATED if stored == wanted else [("tube_code", "tube_code_in_use")]


async def _store(
    session: Session, good: Mapping[str, Wanted], *, reuse_after: timedelta, client_id: str, now: datetime
) -> tuple[dict[str, str | list[Fault]], dict[UUID, Wanted]]:
    """Return the outcome by code, and the tubes that are new."""
    outcomes: dict[str, str | list[Fault]] = {}
    retired: list[UUID] = []
    for row in await fetch_all(session, queries.CURRENT, codes=sorted(good)):
        wanted = good[row["tube_code"]]
        if row["digest"] != wanted.digest and row["registered_at"] + reuse_after <= now:
            retired.append(row["tube_id"])
        else:
            outcomes[row["tube_code"]] = _compared(row["digest"], wanted.digest)
    if retired:
        await execute(session, queries.RETIRE, tubes=retired)
    fresh = {new_id(now): good[code] for code in sorted(good) if code not in outcomes}
    if not fresh:
        return outcomes, {}
    records = [
        tube_record(wanted, tube_id=tube_id, client_id=client_id, now=now)
        for tube_id, wanted in fresh.items()
    ]
    inserted = {row["tube_id"] for row in await fetch_all(session, queries.INSERT, tubes=json.dumps(records))}
    bound = {tube_id: wanted for tube_id, wanted in fresh.items() if tube_id in inserted}
    outcomes.update(dict.fromkeys((wanted.tube.tube_code for wanted in bound.values()), ACCEPTED))
    await _bind(session, bound, now=now)
    # Somebody registered these codes at the same moment; that transaction has ended by now.
    overtaken = sorted(code for code in good if code not in outcomes)
    if overtaken:
        for row in await fetch_all(session, queries.CURRENT, codes=overtaken):
            outcomes[row["tube_code"]] = _compared(row["digest"], good[row["tube_code"]].digest)
    return outcomes, bound


async def _start_clocks(
    session: Session,
    bound: Mapping[UUID, Wanted],
    kinds: Mapping[str, str],
    limits: Sequence[Limit],
    *,
    horizon: datetime,
    now: datetime,
) -> None:
    """Start the clocks of new tubes; what was taken before the horizon is history."""
    young = {tube_id: each.tube for tube_id, each in bound.items() if each.tube.collected_at >= horizon}
    subjects = [
        clocks.tube_subject(tube, tube_id, site_kind=kinds.get(tube.site_code or ""), registered_at=now)
        for tube_id, tube in young.items()
    ]
    await clocks.start(session, subjects, limits)
    await clocks.hint_packed(session, {tube_id: tube.tube_code for tube_id, tube in young.items()})


async def _bind(session: Session, bound: Mapping[UUID, Wanted], *, now: datetime) -> None:
    records = [each for tube_id, wanted in bound.items() for each in member_records(wanted, tube_id, now=now)]
    if records:
        await execute(session, queries.INSERT_MEMBERS, members=json.dumps(records))
    ready = [
        tube_key(wanted.tube.tube_code)
        for wanted in bound.values()
        if wanted.tube.members or wanted.tube.subject != "person"
    ]
    await _find_partners(session, list(bound), [each["match_key"] for each in records], ready, now=now)


async def _find_partners(
    session: Session,
    tube_ids: Sequence[UUID],
    keys: Sequence[str],
    tube_keys: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Find the members' persons, tell of their samples, and match results that wait for the tubes."""
    await execute(session, BY_INDEX)
    found = await members.resolve_by_tubes(session, tube_ids, now=now)
    missing = keys if len(found) < len(keys) else []
    await anchors.hold(session, [*missing, *tube_keys])
    if missing:
        found += await members.resolve_by_tubes(session, tube_ids, now=now)
    await members.tell(session, found, now=now)
    await late.tubes_bound(session, tube_keys, now=now)


async def add_members(
    session: Session,
    context: Context[Any],
    who: Principal,
    *,
    tube_code: str,
    added: Sequence[MemberIn],
    now: datetime,
) -> int:
    """Add members up to the capacity, before a result; return how many were new.

    Problem 404, 409 `tube_resulted`, 422. Members who are there already stay as they are.
    """
    tube = await fetch_one(session, queries.LOCK_ONE, tube_code=tube_code)
    if tube is None or not visible(who, tube):
        raise Problem(NOT_FOUND)
    rows = await fetch_all(session, queries.MEMBER_KEYS, tube_id=tube["tube_id"])
    present = {row["match_key"] for row in rows}
    refuse(await _faults_of_added(session, tube, added, now=now))
    records = [member_record(member, context.sealer, context.index) for member in added]
    if len({record["match_key"] for record in records}) < len(records):
        raise Problem(MEMBER_REPEATED)
    fresh = [record for record in records if record["match_key"] not in present]
    if not fresh:
        return 0
    # The lock was waited for, so what its holder wrote is only seen by a new statement.
    if await fetch_value(session, queries.IS_RESULTED, tube_id=tube["tube_id"]):
        raise Problem(TUBE_RESULTED)
    if len(present) + len(fresh) > tube["capacity"]:
        refuse([("members", "pool_full")])
    placed = [
        {**record, "tube_id": str(tube["tube_id"]), "position": position, "added_at": now.isoformat()}
        for position, record in enumerate(fresh, start=len(present) + 1)
    ]
    await execute(session, queries.INSERT_MEMBERS, members=json.dumps(placed))
    await execute(session, queries.COUNT_MEMBERS, tube_id=tube["tube_id"], more=len(fresh))
    keys = [record["match_key"] for record in fresh]
    await _find_partners(session, [tube["tube_id"]], keys, [tube_key(tube_code)], now=now)
    return len(fresh)


async def _faults_of_added(
    session: Session, tube: RowMapping, added: Sequence[MemberIn], *, now: datetime
) -> list[Fault]:
    """Return what is wrong with the members themselves; whether they fit is known once the tube is read."""
    if tube["mode"] == "mixed" and (faults := pool_faults(added, await tubes_among(session, [added]))):
        return faults
    return member_faults(
        added,
        mode=tube["mode"],
        capacity=len(added),
        subject=tube["subject"],
        at_checkpoint=at_checkpoint(tube["site_code"], tube["site_kind"]),
        today=now.date(),
    )


def refuse(faults: Sequence[Fault]) -> None:
    """Raise the Problem of these faults, if there are any; the first of the tube's own codes names it."""
    if not faults:
        return
    own = next((OWN[code] for _, code in faults if code in OWN), INVALID_BODY)
    raise Problem(own, errors=[RowError(None, field, code) for field, code in faults])
