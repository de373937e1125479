"""Referrals as they are shown: inside the caller's area, the patient masked, every look recorded."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.lists import local
from registry.referrals import queries, rules
from registry.referrals.service import SEALED_PATIENT, SEALED_STEP, visible
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, fetch_all
from shared.identifiers import mask_id_no, mask_name, mask_phone
from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    state: str | None = None
    unit_code: str | None = None
    late: bool = False


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Filter,
    before: UUID,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return referrals, newest first; the look is recorded."""
    rows = await fetch_all(
        session, queries.PAGE, **_area(who), **asdict(wanted), before=before, limit=limit, now=now
    )
    await record(session, context, who=who, action="referrals.list", purpose="list", rows=len(rows), now=now)
    return [shown(context, row, now=now) for row in rows]


async def detail(
    session: Session, context: Context[Any], *, referral_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return a referral with every step; Problem 404 outside the area."""
    row = await visible(session, referral_id=referral_id, who=who)
    steps = await fetch_all(session, queries.STEPS, referral_id=referral_id)
    await record(
        session, context, who=who, action="referral.read", person_id=row["person_id"],
        subject=str(referral_id), now=now,
    )  # fmt: skip
    return {
        "referral": shown(context, row, now=now),
        "steps": [
            {
                **{name: value for name, value in local(step).items() if name != "sealed_content"},
                "content": context.sealer.open_json(step["sealed_content"], context=SEALED_STEP)
                if step["sealed_content"]
                else None,
            }
            for step in steps
        ],
    }


async def report(
    session: Session, *, who: Principal, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Return what became of each institution's referrals of these days."""
    rows = await fetch_all(session, queries.REPORT, **_area(who), first=first, last=last, now=now)
    return [{**row, "from_unit": _side(row, "from_unit")} for row in rows]


def shown(context: Context[Any], row: RowMapping, *, now: datetime) -> dict[str, Any]:
    """Return a referral for an answer."""
    patient = context.sealer.open_json(row["sealed_patient"], context=SEALED_PATIENT)
    phone = patient["phone"]
    overdue = row["late_at"] is not None or row["due_at"] < now
    return {
        **local(row),
        "patient": {
            "name_masked": mask_name(patient["name"]),
            "id_no_masked": mask_id_no(patient["id_no"]),
            "phone_masked": None if phone is None else mask_phone(phone),
        },
        "from_unit": _side(row, "from_unit"),
        "to_unit": _side(row, "to_unit"),
        "late": row["state"] in rules.RUNNING and overdue,
        "held": rules.held(row["state"]),
    }


def _side(row: RowMapping, side: str) -> dict[str, str]:
    return {"code": row[f"{side}_code"], "name": row[f"{side}_name"]}


def _area(who: Principal) -> dict[str, str | None]:
    return {"area_township": who.township, "area_department": who.department}
