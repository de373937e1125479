"""Licences, a sweep, suggestions and gaps of both sides, and the pairs of those who ask for them."""

from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.support.licensing import licence
from tests.system.people import ok

if TYPE_CHECKING:
    from tests.system.scope.world import World

TRADE: Final = {"name_zh": "卫生", "name_en": "Health", "industry_prefixes": ["84"]}
ROUND: Final = {
    "round_code": "ROUND-1",
    "name": "排查",
    "trade_codes": ["HEALTH"],
    "begins_on": "2030-03-01",
    "ends_on": "2030-03-05",
}
INDUSTRIES: Final = {"A": "8411", "B": "8412"}


def listed_row(side: str, number: int, **fields: Any) -> dict[str, Any]:
    """Return a row of the bureau's list that belongs to a side's township and department."""
    own = {
        "licence_no": f"LICENCE-{side}{number}",
        "credit_code": None,
        "name": f"门诊部{side}{number}",
        "address": f"中山路{number}号{side}座",
        "trade_code": "HEALTH",
        "industry_code": INDUSTRIES[side],
        "township_code": f"TOWN-{side}",
    }
    return {**licence(number), **own, **fields}


def place_row(side: str, number: int, **fields: Any) -> dict[str, Any]:
    """Return a place of a side."""
    return {**listed_row(side, number), "found": "open", "surveyed_on": "2030-03-05", **fields}


async def build(world: "World") -> None:
    """Give each side a gap, a pair and a suggestion."""
    admin = await world.admin()
    for side in "AB":
        unsettled = {"unit_code": f"UNIT-{side}0", "industry_code": "8499" if side == "A" else "8498"}
        contact = {"name": "张三", "phone": "13500000000"}
        body = {"unit_code_type": "licence", "name": "无主单位", "township_code": f"TOWN-{side}"}
        await ok(admin.post("/v1/units", json=body | unsettled | {"contact": contact}))
        tester = {"institution_code": f"UNIT-{side}1", "effective_from": "2030-01-01"}
        made = await ok(admin.post(f"/v1/units/UNIT-{side}2/testers", json=tester))
        world.ids[f"tester UNIT-{side}2"] = made["tester_id"]
        await ok(admin.patch(f"/v1/units/UNIT-{side}2", json={"contact": {**contact, "title": "主任"}}))
    for side, code in INDUSTRIES.items():
        row = {"industry_prefix": code, "department_code": f"DEPT-{side}", "basis": "清单"}
        await ok(admin.post("/v1/industry-map", json=row | {"effective_from": "2022-01-01"}))
    await ok(admin.put("/v1/trades/HEALTH", json=TRADE))
    rows = [listed_row(side, number) for side in "AB" for number in (1, 2, 3)]
    await ok(admin.post("/v1/licences/bulk", json={"as_of": "2030-03-01", "licences": rows}))
    for code in ("ROUND-1", "ROUND-2"):
        await ok(admin.post("/v1/survey-rounds", json={**ROUND, "round_code": code}))
    places = [place_row(side, 1) for side in "AB"]
    places += [place_row(side, 2, licence_no=None, name=f"门诊部{side}2店") for side in "AB"]
    await ok(admin.post("/v1/survey-rounds/ROUND-1/places/bulk", json={"places": places}))
    await ok(admin.post("/v1/survey-rounds/ROUND-1/comparison"))
    await ok(admin.post("/v1/survey-rounds/ROUND-1/gaps"))
    for each in (await ok(admin.get("/v1/gaps")))["gaps"]:
        world.ids[f"gap {each['township_code']}"] = each["gap_id"]
    found = await ok(admin.get("/v1/survey-rounds/ROUND-1/suggestions"))
    for each in found["suggestions"]:
        world.ids[f"suggestion {each['place']['name']}"] = each["suggestion_id"]


def takes_none(_: "World", answer: httpx.Response) -> bool:
    """Expect that no place is taken, or nobody is heard at all."""
    return answer.status_code == 403 or answer.json().get("accepted") == 0
