"""Keeping manifests, and telling what differs between them and the results, until it is explained."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import RowMapping

from results_ingest.manifests import queries
from results_ingest.manifests.errors import DAY_AHEAD, MANIFEST_IN_USE, NO_DIFFERENCE, TUBE_REPEATED
from results_ingest.manifests.schemas import ExplanationIn, ManifestIn
from results_ingest.shown import shown_of
from shared.clock import day_of, midnight
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import CURSOR_INVALID, FORBIDDEN, INVALID_BODY, Problem, RowError, body_refusal
from shared.result_ids import oldest_id
from shared.security.principal import Principal
from shared.web.paging import decode_cursor

_PLACE: Final = re.compile(r"[A-Za-z0-9._|-]{0,300}", re.ASCII)


async def keep(
    session: Session, who: Principal, manifest: ManifestIn, *, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Keep a manifest; the same again is answered alike. Problem 403, 409, 422."""
    if who.lab_code is None:
        raise Problem(FORBIDDEN)
    codes = manifest.tube_codes
    seen: set[str] = set()
    twice = [place for place, code in enumerate(codes) if code in seen or seen.add(code)]  # type: ignore[func-returns-value] # add returns None
    if twice:
        faults = [RowError(None, f"tube_codes.{place}", TUBE_REPEATED.code) for place in twice]
        raise Problem(INVALID_BODY, errors=faults)
    if manifest.day > day_of(now):
        raise body_refusal(DAY_AHEAD, "day")
    about = {"lab_code": who.lab_code, "manifest_no": manifest.manifest_no}
    content = {"day": manifest.day, "tubes": len(codes), "digest": _digest(codes)}
    new = await execute(session, queries.ADD, **about, **content, client_id=who.client_id, now=now)
    if new:
        await execute(session, queries.ADD_TUBES, lab_code=who.lab_code, day=manifest.day, codes=codes)
    stored = await fetch_one(session, queries.STORED, **about)
    if stored is None or any(stored[name] != value for name, value in content.items()):
        raise Problem(MANIFEST_IN_USE)
    return shown_of({name: value for name, value in stored.items() if name != "digest"}), bool(new)


async def differences(
    session: Session,
    context: Context[Any],
    *,
    days: tuple[date, date],
    lab: str | None,
    kind: str | None,
    unexplained: bool,
    after: str,
    limit: int,
) -> list[RowMapping]:
    """Return what differs, by day, laboratory and kind."""
    given = _window(context, days, lab)
    async with full_sight(session):
        return list(
            await fetch_all(
                session, queries.LIST, **given, kind=kind, open=unexplained, after=after, limit=limit
            )
        )


async def totals(
    session: Session, context: Context[Any], *, days: tuple[date, date], lab: str | None
) -> list[dict[str, Any]]:
    """Return the counts of each day on which a laboratory has said what it tested."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.TOTALS, **_window(context, days, lab))
    return [dict(row) for row in rows]


async def explain(
    session: Session, context: Context[Any], who: Principal, said: ExplanationIn, *, lab: str, now: datetime
) -> dict[str, Any]:
    """Keep why tubes differ; Problem 422 names those that do not."""
    given = _window(context, (said.day, said.day), lab)
    codes = sorted(set(said.tube_codes))
    async with full_sight(session):
        rows = await fetch_all(session, queries.OPEN, **given, kind=said.kind, codes=codes)
    found = {row["tube_code"] for row in rows}
    faults = [
        RowError(None, f"tube_codes.{place}", NO_DIFFERENCE.code)
        for place, code in enumerate(said.tube_codes)
        if code not in found
    ]
    if faults:
        raise Problem(INVALID_BODY, errors=faults)
    await execute(
        session, queries.EXPLAIN, lab_code=lab, day=said.day, kind=said.kind, codes=codes, reason=said.reason,
        client_id=who.client_id, now=now,
    )  # fmt: skip
    return {"lab_code": lab, "day": said.day, "kind": said.kind, "explained": len(codes)}


def place_after(cursor: str | None) -> str:
    """Return the place a list goes on after; Problem 422 `cursor_invalid`."""
    place = "" if cursor is None else decode_cursor(cursor).get("place")
    if not isinstance(place, str) or not _PLACE.fullmatch(place):
        raise Problem(CURSOR_INVALID)
    return place


def difference_of(row: RowMapping) -> dict[str, Any]:
    """Return a difference for an answer."""
    explained = None if row["reason"] is None else shown_of({"reason": row["reason"], "at": row["at"]})
    return {name: row[name] for name in ("lab_code", "day", "tube_code", "kind")} | {"explained": explained}


def _window(context: Context[Any], days: tuple[date, date], lab: str | None) -> dict[str, Any]:
    first, last = days
    begins = midnight(first)
    ends = midnight(last) + timedelta(days=1 + context.settings.expectation_days)
    return {"first": first, "last": last, "lab": lab, "low": oldest_id(begins), "high": oldest_id(ends)}


def _digest(codes: Sequence[str]) -> str:
    return sha256("\n".join(sorted(codes)).encode()).hexdigest()
