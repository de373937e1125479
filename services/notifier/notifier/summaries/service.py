"""Makes a day's summary from what was filed, and fixes it when it is signed."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from notifier.filings.reading import body_of
from notifier.filings.rules import state
from notifier.local import local
from notifier.notices.service import Notifier
from notifier.reports.service import form_at
from notifier.summaries import errors, queries, rules
from notifier.summaries.schemas import SummarySignature
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import CONFLICT, NOT_FOUND, Problem, refusal_of
from shared.identifiers import mask_name
from shared.ids import new_id
from shared.security.principal import Principal

SUMMARY_CONTEXT: Final = "report.summary"
Area = Mapping[str, str | None]


def area_asked(who: Principal, *, township: str | None, department: str | None) -> dict[str, str | None]:
    """Return whose day is meant: an area's client means its own, and sees no other; Problem 404, 422."""
    if township is not None and department is not None:
        raise refusal_of(errors.ONE_AREA, "department_code")
    if not who.limited:
        return {"township": township, "department": department}
    if township not in (None, who.township) or department not in (None, who.department):
        raise Problem(NOT_FOUND)
    return who.area


async def days(
    session: Session, context: Notifier, *, form_code: str, area: Area, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Return each day of a period on which something was owed, with its newest signed version.

    `changed_since`: what was filed later makes other figures than those that were signed.
    """
    period = {"form_code": form_code, "first": first, "last": last, **area}
    rows = await fetch_all(session, queries.OWED, **period)
    signed = {row["day"]: _shown(context, row) for row in await fetch_all(session, queries.NEWEST, **period)}
    found = []
    for day, group in groupby(rows, key=lambda row: row["day"]):
        figures = await _figures(session, list(group), form_code=form_code, now=now)
        standing = signed.get(day)
        changed = standing is not None and standing["figures"] != figures
        found.append({"day": day, "figures": figures, "signed": standing, "changed_since": changed})
    return found


async def _figures(session: Session, rows: list[Any], *, form_code: str, now: datetime) -> dict[str, Any]:
    form = await form_at(session, form_code=form_code, effective_from=rows[0]["effective_from"])
    return rules.figures(
        form.fields,
        [
            {
                "slot": row["slot"],
                "body": body_of(row),
                "state": state(row, now=now),
                "late": row["late"],
                "counts": json_of(row["counts"]) or {},
            }
            for row in rows
        ],
    )


async def sign(
    session: Session,
    context: Notifier,
    wanted: SummarySignature,
    *,
    form_code: str,
    who: Principal,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Return the signed version and whether it is new; the same figures again are the version that stands.

    Problem 409 before the day's last cut-off, 422 where nothing was owed, 404 outside the area.
    """
    area = area_asked(who, township=wanted.township_code, department=wanted.department_code)
    found = await days(
        session, context, form_code=form_code, area=area, first=wanted.day, last=wanted.day, now=now
    )
    if not found:
        raise refusal_of(errors.NOTHING_OWED, "day")
    [of_day] = found
    if of_day["figures"]["open"]:
        raise Problem(errors.TOO_EARLY)
    standing = of_day["signed"]
    if standing is not None and not of_day["changed_since"]:
        return standing, False
    stored = await fetch_one(
        session,
        queries.SIGN,
        summary_id=new_id(now),
        form_code=form_code,
        day=wanted.day,
        version=1 if standing is None else standing["version"] + 1,
        figures=json.dumps(of_day["figures"], ensure_ascii=False),
        client_id=who.client_id,
        said=context.sealer.seal_json({"by": wanted.by, "note": wanted.note}, context=SUMMARY_CONTEXT),
        now=now,
        **area,
    )
    if stored is None:  # somebody else signed at this moment
        raise Problem(CONFLICT)
    return _shown(context, stored), True


async def one(session: Session, context: Notifier, *, summary_id: UUID, who: Principal) -> dict[str, Any]:
    """Return a version as it was signed; Problem 404 outside the area."""
    stored = await fetch_one(
        session, queries.ONE, summary_id=summary_id, township=who.township, department=who.department
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return _shown(context, stored)


def _shown(context: Notifier, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    said = context.sealer.open_json(row["said"], context=SUMMARY_CONTEXT)
    shown = local(row) | {"figures": json_of(row["figures"]), "note": said["note"]}
    del shown["said"]
    return shown | {"by_masked": mask_name(said["by"])}
