"""Lists of reports: who filed, who filed zero, who was late, who is missing, and who never files."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from notifier.filings import queries, rules
from notifier.local import local
from notifier.notices.service import Notifier
from shared.clock import day_of, midnight
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import CURSOR_INVALID, NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.security.principal import Principal
from shared.web.paging import code_after, decode_cursor, page_of, uuid_after


def shown(row: Any, *, now: datetime) -> dict[str, Any]:  # noqa: ANN401 - a row
    """Return a report for an answer."""
    times = local({"cutoff_at": row["cutoff_at"], "filed_at": row["filed_at"]})
    return {
        "report_id": row["owed_id"],
        **{name: row[name] for name in ("form_code", "day", "slot")},
        "cutoff_at": times["cutoff_at"],
        "body": body_of(row),
        "township_code": row["township_code"],
        "department_code": row["department_code"],
        "state": rules.state(row, now=now),
        "late": row["late"],
        "counts": json_of(row["counts"]),
        "version": row["version"],
        "filed_at": times["filed_at"],
    }


def body_of(row: Any) -> dict[str, str | None]:  # noqa: ANN401 - a row
    """Return the body of a row by name."""
    return {"type": row["body_type"], "code": row["body_code"], "name": row["body_name"]}


async def page(
    session: Session,
    who: Principal,
    *,
    days: tuple[date, date],
    filters: dict[str, str | None],
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return a page of the reports that were owed in a period, inside the caller's area."""
    after = uuid_after(cursor, "after")
    rows = await fetch_all(
        session, queries.PAGE, first=days[0], last=days[1], after=after, limit=limit + 1, now=now,
        **filters, **who.area,
    )  # fmt: skip
    reports = [shown(row, now=now) for row in rows]
    return page_of("reports", reports, limit=limit, position=lambda row: {"after": str(row["report_id"])})


async def versions(
    session: Session, context: Notifier, who: Principal, *, owed_id: UUID, sealed_as: str, now: datetime
) -> dict[str, Any]:
    """Return a report with everything that was filed for it; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, owed_id=owed_id, **who.area)
    if row is None:
        raise Problem(NOT_FOUND)
    filed = []
    for each in await fetch_all(session, queries.VERSIONS, owed_id=owed_id):
        said = context.sealer.open_json(each["said"], context=sealed_as)
        filed.append(
            {
                **local({name: each[name] for name in ("version", "zero", "client_id", "filed_at")}),
                "counts": json_of(each["counts"]),
                "by_masked": mask_name(said["by"]),
                "note": said["note"],
                "reason": said["reason"],
            }
        )
    return {"report": shown(row, now=now), "versions": filed}


async def silent(
    session: Session,
    who: Principal,
    *,
    days: int,
    form_code: str | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return who owed reports in the last `days` and filed none (row 150), by name."""
    after_form = decode_cursor(cursor).get("form") if cursor else ""
    if not isinstance(after_form, str):
        raise Problem(CURSOR_INVALID)
    since = midnight(day_of(now) - timedelta(days=days))
    rows = await fetch_all(
        session, queries.SILENT, since=since, now=now, form_code=form_code, limit=limit + 1,
        after_body=code_after(cursor, "body"), after_form=after_form, **who.area,
    )  # fmt: skip
    found = [
        {
            "body": body_of(row),
            **{
                name: row[name]
                for name in ("township_code", "department_code", "form_code", "owed", "last_filed_for")
            },
        }
        for row in rows
    ]
    return page_of(
        "bodies", found, limit=limit,
        position=lambda row: {"body": row["body"]["code"], "form": row["form_code"]},
    )  # fmt: skip
