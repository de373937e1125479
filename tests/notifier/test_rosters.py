"""Duty around the clock: urgent notices go to whoever is on duty, and gaps are told a day ahead."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.notifier.desk import Desk, alarm
from tests.notifier.outward import Opens
from tests.notifier.reporting import MONDAY, TOWN, at, ok, refused
from tests.support.mail import mail_server
from tests.support.waiting import until

SHIFTS = "/v1/rosters/TOWN-01/shifts"


def shift(begin: str, end: str, *, phone: str = "13811110000") -> dict[str, Any]:
    """Return a shift with somebody on call and a leader."""
    people = {"on_call": {"name": "李明", "phone": phone}, "leader": {"name": "王芳", "phone": "13922220000"}}
    return {"starts_at": f"{begin}:00+08:00", "ends_at": f"{end}:00+08:00", **people}


@pytest.mark.requirement(125)
async def test_a_roster_is_kept_by_its_body_and_its_gaps_are_told_a_day_ahead(
    desk: Desk,
) -> None:
    await desk.system.set_clock(at("09:00:00"))
    await desk.founded()
    admin, town = desk.client("admin"), desk.client("cases:respond", area=TOWN)
    assert (await admin.put("/v1/rosters/TOWN-01", json={"from": MONDAY})).status_code == 204
    assert (await admin.put("/v1/rosters/NONE", json={"from": MONDAY})).status_code == 404
    day = shift(f"{MONDAY}T08:00", f"{MONDAY}T20:00")
    made = await ok(town.post(SHIFTS, json={"shifts": [day]}), 201)
    [shown] = made["shifts"]
    assert shown["on_call"] == {
        "name_masked": "李*",
        "phone_masked": "138****0000",
        "has_email": False,
    }
    overlap = [shift(f"{MONDAY}T20:00", f"{MONDAY}T23:00"), shift(f"{MONDAY}T22:00", "2030-03-05T08:00")]
    await refused(town.post(SHIFTS, json={"shifts": overlap}), 409, "shift_overlap")
    backwards = shift(f"{MONDAY}T23:00", f"{MONDAY}T22:00")
    await refused(town.post(SHIFTS, json={"shifts": [backwards]}), 422, "shift_reversed")
    await refused(town.post("/v1/rosters/DEPT-01/shifts", json={"shifts": [day]}), 404, "not_found")
    night = shift(f"{MONDAY}T20:00", "2030-03-05T08:00", phone="13833330000")
    await ok(town.post(SHIFTS, json={"shifts": [night]}), 201)

    # Tomorrow from eight on nobody is on duty: headquarters and the town are told today, once.
    await desk.system.set_clock(at("16:00:30"))

    async def told() -> bool:
        return len(await desk.notices(kind="task.answer")) >= 2

    await until(told)
    notices = await desk.notices(kind="task.answer")
    assert sorted(one["recipient"]["code"] for one in notices) == ["HQ-01", "TOWN-01"]
    assert "TOWN-01 局 03-05 08:00 至 03-06 00:00" in notices[0]["text"]
    gaps = (await ok(town.get("/v1/roster-gaps", params={"days": 1})))["gaps"]
    assert [(gap["from"][:16], gap["to"][:16]) for gap in gaps] == [("2030-03-05T08:00", "2030-03-05T16:00")]
    other = desk.client("cases:respond", area=("township", "TOWN-02"))
    assert (await ok(other.get("/v1/roster-gaps")))["gaps"] == []
    assert (await ok(other.get("/v1/rosters")))["rosters"] == []
    await refused(other.post(f"/v1/roster-shifts/{shown['shift_id']}/withdrawal"), 404, "not_found")
    [now] = (await ok(town.get("/v1/rosters")))["rosters"]
    assert now["on_duty"]["shift_id"] == shown["shift_id"]
    withdrawn = await ok(town.post(f"/v1/roster-shifts/{shown['shift_id']}/withdrawal"))
    assert withdrawn["withdrawn_at"] is not None
    [now] = (await ok(town.get("/v1/rosters")))["rosters"]
    assert now["on_duty"] is None
    stored = await desk.rows("SELECT on_call, leader FROM notifier.roster_shift")
    assert all(b"138" not in row["on_call"] and b"139" not in row["leader"] for row in stored)
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    wanted = {"roster.keep", "rosters.list", "roster.shifts", "roster.withdraw"}
    assert wanted <= audited


@pytest.mark.requirement(125)
@pytest.mark.settings(channels=("gateway",), gateway_url="https://gateway.test/messages")
async def test_an_urgent_notice_goes_to_who_is_on_duty_then_and_once_escalated_to_the_leader(
    desk: Desk,
) -> None:
    phones: list[str] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        phones.append(json.loads(request.content)["to"])
        return httpx.Response(200)

    desk.system.outside = gateway
    await desk.system.set_clock(at("09:00:00"))
    await desk.founded()
    admin, person = desk.client("admin"), uuid4()
    await admin.put("/v1/rosters/TOWN-01", json={"from": MONDAY})
    await ok(admin.post(SHIFTS, json={"shifts": [shift(f"{MONDAY}T08:00", f"{MONDAY}T20:00")]}), 201)
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), urgent=True)

    async def sent(count: int, phone: str = "13811110000") -> None:
        async def enough() -> bool:
            return phones.count(phone) >= count

        await until(enough)

    await sent(1)
    await sent(2, "13900000000")  # the others have no roster: their contact is told
    await desk.system.set_clock(at("09:31:00"))
    await sent(2)
    assert "13922220000" not in phones
    await desk.system.set_clock(at("09:41:00"))
    await sent(3)
    await desk.system.set_clock(at("09:51:00"))  # the third repeat: headquarters is told, and the leader
    await sent(1, "13922220000")
    await desk.system.set_clock(at("20:30:00"))  # nobody is on duty any more
    before = phones.count("13900000000")
    await sent(before + 3, "13900000000")


@pytest.mark.requirement(125)
async def test_mail_goes_to_who_is_on_duty_and_to_the_body_where_they_have_no_address(
    open_outward: Opens, tmp_path: Path
) -> None:
    async with mail_server(tmp_path) as box:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}
        async with open_outward(channels=("smtp",), smtp_from="yingjian@district.test", **mail) as desk:
            await desk.system.set_clock(at("09:00:00"))
            await desk.founded()
            await desk.tell(desk.department("TOWN-01", "township", revision=2, email="town@district.test"))
            admin, person = desk.client("admin"), uuid4()
            await admin.put("/v1/rosters/TOWN-01", json={"from": MONDAY})
            duty = shift(f"{MONDAY}T08:00", f"{MONDAY}T20:00")
            duty["on_call"]["email"] = "duty@town.test"
            made = await ok(admin.post(SHIFTS, json={"shifts": [duty]}), 201)
            assert [made["shifts"][0][role]["has_email"] for role in ("on_call", "leader")] == [True, False]
            stored = await desk.rows("SELECT on_call FROM notifier.roster_shift")
            assert b"duty@" not in stored[0]["on_call"]
            await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), urgent=True)

            async def sent(*wanted: str) -> None:
                async def came() -> bool:
                    return [mail["To"] for mail in box.mails] == list(wanted)

                await until(came)

            await sent("duty@town.test")
            # Escalated to the leader, who has no mailbox: the town's own is told.
            await desk.system.set_clock(at("09:51:00"))
            await sent("duty@town.test", "town@district.test")


async def test_a_shift_at_the_end_of_all_times_is_refused(desk: Desk) -> None:
    await desk.founded()
    admin = desk.client("admin")
    assert (await admin.put("/v1/rosters/TOWN-01", json={"from": MONDAY})).status_code == 204
    far = shift("2199-12-31T20:00", "2200-01-01T08:00") | {"ends_at": "9999-12-31T23:00:00Z"}
    answer = await admin.post(SHIFTS, json={"shifts": [far]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time_after_2199")
