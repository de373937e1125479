"""HTTP surface of silent laboratories and of what each is loaded with."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter

from results_ingest.figures.routes import SCOPES
from results_ingest.labs.service import hours_of
from results_ingest.nights import span
from results_ingest.shown import shown_of
from results_ingest.sight import only
from results_ingest.silences import queries
from results_ingest.silences.rules import open_since
from shared.db import Session, fetch_all, full_sight
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.deps import NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.web.periods import SAMPLED, today_or

router = APIRouter(prefix="/v1", tags=["检测机构 Laboratories"])
Reader = Annotated[Principal, needs(*SCOPES)]
Asked = Annotated[date, today_or(SAMPLED)]
SILENCE: Final = {
    "silence_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16355",
    "lab_code": "LAB01",
    "name": "县人民医院",
    "since": "2026-11-21T11:10:00+08:00",
    "minutes": 120,
    "waiting": 310,
    "raised_at": "2026-11-21T13:10:30+08:00",
    "ended_at": None,
}
LOAD: Final = {
    "lab_code": "LAB01",
    "name": "县人民医院",
    "opening_hours": {"from": "07:30", "to": "22:00"},
    "open": True,
    "capacity": 5000,
    "tubes": 5210,
    "resulted": 3100,
    "over_capacity": 210,
    "silent_since": None,
}


@router.get(
    "/lab-silences",
    summary="静默的检测机构 Laboratories that fell silent",
    description="营业时间内有样本待检、超过本机构上限未上传结果的时段,`ended_at` 为恢复时间,最新的在前。"
    "检测机构只看到自己,镇街和部门客户端不可用。\n\n"
    "Stretches in which a laboratory was open, owed results and posted nothing for longer than its limit; "
    "`ended_at` is when it posted again; the newest first. A laboratory sees itself; not for clients of an "
    "area.",
    **answers({"silences": [SILENCE], "next_cursor": None}),
)
async def list_silences(
    who: Reader,
    session: SessionDep,
    state: Literal["open", "ended"] | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List silences."""
    before = uuid_after(cursor, "silence", start=LAST)
    rows = await fetch_all(
        session, queries.LIST, only=only(who, "records:read"), state=state, before=before, limit=limit + 1
    )
    found = page_of("silences", rows, limit=limit, position=lambda row: {"silence": str(row["silence_id"])})
    found["silences"] = [shown_of(row) for row in found["silences"]]
    return found


@router.get(
    "/lab-loads",
    summary="检测机构负荷与能力 What each laboratory is loaded with, beside its capacity",
    description="某日采样、应由各机构检测的管数、已出结果数,及当日生效的能力(管/日)和营业时间;"
    "`over_capacity` 为超出能力的管数。不含留存单管。检测机构只看到自己,镇街和部门客户端不可用。\n\n"
    "Of a day's tubes those each laboratory is to test and those with a result, beside the capacity (tubes a "
    "day) and hours in force that day. Retained singles are left out. A laboratory sees itself; not for "
    "clients of an area.",
    **answers({"day": "2026-11-21", "loads": [LOAD]}),
)
async def list_loads(who: Reader, session: SessionDep, now: NowDep, day: Asked) -> dict[str, Any]:
    """Show loads."""
    return {"day": day, "loads": await _loads(session, only(who, "records:read"), day, now)}


async def _loads(session: Session, own: str | None, day: date, now: datetime) -> list[dict[str, Any]]:
    begins, ends = span(day)
    # Counts of what is sent to a laboratory; whose tubes these are is not told.
    async with full_sight(session):
        rows = await fetch_all(session, queries.LOADS, today=day, from_at=begins, to_at=ends, only=own)
    return [
        {
            "lab_code": row["lab_code"],
            "name": row["name"],
            "opening_hours": hours_of(dict(row)),
            "open": open_since(row["opens_at"], row["closes_at"], now) is not None,
            "capacity": row["capacity"],
            "tubes": row["tubes"],
            "resulted": row["resulted"],
            "over_capacity": None if row["capacity"] is None else max(0, row["tubes"] - row["capacity"]),
            "silent_since": shown_of(row)["silent_since"],
        }
        for row in rows
    ]
