"""What both sides owe and file, and the suspected cases of each, for the pairs of `report_pairs.py`."""

from typing import TYPE_CHECKING, Any, Final

from tests.system.people import ok

if TYPE_CHECKING:
    from tests.system.scope.world import World

TODAY: Final = "2030-03-05"
FORM: Final[dict[str, Any]] = {
    "form_code": "FORM",
    "kind": "daily",
    "title": "日报",
    "fields": [{"name": "arrivals", "title": "到达", "unit": "人"}],
    "cutoffs": ["13:00", "20:00"],
    "effective_from": TODAY,
    "basis": "通知",
}
ON_DUTY: Final = {"name": "欧阳静芳", "phone": "13911112222"}
SILENT: Final = """
    UPDATE notifier.report_slot SET cutoff_at = cutoff_at - interval '2 hours' WHERE form_code = 'SILENT'
"""


def filed(town: str) -> dict[str, Any]:
    """Return a zero report of a township."""
    body = {"type": "township", "code": town}
    return {"day": TODAY, "slot": "13:00", "zero": True, "by": "值班员", "body": body}


def case(code: str, side: str) -> dict[str, Any]:
    """Return a suspected case of a side's unit."""
    place = {"unit_code": f"UNIT-{side}1", "suspected_at": f"{TODAY}T11:00:00+08:00"}
    return {"event_code": code, "kind": "suspected_case", "by": "值班医生", **place}


async def build(world: "World") -> None:
    """Let each side's town owe two forms and file some of one; record two cases of each side."""
    admin = await world.admin("notifier")
    for code, cutoffs in (("FORM", ["13:00", "20:00"]), ("SILENT", ["13:00"])):
        await ok(admin.post("/v1/report-forms", json=FORM | {"form_code": code, "cutoffs": cutoffs}))
        owed = {"form_code": code, "body_type": "township", "codes": ["TOWN-A", "TOWN-B"], "from": TODAY}
        made = await ok(admin.post("/v1/report-obligations", json=owed | {"basis": "通知"}))
        world.ids["obligation"] = made["obligation_id"]
    await world.system.owner.execute(SILENT)
    for side in "AB":
        await ok(admin.put(f"/v1/rosters/TOWN-{side}", json={"from": TODAY}))
        shift = {"starts_at": f"{TODAY}T08:00:00+08:00", "ends_at": f"{TODAY}T20:00:00+08:00"}
        people = {"on_call": ON_DUTY, "leader": ON_DUTY}
        made = await ok(admin.post(f"/v1/rosters/TOWN-{side}/shifts", json={"shifts": [shift | people]}))
        for code in (f"SITE-{side}", f"SITE-{side}2"):
            address = {"name": "采样点", "township_code": f"TOWN-{side}", "contact": ON_DUTY}
            await ok(admin.put(f"/v1/addresses/site/{code}", json=address))
        address = {"name": "检测机构", "contact": ON_DUTY}
        await ok(admin.put(f"/v1/addresses/lab/LAB-{side}", json=address))
        world.ids[f"shift TOWN-{side}"] = made["shifts"][0]["shift_id"]
    for side in "AB":
        report = await ok(admin.post("/v1/reports/FORM", json=filed(f"TOWN-{side}")))
        world.ids[f"report TOWN-{side}"] = report["report_id"]
        for number in (1, 2):
            event = await ok(admin.post("/v1/events", json=case(f"CASE-{side}{number}", side)))
            world.ids[f"event {side}{number}"] = event["event_id"]
        sign = {"day": TODAY, "township_code": f"TOWN-{side}", "by": "李主任"}
        signed = await ok(admin.post("/v1/report-summaries/SILENT", json=sign))
        world.ids[f"summary TOWN-{side}"] = signed["summary_id"]
