"""What departments, duties, teams and divisions were before they were changed, over HTTP."""

from datetime import timedelta
from typing import Any

from tests.registry.conftest import NOON
from tests.registry.rounds.scene import FIRST, build, divisions, grid, team
from tests.support.district import District


async def versions(district: District, what: str, code: str, **query: Any) -> list[dict[str, Any]]:
    """Return the versions of something that are no more."""
    listed = await district.get(f"/v1/organisation-history/{what}/{code}", query)
    found: list[dict[str, Any]] = listed["versions"]
    return found


async def test_a_departments_old_name_and_contact_are_kept_with_who_changed_them(district: District) -> None:
    await district.township()
    old = await district.get("/v1/departments/TOWN-01")
    assert await versions(district, "department", "TOWN-01") == []
    clerk = await district.system.client("registry", scopes=["admin"], client_id="clerk-1")
    await district.system.set_clock(NOON + timedelta(days=1))
    for patch in ({"contact": {"name": "赵敏", "phone": "13911112222"}}, {"name": "新镇"}, {"name": "新镇"}):
        assert (await clerk.patch("/v1/departments/TOWN-01", json=patch)).status_code == 200
    newest, first = await versions(district, "department", "TOWN-01")
    assert (first["revision"], first["contact"], first["superseded_by"]) == (1, old["contact"], "clerk-1")
    assert newest["contact"] == {"name_masked": "赵*", "phone_masked": "139****2222"}
    assert newest["details"]["name"] == first["details"]["name"] == old["name"]
    assert first["superseded_at"][:10] == "2030-11-21"
    page = await district.get("/v1/organisation-history/department/TOWN-01", limit=1)
    assert page["versions"] == [newest]
    rest = await versions(district, "department", "TOWN-01", cursor=page["next_cursor"])
    assert rest == [first]


async def test_a_duty_that_changed_hands_shows_whose_it_was(district: District) -> None:
    for code in ("TOWN-01", "TOWN-02"):
        await district.township(code)
        await district.patch("/v1/duties/CDC", {"department_code": code})
    assert [each["details"]["department_code"] for each in await versions(district, "duty", "CDC")][:1] == [
        "TOWN-01"
    ]
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-01", area_level="township"
    )
    assert (await town.get("/v1/organisation-history/duty/CDC")).status_code == 403
    await district.get("/v1/organisation-history/duty/NOBODY", status=404)
    await district.get("/v1/organisation-history/bureau/CDC", status=422)


async def test_teams_and_grids_keep_what_they_were_and_a_new_town_is_not_told_of_the_old(
    district: District,
) -> None:
    await build(district, grid())
    await district.township("TOWN-02")
    await district.post("/v1/teams", {"teams": [team("TEAM-9")]})
    await district.post("/v1/teams", {"teams": [team("TEAM-9", township_code="TOWN-02")]})
    await district.post("/v1/teams", {"teams": [team("TEAM-9", township_code="TOWN-02", name="新队")]})
    told = await versions(district, "team", "TEAM-9")
    assert [each["details"]["township_code"] for each in told] == ["TOWN-02", "TOWN-01"]
    assert told[0]["contact"] == {"name_masked": "李*", "phone_masked": "138****8000"}
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    seen = (await town.get("/v1/organisation-history/team/TEAM-9")).json()["versions"]
    assert [each["details"]["township_code"] for each in seen] == ["TOWN-02"]
    assert (await town.get(f"/v1/organisation-history/division/{FIRST}")).status_code == 404
    await divisions(district, grid(head_count=5))
    [before] = await versions(district, "division", FIRST)
    assert before["details"]["head_count"] == 3
