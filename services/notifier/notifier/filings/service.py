"""Files reports: a version each time, the first one decides whether it was late."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.filings import errors, queries, rules
from notifier.filings.reading import shown
from notifier.filings.schemas import ReportBody, ReportFilingIn
from notifier.notices.service import Notifier
from notifier.reports.service import form_at
from shared.clock import day_of
from shared.db import Session, execute, fetch_one, fetch_value, json_of
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError, refusal_of
from shared.ids import new_id
from shared.security.principal import Principal

FILING_CONTEXT: Final = "report.filing"


async def file(
    session: Session,
    context: Notifier,
    wanted: ReportFilingIn,
    *,
    form_code: str,
    who: Principal,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Return the report as it stands and whether this is a new version; the same counts again are none.

    Problem 404 for a form or a body that the caller does not see, 422 for what is not owed or not open
    yet, for counts that the form does not have, and for a correction without its reason.
    """
    if not await fetch_value(session, queries.FORM_KNOWN, form_code=form_code):
        raise Problem(NOT_FOUND)
    body = _body(wanted, who)
    area = who.area
    if not await fetch_value(session, queries.SEES_BODY, body_type=body.type, body_code=body.code, **area):
        raise Problem(NOT_FOUND)
    if wanted.day > day_of(now):
        raise refusal_of(errors.IN_FUTURE, "day")
    slot = await fetch_one(session, queries.SLOT, form_code=form_code, day=wanted.day, slot=wanted.slot)
    owed = slot and await fetch_one(
        session, queries.LOCK_OWED, slot_id=slot["slot_id"], body_type=body.type, body_code=body.code, **area
    )
    if slot is None or owed is None:
        raise refusal_of(errors.NOT_OWED, "slot")
    if now < slot["opens_at"]:
        raise refusal_of(errors.NOT_OPEN, "slot")
    counts = await _counts(session, wanted, form_code=form_code, effective_from=slot["effective_from"])
    new = not owed["version"] or json_of(owed["counts"]) != counts
    if new:
        await _keep(session, context, wanted, counts, slot, owed, client_id=who.client_id, now=now)
    return await _report(session, owed["owed_id"], area, now=now), new


def _body(wanted: ReportFilingIn, who: Principal) -> ReportBody:
    if wanted.body is not None:
        return wanted.body
    if who.area_code is None or not who.limited:
        raise refusal_of(errors.BODY_NEEDED, "body")
    return ReportBody.model_validate({"type": who.area_level, "code": who.area_code})


async def _counts(
    session: Session, wanted: ReportFilingIn, *, form_code: str, effective_from: object
) -> dict[str, int]:
    form = await form_at(session, form_code=form_code, effective_from=effective_from)
    found = rules.faults(form.fields, wanted.counts, zero=wanted.zero)
    if found:
        raise Problem(INVALID_BODY, errors=[RowError(None, field, code) for field, code in found])
    return rules.zeros(form.fields) if wanted.counts is None else dict(wanted.counts)


async def _keep(
    session: Session,
    context: Notifier,
    wanted: ReportFilingIn,
    counts: dict[str, int],
    slot: RowMapping,
    owed: RowMapping,
    *,
    client_id: str,
    now: datetime,
) -> None:
    if owed["version"] and wanted.reason is None:
        raise refusal_of(errors.REASON_NEEDED, "reason")
    said = {"by": wanted.by, "note": wanted.note, "reason": wanted.reason}
    values = {
        "owed_id": owed["owed_id"],
        "version": owed["version"] + 1,
        "counts": json.dumps(counts),
        "zero": rules.is_zero(counts),
        "now": now,
    }
    sealed = context.sealer.seal_json(said, context=FILING_CONTEXT)
    await execute(
        session, queries.ADD_FILING, filing_id=new_id(now), client_id=client_id, said=sealed, **values
    )
    await execute(session, queries.FILED, late=now > slot["cutoff_at"], **values)
    # The worker looks at the slot again: whoever chases it may be at it this very moment.
    await execute(session, queries.HINT, slot_id=slot["slot_id"])


async def _report(
    session: Session, owed_id: UUID, area: dict[str, str | None], *, now: datetime
) -> dict[str, Any]:
    return shown(await fetch_one(session, queries.ONE, owed_id=owed_id, **area), now=now)
