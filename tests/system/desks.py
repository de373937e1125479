"""What is done at the desks of registry, for tests of everything at once."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from shared.bus import publish
from shared.messages import WeekBreached
from tests.support.licensing import licence, place
from tests.system.people import TOWN, UNIT, District, ok, resident_id, unit


async def on_responsibility(district: District) -> None:
    """Say who answers for a unit."""
    admin = district.admin
    await ok(admin.put("/v1/attributes/size/tiny", json={"name_zh": "微型", "name_en": "Tiny"}))
    row = {"industry_prefix": "8499", "department_code": "DEPT-01", "basis": "清单"}
    row = await ok(admin.post("/v1/industry-map", json=row | {"effective_from": "2022-01-01"}))
    await ok(admin.patch(f"/v1/industry-map/{row['map_id']}", json={"effective_to": "2022-01-31"}))
    await ok(admin.post(f"/v1/units/{UNIT}/contact-checks", json={"outcome": "confirmed"}))
    contact = {"name": "联系人", "phone": "13900000003", "title": "店长"}
    await ok(admin.patch(f"/v1/units/{UNIT}", json={"contact": contact, "data_entry": contact}))
    wanted = {"institution_code": UNIT, "effective_from": "2030-01-01"}
    tester = await ok(admin.post(f"/v1/units/{UNIT}/testers", json=wanted))
    path = f"/v1/units/{UNIT}/testers/{tester['tester_id']}"
    await ok(admin.patch(path, json={"effective_to": "2030-12-31"}))
    await ok(admin.patch("/v1/duties/CDC", json={"department_code": "CDC-01"}))
    await ok(admin.patch("/v1/departments/DEPT-01", json={"name": "旧名"}))
    await ok(admin.get("/v1/organisation-history/duty/CDC"))
    kind = {"subject": "alert.other", "effective_from": "2031-01-01"}
    await ok(admin.post("/v1/duties/CDC/subjects", json=kind))
    ward = {"name": "导管室", "category_code": "8A1", "basis": "通知", "effective_from": "2031-01-01"}
    entry = await ok(admin.post("/v1/hospital-departments", json=ward))
    path = f"/v1/hospital-departments/{entry['entry_id']}"
    await ok(admin.patch(path, json={"effective_to": "2031-12-31"}))
    await ok(admin.get("/v1/hospital-department-defects"))


async def on_lists(district: District) -> None:
    """Compare a list with a sweep and follow what differs."""
    admin = district.admin
    trade = {"name_zh": "歌厅", "name_en": "Karaoke", "industry_prefixes": ["901"]}
    await ok(admin.put("/v1/trades/KTV", json=trade))
    rows = [licence(number) for number in (1, 2)]
    await ok(admin.post("/v1/licences/bulk", json={"as_of": "2022-01-01", "licences": rows}))
    survey = {"round_code": "R-1", "name": "排查", "trade_codes": ["CATERING"], "begins_on": "2022-01-01"}
    await ok(admin.post("/v1/survey-rounds", json=survey | {"ends_on": "2022-01-31"}))
    path = "/v1/survey-rounds/R-1"
    found = place(1, credit_code=None, licence_no=None, surveyed_on="2022-01-02")
    await ok(admin.post(f"{path}/places/bulk", json={"places": [found]}))
    await ok(admin.post(f"{path}/comparison"))
    await ok(admin.post(f"{path}/gaps"))
    gap = (await ok(admin.get("/v1/gaps")))["gaps"][0]
    await ok(
        admin.post(
            f"/v1/gaps/{gap['gap_id']}/steps", json={"kind": "received", "body": "township", "note": "已收"}
        )
    )
    suggestion = (await ok(admin.get(f"{path}/suggestions")))["suggestions"][0]
    person = await district.system.client("registry", scopes=["admin"], kind="person")
    decided = f"/v1/licence-suggestions/{suggestion['suggestion_id']}/decision"
    await ok(person.post(decided, json={"decision": "reject", "note": "不是同一家"}))


async def on_referrals(district: District, at: str) -> None:
    """Follow fever patients of a clinic."""
    admin = district.admin
    for code, kind in (("CLINIC", "none"), ("FEVER", "standard"), ("FEVER-2", "standard")):
        body = unit(code) | {"unit_code_type": "licence", "attributes": {"fever_clinic": kind}}
        await ok(admin.post("/v1/units", json=body))
    report = {"from_unit_code": "CLINIC", "to_unit_code": "FEVER", "reported_at": at, "complaint": "发热"}
    paths = []
    for number in (61, 62):
        patient = {"id_type": "resident_id", "id_no": resident_id(number), "name": "发热"}
        made = await ok(admin.post("/v1/referrals", json=report | {"patient": patient}))
        paths.append(f"/v1/referrals/{made['referral']['referral_id']}")
    moved = {"outcome": "redirected", "to_unit_code": "FEVER-2", "note": "床位已满"}
    await ok(admin.post(f"{paths[0]}/follow-ups", json=moved))
    await ok(admin.post(f"{paths[0]}/arrival", json={"at": at}))
    await ok(admin.post(f"{paths[1]}/cancellation", json={"reason": "重复报告"}))
    await ok(admin.get("/v1/referrals"))
    await ok(admin.get("/v1/sampling-list"))
    await ok(admin.put("/v1/units/FEVER/samplers", json={"samplers": 2, "effective_from": "2030-01-01"}))


async def on_ladder(district: District) -> None:
    """Let a unit end a week in breach, and follow its case."""
    system = district.system
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
        week = now.date() - timedelta(days=now.weekday() + 7)
        message = WeekBreached(
            uuid4(), week.isoformat(), UNIT, TOWN, "DEPT-01", ("frequency",), (), (), 1, now.isoformat()
        )
        await publish(session, message, now=now)
    await system.settle()
    admin, second = district.notices_api, await system.client("notifier", scopes=["admin"])
    [case] = (await ok(admin.get("/v1/cases")))["cases"]
    path = f"/v1/cases/{case['case_id']}"
    await ok(admin.get(path))
    due_on = date.fromisoformat(case["owed"][0]["due_on"]) + timedelta(days=1)
    wish = {"by": "部门", "due_on": due_on.isoformat(), "reason": "复查中"}
    asked = await ok(admin.post(f"{path}/extensions", json=wish))
    decision = f"{path}/extensions/{asked['extensions'][0]['extension_id']}/decision"
    await ok(second.post(decision, json={"verdict": "granted", "by": "指挥部", "note": "同意"}))
    said = {"by": "经办人", "at": now.isoformat(), "note": "已办理"}
    await ok(admin.post(f"{path}/steps", json=said | {"kind": "rectified", "evidence": {"file": "报告"}}))
    await ok(admin.post(f"{path}/handover", json=said | {"to": "纪委"}))


async def on_checks(district: District, person_id: str) -> None:
    """Enter a sampling team, find somebody unknown at work, and dispute a status."""
    admin = district.admin
    contact = {"name": "队长", "phone": "13900000004"}
    team = {
        "team_code": "TEAM-1",
        "name": "一队",
        "township_code": TOWN,
        "leader": contact,
        "members": [contact],
    }
    await ok(admin.post("/v1/teams", json={"teams": [team]}))
    await ok(admin.post("/v1/teams", json={"teams": [team | {"name": "第二队"}]}))
    unknown = {"id_type": "resident_id", "id_no": resident_id(60), "name": "路人"}
    await ok(admin.post(f"/v1/units/{UNIT}/spot-checks", json={"note": "暗访", "people": [unknown]}))
    appeal = {"claim": "duty_wrong", "person_id": person_id, "statement": "状态有误"}
    await ok(admin.post("/v1/appeals", json=appeal))


async def on_packets(district: District, *, at: str) -> None:
    """Send packets to a laboratory: one is closed with a note, one refused with another."""
    site = {"site_code": "SITE-P", "name": "采样点", "kind": "community"}
    await ok(district.sampling.post("/v1/sites", json=site))
    sealed = {"site_code": "SITE-P", "lab_code": "LAB02", "sealed_at": at, "sealer_code": "S-1", "samples": 1,
              "paper_forms": 1}  # fmt: skip
    first, second = ({"packet_code": f"P-{n}", "tube_codes": [f"P-T{n}"]} for n in (1, 2))
    await ok(district.sampling.post("/v1/packets", json=sealed | first))
    await ok(district.sampling.post("/v1/packet-lists", json={"packets": [sealed | second]}))
    tube = {"tube_code": "P-T1", "mode": "mixed", "capacity": 10, "subject": "person", "collected_at": at}
    await ok(district.sampling.post("/v1/tubes", json=tube))
    handed = {"handed_at": at, "courier_code": "C-1"}
    await ok(district.sampling.post("/v1/packets/P-1/handovers", json=handed))
    received = {"received_at": at, "receiver_code": "R-1", "samples": 0, "paper_forms": 1}
    await ok(district.intake.post("/v1/packets/P-1/receipt", json=received))
    closed = {"closed_at": at, "by_code": "R-1", "samples": 1, "note": "重新清点"}
    await ok(district.intake.post("/v1/packets/P-1/closing", json=closed))
    refused = {"refused_at": at, "receiver_code": "R-1", "reason": "leaking", "note": "渗漏"}
    await ok(district.intake.post("/v1/packets/P-2/refusal", json=refused))


async def on_work(district: District) -> None:
    """Give a town an item of a work list, and answer what was asked of anybody."""
    desk = district.notices_api
    item = {"text": "社区防控", "bodies": [TOWN], "deadline": "持续推进"}
    work = {"title": "清单", "issued_on": "2020-12-31", "sections": [{"title": "常态", "items": [item]}]}
    await ok(desk.post("/v1/work-lists", json=work))
    report = {"by": "值班员", "text": "进展正常"}
    [stored] = (await ok(desk.get("/v1/work-items")))["items"]
    await ok(desk.post(f"/v1/work-items/{stored['item_id']}/progress", json=report))
    asked = (await ok(desk.get("/v1/feedback")))["items"][0]
    await ok(desk.post(f"/v1/notices/{asked['notice_id']}/answers", json=report))


async def on_venues(district: District, at: str) -> None:
    """Let a venue file, and end its binding."""
    venue = await district.system.client(
        "results-ingest", scopes=["venue:report"], client_id="venue-1", area_code=TOWN, area_level="township"
    )
    binding = {"client_id": "venue-1", "unit_code": UNIT}
    await ok(district.intake.post("/v1/venues", json=binding))
    sample = {"tube_code": "V-1", "kind": "surface", "collected_at": at}
    await ok(venue.post("/v1/venue-reports", json={"report_no": "R-1", "day": at[:10], "samples": [sample]}))
    await ok(district.intake.delete("/v1/venues/venue-1"))


async def on_inspections(district: District, day: str) -> None:
    """Draw a unit, inspect it, follow what was found, and make it public."""
    admin = await district.system.client("notifier", scopes=["admin"])
    kind = {"name_zh": "其他", "name_en": "Other", "severity": "minor", "days": 9}
    await ok(admin.put("/v1/problem-kinds/OTHER", json=kind))
    line = {"item": "N-1", "section": "一", "text_zh": "一", "text_en": "One", "kind_code": "OTHER"}
    version = {"checklist_code": "NEW", "effective_from": day, "name_zh": "新", "name_en": "New"}
    await ok(admin.post("/v1/checklists", json=version | {"items": [line]}))
    for number in (1, 2):
        await ok(admin.put(f"/v1/inspectors/INS-{number}", json={"name": "李明", "phone": "13900000005"}))
    await ok(admin.get("/v1/inspectors"))
    draw = {"draw_no": "D-1", "kind": "routine", "target_type": "unit", "target_codes": [UNIT], "targets": 1}
    await ok(admin.post("/v1/inspection-draws", json=draw))
    visit = {"inspection_no": "V-1", "kind": "routine", "target_type": "unit", "target_code": UNIT, "day": day,
             "draw_no": "D-1", "inspectors": ["INS-1", "INS-2"], "problems": [{"kind_code": "OTHER"}]}  # fmt: skip
    made = await ok(admin.post("/v1/inspections", json=visit))
    await ok(admin.get(f"/v1/inspections/{made['inspection_id']}"))
    problem = f"/v1/problems/{made['found'][0]['problem_id']}"
    proof = {"kind": "evidence", "by": "店长", "note": "已整改", "evidence": [{"kind": "照片", "ref": "1"}]}
    await ok(admin.post(f"{problem}/steps", json=proof))
    await ok(admin.get(problem))
    for path in ("problems", "rectification-report", "issue-ledger"):
        await ok(admin.get(f"/v1/{path}"))
    await ok(admin.post("/v1/inspection-draws/D-1/publication"))
    await ok(admin.get("/v1/inspection-draws/D-1"))


async def on_reports(district: District, at: str) -> None:
    """File a report, sign its day, and record a suspected case."""
    desk, day = district.notices_api, at[:10]
    form = {"form_code": "DAILY", "kind": "daily", "title": "日报", "effective_from": day, "basis": "通知"}
    fields = [{"name": "arrivals", "title": "到达", "unit": "人"}]
    await ok(desk.post("/v1/report-forms", json=form | {"fields": fields, "cutoffs": ["23:59"]}))
    owed = {"form_code": "DAILY", "body_type": "township", "codes": [TOWN], "from": day, "basis": "通知"}
    await ok(desk.post("/v1/report-obligations", json=owed))
    body = {"type": "township", "code": TOWN}
    filed = {"day": day, "slot": "23:59", "zero": True, "by": "值班员", "body": body}
    await ok(desk.post("/v1/reports/DAILY", json=filed))
    await ok(desk.post("/v1/report-summaries/DAILY", json={"day": day, "by": "李主任"}))
    case = {"event_code": "CASE", "kind": "suspected_case", "suspected_at": at, "by": "值班医生"}
    await ok(desk.post("/v1/events", json=case | {"township_code": TOWN}))
    await ok(desk.put(f"/v1/rosters/{TOWN}", json={"from": day}))
    shift = {"starts_at": at, "ends_at": (datetime.fromisoformat(at) + timedelta(hours=9)).isoformat()}
    contact = {"name": "值班员", "phone": "13900000005"}
    wanted = {"shifts": [shift | {"on_call": contact, "leader": contact}]}
    await ok(desk.post(f"/v1/rosters/{TOWN}/shifts", json=wanted))
    await ok(desk.put("/v1/addresses/lab/LAB01", json={"name": "检测机构", "contact": contact}))


async def on_papers(district: District, notice_id: str) -> None:
    """Word a text anew, and take a notice's paper and the proof of a body."""
    version = {
        "zh": "请采样",
        "en": "Sample",
        "effective_from": "2031-01-01",
        "by": "办公室",
        "reason": "统一用语",
    }
    path = "/v1/templates/reminder.due.person/versions"
    saved = await ok(district.notices_api.post(path, json=version))
    second = await district.system.client("notifier", scopes=["admin"])
    await ok(second.post(f"{path}/{saved['version']}/approval", json={"by": "分管领导"}))
    person = await district.system.client("notifier", scopes=["records:read"], kind="person")
    path = f"/v1/notices/{notice_id}/document"
    assert (await person.get(path)).is_success
    assert (await person.post(path, json={"format": "docx", "reason": "约谈时出示"})).is_success
    assert (await person.get("/v1/proof/department/DEPT-01")).is_success
    package = "/v1/proof/department/DEPT-01/package"
    assert (await person.post(package, json={"reason": "督查组调阅"})).is_success


async def on_hooks(district: District) -> None:
    """Name the addresses where a laboratory and a department are called, and replace their secrets."""
    where = {"url": "https://127.0.0.9/in"}
    for api, path in (
        (district.labs["LAB01"], "/v1/webhook"),
        (district.notices_api, "/v1/webhooks/DEPT-01"),
    ):
        await ok(api.put(path, json=where))
        await ok(api.post(f"{path}/secret", json={}))
