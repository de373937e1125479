"""Keeps the inspectors, draws from the lists as they stand, and makes public what came of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.inspection_draws import errors, queries, rules
from notifier.inspection_draws.schemas import InspectionDrawIn, InspectorIn
from notifier.notices.service import Notifier
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one, full_sight, json_of
from shared.errors import NOT_FOUND, Problem, body_refusal
from shared.identifiers import mask_name
from shared.ids import Randomness
from shared.security.access import Principal, require_whole_district

INSPECTOR_CONTEXT: Final = "inspector"


async def set_inspector(
    session: Session, context: Notifier, wanted: InspectorIn, *, code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Put somebody into the list of inspectors, or change what is said of them."""
    require_whole_district(who)
    sealed = {"name": wanted.name, "phone": wanted.phone}
    row = await fetch_one(
        session,
        queries.SET_INSPECTOR,
        inspector_code=code,
        sealed=context.sealer.seal_json(sealed, context=INSPECTOR_CONTEXT),
        client_id=who.client_id,
        now=now,
        **wanted.model_dump(exclude={"name", "phone"}),
    )
    if row is None:
        raise AssertionError
    return shown_inspector(context, row)


def shown_inspector(context: Notifier, row: RowMapping) -> dict[str, Any]:
    """Return an inspector for an answer, the name masked."""
    names = ("inspector_code", "department_code", "unit_code", "related", "active")
    return {**{name: row[name] for name in names}, "name_masked": _masked(context, row)}


def _masked(context: Notifier, row: RowMapping) -> str:
    return mask_name(context.sealer.open_json(row["sealed"], context=INSPECTOR_CONTEXT)["name"])


async def masked_names(session: Session, context: Notifier, codes: Sequence[str]) -> dict[str, str]:
    """Return the masked names of inspectors."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.SOME_INSPECTORS, codes=sorted(set(codes)))
    return {row["inspector_code"]: _masked(context, row) for row in rows}


async def inspectors(session: Session, codes: Sequence[str] | None = None) -> list[rules.Inspector]:
    """Return the inspectors of today, all or these; Problem 422 if one of these is none."""
    wanted = None if codes is None else sorted(set(codes))
    async with full_sight(session):
        rows = await fetch_all(session, queries.SOME_INSPECTORS, codes=wanted)
    found = [_inspector(row) for row in rows if row["active"]]
    if wanted is not None and len(found) < len(wanted):
        raise body_refusal(errors.INSPECTOR_UNKNOWN, "inspectors")
    return found


def _inspector(row: RowMapping) -> rules.Inspector:
    return rules.Inspector(
        row["inspector_code"], row["department_code"], row["unit_code"], tuple(row["related"])
    )


async def draw(
    session: Session,
    context: Notifier,
    wanted: InspectionDrawIn,
    *,
    who: Principal,
    now: datetime,
    randomness: Randomness = token_bytes,
) -> tuple[dict[str, Any], bool]:
    """Draw and keep the draw with its seed and lists; the same number again answers what stands."""
    require_whole_district(who)
    demand = wanted.model_dump(mode="json")
    stored = await fetch_one(session, queries.DRAW, draw_no=wanted.draw_no)
    if stored is None:
        stored = await _draw(session, wanted, demand, who=who, now=now, randomness=randomness)
        if stored is not None:
            return await _shown(session, context, stored), True
        stored = await fetch_one(session, queries.DRAW, draw_no=wanted.draw_no)
    if stored is None or json_of(stored["wanted"]) != demand:
        raise Problem(errors.DRAWN_ALREADY)
    return await _shown(session, context, stored), False


async def _draw(
    session: Session,
    wanted: InspectionDrawIn,
    demand: dict[str, Any],
    *,
    who: Principal,
    now: datetime,
    randomness: Randomness,
) -> RowMapping | None:
    targets = await _targets(session, wanted)
    staff = await inspectors(session, wanted.inspector_codes)
    seed = wanted.seed or randomness(rules.SEED_BYTES).hex()
    try:
        drawn = rules.draw(targets, staff, seed=seed, number=wanted.targets, each=wanted.inspectors_each)
    except rules.TooFew as few:
        short = few.what == "targets"
        message = errors.TOO_FEW_TARGETS if short else errors.TOO_FEW_INSPECTORS
        raise body_refusal(message, "targets" if short else "inspectors_each") from None
    library = {"targets": [asdict(one) for one in targets], "inspectors": [asdict(one) for one in staff]}
    return await fetch_one(
        session,
        queries.KEEP_DRAW,
        draw_no=wanted.draw_no,
        kind=wanted.kind,
        target_type=wanted.target_type,
        wanted=json.dumps(demand),
        seed=seed,
        inspectors_each=wanted.inspectors_each,
        library=json.dumps(library),
        drawn=json.dumps([asdict(one) for one in drawn]),
        client_id=who.client_id,
        now=now,
    )


async def _targets(session: Session, wanted: InspectionDrawIn) -> list[rules.Target]:
    narrowed = wanted.model_dump(include={"industry_prefix", "township_code", "department_code"})
    if wanted.target_type == "lab":
        if wanted.target_codes is None:
            raise body_refusal(errors.TARGETS_NEEDED, "target_codes")
        if any(narrowed.values()):
            raise body_refusal(errors.FILTER_NEEDLESS, "target_type")
        return [rules.Target(code) for code in sorted(set(wanted.target_codes))]
    rows = await fetch_all(session, queries.UNITS, target_codes=wanted.target_codes, **narrowed)
    return [rules.Target(**row) for row in rows]


async def get(session: Session, context: Notifier, *, draw_no: str, who: Principal) -> dict[str, Any]:
    """Return a draw, drawn again to see that it is the same; Problem 403 or 404."""
    return await _shown(session, context, await _stored(session, draw_no=draw_no, who=who))


async def _stored(session: Session, *, draw_no: str, who: Principal) -> RowMapping:
    require_whole_district(who)
    stored = await fetch_one(session, queries.DRAW, draw_no=draw_no)
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def drawn_for(session: Session, *, draw_no: str, target: tuple[str, str]) -> tuple[str, ...] | None:
    """Return who was drawn for a target (type and code), None if the draw or the target in it is none."""
    async with full_sight(session):
        stored = await fetch_one(session, queries.DRAW, draw_no=draw_no)
    if stored is None or stored["target_type"] != target[0]:
        return None
    found = [one for one in _drawn(stored) if one.target == target[1]]
    return found[0].inspectors if found else None


async def publish(
    session: Session, context: Notifier, *, draw_no: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Make the result public once every target was inspected; again changes nothing."""
    stored = await _stored(session, draw_no=draw_no, who=who)
    inspected = {row["target_code"] for row in await fetch_all(session, queries.INSPECTED, draw_no=draw_no)}
    if any(one.target not in inspected for one in _drawn(stored)):
        raise Problem(errors.NOT_DONE)
    await execute(session, queries.PUBLISH, draw_no=draw_no, client_id=who.client_id, now=now)
    return await get(session, context, draw_no=draw_no, who=who)


async def published(session: Session, *, who: Principal, before: UUID, limit: int) -> list[dict[str, Any]]:
    """Return what was made public, newest first; nobody is named."""
    async with full_sight(session):  # the statement keeps to the area; a draw as such belongs to none
        rows = await fetch_all(
            session, queries.PUBLISHED, before=before, limit=limit, township=who.township,
            department=who.department,
        )  # fmt: skip
    return [{**row, "published_at": row["published_at"].astimezone(SHANGHAI)} for row in rows]


def _drawn(stored: RowMapping) -> list[rules.Drawn]:
    return [rules.Drawn(one["target"], tuple(one["inspectors"])) for one in json_of(stored["drawn"])]


async def _shown(session: Session, context: Notifier, stored: RowMapping) -> dict[str, Any]:
    drawn, library = _drawn(stored), json_of(stored["library"])
    staff = [rules.Inspector(**{**one, "related": tuple(one["related"])}) for one in library["inspectors"]]
    targets = [rules.Target(**one) for one in library["targets"]]
    names = await masked_names(session, context, [code for one in drawn for code in one.inspectors])
    codes = [one.target for one in drawn]
    units = {row["code"]: row["name"] for row in await fetch_all(session, queries.NAMES, codes=codes)}
    rows = await fetch_all(session, queries.INSPECTED, draw_no=stored["draw_no"])
    inspected = {row["target_code"]: row["day"] for row in rows}
    digest = sha256(json.dumps(library, sort_keys=True).encode()).hexdigest()
    return {
        **{name: stored[name] for name in ("draw_no", "kind", "target_type", "seed", "inspectors_each")},
        "library": {"targets": len(targets), "inspectors": len(staff), "digest": digest},
        "drawn": [
            {
                "place": place,
                "target_code": one.target,
                "target_name": units.get(one.target) if stored["target_type"] == "unit" else None,
                "inspectors": [
                    {"inspector_code": code, "name_masked": names.get(code)} for code in one.inspectors
                ],
                "inspected_on": inspected.get(one.target),
            }
            for place, one in enumerate(drawn, start=1)
        ],
        "repeated": rules.is_repeated(
            drawn, targets, staff, seed=stored["seed"], each=stored["inspectors_each"]
        ),
        "made_at": stored["made_at"].astimezone(SHANGHAI),
        "published_at": stored["published_at"] and stored["published_at"].astimezone(SHANGHAI),
    }
