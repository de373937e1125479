"""Inspections of both sides, drawn and published."""

from typing import TYPE_CHECKING, Any, Final

from tests.system.people import ok

if TYPE_CHECKING:
    from tests.system.scope.world import World

INSPECTOR: Final = {"name": "上官婉清", "related": []}
STEP: Final = {"kind": "listed", "by": "值班员", "owner": "值班员", "review_on": "2030-04-01"}
PROBLEM: Final = {"kind_code": "OTHER", "note": "台账不全"}


def inspection(number: str, unit_code: str) -> dict[str, Any]:
    """Return an inspection of a unit that found something."""
    return {
        "inspection_no": number, "kind": "unannounced", "target_type": "unit", "target_code": unit_code,
        "day": "2030-03-05", "inspectors": ["INS-1", "INS-2"], "problems": [PROBLEM],
    }  # fmt: skip


async def build(world: "World") -> None:
    """Inspect both sides: two units each, the first of them as drawn; publish the draw."""
    admin = await world.admin("notifier")
    for number in (1, 2):
        await ok(admin.put(f"/v1/inspectors/INS-{number}", json=INSPECTOR))
    drawn = {"draw_no": "DRAW-1", "kind": "unannounced", "target_type": "unit", "targets": 2,
             "target_codes": ["UNIT-A1", "UNIT-B1"]}  # fmt: skip
    await ok(admin.post("/v1/inspection-draws", json=drawn))
    for side in "AB":
        for number in (1, 2):
            body = inspection(f"VISIT-{side}{number}", f"UNIT-{side}{number}")
            more = {"draw_no": "DRAW-1"} if number == 1 else {}
            made = await ok(admin.post("/v1/inspections", json=body | more))
            world.ids[f"inspection {side}{number}"] = made["inspection_id"]
            world.ids[f"problem {side}{number}"] = made["found"][0]["problem_id"]
            await ok(admin.post(f"/v1/problems/{made['found'][0]['problem_id']}/steps", json=STEP))
    lab = inspection("VISIT-LAB", "LAB-A") | {"target_type": "lab", "problems": None}
    await ok(admin.post("/v1/inspections", json=lab))
    await ok(admin.post("/v1/inspection-draws/DRAW-1/publication"))
