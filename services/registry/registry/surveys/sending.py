"""Sends the gaps of a compared round to their bodies (requirements row 40)."""

from datetime import datetime, timedelta
from typing import Any

from registry.gaps.opening import Absent, Sending, Wanted, open_all
from registry.licences.queries import HOLD_COMPARING
from registry.surveys import errors, queries
from registry.surveys.report import is_stale
from registry.surveys.service import round_of
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.errors import Problem
from shared.security.access import Principal

_FIELDS = (
    "gap_key",
    "name",
    "address",
    "credit_code",
    "licence_no",
    "trade_code",
    "township_code",
    "department_code",
    "department_basis",
)


async def send(
    session: Session, context: Context[Any], *, round_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Open what is only licensed or only surveyed, close what is gone, tell the bodies.

    Problem 409 without a comparison or after a change since. The round takes no more places then.
    """
    await execute(session, HOLD_COMPARING)
    survey = await round_of(session, round_code, lock=True)
    if survey["compared_at"] is None:
        raise Problem(errors.NOT_COMPARED)
    if await is_stale(session, survey):
        raise Problem(errors.STALE)
    outcomes = await fetch_all(session, queries.FOR_GAPS, round_code=round_code)
    wanted = [
        Wanted(kind=row["outcome"], **{name: row[name] for name in _FIELDS})
        for row in outcomes
        if row["outcome"] in ("only_licensed", "only_surveyed")
    ]
    gone = {}
    for row in outcomes:
        if row["outcome"] in ("both", "closed", "closed_unlicensed", "doubled"):
            reason = {"both": "matched", "doubled": "doubled"}.get(row["outcome"], "ceased")
            gone[f"P:{row['found_key']}"] = reason
            if row["licence_id"] is not None:
                gone[f"L:{row['licence_id']}"] = reason
    ended = await fetch_all(
        session, queries.ENDED_LICENCES, day=survey["ends_on"], trade_codes=survey["trade_codes"]
    )
    gone |= {f"L:{row['licence_id']}": "cancelled" for row in ended}
    # Told with the first sending; later ones are about what has changed since.
    counted = await fetch_all(session, queries.ABSENT_COUNTS, round_code=round_code)
    sending = Sending(
        round_code=round_code,
        round_name=survey["name"],
        client_id=who.client_id,
        now=now,
        due_on=day_of(now) + timedelta(days=context.settings.gap_answer_days),
        absent=tuple(Absent(**row) for row in counted if survey["sent_at"] is None),
    )
    counts = await open_all(session, wanted, gone, sending)
    await execute(session, queries.SENT, round_code=round_code, now=now)
    return {"round_code": round_code, **counts}
