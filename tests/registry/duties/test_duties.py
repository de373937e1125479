"""The duty matrix over HTTP: ten entries, and an owner for every kind of message and notice."""

from datetime import datetime

import pytest

from notifier.notices.rules import KINDS
from shared.routing import ROUTES
from tests.support.district import District


@pytest.mark.requirement(155)
async def test_the_ten_entries_of_the_plan_are_data_with_their_departments(district: District) -> None:
    entries = (await district.get("/v1/duties"))["entries"]
    assert [entry["entry_code"] for entry in entries] == [
        "INSTITUTIONS",
        "CDC",
        "BRIGADE",
        "OFFICE",
        "FINANCE",
        "PLANNING",
        "DISEASE-CONTROL",
        "MEDICAL",
        "PRIMARY",
        "SUPERVISION",
    ]
    await district.department("HEALTH-MED", role="bureau_section")
    changed = await district.patch("/v1/duties/MEDICAL", {"department_code": "HEALTH-MED"})
    assert (changed["department_code"], changed["revision"]) == ("HEALTH-MED", 2)
    owner = await district.get("/v1/duty-owners/alert.lab_late")
    assert (owner["entry_code"], owner["department_code"]) == ("MEDICAL", "HEALTH-MED")


@pytest.mark.requirement(155)
async def test_every_kind_of_message_and_of_notice_names_its_owner(district: District) -> None:
    for subject in (*ROUTES, *KINDS):
        owner = await district.get(f"/v1/duty-owners/{subject}")
        assert owner["name_zh"]
    for kind in KINDS:
        assert (await district.get(f"/v1/duty-owners/{kind}"))["basis"] == "assigned"
    later = await district.get("/v1/duty-owners/something.new")
    assert (later["entry_code"], later["basis"]) == ("DISEASE-CONTROL", "default")


async def test_a_kind_changes_hands_on_its_day(district: District) -> None:
    wanted = {"subject": "alert.pool", "effective_from": "2030-12-01"}
    await district.post("/v1/duties/MEDICAL/subjects", wanted, status=201)
    await district.post("/v1/duties/MEDICAL/subjects", wanted, status=200)
    other = await district.post("/v1/duties/CDC/subjects", wanted, status=409)
    assert other["code"] == "duty_in_use"
    assert (await district.get("/v1/duty-owners/alert.pool"))["entry_code"] == "CDC"
    await district.system.set_clock(datetime.fromisoformat("2030-12-01T00:00:01+08:00"))
    assert (await district.get("/v1/duty-owners/alert.pool"))["entry_code"] == "MEDICAL"


async def test_what_is_no_entry_no_department_or_no_kind_is_refused(district: District) -> None:
    assert (await district.patch("/v1/duties/NOBODY", {"name_zh": "x"}, status=404))["code"] == "not_found"
    wrong = await district.patch("/v1/duties/CDC", {"department_code": "NOBODY"}, status=422)
    assert wrong["code"] == "unknown_department_code"
    assert (await district.patch("/v1/duties/CDC", {}, status=422))["code"] == "nothing_to_change"
    await district.get("/v1/duty-owners/Kind", status=422)
