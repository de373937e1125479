"""Counts by cause, the samples behind them, and tubes that are declared void.

The statements run with full sight: what became of a sample lies with laboratories and in what registry
told of the platform, which no area sees by itself. Whose samples are counted they say themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.clocks import service as clocks
from results_ingest.reconciliation import queries
from results_ingest.reconciliation.errors import VOID_IN_USE
from results_ingest.reconciliation.rules import CAUSES
from results_ingest.reconciliation.schemas import VoidIn
from results_ingest.shown import shown_of
from results_ingest.tubes.errors import TUBE_RESULTED
from results_ingest.tubes.lookup import visible
from results_ingest.tubes.queries import IS_RESULTED, LOCK_ONE
from results_ingest.tubes.rules import AHEAD
from shared.clock import midnight
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import NOT_FOUND, TIME_IN_FUTURE, Problem, body_refusal
from shared.result_ids import oldest_id
from shared.security.principal import Principal

STANDINGS: Final = ("waiting", "overdue", "resulted", "late", "lost")
_SHOWN: Final = (
    "tube_code", "position", "subject", "mode", "cause", "standing", "site_code", "lab_code", "unit_code",
    "round_code", "collected_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for: the samples of a day, or of a round."""

    day: date | None
    round_code: str | None = None

    @property
    def which(self) -> Literal["day", "round"]:
        """Return which relation answers."""
        return "day" if self.round_code is None else "round"


def parameters(
    context: Context[Any], scope: Scope, who: Principal | None, *, now: datetime
) -> dict[str, Any]:
    """Return the parameters of the relation of samples; without `who` of the whole district."""
    if scope.day is not None and scope.round_code is None:
        return parameters_of(context, scope.day, scope.day, who, now=now)
    return {"round_code": scope.round_code, **_common(context, who, now=now)}


def parameters_of(
    context: Context[Any], first: date, last: date, who: Principal | None, *, now: datetime
) -> dict[str, Any]:
    """Return the parameters for the samples of some days, both included."""
    begins, ends = (midnight(day) for day in (first, last + timedelta(days=1)))
    until = ends + timedelta(days=context.settings.expectation_days)
    received = {"low": oldest_id(begins), "high": oldest_id(until)}
    return {"from_at": begins, "to_at": ends, **received, **_common(context, who, now=now)}


def _common(context: Context[Any], who: Principal | None, *, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "delay": timedelta(hours=context.settings.display_delay_hours),
        "lost": timedelta(hours=context.settings.lost_after_hours),
        "township": None if who is None else who.township,
        "department": None if who is None else who.department,
    }


async def counts(
    session: Session,
    context: Context[Any],
    who: Principal,
    *,
    scope: Scope,
    by: str,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return how many samples there are by cause, in all and by body, laboratory, site, unit or round."""
    given = parameters(context, scope, who, now=now)
    async with full_sight(session):
        rows = await fetch_all(session, queries.COUNTS[scope.which, by], limit=limit, **given)
    groups: dict[str, list[RowMapping]] = {}
    for row in rows:
        if row["listed"]:
            groups.setdefault(row["code"], []).append(row)
    return {
        **_told(rows, every=True),
        "by": by,
        "groups": [{"code": code, **_told(each, every=False)} for code, each in groups.items()],
    }


def _told(rows: Sequence[RowMapping], *, every: bool) -> dict[str, Any]:
    causes = {cause: sum(row["samples"] for row in rows if row["cause"] == cause) for cause in CAUSES}
    return {
        "samples": sum(causes.values()),
        "causes": {cause: n for cause, n in causes.items() if n or every},
        "standings": {name: sum(row[name] for row in rows) for name in STANDINGS},
    }


async def listed(
    session: Session,
    context: Context[Any],
    who: Principal,
    *,
    scope: Scope,
    filters: Mapping[str, str | None],
    after: tuple[UUID, int],
    limit: int,
    now: datetime,
) -> list[RowMapping]:
    """Return samples with their cause and the body whose turn it is, in a fixed order."""
    given = parameters(context, scope, who, now=now)
    async with full_sight(session):
        return list(
            await fetch_all(
                session, queries.LIST[scope.which], after=after[0], after_position=after[1], limit=limit,
                **filters, **given,
            )
        )  # fmt: skip


def sample_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sample for an answer: codes and times, nobody's name or number."""
    body = {"type": row["body_type"], "code": row["body_code"]} if row["body_type"] else None
    told = None if row["row"] is None else {"batch_id": row["batch_id"], "row": row["row"]}
    shown = shown_of({name: row[name] for name in _SHOWN} | {"result_due_at": row["due_at"]})
    return shown | {"body": body, "row": told}


async def void(
    session: Session, who: Principal, *, tube_code: str, wanted: VoidIn, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Declare that a tube will have no result; the same again is answered alike.

    Problem 404, 409 `tube_resulted` or `tube_void_differs`, 422 for a time before sampling or ahead.
    """
    tube = await fetch_one(session, LOCK_ONE, tube_code=tube_code)
    if tube is None or not visible(who, tube):
        raise Problem(NOT_FOUND)
    if wanted.voided_at > now + AHEAD:
        raise body_refusal(TIME_IN_FUTURE, "voided_at")
    tube_id = tube["tube_id"]
    # The lock was waited for, so what its holder wrote is only seen by a new statement.
    if await fetch_value(session, IS_RESULTED, tube_id=tube_id):
        raise Problem(TUBE_RESULTED)
    new = await execute(
        session, queries.VOID, tube_id=tube_id, reason=wanted.reason, voided_at=wanted.voided_at,
        client_id=who.client_id, now=now,
    )  # fmt: skip
    await clocks.hint(session, about="subject", ids=[tube_id])
    stored = await fetch_one(session, queries.VOIDED, tube_id=tube_id)
    if stored is None or dict(stored) != wanted.model_dump():
        raise Problem(VOID_IN_USE)
    return {"tube_code": tube_code, "standing": "void", **shown_of(stored)}, bool(new)
