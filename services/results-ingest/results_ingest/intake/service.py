"""Plans of sites, counts that add up at every moment, and rounds as results-ingest sees them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from results_ingest.intake import queries
from results_ingest.intake.errors import NOT_RUNNING, READY_IN_USE, SITE_NOT_KNOWN, SITE_TWICE
from results_ingest.intake.schemas import IntakePlanIn, ReadinessIn
from results_ingest.reconciliation.service import Scope, parameters
from results_ingest.shown import shown_of
from results_ingest.tubes.rules import AHEAD
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import INVALID_BODY, NOT_FOUND, TIME_IN_FUTURE, Problem, RowError, body_refusal
from shared.security.principal import Principal

COUNTED: Final = ("planned", "total", "tubes", "sampled", "remaining", "negative", "pending", "not_negative")
STAGES: Final = ("sampled", "resulted", "matched", "visible")


async def plan(session: Session, who: Principal, wanted: IntakePlanIn, *, now: datetime) -> dict[str, Any]:
    """Keep what sites are to sample; Problem 422 for a site that is unknown, outside or there twice."""
    codes = [site.site_code for site in wanted.sites]
    rows = await fetch_all(session, queries.SITES, codes=sorted(set(codes)), **_sight(who))
    known = {row["site_code"] for row in rows}
    faults = [
        RowError(
            None, f"sites.{place}.site_code", SITE_NOT_KNOWN.code if code not in known else SITE_TWICE.code
        )
        for place, code in enumerate(codes)
        if code not in known or code in codes[:place]
    ]
    if faults:
        raise Problem(INVALID_BODY, errors=faults)
    await execute(
        session, queries.PLAN, day=wanted.day, round_code=wanted.round_code or "", sites=codes,
        expected=[site.expected for site in wanted.sites], client_id=who.client_id, now=now,
    )  # fmt: skip
    expected = sum(site.expected for site in wanted.sites)
    return {"day": wanted.day, "round_code": wanted.round_code, "sites": len(codes), "expected": expected}


async def counts(
    session: Session, context: Context[Any], who: Principal, *, scope: Scope, now: datetime
) -> dict[str, Any]:
    """Return the counts of each site and round with their sums, all of one moment (row 88)."""
    given = parameters(context, scope, who, now=now)
    if scope.which == "day":
        given |= {"day": scope.day}
    async with full_sight(session):
        rows = await fetch_all(session, queries.COUNTS[scope.which], **given)
    return {
        "sums": {name: sum(row[name] for row in rows) for name in COUNTED},
        "counts": [dict(row) for row in rows],
    }


async def rounds(session: Session, who: Principal, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Return rounds that touch the caller's area, by code."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.ROUNDS, after=after, limit=limit, **_sight(who))
    return [shown_of(row) for row in rows]


async def one(
    session: Session, context: Context[Any], who: Principal, round_code: str, *, now: datetime
) -> dict[str, Any]:
    """Return a round: what is expected of its laboratories, and how far its samples are (row 81).

    Problem 404.
    """
    found = await find(session, who, round_code)
    given = parameters(context, Scope(None, round_code), who, now=now)
    async with full_sight(session):
        named = await fetch_all(session, queries.LABS, round_code=round_code, **_sight(who))
        rows = await fetch_all(session, queries.VISIBLE, **given)
    labs = {row["lab_code"]: dict(row) for row in named}
    shown = [
        {
            "lab_code": code,
            **{name: labs.get(code, {}).get(name) for name in ("grids", "expected", "defect")},
            **_visible([row for row in rows if row["lab_code"] == code]),
        }
        for code in sorted({*labs, *(row["lab_code"] for row in rows)}, key=lambda code: code or "")
    ]
    return {**shown_of(found), **_visible(rows), "labs": shown}


def _visible(rows: Sequence[Mapping[str, Any]] | Sequence[RowMapping]) -> dict[str, int]:
    stages = {name: sum(row[name] for row in rows) for name in STAGES}
    return stages | {"gap": stages["sampled"] - stages["visible"]}


async def grids(
    session: Session, who: Principal, round_code: str, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """Return how far a round is in its grids, as registry last counted (row 87); Problem 404."""
    await find(session, who, round_code)
    rows = await fetch_all(
        session, queries.GRIDS, round_code=round_code, after=after, limit=limit, **_sight(who)
    )
    return [
        shown_of(row) | {"missing": None if row["residents"] is None else row["residents"] - row["sampled"]}
        for row in rows
    ]


async def sites(
    session: Session,
    who: Principal,
    round_code: str,
    *,
    readiness: str | None,
    after: str,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the planned sites of a round and whether they are ready (row 84); Problem 404."""
    await find(session, who, round_code)
    rows = await fetch_all(
        session, queries.ROUND_SITES, round_code=round_code, readiness=readiness, after=after, limit=limit,
        now=now, **_sight(who),
    )  # fmt: skip
    names = ("site_code", "township_code", "readiness", "setup_due_at", "ready_at", "staff")
    return [shown_of({name: row[name] for name in names}) for row in rows]


async def ready(
    session: Session, who: Principal, round_code: str, site_code: str, wanted: ReadinessIn, *, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Note that a site is ready; the first report holds. Problem 404, 409, 422."""
    found = await find(session, who, round_code)
    known = await fetch_all(session, queries.SITES, codes=[site_code], **_sight(who))
    if not known:
        raise Problem(NOT_FOUND)
    if found["state"] != "active":
        raise Problem(NOT_RUNNING)
    if wanted.ready_at > now + AHEAD:
        raise body_refusal(TIME_IN_FUTURE, "ready_at")
    about = {"round_code": round_code, "site_code": site_code}
    new = await execute(
        session, queries.READY, **about, **wanted.model_dump(), client_id=who.client_id, now=now
    )
    stored = await fetch_one(session, queries.STORED_READY, **about)
    if stored is None or dict(stored) != wanted.model_dump():
        raise Problem(READY_IN_USE)
    return {**about, **shown_of(stored)}, bool(new)


async def find(session: Session, who: Principal, round_code: str) -> RowMapping:
    """Return a round that touches the caller's area; Problem 404."""
    async with full_sight(session):
        found = await fetch_one(session, queries.ROUND, round_code=round_code, **_sight(who))
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def _sight(who: Principal) -> dict[str, Any]:
    return {"limited": who.limited, "township": who.township}
