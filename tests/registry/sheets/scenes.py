"""For every kind of sheet: what must stand before it, a good row, and the same rows as JSON would send them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.registry.rounds import scene
from tests.registry.surveys.conftest import ROUND
from tests.support.district import CONTACT, CREDIT_CODE, District, id_no, person
from tests.support.licensing import licence, place

Rows = list[dict[str, Any]]
Verdict = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A kind of sheet. `row`: the n-th good row by fields; `numbers`: a field whose digits Excel damages."""

    build: Callable[[District], Awaitable[None]]
    row: Callable[[int], dict[str, str]]
    json: Callable[[District, Rows], Awaitable[Verdict]]
    text: str
    damaged: str


async def nothing(district: District) -> None:
    """Begin with an empty registry."""
    await district.township()


async def unit(district: District) -> None:
    """Enter a unit with one person."""
    await district.unit(CREDIT_CODE, unit_code_type="uscc")
    await district.people({**person(9_000), "unit_code": CREDIT_CODE})


async def roster(district: District) -> None:
    """Enter a unit with the people of the first rows, and the person of the template."""
    await unit(district)
    enrolled = [{**person(number), "unit_code": CREDIT_CODE} for number in range(1, 4)]
    example = {"id_type": "resident_id", "id_no": "11010519491231002X", "name": "张伟"}
    await district.people(*enrolled, {**example, "unit_code": CREDIT_CODE})


async def survey(district: District) -> None:
    """Enter a town and the rounds that the rows and the template name."""
    await district.township()
    await district.post("/v1/survey-rounds", ROUND)
    days = {"begins_on": "2026-11-01", "ends_on": "2026-11-20"}
    await district.post("/v1/survey-rounds", {**ROUND, "round_code": "2026-11", **days})


async def grids(district: District) -> None:
    """Enter a town with its community and a team."""
    await scene.build(district)
    await district.post("/v1/teams", {"teams": [scene.team("TEAM-001")]})


async def each(district: District, path: str, rows: Rows) -> Verdict:
    """Send rows one by one to a route for one."""
    found: Verdict = {"accepted": 0, "updated": 0, "rejected": 0, "errors": []}
    for number, row in enumerate(rows, start=1):
        answer = await district.http.post(path, json=row)
        told = answer.json()
        if answer.is_success:
            found["accepted" if answer.status_code == 201 else "updated"] += 1
            continue
        found["rejected"] += 1
        wrong = told["errors"] or [{"field": None, "code": told["code"]}]
        found["errors"] += [{**error, "row": number} for error in wrong]
    return found


def nested(rows: Rows) -> Rows:
    """Return rows with the contact as an object."""
    plain = [{name: value for name, value in row.items() if "." not in name} for row in rows]
    contacts = [
        {name[8:]: value for name, value in row.items() if name.startswith("contact.")} for row in rows
    ]
    return [{**row, "contact": contact} for row, contact in zip(plain, contacts, strict=True)]


async def departments_json(district: District, rows: Rows) -> Verdict:
    """Send departments."""
    return await each(district, "/v1/departments", nested(rows))


async def units_json(district: District, rows: Rows) -> Verdict:
    """Send units."""
    return await each(district, "/v1/units", nested(rows))


async def people_json(district: District, rows: Rows) -> Verdict:
    """Send people."""
    sent = [{"id_type": "resident_id", **row} for row in rows]
    found: Verdict = await district.post("/v1/people/bulk", {"people": sent})
    return found


async def rosters_json(district: District, rows: Rows) -> Verdict:
    """Compare a roster, said as an import says it."""
    people = [
        {"id_type": "resident_id", **{name: row[name] for name in row if name != "unit_code"}} for row in rows
    ]
    found = await district.post(f"/v1/units/{CREDIT_CODE}/roster", {"people": people})
    missing = [{"row": row, "field": None, "code": "not_enrolled"} for row in found["missing_rows"]]
    return {
        "accepted": 0,
        "updated": found["enrolled"],
        "rejected": found["missing"] + found["rejected"],
        "errors": sorted(found["errors"] + missing, key=lambda error: error["row"]),
    }


async def licences_json(district: District, rows: Rows) -> Verdict:
    """Send a list of licences."""
    listed = [{name: row[name] for name in row if name != "as_of"} for row in rows]
    found: Verdict = await district.post("/v1/licences/bulk", {"as_of": "2030-11-01", "licences": listed})
    return found


async def surveys_json(district: District, rows: Rows) -> Verdict:
    """Send places."""
    places = [{name: row[name] for name in row if name != "round_code"} for row in rows]
    found: Verdict = await district.post("/v1/survey-rounds/2030-11/places/bulk", {"places": places})
    return found


async def grids_json(district: District, rows: Rows) -> Verdict:
    """Send divisions."""
    numbers = [
        {**row, "head_count": int(row["head_count"])}
        if row.get("head_count", "").removeprefix("-").isdigit()
        else row
        for row in rows
    ]
    found: Verdict = await district.post("/v1/divisions", {"divisions": numbers})
    return found


SCENES = {
    "departments": Scene(
        nothing,
        lambda n: {"code": f"D-{n}", "name": f"部门{n}", "level": "township",
                   **{f"contact.{name}": value for name, value in CONTACT.items()}},
        departments_json, "name", "code",
    ),
    "units": Scene(
        nothing,
        lambda n: {"unit_code": f"LIC-{n}", "unit_code_type": "licence", "name": "海棠餐厅",
                   "industry_code": "6210", "township_code": "TOWN-01",
                   **{f"contact.{name}": value for name, value in CONTACT.items()}},
        units_json, "name", "unit_code",
    ),
    "people": Scene(
        unit,
        lambda n: {"name": "张伟", "id_no": id_no(n), "phone": "13800138000", "unit_code": CREDIT_CODE,
                   "enrolled_on": "2030-01-05"},
        people_json, "name", "id_no",
    ),
    "rosters": Scene(
        roster,
        lambda n: {"unit_code": CREDIT_CODE, "name": "张伟", "id_no": id_no(n)},
        rosters_json, "name", "id_no",
    ),
    "licences": Scene(
        nothing, lambda n: {"as_of": "2030-11-01", **licence(n)}, licences_json, "name", "licence_no",
    ),
    "surveys": Scene(
        survey, lambda n: {"round_code": "2030-11", **place(n)}, surveys_json, "name", "licence_no",
    ),
    "grids": Scene(
        grids,
        lambda n: {"division_code": f"{scene.COMMUNITY}{n + 1:03d}", "name": f"网格{n}", "head_count": "640",
                   "counted_on": "2030-01-05", "lab_code": "LAB01", "team_code": "TEAM-1"},
        grids_json, "name", "division_code",
    ),
}  # fmt: skip
