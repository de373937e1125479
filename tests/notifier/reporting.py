"""A district that owes reports: its forms, its clinics, and what is asked of whom."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import httpx
from msgspec import structs

from tests.notifier.desk import Desk
from tests.support.waiting import until

MONDAY = "2030-03-04"
TOWN = ("township", "TOWN-01")
DEPARTMENT = ("department", "DEPT-01")
CLINIC_FORM = {
    "form_code": "FEVER",
    "kind": "fever_clinic",
    "title": "发热门诊日报",
    "fields": [
        {"name": "visits", "title": "接诊", "unit": "人次"},
        {"name": "held", "title": "留观", "unit": "人", "rollup": "last"},
    ],
    "effective_from": MONDAY,
    "basis": "每天上报两次",
}
DAILY_FORM = {
    "form_code": "DAILY",
    "kind": "daily",
    "title": "镇街日报",
    "fields": [{"name": "arrivals", "title": "到达", "unit": "人"}],
    "days": "workday",
    "effective_from": MONDAY,
    "basis": "日报告、零报告制度",
}


def at(text: str, day: str = MONDAY) -> datetime:
    """Return a moment of a day."""
    return datetime.fromisoformat(f"{day}T{text}+08:00")


async def ok(answer: Awaitable[httpx.Response], status: int | None = None) -> dict[str, Any]:
    """Return the body of a good answer."""
    response = await answer
    assert response.is_success, response.text
    assert status in (None, response.status_code), response.status_code
    found: dict[str, Any] = response.json()
    return found


async def refused(answer: Awaitable[httpx.Response], status: int, code: str) -> None:
    """Expect a refusal with this code, as its own or as that of a field, in both languages."""
    response = await answer
    body = response.json()
    assert response.status_code == status, body
    assert code in {body["code"], *(each["code"] for each in body["errors"])}, body


async def missing(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Wait until so many notices of missing reports are out, and return them by kind of reader and code."""

    async def told() -> bool:
        return len(await desk.notices(kind="report.missing")) >= count

    await until(told)
    found = await desk.notices(kind="report.missing")
    return sorted(found, key=lambda one: (one["evidence"]["about"], one["recipient"]["code"]))


async def clinics_owe(desk: Desk) -> httpx.AsyncClient:
    """Found a district with two fever clinics that owe two reports a day from Monday on."""
    await desk.system.set_clock(at("07:00:00"))
    await desk.founded()
    fever = {"attributes": {"fever_clinic": "standard"}, "revision": 2}
    await desk.tell(*(structs.replace(desk.unit(f"UNIT-0{number}"), **fever) for number in (1, 2)))
    admin = desk.client("admin")
    await ok(admin.post("/v1/report-forms", json=CLINIC_FORM), 201)
    wanted = {"form_code": "FEVER", "body_type": "unit", "attributes": fever["attributes"]}
    await ok(admin.post("/v1/report-obligations", json=wanted | {"from": MONDAY, "basis": "通知"}), 201)
    return admin


async def towns_owe(desk: Desk) -> httpx.AsyncClient:
    """Found a district of two towns that owe a daily report from Monday on, workdays only."""
    await desk.system.set_clock(at("07:00:00"))
    await desk.founded()
    await desk.tell(desk.department("TOWN-02", "township"))
    admin = desk.client("admin")
    await ok(admin.post("/v1/report-forms", json=DAILY_FORM), 201)
    wanted = {"form_code": "DAILY", "body_type": "township", "everybody": True, "from": MONDAY}
    await ok(admin.post("/v1/report-obligations", json=wanted | {"basis": "通知"}), 201)
    return admin


def filing(slot: str, unit: str | None = None, *, day: str = MONDAY, **more: Any) -> dict[str, Any]:
    """Return a report for a slot; for a unit, or for the caller itself."""
    body = {} if unit is None else {"body": {"type": "unit", "code": unit}}
    return {"day": day, "slot": slot, "by": "值班员", **body, **more}
