"""Trades as data, and the bureau's list taken in row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.licences import errors, queries
from registry.licences.rules import plain_key, repeats
from registry.licences.schemas import MOST_ROWS, LicenceIn, LicencesIn, TradeIn
from registry.units.mapping import Decide, decider
from registry.units.rules import industry_key
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import CREDIT_CODE_CHECKSUM, DAY_IN_FUTURE, INVALID_BODY, TOO_MANY_ROWS, Problem, RowError
from shared.identifiers import check_credit_code
from shared.ids import new_id
from shared.security.access import Principal
from shared.web.bodies import check_rows, verdict_of


@dataclass(frozen=True, slots=True)
class Places:
    """The codes that a list may name: trades with their industry, and levels of departments."""

    trades: Mapping[str, str | None]
    levels: Mapping[str, str]
    decide: Decide


async def put_trade(
    session: Session, wanted: TradeIn, *, trade_code: str, who: Principal, now: datetime
) -> RowMapping:
    """Add or replace a trade; the row says whether it is `new`."""
    row = await fetch_one(
        session,
        queries.PUT_TRADE,
        trade_code=trade_code,
        **wanted.model_dump(exclude={"industry_prefixes"}),
        industry_prefixes=sorted(set(wanted.industry_prefixes)),
        created_by=who.client_id,
        now=now,
    )
    if row is None:
        raise AssertionError
    return row


async def places_of(
    session: Session, rows: Sequence[tuple[int, Any]], *, today: date, narrow: str | None = None
) -> Places:
    """Return what rows with `township_code` and `trade_code` are judged against; `narrow` leaves one town."""
    trades = {
        row["trade_code"]: row["industry_code"] and industry_key(row["industry_code"])
        for row in await fetch_all(session, queries.TRADES)
    }
    levels = await levels_of(session, {row.township_code for _, row in rows})
    if narrow is not None:
        levels = {code: level for code, level in levels.items() if code == narrow}
    return Places(trades, levels, await decider(session, today=today))


def place_error(number: int, row: Any, places: Places) -> list[RowError]:  # noqa: ANN401 - a licence or a place found
    """Return what is wrong with the codes of a row."""
    found = []
    if row.credit_code is not None and not check_credit_code(row.credit_code):
        found.append(RowError(number, "credit_code", CREDIT_CODE_CHECKSUM.code))
    if row.trade_code not in places.trades:
        found.append(RowError(number, "trade_code", errors.UNKNOWN_TRADE.code))
    level = places.levels.get(row.township_code)
    if level != "township":
        wrong = department_errors.NOT_A_TOWNSHIP if level else department_errors.UNKNOWN_TOWNSHIP
        found.append(RowError(number, "township_code", wrong.code))
    return found


def key_of(row: Any, places: Places) -> str | None:  # noqa: ANN401 - as above
    """Return the industry that decides the department of a row: its own, else its trade's."""
    own = None if row.industry_code is None else industry_key(row.industry_code)
    return own or places.trades[row.trade_code]


async def take(
    session: Session, context: Context[Any], wanted: LicencesIn, *, who: Principal, now: datetime
) -> dict[str, Any]:
    """Take in a list: `{accepted, updated, rejected, errors: [RowError]}`, which adds up to its rows."""
    if len(wanted.licences) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    if wanted.as_of > day_of(now):
        code = DAY_IN_FUTURE.code
        raise Problem(INVALID_BODY, errors=[RowError(None, "as_of", code)])
    good, found = await to_thread.run_sync(check_rows, LicenceIn, wanted.licences)
    places = await places_of(session, good, today=day_of(now))
    good, wrong = judged(good, places)
    await execute(session, queries.HOLD_ADDING)
    known = {
        row["licence_key"]: row["listed_on"]
        for row in await fetch_all(
            session, queries.STANDING, keys=sorted({plain_key(row.licence_no) for _, row in good})
        )
    }
    late = [number for number, row in good if known.get(plain_key(row.licence_no), date.min) > wanted.as_of]
    wrong += [RowError(number, "licence_no", errors.OLDER_LIST.code) for number in late]
    rows = [row for number, row in good if number not in set(late)]
    put = await fetch_all(
        session,
        queries.PUT_LICENCES,
        listed_on=wanted.as_of,
        created_by=who.client_id,
        now=now,
        **columns_of(rows, places, now=now),
    )
    kept = {row["licence_key"] for row in put}  # without those that a newer list has just brought
    gone = [
        number for number, row in good if number not in set(late) and plain_key(row.licence_no) not in kept
    ]
    wrong += [RowError(number, "licence_no", errors.OLDER_LIST.code) for number in gone]
    await record(session, context, who=who, action="licences.import", now=now, rows=len(put))
    accepted = sum(row["new"] for row in put)
    return verdict_of(
        len(wanted.licences), accepted=accepted, updated=len(put) - accepted, errors=[*found, *wrong]
    )


def judged(
    good: Sequence[tuple[int, LicenceIn]], places: Places
) -> tuple[list[tuple[int, LicenceIn]], list[RowError]]:
    """Return the rows that can be kept and what is wrong with the others."""
    found: list[RowError] = []
    for number, row in good:
        found += place_error(number, row, places)
        if not plain_key(row.licence_no):
            found.append(RowError(number, "licence_no", errors.EMPTY_NUMBER.code))
        if row.issued_on and row.cancelled_on and row.cancelled_on < row.issued_on:
            found.append(RowError(number, "cancelled_on", errors.CANCELLED_BEFORE_ISSUED.code))
    twice = repeats((number, plain_key(row.licence_no), row) for number, row in good)
    found += [RowError(number, "licence_no", code) for number, code in sorted(twice.items())]
    bad = {error.row for error in found}
    return [(number, row) for number, row in good if number not in bad], found


def columns_of(rows: Sequence[LicenceIn], places: Places, *, now: datetime) -> dict[str, list[Any]]:
    """Return the columns of checked rows, in one order: sorted, so that two lists never lock crosswise."""
    rows = sorted(rows, key=lambda row: plain_key(row.licence_no))
    keys = [key_of(row, places) for row in rows]
    decisions = [places.decide(key) for key in keys]
    return {
        "licence_ids": [new_id(now) for _ in rows],
        "licence_nos": [row.licence_no for row in rows],
        "licence_keys": [plain_key(row.licence_no) for row in rows],
        "credit_codes": [row.credit_code for row in rows],
        "names": [row.name for row in rows],
        "addresses": [row.address for row in rows],
        "trade_codes": [row.trade_code for row in rows],
        "industry_keys": keys,
        "township_codes": [row.township_code for row in rows],
        "department_codes": [decision.department_code for decision in decisions],
        "department_bases": [decision.basis for decision in decisions],
        "issued_ons": [row.issued_on for row in rows],
        "cancelled_ons": [row.cancelled_on for row in rows],
    }


def with_days(row: RowMapping, *names: str) -> dict[str, Any]:
    """Return a row for an answer, its days and times as texts."""
    return {**row, **{name: _text(row[name]) for name in names}}


def _text(value: date | datetime | None) -> str | None:
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI)
    return None if value is None else value.isoformat()
