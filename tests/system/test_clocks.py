"""Clocks over all three services: what runs out is listed, and told to whoever answers, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.waiting import until
from tests.system.people import TOWN, UNIT, District, ok, person, row, text


async def now_of(district: District) -> datetime:
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        return await context.clock.now(session)


async def until_clocks(district: District, state: str, *wanted: tuple[str, str], **query: str) -> None:
    """Wait until these subjects' clocks, by code and stage, stand so."""

    async def stand() -> bool:
        listed = await ok(district.cdc.get("/v1/clocks", params={"state": state, **query}))
        return {(each["subject"]["code"], each["stage"]) for each in listed["clocks"]} >= set(wanted)

    await until(stand)
    await district.system.settle()


async def registered(district: District, number: int, kind: str, at: datetime) -> str:
    """Register an event of a person; return its id."""
    path = f"/v1/people/by-health-code/HC-{number:06}"
    person_id = (await ok(district.admin.get(path)))["person_id"]
    event = {"kind": kind, "at": text(at), "unit_code": UNIT}
    made = await ok(district.admin.post(f"/v1/people/{person_id}/events", json=event))
    await district.system.settle()
    event_id: str = made["event_id"]
    return event_id


async def orders(district: District, **query: str) -> dict[str, dict[str, Any]]:
    listed = (await ok(district.cdc.get("/v1/test-orders", params=query)))["orders"]
    return {each["order_id"]: each for each in listed}


async def told(district: District, kind: str, stage: str) -> list[tuple[str, str, str, int]]:
    """Return who was told of a stage, and of how many, but for headquarters, where silence escalates."""
    return sorted(
        (
            each["recipient"]["type"],
            each["recipient"]["code"],
            each["evidence"]["level"],
            each["evidence"]["total"],
        )
        for each in await district.notices(kind=kind)
        if each["evidence"].get("stage") == stage and each["recipient"]["type"] != "district"
    )


@pytest.mark.requirement(66)
@pytest.mark.requirement(69)
async def test_late_handovers_and_late_results_are_told_to_site_town_laboratory_and_cdc(
    district: District,
) -> None:
    now = await now_of(district)
    tubes = []
    for site, kind in (("GATE", "checkpoint"), ("FEVER", "fever_clinic")):
        body = {"site_code": site, "name": "采样点", "kind": kind, "township_code": TOWN}
        await ok(district.sampling.post("/v1/sites", json=body))
        tubes += [
            {"tube_code": f"{site}-{n}", "mode": "single", "capacity": 1, "subject": "person", "members": [],
             "collected_at": text(now), "site_code": site, "lab_code": "LAB01"}
            for n in (1, 2)
        ]  # fmt: skip
    await ok(district.sampling.post("/v1/tubes/bulk", json={"tubes": tubes}))
    await district.system.set_clock(now + timedelta(hours=2, minutes=1))
    await until_clocks(district, "broken", ("GATE-1", "handover"), ("GATE-2", "handover"))
    assert await told(district, "task.answer", "handover") == [
        ("site", "GATE", "breach", 2), ("township", TOWN, "breach", 2),
    ]  # fmt: skip
    # A whole night is slept through: each body is told once of each stage, and of nothing twice.
    await district.system.set_clock(now + timedelta(hours=20))
    await until_clocks(district, "broken", ("FEVER-1", "result"), ("FEVER-2", "result"), lab_code="LAB01")
    assert await told(district, "alert.lab_late", "result") == [
        ("cdc", "CDC-01", "breach", 2), ("lab", "LAB01", "breach", 2),
    ]  # fmt: skip
    assert await told(district, "task.answer", "handover") == [
        ("site", "FEVER", "breach", 2), ("site", "GATE", "breach", 2),
        ("township", TOWN, "breach", 2), ("township", TOWN, "breach", 2),
    ]  # fmt: skip


@pytest.mark.requirement(2)
@pytest.mark.requirement(26)
@pytest.mark.requirement(93)
async def test_an_order_without_a_tube_is_listed_and_its_clock_runs_to_sample_and_result(
    district: District,
) -> None:
    await district.register(*(person(number, unit_code=UNIT) for number in (1, 2, 3)))
    suspicion = {"code": "LOCAL-SUSPECTED", "name_zh": "疑似病例", "name_en": "Suspected cases"}
    rule = {"effective_from": "2022-01-01", "shape": "on_event", "params": {"event": "suspected_case"}}
    await ok(
        district.admin.post(
            "/v1/categories", json=suspicion | {"effective_from": "2022-01-01", "rules": [rule]}
        )
    )
    now = await now_of(district)
    arrival = await registered(district, 1, "arrival", now)
    fever = await registered(district, 2, "fever_visit", now)
    suspected = await registered(district, 3, "suspected_case", now)
    found = await orders(district, state="open")
    assert {found[each]["kind"] for each in (arrival, fever, suspected)} == {
        "arrival", "fever_visit", "suspected_case",
    }  # fmt: skip
    assert (found[arrival]["unit_code"], found[arrival]["township_code"]) == (UNIT, TOWN)
    limits = {
        each["stage"]: datetime.fromisoformat(each["due_at"])
        - datetime.fromisoformat(found[suspected]["opened_at"])
        for each in found[suspected]["clocks"]
    }
    assert limits == {"sampling": timedelta(hours=2), "result": timedelta(hours=12)}
    # The fever patient is sampled in time, with a tube, and waits for the result.
    tube = {"tube_code": "T-2", "mode": "single", "capacity": 1, "subject": "person", "lab_code": "LAB01",
            "members": [{"health_code_id": "HC-000002"}], "collected_at": text(now + timedelta(minutes=1))}  # fmt: skip
    await district.system.set_clock(now + timedelta(hours=1))
    await ok(district.sampling.post("/v1/tubes", json=tube))
    await until_clocks(district, "met", (fever, "sampling"))
    assert set(await orders(district, state="open")) == {arrival, suspected}
    await district.system.set_clock(now + timedelta(hours=12, minutes=5))
    await until_clocks(district, "broken", (arrival, "sampling"), (suspected, "result"), (fever, "result"))
    stages = {stage: await told(district, "task.answer", stage) for stage in ("sampling", "result")}
    assert ("unit", UNIT, "breach", 2) in stages["sampling"]
    assert ("township", TOWN, "breach", 2) in stages["result"]
    # Both are swabbed at last; the laboratory names them by code.
    later = now + timedelta(hours=12, minutes=6)
    await district.system.set_clock(later + timedelta(minutes=30))
    rows = (
        row(later, health_code_id=f"HC-{n:06}", collected_at=text(now + timedelta(hours=1))) for n in (1, 3)
    )
    await district.post(*rows)
    await until_clocks(district, "explained", (arrival, "sampling"))
    await until_clocks(district, "late", (suspected, "result"))
    assert (await orders(district, kind="arrival"))[arrival]["state"] == "resulted"
