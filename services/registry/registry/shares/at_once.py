"""Shares of periods that have just ended, for whoever cannot wait until late results may be in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.shares import missed_queries
from registry.shares.missed import KINDS, open_missed
from registry.shares.roster import codes_with_shares
from registry.shares.rules import Period, period_of
from registry.statuses.display import midnight
from registry.statuses.loading import load_book
from registry.statuses.pace import DAY
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value


async def open_ended(
    session: Session,
    context: Context[Any],
    units: Sequence[RowMapping],
    *,
    first: date,
    last: date,
    now: datetime,
) -> None:
    """Open what units fell short of in periods that ended within some days and were not looked at yet.

    A week's breaches do not wait for `SHARE_SETTLE_HOURS`; so whoever has a sample under test counts as
    sampled here, and the look that comes later says whether it was one.
    """
    book = await load_book(session, context.settings)
    codes = [unit["unit_code"] for unit in units]
    found = await fetch_all(session, missed_queries.UNITS_WITH, units=codes, codes=codes_with_shares(book))
    concerned = {row["unit_code"] for row in found}
    units = [unit for unit in units if unit["unit_code"] in concerned]
    for kind in KINDS if units else ():
        period = period_of(kind, period_of(kind, last + DAY).first - DAY)
        if period.last < first or period.first < context.settings.go_live_on:
            continue
        ahead = {"period": kind, "first_day": period.first}
        if not await fetch_value(session, missed_queries.IS_AHEAD, **ahead):
            continue
        await open_missed(
            session,
            book,
            units,
            kind=kind,
            first=period.first,
            now=now,
            under_test=await _under_test(session, units, period),
        )


async def _under_test(session: Session, units: Sequence[RowMapping], period: Period) -> frozenset[UUID]:
    rows = await fetch_all(
        session,
        missed_queries.UNDER_TEST,
        units=[unit["unit_code"] for unit in units],
        begins_at=midnight(period.first),
        ends_at=midnight(period.last + DAY),
    )
    return frozenset(row["person_id"] for row in rows)
