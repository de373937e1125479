"""Binding clients to venues, and taking and showing the venues' own reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from results_ingest.shown import shown_of
from results_ingest.tubes import service as tubes
from results_ingest.tubes.rules import Fault
from results_ingest.tubes.schemas import MAX_MEMBERS, TubeIn
from results_ingest.venues import queries
from results_ingest.venues.errors import (
    DAY_OUT,
    OTHER_DAY,
    REPORT_IN_USE,
    SAMPLE_REPORTED,
    VENUE_IN_USE,
    VENUE_OUTSIDE,
    VENUE_UNBOUND,
)
from results_ingest.venues.rules import PERSON, counts_of, may_be_reported, subject_of
from results_ingest.venues.schemas import VenueIn, VenueReportIn, VenueSampleIn
from shared.bus.publishing import publish
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import INVALID_BODY, NOT_FOUND, TOO_MANY_ROWS, Problem, RowError, body_refusal
from shared.ids import new_id
from shared.messages import VenueReported
from shared.security.principal import Principal

COUNTS: Final = ("people", "environment", "surfaces", "goods")


async def bind(session: Session, who: Principal, venue: VenueIn, *, now: datetime) -> bool:
    """Let a client file for a unit; False if it did already. Problem 409, 422 outside the area."""
    wanted = venue.model_dump()
    if await execute(session, queries.BIND, **wanted, **who.area, bound_by=who.client_id, now=now):
        return True
    bound = await fetch_value(session, queries.BOUND, client_id=venue.client_id)
    if bound is None:
        raise body_refusal(VENUE_OUTSIDE, "unit_code")
    if bound != venue.unit_code:
        raise Problem(VENUE_IN_USE)
    return False


async def unbind(session: Session, who: Principal, *, client_id: str) -> str:
    """End that a client files for a unit; return the unit. What it has filed stays. Problem 404."""
    unit_code: str | None = await fetch_value(session, queries.UNBIND, client_id=client_id, **who.area)
    if unit_code is None:
        raise Problem(NOT_FOUND)
    return unit_code


async def bound_unit(session: Session, who: Principal) -> str:
    """Return the unit that a client files for; Problem 403 `venue_unbound`."""
    unit_code: str | None = await fetch_value(session, queries.BOUND, client_id=who.client_id)
    if unit_code is None:
        raise Problem(VENUE_UNBOUND)
    return unit_code


async def file(
    session: Session, context: Context[Any], report: VenueReportIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Take a venue's report and register its samples; the same again returns what stands.

    A refused report registers nothing. Problem 403, 409, 413, 422.
    """
    unit_code = await bound_unit(session, who)
    _check(context, report, now=now)
    stored = await fetch_one(session, queries.SAME, unit_code=unit_code, report_no=report.report_no)
    codes = sorted(sample.tube_code for sample in report.samples)
    if stored is not None and (stored["day"] != report.day or sorted(stored["tube_codes"]) != codes):
        raise Problem(REPORT_IN_USE)
    wanted = [_tube(sample, unit_code) for sample in report.samples]
    verdicts = await tubes.register(session, context, wanted, who=who, now=now) if wanted else []
    _refuse(verdicts)
    if stored is not None:
        return _shown(report.report_no, unit_code, stored), False
    counts = counts_of(report.samples)
    report_id = new_id(now)
    row = {"report_id": report_id, "unit_code": unit_code, "report_no": report.report_no, "day": report.day}
    if not await execute(session, queries.ADD, **row, **counts, client_id=who.client_id, now=now):
        raise Problem(REPORT_IN_USE)  # somebody filed under this number at the same moment
    kinds = [sample.kind for sample in report.samples]
    taken = await execute(
        session,
        queries.ADD_SAMPLES,
        report_id=report_id,
        codes=[sample.tube_code for sample in report.samples],
        kinds=kinds,
    )
    if taken < len(kinds):
        raise Problem(SAMPLE_REPORTED)
    await publish(
        session,
        VenueReported(report_id, unit_code, report.day.isoformat(), **counts, at=now.isoformat()),
        now=now,
    )
    return _shown(report.report_no, unit_code, row | counts | {"reported_at": now}), True


def _check(context: Context[Any], report: VenueReportIn, *, now: datetime) -> None:
    if sum(len(sample.members) for sample in report.samples) > MAX_MEMBERS:
        raise Problem(TOO_MANY_ROWS, limit=MAX_MEMBERS)
    if not may_be_reported(report.day, today=day_of(now), back=context.settings.venue_report_days):
        raise body_refusal(DAY_OUT, "day")
    other = [
        RowError(number, "collected_at", OTHER_DAY.code)
        for number, sample in enumerate(report.samples, start=1)
        if day_of(sample.collected_at) != report.day
    ]
    if other:
        raise Problem(INVALID_BODY, errors=other)


def _tube(sample: VenueSampleIn, unit_code: str) -> TubeIn:
    """Return the tube of a sample; its fields have passed the same checks as a tube's."""
    subject = subject_of(sample.kind)
    values: dict[str, Any] = {
        name: getattr(sample, name) for name in type(sample).model_fields if name != "kind"
    }
    values |= {"subject": subject, "unit_code": unit_code}
    values["sample_kind"] = None if subject == PERSON else sample.kind
    return TubeIn.model_construct(**values)


def _refuse(verdicts: Sequence[str | list[Fault]]) -> None:
    errors = [
        RowError(number, field, code)
        for number, verdict in enumerate(verdicts, start=1)
        if not isinstance(verdict, str)
        for field, code in verdict
    ]
    if errors:
        raise Problem(INVALID_BODY, errors=errors)


def _shown(report_no: str, unit_code: str, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row, or as good
    plain = {name: row[name] for name in ("report_id", "day", *COUNTS, "reported_at")}
    return shown_of({"report_no": report_no, "unit_code": unit_code, **plain})


async def reports(
    session: Session,
    who: Principal,
    *,
    unit_code: str | None,
    first: date | None,
    last: date | None,
    after: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """Return reports with how far their samples have come, in the area.

    A venue sees its own, and how many have a result; what the results are is for the bodies above it.
    """
    above = who.holds("records:read", "cases:respond")
    own = None if above else await bound_unit(session, who)
    if own is not None and unit_code not in (None, own):
        return []
    rows = await fetch_all(
        session,
        queries.PAGE,
        unit_code=own or unit_code,
        first=first,
        last=last,
        after=after,
        limit=limit,
        **who.area,
    )
    return [shown_of(row) | {"results": _results(row["results"], above=above)} for row in rows]


def _results(results: dict[str, dict[str, int]], *, above: bool) -> dict[str, dict[str, int]]:
    hidden = () if above else ("not_negative",)
    return {
        kind: {name: count for name, count in counts.items() if name not in hidden}
        for kind, counts in sorted(results.items())
    }


async def silent(
    session: Session, who: Principal, *, day: date, after: str, limit: int
) -> list[dict[str, Any]]:
    """Return the venues that have filed nothing for a day, and for which day they last did."""
    rows = await fetch_all(session, queries.SILENT, day=day, after=after, limit=limit, **who.area)
    return [dict(row) for row in rows]


async def venues(session: Session, who: Principal, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Return which client files for which unit, in the area."""
    rows = await fetch_all(session, queries.VENUES, after=after, limit=limit, **who.area)
    return [shown_of(row) for row in rows]
