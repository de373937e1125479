"""Forms and obligations: versions are added, obligations begin and end, and neither is ever changed."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from notifier.local import local
from notifier.notices.service import Notifier
from notifier.reports import errors, queries, rules
from notifier.reports.opening import form_of, open_day
from notifier.reports.schemas import ReportFormIn, ReportObligationEnd, ReportObligationIn
from notifier.settings import NotifierSettings
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, json_of
from shared.errors import INVALID_BODY, NOT_FOUND, Message, Problem, RowError
from shared.ids import new_id
from shared.web.paging import number_after, page_of, uuid_after


async def add_form(
    session: Session, context: Notifier, wanted: ReportFormIn, *, client_id: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the version and whether it is new; Problem 409 beside another of its day, 422 for the past.

    The cut-offs of a kind are a setting's; they are kept with the version, so a changed setting changes
    nothing that stands.
    """
    cutoffs = list(wanted.cutoffs or cutoffs_of(context.settings, wanted.kind))
    versions = await fetch_all(session, queries.VERSIONS, form_code=wanted.form_code)
    said = {
        "kind": wanted.kind,
        "title": wanted.title,
        "fields": [each.model_dump() for each in wanted.fields_],
        "cutoffs": cutoffs,
        "days": wanted.days,
        "on_day": wanted.on_day,
        "basis": wanted.basis,
    }
    key = {"form_code": wanted.form_code, "effective_from": wanted.effective_from}
    if all(each["effective_from"] != wanted.effective_from for each in versions):
        _check_form(wanted, cutoffs, known=bool(versions), now=now)
        values = {**said, "fields": json.dumps(said["fields"], ensure_ascii=False)}
        new = await execute(session, queries.ADD_FORM, **key, **values, client_id=client_id, now=now)
    else:
        new = 0
    stored = await fetch_one(session, queries.ONE_FORM, **key)
    shown = None if stored is None else _shown_form(stored)
    if shown is None or any(shown[name] != value for name, value in said.items()):
        raise Problem(errors.FORM_IN_USE)
    begun = [each["effective_from"] for each in versions if each["effective_from"] <= day_of(now)]
    in_force = wanted.effective_from <= day_of(now) and wanted.effective_from >= max(
        begun, default=wanted.effective_from
    )
    return shown | {"in_force": in_force}, bool(new)


def cutoffs_of(settings: NotifierSettings, kind: str) -> list[str]:
    """Return the cut-offs of a kind of form where it states none (1H.10)."""
    times = {
        "fever_clinic": settings.report_fever_clinic_cutoffs,
        "school_check": settings.report_school_cutoffs,
    }.get(kind, settings.report_daily_cutoffs)
    return [f"{each:%H:%M}" for each in times]


def _check_form(wanted: ReportFormIn, cutoffs: list[str], *, known: bool, now: datetime) -> None:
    faults: list[tuple[str, Message]] = []
    names = [each.name for each in wanted.fields_]
    if len(set(names)) != len(names):
        faults.append(("fields", errors.FIELD_TWICE))
    if not rules.day_fits(wanted.days, wanted.on_day):
        faults.append(("on_day", errors.FORM_DAY))
    if not rules.rising(cutoffs):
        faults.append(("cutoffs", errors.CUTOFFS_ORDER))
    if wanted.effective_from < day_of(now) or (known and wanted.effective_from == day_of(now)):
        faults.append(("effective_from", errors.FORM_IN_PAST))
    _refuse(faults)


def _refuse(faults: list[tuple[str, Message]]) -> None:
    if faults:
        raise Problem(INVALID_BODY, errors=[RowError(None, field, why.code) for field, why in faults])


async def forms(
    session: Session, *, form_code: str | None, now: datetime, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return forms with their history, the newest version of each first."""
    skip = number_after(cursor, "skip")
    rows = await fetch_all(
        session, queries.FORM_PAGE, form_code=form_code, today=day_of(now), skip=skip, limit=limit + 1
    )
    shown = [_shown_form(row) | {"in_force": bool(row["in_force"])} for row in rows]
    return page_of("forms", shown, limit=limit, position=lambda _: {"skip": skip + limit})


def _shown_form(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return local(row) | {"fields": json_of(row["fields"]), "cutoffs": list(row["cutoffs"])}


async def oblige(
    session: Session, context: Notifier, wanted: ReportObligationIn, *, client_id: str, now: datetime
) -> dict[str, Any]:
    """Oblige bodies and open what of today's slots still lies ahead; Problem 422 for bodies unknown."""
    await _check_obligation(session, wanted, now=now)
    stored = await fetch_one(
        session,
        queries.ADD_OBLIGATION,
        obligation_id=new_id(now),
        **wanted.model_dump(include={"form_code", "body_type", "everybody", "codes", "basis"}),
        industry_prefixes=wanted.industry_prefixes,
        attributes=json.dumps(wanted.attributes),
        from_day=wanted.from_,
        to_day=wanted.to,
        client_id=client_id,
        now=now,
    )
    if wanted.from_ == day_of(now):
        await open_day(session, context, wanted.from_, now=now, form_code=wanted.form_code)
    return _shown_obligation(stored)


async def _check_obligation(session: Session, wanted: ReportObligationIn, *, now: datetime) -> None:
    faults: list[tuple[str, Message]] = []
    by_kind = bool(wanted.industry_prefixes or wanted.attributes)
    given = [bool(wanted.codes), wanted.everybody, by_kind]
    if sum(given) != 1 or (wanted.body_type == "unit" and wanted.everybody):
        faults.append(("codes", errors.OF_WHOM))
    if wanted.body_type != "unit" and by_kind:
        faults.append(("industry_prefixes", errors.OF_WHOM))
    if wanted.from_ < day_of(now):
        faults.append(("from", errors.OBLIGATION_IN_PAST))
    if wanted.to is not None and wanted.to < wanted.from_:
        faults.append(("to", errors.OBLIGATION_REVERSED))
    if not await fetch_all(session, queries.VERSIONS, form_code=wanted.form_code):
        faults.append(("form_code", errors.FORM_UNKNOWN))
    _refuse(faults)
    unknown = await fetch_all(session, queries.UNKNOWN_BODIES, codes=wanted.codes, body_type=wanted.body_type)
    _refuse([(f"codes.{row['number'] - 1}", errors.BODY_UNKNOWN) for row in unknown])


async def end_obligation(
    session: Session,
    wanted: ReportObligationEnd,
    *,
    obligation_id: UUID,
    client_id: str,
    now: datetime,
) -> dict[str, Any]:
    """Set the last day of an obligation; again the same changes nothing. Problem 404, 409 or 422."""
    stored = await fetch_one(session, queries.LOCK_OBLIGATION, obligation_id=obligation_id)
    if stored is None:
        raise Problem(NOT_FOUND)
    if stored["ended_at"] is not None:
        if stored["to"] != wanted.to:
            raise Problem(errors.OBLIGATION_ENDED)
        return _shown_obligation(stored)
    if wanted.to < day_of(now):
        _refuse([("to", errors.OBLIGATION_IN_PAST)])
    if wanted.to < stored["from"]:
        _refuse([("to", errors.OBLIGATION_REVERSED)])
    ended = await fetch_one(
        session,
        queries.END_OBLIGATION,
        obligation_id=obligation_id,
        to_day=wanted.to,
        basis=wanted.basis,
        client_id=client_id,
        now=now,
    )
    return _shown_obligation(ended)


async def obligations(
    session: Session, *, form_code: str | None, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of obligations, the oldest first."""
    after = uuid_after(cursor, "after")
    rows = await fetch_all(
        session, queries.OBLIGATION_PAGE, form_code=form_code, after=after, limit=limit + 1
    )
    shown = [_shown_obligation(row) for row in rows]
    return page_of(
        "obligations", shown, limit=limit, position=lambda row: {"after": str(row["obligation_id"])}
    )


def _shown_obligation(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return local(row) | {
        "attributes": json_of(row["attributes"]),
        "codes": list(row["codes"]),
        "industry_prefixes": list(row["industry_prefixes"]),
    }


async def form_at(session: Session, *, form_code: str, effective_from: object) -> rules.Form:
    """Return a version of a form that a slot rests on."""
    row = await fetch_one(session, queries.ONE_FORM, form_code=form_code, effective_from=effective_from)
    return form_of(row)
