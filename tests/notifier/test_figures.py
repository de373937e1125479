"""Notices counted by day, kind and state, open alerts and overdue acknowledgements, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.notifier.desk import MORNING, Desk, alarm

TODAY = MORNING.date().isoformat()


async def one_alert(desk: Desk) -> None:
    """Let somebody of a unit be positive: CDC, town and department are told."""
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person))


async def figures(desk: Desk, *, area: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return the counts that somebody sees."""
    async with desk.client("records:read", area=area) as client:
        answer = await client.get("/v1/figures")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def total(found: dict[str, Any]) -> int:
    """Return how many notices the days count."""
    return sum(row["notices"] for row in found["days"])


async def test_notices_are_counted_by_day_kind_and_state(desk: Desk) -> None:
    await one_alert(desk)
    await desk.until_status("sent")  # while they are sent, two answers show two moments
    found = await figures(desk)
    assert {(row["day"], row["kind"]) for row in found["days"]} == {(TODAY, "alert.positive")}
    listed = await desk.notices()
    states = [each["status"] for each in await desk.notices(status=found["days"][0]["status"])]
    assert total(found) == len(listed) == 3
    assert len(states) == found["days"][0]["notices"]


async def test_an_alert_is_open_until_it_is_acknowledged_and_overdue_after_its_time(desk: Desk) -> None:
    await one_alert(desk)
    (before,) = (await figures(desk))["open_alerts"]
    assert (before["kind"], before["open"], before["overdue"]) == ("alert.positive", 3, 0)
    await desk.system.set_clock(MORNING + timedelta(hours=2))
    (late,) = (await figures(desk))["open_alerts"]
    assert (late["open"], late["overdue"]) == (3, 3)
    notice = (await desk.notices(recipient_type="cdc"))[0]
    async with desk.client("admin") as admin:
        path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
        assert (await admin.post(path, json={"by": "值班员"})).is_success
    (after,) = (await figures(desk))["open_alerts"]
    assert (after["open"], after["overdue"]) == (2, 2)
    assert sum(row["overdue"] for row in (await figures(desk))["days"]) == 2


@pytest.mark.parametrize(
    ("area", "seen"),
    [
        (("township", "TOWN-01"), 1),
        (("department", "DEPT-01"), 1),
        (("township", "TOWN-02"), 0),
        (("department", "DEPT-02"), 0),
    ],
)
async def test_an_area_counts_its_own_notices_alone(desk: Desk, area: tuple[str, str], seen: int) -> None:
    await one_alert(desk)
    found = await figures(desk, area=area)
    assert total(found) == sum(row["open"] for row in found["open_alerts"]) == seen
    async with desk.client("records:read", area=area) as client:
        assert len((await client.get("/v1/notices")).json()["notices"]) == seen


async def test_nobody_was_told_anything_yet(desk: Desk) -> None:
    found = await figures(desk)
    assert (found["days"], found["open_alerts"], found["last_day"]) == ([], [], TODAY)
    async with desk.client("records:read") as client:
        page = (await client.get("/figures")).text
    assert page.count("没有数据") == 4


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"from": "2199-01-01"}, "from", "day_in_future"),
        ({"from": TODAY, "to": "2037-01-01"}, "to", "period_reversed"),
        ({"from": "1900-01-01"}, "to", "period_too_long"),
        ({"to": "tomorrow"}, "to", "day_malformed"),
    ],
)
async def test_bad_days_are_refused_by_name(desk: Desk, query: dict[str, str], field: str, code: str) -> None:
    async with desk.client("records:read") as client:
        answer = await client.get("/v1/figures", params=query)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


async def test_the_page_names_nobody_and_nothing_outside(desk: Desk) -> None:
    await one_alert(desk)
    async with desk.client("cases:respond") as client:
        text = (await client.get("/figures")).text
        assert (await client.post("/figures", data={"token": "x"})).status_code == 401
    assert text.count("<svg") == text.count("<table") == 4
    assert "<th scope='row'>alert.positive</th><td>3</td><td>0</td>" in text
    assert "<script" not in text
    assert "HC-0001" not in text
    async with desk.client("samples:write") as client:
        assert (await client.get("/figures")).status_code == 403
