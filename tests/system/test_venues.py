"""Venues report directly what they sampled; the bodies above them see it (requirements row 151)."""

from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from tests.support.system import System
from tests.system.people import DEPARTMENT, TOWN, UNIT, District, ok, person, row, text, unit

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
TODAY: Final = "2030-01-15"
COLLECTED: Final = NOW - timedelta(hours=4)
OTHER: Final = "91350100M000100Y43"


@pytest.fixture
async def district(system: System) -> District:
    """Build a district with two units and one person."""
    district = District(system)
    await system.set_clock(NOW)
    await district.build()
    await ok(district.admin.post("/v1/units", json=unit(OTHER)))
    await district.register(person(1, unit_code=UNIT, category_code="8A1"))
    await system.settle()
    return district


async def venue(district: District, unit_code: str, name: str) -> httpx.AsyncClient:
    """Return a client that files for a unit."""
    client = await district.system.client(
        "results-ingest", scopes=["venue:report"], client_id=name, area_code=TOWN, area_level="township"
    )
    await ok(district.intake.post("/v1/venues", json={"client_id": name, "unit_code": unit_code}))
    return client


def sample(tube_code: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a sample that was taken this morning."""
    return {"tube_code": tube_code, "kind": kind, "collected_at": text(COLLECTED), **more}


def report(*samples: dict[str, Any], number: str = "R-1", day: str = TODAY) -> dict[str, Any]:
    """Return a report."""
    return {"report_no": number, "day": day, "samples": list(samples)}


THREE: Final = (
    sample("V-P", "person", members=[{"health_code_id": "HC-000001"}]),
    sample("V-E", "environment"),
    sample("V-S", "surface"),
)


@pytest.mark.requirement(151)
async def test_a_venue_files_its_three_kinds_and_its_sector_sees_them(district: District) -> None:
    own = await venue(district, UNIT, "venue-1")
    filed = await ok(own.post("/v1/venue-reports", json=report(*THREE)))
    assert [filed[name] for name in ("people", "environment", "surfaces", "goods")] == [1, 1, 1, 0]
    again = await own.post("/v1/venue-reports", json=report(*THREE))
    assert (again.status_code, again.json()) == (200, filed)
    await district.post(
        row(NOW - timedelta(hours=1), tube_code="V-P"),
        row(NOW - timedelta(hours=1), tube_code="V-S", outcome="positive"),
    )
    await district.system.settle()
    assert (await district.status("HC-000001"))["display"] == "negative"

    sector = await district.system.client(
        "results-ingest", scopes=["cases:respond"], area_code=DEPARTMENT, area_level="department"
    )
    [seen] = (await ok(sector.get("/v1/venue-reports", params={"from": TODAY, "to": TODAY})))["reports"]
    assert (seen["unit_code"], seen["department_code"], seen["report_no"]) == (UNIT, DEPARTMENT, "R-1")
    assert seen["results"] == {
        "environment": {"samples": 1, "resulted": 0, "not_negative": 0},
        "person": {"samples": 1, "resulted": 1, "not_negative": 0},
        "surface": {"samples": 1, "resulted": 1, "not_negative": 1},
    }
    [mine] = (await ok(own.get("/v1/venue-reports")))["reports"]
    assert mine["results"]["surface"] == {"samples": 1, "resulted": 1}, "a positive is never told to the unit"
    other = await district.system.client(
        "results-ingest", scopes=["cases:respond"], area_code="DEPT-99", area_level="department"
    )
    assert (await ok(other.get("/v1/venue-reports")))["reports"] == []

    [alarm] = [
        n for n in await district.notices(kind="alert.positive") if n["recipient"]["code"] == DEPARTMENT
    ]
    assert alarm["subject"]["code"] == UNIT
    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复检阴性"}
    [review] = (await ok(district.cdc.get("/v1/reviews?state=open")))["reviews"]
    await ok(district.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    [seen] = (await ok(sector.get("/v1/venue-reports")))["reports"]
    assert seen["results"]["surface"]["not_negative"] == 0


@pytest.mark.requirement(151)
async def test_each_body_has_one_notice_a_day_and_silence_is_not_zero(district: District) -> None:
    first, second = await venue(district, UNIT, "venue-1"), await venue(district, OTHER, "venue-2")
    await ok(first.post("/v1/venue-reports", json=report(*THREE)))
    await district.system.settle()
    sector = {"recipient_type": "department", "recipient_code": DEPARTMENT}
    [told] = await district.notices(kind="report.venue", **sector)
    silent = await ok(district.intake.get("/v1/silent-venues"))
    assert [each["unit_code"] for each in silent["venues"]] == [OTHER]

    await ok(second.post("/v1/venue-reports", json=report()))
    await ok(second.post("/v1/venue-reports", json=report(number="R-2", day="2030-01-14")))
    await district.system.settle()
    assert (await ok(district.intake.get("/v1/silent-venues")))["venues"] == []
    notices = {
        each["subject"]["code"]: each for each in await district.notices(kind="report.venue", **sector)
    }
    assert set(notices) == {TODAY, "2030-01-14"}
    assert notices[TODAY]["notice_id"] == told["notice_id"]
    counts = {
        name: notices[TODAY]["evidence"][name] for name in ("reports", "people", "environment", "surfaces")
    }
    assert counts == {"reports": 2, "people": 1, "environment": 1, "surfaces": 1}
    [late] = (await ok(district.intake.get("/v1/silent-venues", params={"day": "2030-01-14"})))["venues"]
    assert (late["unit_code"], late["last_day"]) == (UNIT, None)


@pytest.mark.requirement(151)
async def test_a_venue_files_for_itself_only_and_a_bad_report_registers_nothing(district: District) -> None:
    own = await venue(district, UNIT, "venue-1")
    unbound = await district.system.client(
        "results-ingest", scopes=["venue:report"], area_code=TOWN, area_level="township"
    )
    assert (await unbound.post("/v1/venue-reports", json=report())).json()["code"] == "venue_unbound"
    moved = await district.intake.post("/v1/venues", json={"client_id": "venue-1", "unit_code": OTHER})
    assert (moved.status_code, moved.json()["code"]) == (409, "venue_client_in_use")
    named = report(THREE[1] | {"unit_code": OTHER})
    assert (await own.post("/v1/venue-reports", json=named)).status_code == 422

    member = {"members": [{"health_code_id": "HC-000001"}]}
    yellow = {
        "mode": "mixed",
        "capacity": 10,
        "members": [{"health_code_id": "HC-000001", "code_color": "yellow"}],
    }
    for bad, code in (
        (report(THREE[0], THREE[1] | member), "thing_has_no_members"),
        (report(THREE[1], THREE[0] | yellow), "single_only"),
        (report(THREE[0] | {"collected_at": text(COLLECTED - timedelta(days=1))}), "collected_on_other_day"),
        (report(day="2030-01-16"), "report_day_out"),
        (report(day="2030-01-07"), "report_day_out"),
    ):
        refused = await own.post("/v1/venue-reports", json=bad)
        assert (refused.status_code, {each["code"] for each in refused.json()["errors"]}) == (422, {code})
    assert (await district.sampling.get("/v1/tubes/V-P")).status_code == 404

    await ok(own.post("/v1/venue-reports", json=report(*THREE)))
    for other, code in (
        (report(THREE[0]), "venue_report_conflict"),
        (report(THREE[0], number="R-2"), "sample_reported"),
    ):
        refused = await own.post("/v1/venue-reports", json=other)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert (await district.intake.delete("/v1/venues/venue-1")).status_code == 204
    assert (await own.post("/v1/venue-reports", json=report(number="R-3"))).status_code == 403


async def test_a_sample_at_the_end_of_all_times_is_refused(district: District) -> None:
    own = await venue(district, UNIT, "venue-1")
    far = sample("V-E", "environment") | {"collected_at": "9999-12-31T23:00:00Z"}
    answer = await own.post("/v1/venue-reports", json=report(far))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time_after_2199")
