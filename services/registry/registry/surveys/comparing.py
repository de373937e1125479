"""A round against the list: joined, and kept as it was compared."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from anyio import to_thread
from sqlalchemy import RowMapping

from registry.licences.queries import HOLD_COMPARING
from registry.licences.rules import plain_key
from registry.settings import RegistrySettings
from registry.surveys import queries
from registry.surveys.rules import Bounds, Joined, Side, Suggestion, join, outcome_of, suggest
from registry.surveys.service import round_of
from registry.units.mapping import Decide, decider
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_value
from shared.ids import new_id

AT_ONCE: Final = 5000
AWAKE_SECONDS: Final = 2.0
T = TypeVar("T")
_COLUMNS: Final = {
    "outcome_ids": "outcome_id",
    "outcomes": "outcome",
    "bases": "basis",
    "licence_ids": "licence_id",
    "surveyed_ids": "surveyed_id",
    "gap_keys": "gap_key",
    "names": "name",
    "addresses": "address",
    "credit_codes": "credit_code",
    "licence_nos": "licence_no",
    "trade_codes": "trade_code",
    "township_codes": "township_code",
    "department_codes": "department_code",
    "department_bases": "department_basis",
    "elsewheres": "elsewhere",
}


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: rows by id, and the same rows as the rules take them."""

    licences: Mapping[UUID, RowMapping]
    places: Mapping[UUID, RowMapping]
    confirmed: frozenset[tuple[UUID, str]]
    rejected: frozenset[tuple[UUID, str]]


async def compare(session: Session, context: Context[Any], *, round_code: str, now: datetime) -> None:
    """Join the round with the licences in force on its last day and keep the outcome; again replaces it.

    Holds the lists and the round, so that two comparisons follow each other.
    """
    await execute(session, HOLD_COMPARING)
    survey = await round_of(session, round_code, lock=True)
    sides = await _sides(session, survey)
    bounds = _bounds(context.settings)
    decide = await decider(session, today=day_of(now))
    # All of it beside the event loop: held up by a large round, that takes the database for silent.
    joined, suggestions = await _beside(session, partial(_worked_out, sides, bounds))
    outcomes = await _beside(session, partial(_outcomes, sides, joined, survey, decide, now=now))
    await execute(session, queries.FORGET_OUTCOMES, round_code=round_code)
    for start in range(0, len(outcomes), AT_ONCE):
        some = outcomes[start : start + AT_ONCE]
        columns = {plural: [row[name] for row in some] for plural, name in _COLUMNS.items()}
        await execute(session, queries.INSERT_OUTCOMES, round_code=round_code, **columns)
    await execute(session, queries.DROP_SUGGESTIONS, round_code=round_code)
    for start in range(0, len(suggestions), AT_ONCE):
        some_of = suggestions[start : start + AT_ONCE]
        await _keep_suggestions(session, some_of, sides, decide, round_code=round_code, now=now)
    await execute(session, queries.COMPARED, round_code=round_code, now=now)


async def _beside(session: Session, work: Callable[[], T]) -> T:
    """Do work in a thread; the transaction stays awake, or the limit on idle ones (10 s) would end it."""
    task = asyncio.ensure_future(to_thread.run_sync(work))
    try:
        while not (await asyncio.wait({task}, timeout=AWAKE_SECONDS))[0]:
            await fetch_value(session, queries.AWAKE)
        return task.result()
    finally:
        task.cancel()


async def _sides(session: Session, survey: RowMapping) -> Sides:
    places = await fetch_all(session, queries.PLACES, round_code=survey["round_code"])
    licences = await fetch_all(
        session,
        queries.LICENCES,
        round_code=survey["round_code"],
        trade_codes=survey["trade_codes"],
        day=survey["ends_on"],
    )
    decided = await fetch_all(session, queries.DECIDED)
    of = {
        state: frozenset((row["licence_id"], row["found_key"]) for row in decided if row["state"] == state)
        for state in ("confirmed", "rejected")
    }
    return Sides(
        {row["licence_id"]: row for row in licences},
        {row["surveyed_id"]: row for row in places},
        of["confirmed"],
        of["rejected"],
    )


def _bounds(settings: RegistrySettings) -> Bounds:
    return Bounds(
        threshold=settings.suggestion_threshold,
        mentions=settings.suggestion_mentions,
        scored=settings.suggestion_scored,
    )


def _worked_out(sides: Sides, bounds: Bounds) -> tuple[Joined, list[Suggestion]]:
    licences = [_side(row, row["licence_id"], in_force=row["in_force"]) for row in sides.licences.values()]
    places = [_side(row, row["surveyed_id"], found_key=row["found_key"]) for row in sides.places.values()]
    joined = join(licences, places, sides.confirmed)
    return joined, suggest(licences, places, joined, sides.rejected, bounds=bounds)


def _side(row: RowMapping, identity: UUID, **more: Any) -> Side:  # noqa: ANN401 - fields of Side
    return Side(
        id=identity,
        credit_code=row["credit_code"],
        licence_key=row["licence_key"],
        name_key=plain_key(row["name"]),
        address_key=plain_key(row["address"]),
        township_code=row["township_code"],
        trade_code=row["trade_code"],
        **more,
    )


def _outcomes(
    sides: Sides, joined: Joined, survey: RowMapping, decide: Decide, *, now: datetime
) -> list[dict[str, Any]]:
    found = []
    for place in sides.places.values():
        licence_id, basis = joined.pairs.get(place["surveyed_id"], (None, None))
        licence = sides.licences[licence_id] if licence_id else None
        outcome = outcome_of(
            licence_in_force=licence["in_force"] if licence else None,
            is_open=place["found"] == "open",
            doubled=place["surveyed_id"] in joined.doubled,
        )
        if licence is not None and not licence["in_force"]:
            basis = "cancelled"
        found.append(_outcome(outcome, place, licence, place, basis, decide, now=now))
    taken = {licence_id for licence_id, _ in joined.pairs.values()}
    return found + [
        _outcome("only_licensed", licence, licence, None, None, decide, now=now)
        for licence in sides.licences.values()
        if licence["licence_id"] not in taken and licence["in_force"] and _covers(survey, licence)
    ]


def _covers(survey: RowMapping, licence: RowMapping) -> bool:
    towns = survey["township_codes"]
    return licence["trade_code"] in survey["trade_codes"] and (not towns or licence["township_code"] in towns)


def _outcome(
    outcome: str,
    counted: RowMapping,
    licence: RowMapping | None,
    place: RowMapping | None,
    basis: str | None,
    decide: Decide,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return one outcome: a pair counts where the place was found, and says so if the licence differs."""
    decision = decide(counted["industry_key"] or (licence["industry_key"] if licence else None))
    codes = ("trade_code", "township_code")
    return {
        "outcome_id": new_id(now),
        "outcome": outcome,
        "basis": basis,
        "licence_id": licence["licence_id"] if licence else None,
        "surveyed_id": place["surveyed_id"] if place else None,
        "gap_key": f"P:{place['found_key']}" if place else f"L:{counted['licence_id']}",
        **{name: counted[name] for name in ("name", "address", *codes)},
        "credit_code": counted["credit_code"] or (licence["credit_code"] if licence else None),
        "licence_no": counted["licence_no"] or (licence["licence_no"] if licence else None),
        "department_code": decision.department_code,
        "department_basis": decision.basis,
        "elsewhere": bool(licence and place and any(licence[code] != place[code] for code in codes)),
    }


async def _keep_suggestions(
    session: Session,
    suggestions: Sequence[Suggestion],
    sides: Sides,
    decide: Decide,
    *,
    round_code: str,
    now: datetime,
) -> None:
    places = [sides.places[each.place.id] for each in suggestions]
    await execute(
        session,
        queries.INSERT_SUGGESTIONS,
        suggestion_ids=[new_id(now) for _ in suggestions],
        licence_ids=[each.licence_id for each in suggestions],
        found_keys=[each.place.found_key for each in suggestions],
        surveyed_ids=[each.place.id for each in suggestions],
        scores=[each.score for each in suggestions],
        reasons=[each.reason for each in suggestions],
        township_codes=[each.place.township_code for each in suggestions],
        department_codes=[decide(place["industry_key"]).department_code for place in places],
        round_code=round_code,
        now=now,
    )
