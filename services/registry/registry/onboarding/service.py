"""Taking a laboratory's client on: its reports are kept, and an administrator releases it on one."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from registry.identity import queries as identity_queries
from registry.identity.errors import KEY_REQUIRED
from registry.identity.schemas import Client
from registry.identity.service import get_client, locked_client
from registry.onboarding import queries
from registry.onboarding.errors import NOT_ONBOARDING, REPORT_IN_USE, REPORT_NOT_PASSED, REPORT_UNKNOWN
from registry.onboarding.rules import is_passed
from registry.onboarding.schemas import Report, ReportBody, ReportList
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import FORBIDDEN, NOT_FOUND, Problem, body_refusal
from shared.ids import new_id
from shared.security.principal import ADMIN, ONBOARDING, Principal
from shared.web.paging import encode_cursor


async def keep(
    session: Session, context: Context[Any], body: ReportBody, *, who: Principal, now: datetime
) -> tuple[Report, bool]:
    """Keep the report of a run and say whether it is new; Problem 409 for other content of the same run.

    Only a client that is being taken on reports, and only of itself: an administrator does not (403).
    """
    if ONBOARDING not in who.scopes:
        raise Problem(FORBIDDEN)
    settings = context.settings
    cases = [case.model_dump(exclude_none=True) for case in body.cases]
    passed = is_passed(
        body.script, cases, scripts=settings.conformance_scripts, needed=settings.conformance_cases
    )
    key = {"client_id": who.client_id, "run": body.run, "cases": json.dumps(cases, ensure_ascii=False)}
    new = await execute(
        session, queries.INSERT, **key, report_id=new_id(now), script=body.script, at=body.at,
        passed=passed, now=now,
    )  # fmt: skip
    stored = await fetch_one(session, queries.OF_RUN, **key)
    if stored is None:
        raise Problem(NOT_FOUND)
    if not stored["same"] or stored["script"] != body.script:
        raise Problem(REPORT_IN_USE)
    return _shown(dict(stored)), bool(new)


async def page(
    session: Session, who: Principal, *, client_id: str | None, before: UUID, limit: int
) -> ReportList:
    """Return a page of reports, newest first: a client's own, or for an administrator those asked for."""
    only = client_id if who.holds(ADMIN) else who.client_id
    if only != client_id is not None:
        raise Problem(NOT_FOUND)
    rows = await fetch_all(session, queries.LIST, client_id=only, before=before, limit=limit + 1)
    shown = [_shown(dict(row)) for row in rows[:limit]]
    more = len(rows) > limit
    cursor = encode_cursor({"report": str(shown[-1].report_id)}) if more else None
    return ReportList(reports=shown, next_cursor=cursor)


async def release(
    session: Session, context: Context[Any], *, client_id: str, report_id: UUID, who: Principal, now: datetime
) -> Client:
    """Release a client on a report that it passed; from then on it posts, and proves itself by its key.

    Problem 404 for an unknown client, 409 for one that is not being taken on, 422 for a report that is
    not this client's, was not passed or is too old, and where no live key is registered.
    """
    row = await locked_client(session, client_id, who)
    if ONBOARDING not in row["scopes"]:
        raise Problem(NOT_ONBOARDING)
    report = await fetch_one(session, queries.ONE, client_id=client_id, report_id=report_id)
    if report is None:
        raise body_refusal(REPORT_UNKNOWN, "report_id")
    oldest = now - timedelta(days=context.settings.conformance_days)
    if not report["passed"] or report["received_at"] < oldest:
        raise body_refusal(REPORT_NOT_PASSED, "report_id")
    if not await fetch_value(session, identity_queries.COUNT_LIVE_KEYS, client_id=client_id):
        raise body_refusal(KEY_REQUIRED, None)
    await execute(session, queries.RELEASE, client_id=client_id, changed_by=who.client_id, now=now)
    await execute(session, queries.RELEASED_ON, report_id=report_id, released_by=who.client_id, now=now)
    return await get_client(session, context, client_id=client_id, maker=who)


def _shown(row: Mapping[str, Any]) -> Report:
    return Report(**{name: row[name] for name in Report.model_fields})
