"""Reports that are owed: slots, zero and silence, the chase, corrections, and who never files."""

from typing import Any

import pytest

from tests.notifier.desk import Desk
from tests.notifier.reporting import (
    CLINIC_FORM,
    DAILY_FORM,
    DEPARTMENT,
    MONDAY,
    TOWN,
    at,
    clinics_owe,
    filing,
    missing,
    ok,
    refused,
    towns_owe,
)
from tests.notifier.test_proof import answers_of
from tests.support.waiting import until

TRAINING: dict[str, Any] = {
    "form_code": "TRAINING", "kind": "other", "title": "院感培训", "effective_from": MONDAY, "basis": "每周一次",
    "fields": [{"name": "trained", "title": "参训", "unit": "人"}], "cutoffs": ["17:00"], "days": "weekly",
    "on_day": 5,
}  # fmt: skip
VISIT = TRAINING | {"form_code": "VISIT", "title": "院感督查", "days": "monthly", "on_day": 31}

REPEATED = """
    SELECT n.recipient_code, count(*) AS times FROM notifier.delivery d JOIN notifier.notice n USING (notice_id)
    WHERE n.kind = 'report.missing' AND d.state <> 'dropped' GROUP BY 1 ORDER BY 1
"""


async def listed(
    desk: Desk, *, area: tuple[str, str] | None = None, first: str = MONDAY, **query: str
) -> list[tuple[str, str, str]]:
    """Return day, body and state of the reports that somebody sees, in the order of slots."""
    async with desk.client("records:read", area=area) as reader:
        found = (await ok(reader.get("/v1/reports", params={"from": first, **query})))["reports"]
    found.sort(key=lambda row: (row["cutoff_at"], row["body"]["code"]))
    return [(row["cutoff_at"][5:16], row["body"]["code"], row["state"]) for row in found]


@pytest.mark.requirement(3)
async def test_a_clinic_owes_two_reports_a_day_zero_counts_and_silence_is_chased_until_it_files(
    desk: Desk,
) -> None:
    await clinics_owe(desk)
    assert await listed(desk) == [
        ("03-04T10:00", "UNIT-01", "open"), ("03-04T10:00", "UNIT-02", "open"),
        ("03-04T16:00", "UNIT-01", "open"), ("03-04T16:00", "UNIT-02", "open"),
    ]  # fmt: skip
    office = desk.client("cases:respond", area=DEPARTMENT)
    zero = await ok(office.post("/v1/reports/FEVER", json=filing("10:00", "UNIT-01", zero=True)), 201)
    assert (zero["state"], zero["late"], zero["counts"]) == ("zero", False, {"visits": 0, "held": 0})
    await ok(office.post("/v1/reports/FEVER", json=filing("10:00", "UNIT-01", zero=True)), 200)

    await desk.system.set_clock(at("10:00:30"))
    told = await missing(desk, 3)
    assert [(one["recipient"]["code"], one["evidence"]["about"]) for one in told] == [
        ("UNIT-02", "own"), ("DEPT-01", "under"), ("TOWN-01", "under"),
    ]  # fmt: skip
    assert "UNIT-02 店" in told[1]["text"]
    assert "UNIT-01" not in told[1]["text"]
    await desk.until_handed(3)
    await desk.system.set_clock(at("11:01:00"))
    await desk.until_handed(4)
    times = {row["recipient_code"]: row["times"] for row in await desk.rows(REPEATED)}
    assert times == {"UNIT-02": 2, "DEPT-01": 1, "TOWN-01": 1}, "the body is chased, and has one notice"

    counts = {"visits": 12, "held": 3}
    late = await ok(office.post("/v1/reports/FEVER", json=filing("10:00", "UNIT-02", counts=counts)), 201)
    assert (late["state"], late["late"]) == ("filed", True)

    async def answered() -> bool:
        return {one["evidence"]["state"] for one in await desk.notices(kind="report.missing")} == {"filed"}

    await until(answered)
    assert [one["text"][:7] for one in await missing(desk, 3)] == [
        "【报表已补报】",
        "【报表已补齐】",
        "【报表已补齐】",
    ]
    days = {"from": "2030-03-04", "to": "2030-03-04"}
    assert await answers_of(desk, "unit", "UNIT-02", **days) == [("report.missing", ["filed"])]
    await desk.system.set_clock(at("16:00:30"))
    assert len(await missing(desk, 7)) == 7, "both are silent: two clinics, and those over them once each"
    assert {row["times"] for row in await desk.rows(REPEATED) if row["recipient_code"] == "UNIT-02"} == {3}
    assert await listed(desk, state="late") == [("03-04T10:00", "UNIT-02", "filed")]
    assert await listed(desk, state="zero") == [("03-04T10:00", "UNIT-01", "zero")]
    assert len(await listed(desk, state="missing", slot="16:00")) == 2


@pytest.mark.requirement(121)
async def test_a_daily_report_with_zero_and_none_differ_by_name_and_an_area_sees_its_own(desk: Desk) -> None:
    await towns_owe(desk)
    town = desk.client("cases:respond", area=TOWN)
    filed = await ok(town.post("/v1/reports/DAILY", json=filing("17:00", counts={"arrivals": 0})), 201)
    assert (filed["state"], filed["body"]) == (
        "zero",
        {"type": "township", "code": "TOWN-01", "name": "TOWN-01 局"},
    )
    await desk.system.set_clock(at("17:00:30"))
    told = await missing(desk, 2)
    assert [one["recipient"]["code"] for one in told] == ["TOWN-02", "HQ-01"]
    assert [each["code"] for each in told[1]["evidence"]["missing"]] == ["TOWN-02"]
    assert await listed(desk) == [("03-04T17:00", "TOWN-01", "zero"), ("03-04T17:00", "TOWN-02", "missing")]
    assert await listed(desk, area=TOWN) == [("03-04T17:00", "TOWN-01", "zero")]
    other = desk.client("cases:respond", area=("township", "TOWN-02"))
    path = f"/v1/reports/{filed['report_id']}/versions"
    await refused(other.get(path), 404, "not_found")
    foreign = filing("17:00", zero=True) | {"body": {"type": "township", "code": "TOWN-01"}}
    await refused(other.post("/v1/reports/DAILY", json=foreign), 404, "not_found")
    # A correction is a version with its reason; what the first was in time stays so.
    new = filing("17:00", counts={"arrivals": 7})
    await refused(town.post("/v1/reports/DAILY", json=new), 422, "report_reason_needed")
    await ok(town.post("/v1/reports/DAILY", json=new | {"reason": "漏报一车"}), 201)
    shown = await ok(town.get(path))
    assert [(one["version"], one["counts"], one["zero"], one["by_masked"]) for one in shown["versions"]] == [
        (1, {"arrivals": 0}, True, "值*"), (2, {"arrivals": 7}, False, "值*"),
    ]  # fmt: skip
    assert (shown["report"]["state"], shown["report"]["late"]) == ("filed", False)
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    assert {"report_form.add", "report_obligation.add", "report.file", "report.read"} <= audited
    stored = await desk.rows("SELECT said FROM notifier.report_filing")
    assert all("值班员".encode() not in row["said"] for row in stored)


@pytest.mark.requirement(121)
async def test_after_a_jump_of_the_clock_only_what_is_owed_now_is_told_and_a_restart_tells_nothing_again(
    desk: Desk,
) -> None:
    await towns_owe(desk)
    # Friday's report is chased over the weekend's end until Monday's: it is what is owed now.
    await desk.system.set_clock(at("20:00:00", "2030-03-08"))
    told = await missing(desk, 3)
    assert {one["evidence"]["day"] for one in told} == {"2030-03-08"}
    days = [row[0] for row in await listed(desk, body_code="TOWN-01", state="missing")]
    assert days == [f"03-0{day}T17:00" for day in (4, 5, 6, 7, 8)]
    await desk.system.stop_workers("notifier")
    await desk.system.owner.execute("UPDATE notifier.report_slot SET chase_at = now() - interval '1 year'")
    await desk.system.start_workers("notifier")

    async def looked() -> bool:
        return not await desk.rows("SELECT FROM notifier.report_slot WHERE chase_at < now()")

    await until(looked)
    assert len(await desk.notices(kind="report.missing")) == 3
    await desk.system.set_clock(at("12:00:00", "2030-03-10"))  # a Sunday: nothing is owed, nobody is chased
    assert len(await listed(desk, first="2030-03-08")) == 2


async def test_a_filing_that_fits_no_slot_or_no_form_is_refused_by_a_code(desk: Desk) -> None:
    await clinics_owe(desk)
    office = desk.client("cases:respond", area=DEPARTMENT)

    async def refuses(body: dict[str, Any], status: int, code: str, form: str = "FEVER") -> None:
        await refused(office.post(f"/v1/reports/{form}", json=body), status, code)

    await refuses(filing("16:00", "UNIT-01", zero=True), 422, "report_slot_not_open")
    await refuses(filing("10:00", "UNIT-01", zero=True, day="2030-03-05"), 422, "report_in_future")
    await refuses(filing("12:00", "UNIT-01", zero=True), 422, "report_not_owed")
    await refuses(filing("10:00", zero=True), 422, "report_not_owed")
    await refuses(filing("10:00", "UNIT-99", zero=True), 404, "not_found")
    await refuses(filing("10:00", "UNIT-01", zero=True), 404, "not_found", form="NONE")
    await refuses(filing("10:00", "UNIT-01"), 422, "report_zero_or_counts")
    await refuses(filing("10:00", "UNIT-01", counts={"visits": 1}), 422, "report_count_missing")
    extra = {"visits": 1, "held": 0, "others": 2}
    await refuses(filing("10:00", "UNIT-01", counts=extra), 422, "report_count_unknown")
    await refuses(filing("10:00", "UNIT-01", counts={"visits": -1, "held": 0}), 422, "out_of_range")
    admin = desk.client("admin")
    await refused(admin.post("/v1/reports/FEVER", json=filing("10:00", zero=True)), 422, "report_body_needed")
    english = await office.post(
        "/v1/reports/FEVER", json=filing("12:00", "UNIT-01", zero=True), headers={"Accept-Language": "en"}
    )
    assert english.json()["title"] == "The body owes no report for this slot and day"


async def test_forms_and_obligations_are_dated_and_never_reach_into_what_was_owed(desk: Desk) -> None:
    admin = await clinics_owe(desk)
    forms, owing = "/v1/report-forms", "/v1/report-obligations"
    await ok(admin.post(forms, json=CLINIC_FORM), 200)
    await refused(admin.post(forms, json=CLINIC_FORM | {"title": "别的"}), 409, "report_form_in_use")
    later = CLINIC_FORM | {"effective_from": "2030-03-05", "cutoffs": ["12:00"]}
    await refused(
        admin.post(forms, json=later | {"cutoffs": ["12:00", "09:00"]}), 422, "report_cutoffs_order"
    )
    await refused(
        admin.post(forms, json=DAILY_FORM | {"effective_from": "2030-03-03"}), 422, "report_form_in_past"
    )
    await ok(admin.post(forms, json=later), 201)
    shown = (await ok(admin.get(forms)))["forms"]
    assert [(one["effective_from"], one["cutoffs"], one["in_force"]) for one in shown] == [
        ("2030-03-05", ["12:00"], False), (MONDAY, ["10:00", "16:00"], True),
    ]  # fmt: skip
    [obligation] = (await ok(admin.get(owing)))["obligations"]
    nobody = {"form_code": "FEVER", "body_type": "unit", "from": MONDAY, "basis": "通知"}
    await refused(admin.post(owing, json=nobody), 422, "report_obligation_of_whom")
    await refused(admin.post(owing, json=nobody | {"codes": ["NONE"]}), 422, "report_body_unknown")
    await refused(
        admin.post(owing, json=nobody | {"codes": ["UNIT-01"], "form_code": "X"}), 422, "report_form_unknown"
    )
    past = nobody | {"codes": ["UNIT-01"], "from": "2030-03-03"}
    await refused(admin.post(owing, json=past), 422, "report_obligation_in_past")
    end = f"{owing}/{obligation['obligation_id']}/ending"
    await refused(
        admin.post(end, json={"to": "2030-03-03", "basis": "通知"}), 422, "report_obligation_in_past"
    )
    ended = await ok(admin.post(end, json={"to": MONDAY, "basis": "通知"}))
    assert ended["to"] == MONDAY
    await refused(admin.post(end, json={"to": "2030-03-09", "basis": "通知"}), 409, "report_obligation_ended")
    limited = desk.client("admin", area=TOWN)
    await refused(limited.post(owing, json=nobody), 403, "forbidden")
    await desk.system.set_clock(at("09:00:00", "2030-03-05"))
    await missing(desk, 4)
    assert [row[0] for row in await listed(desk, body_code="UNIT-01")] == ["03-04T10:00", "03-04T16:00"]


@pytest.mark.requirement(131, 150)
async def test_schools_check_twice_a_day_and_who_files_nothing_for_days_is_listed_by_name(desk: Desk) -> None:
    await desk.system.set_clock(at("07:00:00"))
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02"))
    admin = desk.client("admin")
    checks = {"form_code": "CHECK", "kind": "school_check", "title": "晨午检", "days": "workday"}
    await ok(admin.post("/v1/report-forms", json=CLINIC_FORM | checks), 201)
    wanted = {"form_code": "CHECK", "body_type": "unit", "codes": ["UNIT-01", "UNIT-02"], "from": MONDAY}
    await ok(admin.post("/v1/report-obligations", json=wanted | {"basis": "通知"}), 201)
    office = desk.client("cases:respond", area=TOWN)
    await ok(office.post("/v1/reports/CHECK", json=filing("09:00", "UNIT-01", zero=True)), 201)
    assert (await ok(office.get("/v1/silent-reporters")))["bodies"] == [], "nothing was due yet"
    await desk.system.set_clock(at("15:00:00", "2030-03-06"))
    await missing(desk, 4)
    found = (await ok(office.get("/v1/silent-reporters", params={"days": 7})))["bodies"]
    assert [(one["body"]["name"], one["owed"], one["last_filed_for"]) for one in found] == [
        ("UNIT-02 店", 6, None)
    ]
    recent = (await ok(office.get("/v1/silent-reporters", params={"days": 1})))["bodies"]
    assert [(one["body"]["code"], one["last_filed_for"]) for one in recent] == [
        ("UNIT-01", MONDAY),
        ("UNIT-02", None),
    ]
    elsewhere = desk.client("records:read", area=("township", "TOWN-02"))
    assert (await ok(elsewhere.get("/v1/silent-reporters")))["bodies"] == []


@pytest.mark.requirement(133)
async def test_training_comes_up_every_week_and_a_visit_every_month_and_whoever_skips_one_is_told(
    desk: Desk,
) -> None:
    await desk.system.set_clock(at("07:00:00"))
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02"))
    admin = desk.client("admin")
    for wrong in ({"on_day": 8}, {"days": "every"}, {"days": "monthly", "on_day": None}):
        await refused(admin.post("/v1/report-forms", json=TRAINING | wrong), 422, "report_form_day")
    for form, who in ((TRAINING, {"body_type": "unit", "codes": ["UNIT-01", "UNIT-02"]}),
                      (VISIT, {"body_type": "department", "codes": ["DEPT-01"]})):  # fmt: skip
        shown = await ok(admin.post("/v1/report-forms", json=form), 201)
        assert (shown["days"], shown["on_day"]) == (form["days"], form["on_day"])
        owed = {"form_code": form["form_code"], "from": MONDAY, "basis": "每周、每月"} | who
        await ok(admin.post("/v1/report-obligations", json=owed), 201)

    async def opened(day: str) -> None:
        async def there() -> bool:
            return bool(await desk.rows(f"SELECT FROM notifier.report_day WHERE day = '{day}'"))

        await until(there)

    await desk.system.set_clock(at("09:00:00", "2030-03-08"))
    await opened("2030-03-08")
    assert await listed(desk) == [
        ("03-08T17:00", "UNIT-01", "open"),
        ("03-08T17:00", "UNIT-02", "open"),
    ], "nothing is owed from Monday to Thursday"
    office = desk.client("cases:respond", area=DEPARTMENT)
    held = filing("17:00", "UNIT-01", day="2030-03-08", counts={"trained": 40})
    await ok(office.post("/v1/reports/TRAINING", json=held), 201)
    await desk.system.set_clock(at("17:00:30", "2030-03-08"))
    told = await missing(desk, 3)
    assert [one["recipient"]["code"] for one in told] == ["UNIT-02", "DEPT-01", "TOWN-01"]
    [chase] = await desk.rows(
        "SELECT chase_at FROM notifier.report_slot WHERE chase_at > '2030-03-08 09:01Z'"
    )
    assert chase["chase_at"] >= at("17:00:30", "2030-03-10"), "after days, not every hour"

    await desk.system.set_clock(at("17:00:30", "2030-03-31"))
    await opened("2030-03-31")
    assert (await listed(desk, form_code="VISIT"))[-1] == ("03-31T17:00", "DEPT-01", "missing")
    fridays = await listed(desk, form_code="TRAINING", body_code="UNIT-02", state="missing")
    assert [row[0][:5] for row in fridays] == ["03-08", "03-15", "03-22", "03-29"]
    await desk.system.set_clock(at("18:00:00", "2030-04-30"))
    await opened("2030-04-30")
    [may] = await desk.rows(
        "SELECT day::text FROM notifier.report_slot WHERE form_code = 'VISIT' AND day > '2030-03-31'"
    )
    assert may["day"] == "2030-04-30", "a month without a 31st: its last day"
