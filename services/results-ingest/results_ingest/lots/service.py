"""Lots are registered, sampled and followed step by step; what released them was there at that moment."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from results_ingest.lots import errors, queries, rules
from results_ingest.lots.schemas import LotIn, LotStepIn
from results_ingest.shown import shown_of
from results_ingest.tubes.rules import AHEAD
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import (
    FORBIDDEN,
    INVALID_BODY,
    NOT_FOUND,
    TIME_IN_FUTURE,
    Problem,
    RowError,
    body_refusal,
)
from shared.security.principal import Principal

KEPT: Final = (
    "lot_code", "unit_code", "goods", "arrived_at", "reported_at", "disinfected_at", "released_at", "samples",
)  # fmt: skip


async def add(session: Session, who: Principal, lot: LotIn, *, now: datetime) -> tuple[dict[str, Any], bool]:
    """Return the lot and whether it is new; Problem 409 with other content, 422."""
    if lot.arrived_at > now + AHEAD:
        raise body_refusal(TIME_IN_FUTURE, "arrived_at")
    wanted = lot.model_dump()
    new = await execute(session, queries.ADD, **wanted, **who.area, client_id=who.client_id, now=now)
    if not new:
        if await fetch_value(session, queries.UNIT, unit_code=lot.unit_code, **who.area) is None:
            raise body_refusal(errors.UNIT_OUTSIDE, "unit_code")
        stored = await fetch_one(session, queries.LOCK, lot_code=lot.lot_code, **who.area)
        shown = None if stored is None else await _one(session, who, lot.lot_code)
        if shown is None or any(shown[name] != value for name, value in wanted.items()):
            raise Problem(errors.LOT_IN_USE)
    return _kept(await _one(session, who, lot.lot_code)), bool(new)


async def add_tubes(
    session: Session, who: Principal, lot_code: str, codes: list[str], *, now: datetime
) -> dict[str, Any]:
    """Keep which tubes were taken of a lot, all or none; the same again changes nothing.

    Problem 404, 409 after the release, 422 for a tube that is not of this lot.
    """
    lot = await _locked(session, who, lot_code)
    found = await fetch_all(
        session, queries.FIT, codes=codes, unit_code=lot["unit_code"], arrived_at=lot["arrived_at"]
    )
    tubes = {row["tube_code"]: row["tube_id"] for row in found}
    ids = sorted(tubes.values())
    held = {row["tube_id"] for row in await fetch_all(session, queries.HELD, tubes=ids, lot_code=lot_code)}
    if held < set(ids) and (await _one(session, who, lot_code))["released_at"] is not None:
        raise Problem(errors.LOT_RELEASED)
    await execute(session, queries.ADD_TUBES, lot_code=lot_code, tubes=ids, client_id=who.client_id, now=now)
    held = {row["tube_id"] for row in await fetch_all(session, queries.HELD, tubes=ids, lot_code=lot_code)}
    unfit = [
        RowError(None, f"tube_codes.{place}", errors.NOT_ITS_TUBE.code)
        for place, code in enumerate(codes)
        if tubes.get(code) not in held
    ]
    if unfit:
        raise Problem(INVALID_BODY, errors=unfit)
    return _kept(await _one(session, who, lot_code))


async def take(
    session: Session, who: Principal, lot_code: str, step: LotStepIn, *, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Keep a step and return the lot and whether the step is new.

    Problem 403 for a release by others than the CDC, 404, 409 `lot_not_releasable` with everything that is
    lacking, 409 after the release, 422.
    """
    if step.kind == "released" and not who.holds("reviews:write"):
        raise Problem(FORBIDDEN)
    lot = await _locked(session, who, lot_code)
    about = {"lot_code": lot_code, "kind": step.kind, "at": step.at}
    if await fetch_value(session, queries.TOLD, **about):
        return _kept(await _one(session, who, lot_code)), False
    if step.at > now + AHEAD:
        raise body_refusal(TIME_IN_FUTURE, "at")
    if not rules.may_be(step.kind, step.at, arrived_at=lot["arrived_at"]):
        raise body_refusal(errors.BEFORE_ARRIVAL, "at")
    stands = await _one(session, who, lot_code)
    if stands["released_at"] is not None:
        raise Problem(errors.LOT_RELEASED)
    lacking = rules.lacking(dict(stands)) if step.kind == "released" else []
    if lacking:
        raise Problem(errors.NOT_RELEASABLE, errors=[RowError(None, "kind", code) for code in lacking])
    await execute(session, queries.ADD_STEP, **about, client_id=who.client_id, now=now)
    return _kept(await _one(session, who, lot_code)), True


async def page(
    session: Session, who: Principal, *, filters: dict[str, str | None], after: str, limit: int
) -> list[dict[str, Any]]:
    """Return lots of the caller's area, by code."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.PAGE, after=after, limit=limit, **filters, **who.area)
    return [_shown(row) for row in rows]


async def get(session: Session, who: Principal, lot_code: str) -> dict[str, Any]:
    """Return a lot with its tubes and everything that was done; Problem 404."""
    lot = await _one(session, who, lot_code)
    async with full_sight(session):
        tubes = await fetch_all(session, queries.TUBES, lot_code=lot_code)
        steps = await fetch_all(session, queries.STEPS, lot_code=lot_code)
    return {
        **_shown(lot),
        "tubes": [
            {
                "tube_code": row["tube_code"],
                "sample_kind": row["sample_kind"],
                "resulted": row["negative"] is not None,
                "negative": row["negative"],
            }
            for row in tubes
        ],
        "steps": [shown_of(row) for row in steps],
    }


def _kept(lot: RowMapping) -> dict[str, Any]:
    """Return what was entered of a lot: whoever samples learns no result (contract §6)."""
    return shown_of({name: lot[name] for name in KEPT})


def _shown(lot: RowMapping) -> dict[str, Any]:
    """Return a lot with its results and what keeps it from being released."""
    return {**shown_of(lot), "lacking": [] if lot["released_at"] else rules.lacking(dict(lot))}


async def _one(session: Session, who: Principal, lot_code: str) -> RowMapping:
    """Return where a lot of the caller's area stands; the results behind it lie with laboratories."""
    async with full_sight(session):
        lot = await fetch_one(session, queries.ONE, lot_code=lot_code, **who.area)
    if lot is None:
        raise Problem(NOT_FOUND)
    return lot


async def _locked(session: Session, who: Principal, lot_code: str) -> RowMapping:
    lot = await fetch_one(session, queries.LOCK, lot_code=lot_code, **who.area)
    if lot is None:
        raise Problem(NOT_FOUND)
    return lot
