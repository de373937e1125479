"""Reads cases for a caller: an area its own, names and notes opened for whoever may see them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.ladder import queries
from notifier.ladder.owing import STEP_CONTEXT
from notifier.notices.service import Notifier
from shared.clock import SHANGHAI, day_of
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal
from shared.web.paging import LAST, page_of, uuid_after


async def page(
    session: Session,
    context: Notifier,
    *,
    who: Principal,
    filters: dict[str, str | None],
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return one page of the cases that the caller may see, newest first."""
    rows = await fetch_all(
        session,
        queries.LIST,
        **who.area,
        **filters,
        before=uuid_after(cursor, "before", start=LAST),
        limit=limit + 1,
    )
    shown = await _shown(session, context, rows, now=now)
    return page_of("cases", shown, limit=limit, position=lambda row: {"before": str(row["case_id"])})


async def detail(
    session: Session, context: Notifier, *, case_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return one case; Problem 404 outside the area."""
    case = await visible(session, case_id=case_id, who=who)
    return (await _shown(session, context, [case], now=now))[0]


async def visible(session: Session, *, case_id: UUID, who: Principal) -> RowMapping:
    """Return a case of the caller's area; Problem 404."""
    row = await fetch_one(session, queries.ONE, case_id=case_id, **who.area)
    if row is None:
        raise Problem(NOT_FOUND)
    return row


async def _shown(
    session: Session, context: Notifier, cases: Sequence[RowMapping], *, now: datetime
) -> list[dict[str, Any]]:
    ids = {"case_ids": [case["case_id"] for case in cases]}
    notices = _by_case(await fetch_all(session, queries.NOTICES_OF, **ids))
    steps = _by_case(await fetch_all(session, queries.STEPS_OF, **ids))
    owed = _by_case(await fetch_all(session, queries.OWED_OF, **ids))
    extensions = _by_case(await fetch_all(session, queries.EXTENSIONS_OF, **ids))
    names = (
        "case_id", "unit_code", "unit_name", "department_code", "department_name", "stage", "count",
        "department_total",
    )  # fmt: skip
    return [
        {
            **{name: case[name] for name in names},
            **{name: _local(case[name]) for name in ("opened_at", "rectified_at", "closed_at")},
            "owed": [_owed(row, now=now) for row in owed[case["case_id"]]],
            "notices": [_notice(row) for row in notices[case["case_id"]]],
            "extensions": [_extension(row) for row in extensions[case["case_id"]]],
            "steps": [_step(context, row) for row in steps[case["case_id"]]],
        }
        for case in cases
    ]


def _by_case(rows: Sequence[RowMapping]) -> dict[UUID, list[RowMapping]]:
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(row)
    return found


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)


def _owed(row: RowMapping, *, now: datetime) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("kind", "number", "due_on", "extended")},
        "overdue": day_of(now) > row["due_on"],
    }


def _notice(row: RowMapping) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("notice_id", "kind", "number", "level", "status")},
        "recipient": {"type": row["recipient_type"], "code": row["recipient_code"]},
        **{name: _local(row[name]) for name in ("as_of", "issued_at", "acknowledged_at")},
    }


def _extension(row: RowMapping) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("extension_id", "kind", "state", "due_on")},
        **{name: _local(row[name]) for name in ("asked_at", "decided_at")},
    }


def _step(context: Notifier, row: RowMapping) -> dict[str, Any]:
    said = context.sealer.open_json(row["sealed"], context=STEP_CONTEXT) if row["sealed"] else {}
    return {
        "kind": row["kind"],
        "by": said.get("by"),
        "client_id": row["client_id"],
        "at": _local(row["at"]),
        "recorded_at": _local(row["recorded_at"]),
        "note": said.get("note", said.get("reason")),
        "evidence": said.get("evidence"),
        "basis": json_of(row["basis"]),
    }
