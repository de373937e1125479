"""Results of other places count, and say where they are from, as their laboratory was when they came (row 30)."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from shared.result_ids import result_id
from tests.support.system import System
from tests.system.people import TOWN, UNIT, District, ok, person, row, text

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
OUTSIDE: Final = {"region": "邻县", "from": "2030-01-01", "to": "2030-01-31"}


async def results(district: District, person_id: str, client: Any = None) -> dict[str, str | None]:
    """Return the source of each result in a person's ledger, by laboratory."""
    ledger = await ok((client or district.admin).get(f"/v1/people/{person_id}/ledger"))
    return {each["lab_code"]: each["source_region"] for each in ledger["entries"] if each["kind"] == "result"}


@pytest.mark.requirement(30)
async def test_a_result_of_another_place_counts_clears_and_keeps_its_source(system: System) -> None:
    district = District(system)
    await system.set_clock(NOW)
    await district.build()
    await district.register(*(person(n, unit_code=UNIT, category_code="8A1") for n in range(2)))
    made = {"lab_code": "OUT-1", "name": "邻县人民医院", "outside": OUTSIDE}
    await ok(district.intake.post("/v1/labs", json=made))
    await system.settle()
    district.labs["OUT-1"] = await system.client("results-ingest", scopes=["results:write"], lab_code="OUT-1")
    assert (await district.status("HC-000000"))["clearance"]["allowed"] is False

    taken = row(
        NOW - timedelta(hours=1), health_code_id="HC-000000", collected_at=text(NOW - timedelta(hours=9))
    )
    receipt = await district.post(taken, lab="OUT-1")
    await district.post({**taken, "health_code_id": "HC-000001"})
    await system.settle()
    status = await district.status("HC-000000")
    assert (status["display"], status["clearance"]["allowed"]) == ("negative", True)
    people = [
        (await ok(district.admin.get(f"/v1/people/by-health-code/HC-{n:06}")))["person_id"] for n in range(2)
    ]
    assert await results(district, people[0]) == {"OUT-1": "邻县"}
    assert await results(district, people[1]) == {"LAB01": None}
    told = [await ok(district.admin.get(f"/v1/people/{one}/explanation")) for one in people]
    assert [each["sample"]["source_region"] for each in told] == ["邻县", None]
    said = "该采样由邻县的检测机构出具结果,按互认计入。"
    assert [said in each["sentences"]["zh"] for each in told] == [True, False]

    # It becomes this district's laboratory: what it sent before keeps its source, what it sends now has none.
    await system.set_clock(NOW + timedelta(hours=1))
    await ok(district.intake.patch("/v1/labs/OUT-1", json={"outside": None}))
    await system.settle()
    later = row(NOW + timedelta(minutes=30), health_code_id="HC-000001", collected_at=text(NOW))
    again = await district.post(later, lab="OUT-1")
    await system.settle()
    assert await results(district, people[0]) == {"OUT-1": "邻县"}
    assert await results(district, people[1]) == {"LAB01": None, "OUT-1": None}
    for sent, source in ((receipt, "邻县"), (again, None)):
        path = f"/v1/results/{result_id(UUID(sent['batch_id']), 1)}/history"
        [link] = (await ok(district.cdc.get(path)))["chain"]
        assert link["source_region"] == source

    # Who sees the person sees the source; a town that has nothing to do with them sees neither.
    here, there = [
        await system.client("registry", scopes=["records:read"], area_code=code, area_level="township")
        for code in (TOWN, "TOWN-99")
    ]
    assert await results(district, people[0], here) == {"OUT-1": "邻县"}
    assert (await there.get(f"/v1/people/{people[0]}/ledger")).status_code == 404
