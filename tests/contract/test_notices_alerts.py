"""Contract §6: alerts, tasks and the list of notices, as bodies and the CDC read them."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tests.contract.intake import (
    HOUR,
    ago,
    alerts,
    bodies,
    bound,
    display,
    matched,
    moment,
    result,
    taken,
)
from tests.contract.office import Answer, Office, pages, problem
from tests.support.waiting import until
from tests.system.people import CDC, DEPARTMENT, TOWN, UNIT, ok, unit

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIELDS = {"notice_id", "kind", "recipient", "subject", "as_of", "issued_at", "status", "text", "evidence"}
DELIVERIES = "SELECT count(*) FROM notifier.delivery WHERE notice_id = $1"
STATUSES = {"queued", "sent", "delivered", "failed", "acknowledged", "revoked"}
BODIES = [("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)]


async def positive(office: Office, **more: str) -> tuple[str, str]:
    """Let somebody of the unit be positive; return the code and the result."""
    code = await office.somebody(unit_code=UNIT, **more)
    [found] = await taken(office, result(office, "positive", health_code_id=code))
    return code, found


async def about(office: Office, kind: str, *needles: str) -> list[Answer]:
    """Return the notices of a kind that mention something."""
    found = await office.notices(kind=kind)
    return [one for one in found if all(needle in str(one) for needle in needles)]


async def acknowledge(office: Office, notice: Answer, **more: str) -> None:
    """Acknowledge a notice."""
    path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
    answer = await office.notices_api.post(path, json={"by": "值班员", **more})
    assert answer.is_success, answer.text


@pytest.mark.requirement(127)
async def test_a_positive_is_told_to_three_bodies_and_never_to_the_unit(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    await office.post(result(office, "positive", health_code_id=code))

    async def listed() -> bool:
        return len(await alerts(office, "alert.positive", code)) == 3

    await until(listed)
    await office.system.settle()
    found = await alerts(office, "alert.positive", code)
    assert bodies(found) == BODIES
    for one in found:
        assert set(one) >= FIELDS
        assert one["status"] in STATUSES
        assert one["subject"]["type"] == "person"
        assert one["subject"]["code"] == code
        assert {"type", "code", "name"} <= set(one["recipient"])
        assert {"type", "code", "name"} <= set(one["subject"])
        assert one["ack_due_at"] is not None
        assert one["text"]
        assert "测试" not in str(one)
        assert moment(one["issued_at"]).utcoffset() is not None
        assert moment(one["as_of"]).utcoffset() is not None


async def test_a_positive_thing_is_told_to_those_over_its_unit(office: Office) -> None:
    tube = await bound(office, subject="environment", unit_code=UNIT, sample_kind="surface", members=[])
    await matched(office, result(office, "positive", tube_code=tube))
    found = [one for one in await alerts(office, "alert.positive", UNIT) if one["subject"]["type"] == "unit"]
    assert bodies(found) == BODIES


@pytest.mark.requirement(77)
async def test_a_pool_is_one_alert_per_body_with_counts_and_no_names(office: Office) -> None:
    codes = [await office.somebody(unit_code=UNIT) for _ in range(3)]
    pool = await bound(office, *codes)
    await matched(office, result(office, "positive", tube_code=pool))
    found = await alerts(office, "alert.pool", pool)
    assert bodies(found) == BODIES
    for one in found:
        assert one["subject"]["type"] == "tube"
        assert "3" in one["text"]
        assert "测试" not in str(one)
        assert not any(code in one["text"] for code in codes)
    for code in codes:
        assert await alerts(office, "alert.positive", code) == []


@pytest.mark.requirement(77)
async def test_a_recheck_is_due_in_four_hours(office: Office) -> None:
    codes = [await office.somebody(unit_code=UNIT) for _ in range(2)]
    pool = await bound(office, *codes, site_code="SITE-RECHECK")
    await matched(office, result(office, "positive", tube_code=pool))
    found = await about(office, "task.recheck", pool)
    assert found
    assert {one["kind"] for one in found} == {"task.recheck"}


async def test_a_confirmed_positive_updates_its_alerts_and_makes_no_new_ones(office: Office) -> None:
    code, found = await positive(office)
    before = {one["notice_id"]: one["text"] for one in await alerts(office, "alert.positive", code)}
    await office.reviewed(found, "confirmed")
    after = {one["notice_id"]: one["text"] for one in await alerts(office, "alert.positive", code)}
    assert before.keys() == after.keys()
    assert all(before[key] != after[key] for key in before)


async def test_a_refuted_positive_revokes_them(office: Office) -> None:
    code, found = await positive(office)
    await office.reviewed(found, "refuted")
    assert {one["status"] for one in await alerts(office, "alert.positive", code)} == {"revoked"}
    assert len(await alerts(office, "alert.positive", code, status="revoked")) == 3
    assert await alerts(office, "alert.positive", code, status="queued") == []


async def test_a_second_positive_of_a_person_is_no_second_alert(office: Office) -> None:
    code, _ = await positive(office)
    before = {one["notice_id"] for one in await alerts(office, "alert.positive", code)}
    await matched(office, result(office, "positive", hours=0.5, health_code_id=code))
    assert {one["notice_id"] for one in await alerts(office, "alert.positive", code)} == before


async def test_notices_are_filtered_by_every_parameter(office: Office) -> None:
    code, _ = await positive(office)
    [cdc] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    assert cdc["recipient"]["code"] == CDC
    [town] = await alerts(office, "alert.positive", code, recipient_code=TOWN)
    assert town["recipient"]["type"] == "township"
    assert await alerts(office, "alert.pool", code) == []
    assert await office.notices(subject_code=code, recipient_type="unit") == []
    # Sending goes on meanwhile and moves the others on; nothing moves an acknowledged one.
    await acknowledge(office, cdc)
    by_status = await office.notices(subject_code=code, status="acknowledged")
    assert [one["notice_id"] for one in by_status] == [cdc["notice_id"]]
    listed = await pages(office.notices_api, "/v1/notices", "notices", subject_code=code, limit=2)
    assert len({one["notice_id"] for one in listed}) == 3
    for query in ({"kind": "alert.unheard"}, {"status": "lost"}, {"limit": 0}, {"cursor": "x"}):
        problem(await office.notices_api.get("/v1/notices", params=query), 422)


async def test_a_body_reads_its_own_notices_and_no_others(office: Office) -> None:
    code, _ = await positive(office)
    town = await office.system.client(
        "notifier", scopes=["cases:respond"], area_code=TOWN, area_level="township"
    )
    seen = (await ok(town.get("/v1/notices", params={"subject_code": code})))["notices"]
    assert bodies(seen) == [("township", TOWN)]
    mine, other = seen[0], (await alerts(office, "alert.positive", code, recipient_type="cdc"))[0]
    path = "/v1/notices/{}/acknowledgement"
    problem(await town.post(path.format(other["notice_id"]), json={"by": "镇"}), 404)
    assert (await town.post(path.format(mine["notice_id"]), json={"by": "镇", "note": "收到"})).is_success
    nobody = await office.system.client("notifier", scopes=["status:read"])
    problem(await nobody.get("/v1/notices"), 403)


async def test_an_acknowledged_notice_says_so_and_may_be_acknowledged_again(office: Office) -> None:
    code, _ = await positive(office)
    [notice] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    await acknowledge(office, notice, note="已处置")
    await acknowledge(office, notice)
    [again] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    assert (again["notice_id"], again["status"]) == (notice["notice_id"], "acknowledged")
    path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
    for body in ({}, {"by": 5}, {"by": "x", "more": 1}):
        problem(await office.notices_api.post(path, json=body), 422)
    nowhere = "/v1/notices/00000000-0000-0000-0000-000000000000"
    problem(await office.notices_api.post(f"{nowhere}/acknowledgement", json={"by": "x"}), 404)
    problem(await office.notices_api.post(f"{nowhere}/revocation", json={"by": "x", "reason": "y"}), 404)
    nothing = await office.notices_api.post("/v1/notices/nothing/revocation", json={"by": "x", "reason": "y"})
    assert nothing.status_code in (404, 422), nothing.text


async def test_a_revoked_notice_says_so(office: Office) -> None:
    code, _ = await positive(office)
    [notice] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    path = f"/v1/notices/{notice['notice_id']}/revocation"
    problem(await office.notices_api.post(path, json={"by": "主任"}), 422)
    answer = await office.notices_api.post(path, json={"by": "主任", "reason": "误报"})
    assert answer.is_success, answer.text
    [again] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    assert again["status"] == "revoked"
    others = await alerts(office, "alert.positive", code)
    assert len([one for one in others if one["status"] != "revoked"]) == 2


async def test_an_alert_repeats_as_the_same_notice_until_it_is_acknowledged(office: Office) -> None:
    code, _ = await positive(office)
    [mine] = await alerts(office, "alert.positive", code, recipient_type="cdc")

    async def deliveries() -> int:
        # What is sent again is seen by whom it is sent to, not in the list.
        return int(await office.system.owner.fetchval(DELIVERIES, UUID(mine["notice_id"])))

    first = await until(deliveries)
    for repeats in (1, 2):
        await office.at(office.now + HOUR)

        async def repeated(wanted: int = first + repeats) -> bool:
            return await deliveries() >= wanted

        await until(repeated)
    [same] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    assert same["notice_id"] == mine["notice_id"]
    await acknowledge(office, mine)
    count = await deliveries()
    await office.at(office.now + HOUR)
    await asyncio.sleep(3)
    assert await deliveries() == count


async def test_a_held_or_withdrawn_alert_does_not_reach_the_person_or_unit(office: Office) -> None:
    code, _ = await positive(office, phone="13800138000")
    kinds = {one["kind"] for one in await office.notices(recipient_code=code)}
    assert not kinds & {"alert.positive", "alert.pool"}
    assert not [one for one in await office.notices(recipient_code=UNIT) if one["kind"].startswith("alert")]
    assert await display(office, code) == "under_recheck"


async def test_a_tested_sample_is_not_older_than_the_alert_says(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    row = result(office, "positive", health_code_id=code, collected_at=ago(office, 4))
    await matched(office, row)
    [notice] = await alerts(office, "alert.positive", code, recipient_type="cdc")
    assert abs(moment(notice["issued_at"]) - office.now) < timedelta(minutes=5)


async def test_a_new_positive_after_a_refuted_one_is_told_anew(office: Office) -> None:
    code, found = await positive(office)
    await office.reviewed(found, "refuted")
    await matched(office, result(office, "positive", hours=0.5, health_code_id=code))
    fresh = [one for one in await alerts(office, "alert.positive", code) if one["status"] != "revoked"]
    assert bodies(fresh) == BODIES


async def test_a_person_of_two_units_is_told_to_the_bodies_of_both(office: Office) -> None:
    other = "TOWN-02"
    town = {
        "code": other,
        "name": "二镇",
        "level": "township",
        "contact": {"name": "李", "phone": "13900000003"},
    }
    await ok(office.admin.post("/v1/departments", json=town))
    second = unit("91350100M000100Y43") | {"township_code": other}
    await ok(office.admin.post("/v1/units", json=second))
    row = office.row(unit_code=UNIT)
    await office.register(row, row | {"unit_code": second["unit_code"]})
    await office.system.settle()
    await matched(office, result(office, "positive", health_code_id=row["health_code_id"]))
    found = bodies(await alerts(office, "alert.positive", row["health_code_id"]))
    assert found == [*BODIES, ("township", other)]


async def test_a_township_reads_of_its_own_people_in_a_task(office: Office) -> None:
    mine, nobodys = await office.somebody(unit_code=UNIT), await office.somebody()
    pool = await bound(office, mine, nobodys)
    await matched(office, result(office, "positive", tube_code=pool))
    found = {one["recipient"]["type"]: str(one) for one in await about(office, "task.recheck", pool)}
    assert mine in found["cdc"]
    assert nobodys in found["cdc"]
    assert mine in found["township"]
    assert nobodys not in found["township"]
    spoilt = await bound(office, mine, nobodys, hours=2.5)
    await matched(office, result(office, "invalid", tube_code=spoilt))
    [unit_notice] = await about(office, "task.resample", spoilt, UNIT)
    assert mine in str(unit_notice)
    assert nobodys not in str(unit_notice)
