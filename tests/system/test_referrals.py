"""A fever patient's way over all three services: reported, told of, sampled, closed by the batch."""

from datetime import timedelta

import pytest

from tests.support.waiting import until
from tests.system.people import DEPARTMENT, TOWN, District, ok, resident_id, row, text, unit


async def reported(district: District) -> tuple[str, str]:
    """Report a patient of a village clinic; return the path of the referral and the business time."""
    for code, kind in (("CLINIC", "none"), ("FEVER", "standard"), ("FEVER-2", "standard")):
        body = unit(code) | {"unit_code_type": "licence", "attributes": {"fever_clinic": kind}}
        await ok(district.admin.post("/v1/units", json=body))
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
    patient = {"id_type": "resident_id", "id_no": resident_id(7), "name": "测试7", "phone": "13900000007"}
    report = {"from_unit_code": "CLINIC", "to_unit_code": "FEVER", "reported_at": text(now)}
    made = await ok(district.admin.post("/v1/referrals", json=report | {"patient": patient}))
    await district.system.settle()
    return f"/v1/referrals/{made['referral']['referral_id']}", text(now)


async def told(district: District) -> list[tuple[str, str, str]]:
    return sorted(
        (each["recipient"]["type"], each["recipient"]["code"], each["status"])
        for each in await district.notices(kind="task.answer")
        if each["subject"]["type"] == "referral" and each["status"] == "revoked"
    ) + sorted(
        (each["recipient"]["type"], each["recipient"]["code"], "told")
        for each in await district.notices(kind="task.answer")
        if each["subject"]["type"] == "referral" and each["status"] != "revoked"
    )


@pytest.mark.requirement(149)
async def test_a_referred_patient_is_awaited_arrives_and_the_posted_result_closes_it(
    district: District,
) -> None:
    path, at = await reported(district)
    assert await told(district) == [("unit", "FEVER", "told")]
    await ok(district.admin.post(f"{path}/arrival", json={"at": at}))
    assert (await ok(district.admin.get(path)))["referral"]["held"] is True
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
    by_number = {"id_type": "resident_id", "id_no": resident_id(7), "name": "测试7", "collected_at": at}
    await district.post(row(now, **by_number))
    await district.system.settle()

    async def closed() -> bool:
        return bool((await ok(district.admin.get(path)))["referral"]["state"] == "closed")

    await until(closed)
    await district.system.settle()
    [notice] = await district.notices(recipient_code="FEVER")
    assert notice["evidence"]["state"] == "closed"
    assert "测" not in notice["text"]


@pytest.mark.requirement(149)
async def test_a_patient_who_does_not_come_is_a_task_of_clinic_town_and_department_and_another_clinic_takes_over(
    district: District,
) -> None:
    path, _ = await reported(district)
    moved = {"outcome": "redirected", "to_unit_code": "FEVER-2"}
    await ok(district.admin.post(f"{path}/follow-ups", json=moved))
    await district.system.settle()
    assert await told(district) == [("unit", "FEVER", "revoked"), ("unit", "FEVER-2", "told")]
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
    await district.system.set_clock(now + timedelta(hours=13))

    async def late() -> bool:
        return "late" in [step["kind"] for step in (await ok(district.admin.get(path)))["steps"]]

    await until(late)
    await district.system.settle()
    assert await told(district) == [
        ("unit", "FEVER", "revoked"),
        ("department", DEPARTMENT, "told"),
        ("township", TOWN, "told"),
        ("unit", "CLINIC", "told"),
        ("unit", "FEVER-2", "told"),
    ]
    await ok(district.admin.post(f"{path}/follow-ups", json=moved | {"to_unit_code": "FEVER"}))
    await district.system.settle()
    assert ("unit", "FEVER", "told") in await told(district)
    assert ("unit", "FEVER-2", "revoked") in await told(district)
    await ok(district.admin.post(f"{path}/cancellation", json={"reason": "误报"}))
    await district.system.settle()
    assert {each[2] for each in await told(district)} == {"revoked"}
