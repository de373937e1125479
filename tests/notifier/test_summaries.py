"""A day's summary: made from the filings, signed, fixed, and signed again when it has changed since."""

from typing import Any

import pytest

from tests.notifier.desk import Desk
from tests.notifier.reporting import DEPARTMENT, MONDAY, TOWN, at, clinics_owe, filing, ok, refused

SIGN = {"day": MONDAY, "by": "李主任"}
PATH = "/v1/report-summaries/FEVER"


async def day(client: Any) -> dict[str, Any]:
    """Return Monday as somebody sees it."""
    [found] = (await ok(client.get(PATH, params={"from": MONDAY, "to": MONDAY})))["days"]
    shown: dict[str, Any] = found
    return shown


@pytest.mark.requirement(122)
async def test_a_day_is_summed_up_from_its_filings_signed_and_fixed_until_it_is_signed_again(
    desk: Desk,
) -> None:
    admin = await clinics_owe(desk)
    office = desk.client("cases:respond", area=DEPARTMENT)

    async def file(slot: str, unit: str, **more: Any) -> None:
        await ok(office.post("/v1/reports/FEVER", json=filing(slot, unit, **more)), 201)

    await file("10:00", "UNIT-01", counts={"visits": 10, "held": 4})
    await file("10:00", "UNIT-02", zero=True)
    await refused(admin.post(PATH, json=SIGN), 409, "summary_too_early")
    await desk.system.set_clock(at("15:00:00"))
    await file("16:00", "UNIT-01", counts={"visits": 5, "held": 3})
    await desk.system.set_clock(at("17:00:00"))
    found = await day(admin)
    missing = [{"type": "unit", "code": "UNIT-02", "name": "UNIT-02 店", "slot": "16:00"}]
    assert found["figures"] == {
        "owed": 4, "filed": 3, "zero": 1, "late": 0, "missing": 1, "open": 0,
        "sums": {"visits": 15, "held": 3}, "missing_bodies": missing,
    }  # fmt: skip
    signed = await ok(admin.post(PATH, json=SIGN), 201)
    assert (signed["version"], signed["figures"], signed["by_masked"]) == (1, found["figures"], "李*")
    assert (await ok(admin.post(PATH, json=SIGN), 200))["summary_id"] == signed["summary_id"]
    # What is filed later changes what is shown, never what was signed.
    await file("16:00", "UNIT-02", counts={"visits": 2, "held": 1})
    changed = await day(admin)
    assert (changed["changed_since"], changed["figures"]["sums"]) == (True, {"visits": 17, "held": 4})
    assert changed["signed"]["figures"] == found["figures"]
    again = await ok(admin.post(PATH, json=SIGN), 201)
    assert (again["version"], again["figures"]["late"]) == (2, 1)
    first = await ok(admin.get(f"/v1/report-summaries/versions/{signed['summary_id']}"))
    assert first["figures"]["missing_bodies"] == missing
    # A town signs its own day, and sees no other.
    town, other = (desk.client("cases:respond", area=area) for area in (TOWN, ("township", "TOWN-02")))
    own = await ok(town.post(PATH, json=SIGN), 201)
    assert (own["township_code"], own["version"], own["figures"]["owed"]) == ("TOWN-01", 1, 4)
    await refused(other.get(f"/v1/report-summaries/versions/{own['summary_id']}"), 404, "not_found")
    await refused(town.get(f"/v1/report-summaries/versions/{signed['summary_id']}"), 404, "not_found")
    await refused(other.post(PATH, json=SIGN), 422, "summary_nothing_owed")
    await refused(other.get(PATH, params={"township_code": "TOWN-01"}), 404, "not_found")
    assert (await ok(other.get(PATH)))["days"] == []
