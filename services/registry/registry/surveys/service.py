"""Rounds and what a sweep found, row by row."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from anyio import to_thread
from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.licences import errors as licence_errors
from registry.licences.queries import HOLD_ADDING
from registry.licences.rules import plain_key, repeats
from registry.licences.schemas import MOST_ROWS
from registry.licences.service import Places, key_of, place_error, places_of, with_days
from registry.surveys import errors, queries
from registry.surveys.schemas import PlaceIn, PlacesIn, SurveyIn
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import DAY_IN_FUTURE, FORBIDDEN, NOT_FOUND, TOO_MANY_ROWS, Problem, RowError, refusal_of
from shared.ids import new_id
from shared.security.access import Principal
from shared.web.bodies import check_rows, verdict_of

# Bytes; no name and address that anybody has comes near it.
LONGEST_KEY: Final = 2_500


async def add_round(
    session: Session, wanted: SurveyIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the round and whether it is new; Problem 409 if it stands with other content."""
    if wanted.ends_on < wanted.begins_on:
        raise refusal_of(errors.DAYS_REVERSED, "ends_on")
    places = await places_of(session, [], today=day_of(now))
    if not set(wanted.trade_codes) <= places.trades.keys():
        raise refusal_of(licence_errors.UNKNOWN_TRADE, "trade_codes")
    levels = await levels_of(session, wanted.township_codes)
    if set(wanted.township_codes) - levels.keys():
        raise refusal_of(department_errors.UNKNOWN_TOWNSHIP, "township_codes")
    if any(level != "township" for level in levels.values()):
        raise refusal_of(department_errors.NOT_A_TOWNSHIP, "township_codes")
    values = {
        **wanted.model_dump(),
        "trade_codes": sorted(set(wanted.trade_codes)),
        "township_codes": sorted(set(wanted.township_codes)),
    }
    stored = await fetch_one(session, queries.INSERT_ROUND, **values, created_by=who.client_id, now=now)
    if stored is not None:
        return shown_round(stored), True
    stored = await round_of(session, wanted.round_code)
    if any(stored[name] != value for name, value in values.items()):
        raise Problem(errors.ROUND_IN_USE)
    return shown_round(stored), False


async def round_of(session: Session, round_code: str, *, lock: bool = False) -> RowMapping:
    """Return a round; Problem 404 if there is none."""
    statement = queries.LOCK_ROUND if lock else queries.ROUND
    stored = await fetch_one(session, statement, round_code=round_code)
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


def shown_round(stored: RowMapping) -> dict[str, Any]:
    """Return a round for an answer."""
    return with_days(stored, "begins_on", "ends_on", "compared_at", "sent_at")


async def take(
    session: Session,
    context: Context[Any],
    wanted: PlacesIn,
    *,
    round_code: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Take in places: accepted (new) + updated (known in this round) + rejected = rows."""
    if len(wanted.places) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    await execute(session, HOLD_ADDING)
    survey = await round_of(session, round_code)
    if survey["sent_at"] is not None:
        raise Problem(errors.ROUND_SENT)
    checked, found = await to_thread.run_sync(check_rows, PlaceIn, wanted.places)
    places = await places_of(session, checked, today=day_of(now), narrow=who.township)
    good, wrong = judged(checked, places, survey, today=day_of(now))
    put = await fetch_all(
        session,
        queries.PUT_PLACES,
        round_code=round_code,
        created_by=who.client_id,
        now=now,
        **columns_of([row for _, row in good], places, now=now),
    )
    await record(
        session, context, who=who, action="survey.import", now=now, subject=round_code, rows=len(put)
    )
    accepted = sum(row["new"] for row in put)
    return verdict_of(
        len(wanted.places), accepted=accepted, updated=len(put) - accepted, errors=[*found, *wrong]
    )


def require_reporter(who: Principal) -> None:
    """Refuse a department, which does not report what was surveyed; Problem 403."""
    if who.department is not None:
        raise Problem(FORBIDDEN)


def found_key(row: PlaceIn) -> str:
    """Return what makes a place the same one in every round: where it is and what it calls itself."""
    return place_key(row.credit_code, row.licence_no, row.township_code, row.name, row.address)


def place_key(
    credit_code: str | None,
    licence_no: str | None,
    township_code: str | None,
    name: str | None,
    address: str | None,
) -> str:
    """Return the key of a place; the same in every round."""
    parts = (credit_code or "", plain_key(licence_no or ""), township_code or "")
    key = "|".join((*parts, plain_key(name or ""), plain_key(address or "")))
    # No index holds more than a third of a page, and one sign may stand for many letters (㌖, ﷺ).
    raw = key.encode(errors="surrogatepass")  # a cell of a sheet may hold anything until it is judged
    return key if len(raw) <= LONGEST_KEY else f"sha256:{sha256(raw).hexdigest()}"


def judged(
    checked: Sequence[tuple[int, PlaceIn]], places: Places, survey: RowMapping, *, today: date
) -> tuple[list[tuple[int, PlaceIn]], list[RowError]]:
    """Return the rows that can be kept and what is wrong with the others."""
    found: list[RowError] = []
    for number, row in checked:
        wrong = place_error(number, row, places)
        found += wrong
        if not wrong:
            found += [RowError(number, field, code) for field, code in outside(row, survey, today=today)]
        if row.licence_no is not None and not plain_key(row.licence_no):
            found.append(RowError(number, "licence_no", licence_errors.EMPTY_NUMBER.code))
    twice = repeats((number, found_key(row), row) for number, row in checked)
    found += [RowError(number, "name", code) for number, code in sorted(twice.items())]
    bad = {error.row for error in found}
    return [(number, row) for number, row in checked if number not in bad], found


def outside(row: PlaceIn, survey: RowMapping, *, today: date) -> list[tuple[str, str]]:
    """Return which fields of a place lie outside its round."""
    found = []
    if row.trade_code not in survey["trade_codes"]:
        found.append(("trade_code", errors.OUTSIDE_ROUND_TRADE.code))
    if survey["township_codes"] and row.township_code not in survey["township_codes"]:
        found.append(("township_code", errors.OUTSIDE_ROUND_TOWN.code))
    if row.surveyed_on > today:
        found.append(("surveyed_on", DAY_IN_FUTURE.code))
    elif not survey["begins_on"] <= row.surveyed_on <= survey["ends_on"]:
        found.append(("surveyed_on", errors.OUTSIDE_ROUND_DAYS.code))
    return found


def columns_of(rows: Sequence[PlaceIn], places: Places, *, now: datetime) -> dict[str, list[Any]]:
    """Return the columns of checked rows, in one order, so that two imports never lock crosswise."""
    rows = sorted(rows, key=found_key)
    keys = [key_of(row, places) for row in rows]
    decisions = [places.decide(key) for key in keys]
    return {
        "surveyed_ids": [new_id(now) for _ in rows],
        "found_keys": [found_key(row) for row in rows],
        "names": [row.name for row in rows],
        "addresses": [row.address for row in rows],
        "credit_codes": [row.credit_code for row in rows],
        "licence_nos": [row.licence_no for row in rows],
        "licence_keys": [None if row.licence_no is None else plain_key(row.licence_no) for row in rows],
        "trade_codes": [row.trade_code for row in rows],
        "industry_keys": keys,
        "township_codes": [row.township_code for row in rows],
        "department_codes": [decision.department_code for decision in decisions],
        "department_bases": [decision.basis for decision in decisions],
        "founds": [row.found for row in rows],
        "surveyed_ons": [row.surveyed_on for row in rows],
    }
