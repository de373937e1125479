"""Contract §1 and §2: where things answer, tokens, scopes, areas."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import httpx
import pytest

from tests.contract.office import JSONL, Answer, Office, ok, problem, text
from tests.system.people import DEPARTMENT, TOWN, UNIT, department, unit

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = ("registry", "results-ingest", "notifier")
FORM = {"grant_type": "client_credentials"}
OTHER_TOWN, OTHER_DEPARTMENT = "TOWN-02", "DEPT-02"
OTHER_UNIT = "91350100M000100Y43"


async def ask(office: Office, client: tuple[str, str] | None, **form: str) -> httpx.Response:
    http = await office.system.client("registry")
    return await http.post("/v1/oauth/token", data=FORM | form, auth=client or httpx.USE_CLIENT_DEFAULT)


async def test_a_token_answer_has_exactly_the_fields_of_the_page(office: Office) -> None:
    answer = await ask(office, await office.credentials("status:read", "records:read"))
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert set(body["scope"].split()) == {"status:read", "records:read"}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_token_is_a_jwt_whose_key_is_published(office: Office) -> None:
    token = (await ask(office, await office.credentials("status:read"))).json()["access_token"]
    head = json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))
    http = await office.system.client("registry")
    keys = (await ok(http.get("/.well-known/jwks.json")))["keys"]
    assert head["kid"] in {key["kid"] for key in keys}
    assert all("d" not in key and "k" not in key for key in keys)


async def test_the_scope_asked_for_is_the_scope_given(office: Office) -> None:
    client = await office.credentials("status:read", "records:read")
    body = (await ask(office, client, scope="records:read")).json()
    assert body["scope"] == "records:read"
    http = await office.system.client("registry")
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    problem(await http.get("/v1/statuses/HC-000001", headers=bearer), 403)


async def test_a_scope_that_the_client_lacks_is_not_given(office: Office) -> None:
    answer = await ask(office, await office.credentials("status:read"), scope="admin")
    assert answer.status_code in {400, 403}
    assert "access_token" not in answer.text


async def test_bad_credentials_and_bad_grants_get_no_token(office: Office) -> None:
    client_id, secret = await office.credentials("status:read")
    assert (await ask(office, None)).status_code == 401
    assert (await ask(office, (client_id, "wrong"))).status_code == 401
    assert (await ask(office, ("nobody", secret))).status_code == 401
    assert (await ask(office, (client_id, secret), grant_type="password")).status_code == 400


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", ["healthz", "readyz", "version", "openapi.json", "docs", "metrics"])
async def test_these_paths_need_no_token(office: Office, service: str, path: str) -> None:
    http = await office.system.client(service)
    answer = await http.get(f"/{path}")
    assert answer.status_code == 200, answer.text
    if path == "docs":
        assert not re.search(r"""(<link[^>]*href|src)=["']?(https?:)?//""", answer.text)
    if path in {"healthz", "readyz", "version", "openapi.json"}:
        assert isinstance(answer.json(), dict)


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("registry", "/v1/statuses/HC-000001"),
        ("registry", "/v1/departments"),
        ("registry", "/v1/status-changes"),
        ("results-ingest", "/v1/batches"),
        ("notifier", "/v1/notices"),
    ],
)
async def test_no_or_bad_token_is_401(office: Office, service: str, path: str) -> None:
    http = await office.system.client(service)
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
        answer = await http.get(path, headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_comes_before_the_body(office: Office) -> None:
    http = await office.system.client("registry")
    problem(
        await http.post("/v1/people/bulk", content=b"{", headers={"content-type": "application/json"}), 401
    )


async def test_a_missing_scope_is_403(office: Office) -> None:
    problem(await office.platform.post("/v1/people/bulk", json={"people": [office.row()]}), 403)
    problem(await office.platform.get("/v1/departments"), 403)
    problem(await office.records.post("/v1/departments", json=department("D-X", "department", None)), 403)
    lab = await office.client("results:write")
    problem(await lab.get("/v1/statuses/HC-000001"), 403)


async def test_admin_includes_every_scope(office: Office) -> None:
    code = await office.somebody()
    await office.system.settle()
    await ok(office.admin.get(f"/v1/statuses/{code}"))
    await ok(office.admin.get("/v1/status-changes"))


async def test_a_client_with_an_area_sees_nothing_outside_it(office: Office) -> None:
    await ok(office.admin.post("/v1/departments", json=department(OTHER_TOWN, "township", None)))
    await ok(office.admin.post("/v1/departments", json=department(OTHER_DEPARTMENT, "department", None)))
    other = unit(OTHER_UNIT) | {"township_code": OTHER_TOWN, "department_code": OTHER_DEPARTMENT}
    await ok(office.admin.post("/v1/units", json=other))
    inside = await office.on_duty()
    outside = await office.on_duty(unit_code=OTHER_UNIT)
    await office.system.settle()
    inside_id, outside_id = await office.person_id(inside), await office.person_id(outside)
    for area, level in ((TOWN, "township"), (DEPARTMENT, "department")):
        client = await office.client("records:read", "status:read", area=area, level=level)
        codes = {each["unit_code"] for each in (await ok(client.get("/v1/units")))["units"]}
        assert codes == {UNIT}
        assert (await client.get(f"/v1/units/{UNIT}/people")).status_code == 200
        problem(await client.get(f"/v1/units/{OTHER_UNIT}/people"), 404)
        for path in ("/v1/people/by-health-code/{code}", "/v1/statuses/{code}"):
            assert (await client.get(path.format(code=inside))).status_code == 200, path
            problem(await client.get(path.format(code=outside)), 404)
        for path in ("ledger", "explanation"):
            assert (await client.get(f"/v1/people/{inside_id}/{path}")).status_code == 200, path
            problem(await client.get(f"/v1/people/{outside_id}/{path}"), 404)
        found = await ok(client.post("/v1/statuses/query", json={"health_code_ids": [inside, outside]}))
        assert [each["health_code_id"] for each in found["statuses"]] == [inside]
        assert found["not_found"] == [outside]
        seen = {each["health_code_id"] for each in (await ok(client.get("/v1/overdue")))["people"]}
        assert inside in seen
        assert outside not in seen
        seen = {
            each.get("health_code_id") for each in (await ok(client.get("/v1/status-changes")))["changes"]
        }
        assert outside not in seen
        units = {each["unit_code"] for each in (await ok(client.get("/v1/overdue/units")))["units"]}
        assert OTHER_UNIT not in units


async def test_a_client_with_an_area_follows_the_codes_of_its_own_people(office: Office) -> None:
    inside, outside = office.row(code=False, unit_code=UNIT), office.row(code=False)
    await office.register(inside | {"health_code_id": "IN-OLD"}, outside | {"health_code_id": "OUT-OLD"})
    await office.system.settle()
    client = await office.client("status:read", area=TOWN, level="township")
    cursor = (await ok(client.get("/v1/status-changes")))["next_cursor"]
    await office.register(inside | {"health_code_id": "IN-NEW"}, outside | {"health_code_id": "OUT-NEW"})
    await office.system.settle()
    found = await ok(client.get("/v1/status-changes", params={"cursor": cursor}))
    assert [each["health_code_id"] for each in found["changes"]] == ["IN-OLD", "IN-NEW"]
    lines = await client.get("/v1/status-changes", params={"cursor": cursor}, headers=JSONL)
    assert "OUT-" not in lines.text
    assert len(lines.text.splitlines()) == 3


async def test_a_client_with_an_area_pages_through_the_people_who_work_there_now(office: Office) -> None:
    yesterday = str(office.now.date() - timedelta(days=1))
    inside = {await office.on_duty() for _ in range(5)}
    elsewhere = {await office.somebody() for _ in range(3)}
    left = await office.on_duty(enrolled_on="2026-01-05", left_on=yesterday)
    await office.system.settle()
    client = await office.client("status:read", area=TOWN, level="township")
    seen: list[str] = []
    page: Answer = {"next_cursor": None, "changes": [{}, {}]}
    while len(page["changes"]) == 2:
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        page = await ok(client.get("/v1/status-changes", params={"limit": 2, **cursor}))
        seen += [each["health_code_id"] for each in page["changes"]]
    assert inside <= set(seen)
    assert not {*elsewhere, left} & set(seen)
    assert len(seen) == len(set(seen))


async def test_an_admin_of_an_area_changes_nothing_outside_it(office: Office) -> None:
    outside = await office.somebody()
    await office.system.settle()
    admin = await office.client("admin", area=TOWN, level="township")
    day = str(office.now.date())
    body = {"kind": "leave", "from": day, "to": day, "reason": "x"}
    assert (
        await admin.post(f"/v1/people/{await office.person_id(outside)}/exemptions", json=body)
    ).status_code == 404
    problem(await admin.patch("/v1/units/91110105MA00000000", json={"name": "别"}), 404)


async def test_the_clock_moves_forward_only(office: Office) -> None:
    problem(await office.admin.put("/v1/clock", json={"now": text(office.now - timedelta(hours=1))}), 409)
    problem(await office.admin.put("/v1/clock", json={"now": "2030-01-01T00:00:00"}), 422)
    problem(await office.platform.put("/v1/clock", json={"now": text(office.now + timedelta(hours=1))}), 403)
