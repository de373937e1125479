"""What the quality list shows, to whom."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from results_ingest import nights
from results_ingest.quality import queries
from results_ingest.sight import own_lab
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_value
from shared.errors import CURSOR_INVALID, Problem
from shared.security.principal import Principal
from shared.web.paging import decode_cursor, number_after, page_of

_PLACE: Final = ("lab_code", "site_code", "kind")
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """A day, and what of it."""

    day: date
    kind: str | None
    lab_code: str | None
    site_code: str | None


async def counts(
    session: Session, who: Principal, wanted: Wanted, *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of a day's faults by laboratory, site and kind, and when it was counted."""
    lab_code, site_code, kind = _after(cursor)
    rows = await fetch_all(
        session, queries.COUNTS, **_seen(who, wanted), after_lab=lab_code, after_site=site_code,
        after_kind=kind, limit=limit + 1,
    )  # fmt: skip
    found = page_of("counts", rows, limit=limit, position=lambda row: {name: row[name] for name in _PLACE})
    found["counts"] = [dict(row) | {"site_code": row["site_code"] or None} for row in found["counts"]]
    return {"day": wanted.day, "as_of": await as_of(session, wanted.day), **found}


async def faults(
    session: Session, who: Principal, wanted: Wanted, *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of the rows behind the counts."""
    after = number_after(cursor, "fault")
    rows = await fetch_all(session, queries.FAULTS, **_seen(who, wanted), after=after, limit=limit + 1)
    found = page_of("faults", rows, limit=limit, position=lambda row: {"fault": row["fault_no"]})
    found["faults"] = [_shown(dict(row)) for row in found["faults"]]
    return {"day": wanted.day, "as_of": await as_of(session, wanted.day), **found}


async def as_of(session: Session, day: date) -> Any:  # noqa: ANN401 - a time, or none
    """Return when a day was counted, None before its first count or while another is awaited."""
    counted = await fetch_value(session, nights.AS_OF, what="quality", day=day)
    return counted and counted.astimezone(SHANGHAI)


def _shown(fault: dict[str, Any]) -> dict[str, Any]:
    """Return a fault without its number; one that names no batch names no row of it."""
    del fault["fault_no"]
    if fault["batch_no"] is None:
        fault["row"] = fault["row_ref"] = None
    return fault


def _seen(who: Principal, wanted: Wanted) -> dict[str, Any]:
    """Return the parameters of who sees what: a laboratory itself, an area its own tubes' faults."""
    return {
        "only": own_lab(who, "records:read", "reviews:write"),
        "township": who.township,
        "department": who.department,
        "day": wanted.day,
        "kind": wanted.kind,
        "lab_code": wanted.lab_code,
        "site_code": wanted.site_code,
    }


def _after(cursor: str | None) -> tuple[str, str, str]:
    if cursor is None:
        return ("", "", "")
    position = decode_cursor(cursor)
    lab_code, site_code, kind = (position.get(name) for name in _PLACE)
    for part in (lab_code, site_code, kind):
        if not isinstance(part, str) or len(part) > _LONGEST or not part.isprintable():
            raise Problem(CURSOR_INVALID)
    return str(lab_code), str(site_code), str(kind)
