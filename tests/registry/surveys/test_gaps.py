"""Gaps between list and survey: one department, one township, and followed to the end."""

from typing import Any

import httpx
import pytest

from tests.registry.surveys.conftest import ROUND, Bureau
from tests.support.licensing import licence, place


async def body_client(bureau: Bureau, code: str, level: str) -> httpx.AsyncClient:
    return await bureau.district.system.client(
        "registry", scopes=["cases:respond"], area_code=code, area_level=level
    )


async def step(client: httpx.AsyncClient, gap: dict[str, Any], **fields: Any) -> httpx.Response:
    return await client.post(f"/v1/gaps/{gap['gap_id']}/steps", json=fields)


async def one_gap(bureau: Bureau, **fields: Any) -> dict[str, Any]:
    await bureau.licences(licence(1, **fields))
    await bureau.compare()
    await bureau.send()
    [gap] = await bureau.gaps()
    return gap


@pytest.mark.requirement(40)
async def test_each_gap_goes_to_one_department_and_one_town_and_is_followed_to_its_end(
    bureau: Bureau,
) -> None:
    gap = await one_gap(bureau)
    assert (gap["kind"], gap["department_code"], gap["township_code"]) == (
        "only_licensed",
        "MARKET",
        "TOWN-01",
    )
    assert (gap["state"], gap["due_on"], gap["overdue"]) == ("open", "2030-11-30", False)
    town, market = (
        await body_client(bureau, "TOWN-01", "township"),
        await body_client(bureau, "MARKET", "department"),
    )
    admin = bureau.district.http
    early = await step(admin, gap, kind="closed", reason="ceased")
    assert (early.status_code, early.json()["code"]) == (409, "gap_not_answered")
    unread = await step(market, gap, kind="answered", note="已核实")
    assert (unread.status_code, unread.json()["code"]) == (409, "gap_not_received")
    for client in (town, market):
        assert (await step(client, gap, kind="received")).status_code == 200
    received = await step(market, gap, kind="received")
    assert received.json()["township_received_at"]
    assert received.json()["department_received_at"]
    assert (await step(market, gap, kind="answered", note="已核实,停业注销中")).json()["state"] == "answered"
    assert (await step(market, gap, kind="closed", reason="ceased")).status_code == 403
    closed = (await step(admin, gap, kind="closed", reason="ceased")).json()
    assert (closed["state"], closed["closed_reason"]) == ("closed", "ceased")
    shown = await bureau.district.get(f"/v1/gaps/{gap['gap_id']}")
    assert [(each["kind"], each["body"]) for each in shown["steps"]] == [
        ("opened", None),
        ("received", "township"),
        ("received", "department"),
        ("answered", "department"),
        ("closed", None),
    ]
    assert shown["steps"][3]["note"] == "已核实,停业注销中"
    over = await step(town, gap, kind="answered", note="补充")
    assert (over.status_code, over.json()["code"]) == (409, "gap_closed")


async def test_who_answers_does_not_close_and_an_answer_may_be_returned(bureau: Bureau) -> None:
    gap = await one_gap(bureau)
    admin = bureau.district.http
    assert (await step(admin, gap, kind="received")).json()["errors"][0]["code"] == "body_needed"
    assert (await step(admin, gap, kind="received", body="township")).status_code == 200
    assert (await step(admin, gap, kind="answered", body="township")).json()["code"] == "note_needed"
    assert (await step(admin, gap, kind="answered", body="township", note="在营业")).status_code == 200
    assert (await step(admin, gap, kind="closed", reason="moved")).json()["code"] == "second_person_needed"
    assert (await step(admin, gap, kind="closed")).json()["code"] == "reason_needed"
    other = await bureau.district.system.client("registry", scopes=["admin"])
    back = (await step(other, gap, kind="returned", note="请附照片")).json()
    assert (back["state"], back["answered_at"]) == ("received", None)
    town = await body_client(bureau, "TOWN-01", "township")
    wrong = await step(town, gap, kind="answered", body="department", note="x")
    assert wrong.json()["code"] == "body_not_yours"


@pytest.mark.requirement(40)
async def test_a_gap_without_a_department_is_shown_as_such_until_it_is_assigned(bureau: Bureau) -> None:
    """美容 has no line in the list of sector departments (requirements 1F.6): nobody is guessed."""
    gap = await one_gap(bureau, trade_code="BATH-BEAUTY", industry_code="8040")
    assert (gap["department_code"], gap["department_basis"]) == (None, "department_unmapped")
    admin = bureau.district.http
    for fields, code in (
        ({}, "assignment_needed"),
        ({"department_code": "NOBODY"}, "unknown_department_code"),
        ({"department_code": "TOWN-01"}, "not_a_department"),
        ({"township_code": "MARKET"}, "not_a_township"),
    ):
        assert (await step(admin, gap, kind="assigned", **fields)).json()["code"] == code
    moved = (await step(admin, gap, kind="assigned", department_code="COMMERCE")).json()
    assert (moved["department_code"], moved["department_basis"]) == ("COMMERCE", "given")


async def test_a_gap_that_is_gone_closes_by_itself_and_opens_again_when_it_returns(bureau: Bureau) -> None:
    await bureau.licences(licence(1), licence(2))
    await bureau.compare()
    assert (await bureau.send())["opened"] == 2
    again = await bureau.send()
    assert (again["opened"], again["standing"]) == (0, 2)
    later = {**ROUND, "round_code": "2030-11b"}
    await bureau.district.post("/v1/survey-rounds", later)
    await bureau.sweep(place(1), code="2030-11b")
    await bureau.licences(licence(2, cancelled_on="2030-11-18"), as_of="2030-11-18")
    await bureau.compare("2030-11b")
    assert (await bureau.send(code="2030-11b"))["closed"] == 2
    reasons = {gap["licence_no"]: gap["closed_reason"] for gap in await bureau.gaps(state="closed")}
    assert reasons == {licence(1)["licence_no"]: "matched", licence(2)["licence_no"]: "cancelled"}
    last = {**ROUND, "round_code": "2030-11c"}
    await bureau.district.post("/v1/survey-rounds", last)
    await bureau.compare("2030-11c")
    assert (await bureau.send(code="2030-11c"))["reopened"] == 1
    [gap] = await bureau.gaps(state="open")
    steps = (await bureau.district.get(f"/v1/gaps/{gap['gap_id']}"))["steps"]
    assert [each["kind"] for each in steps] == ["opened", "closed", "reopened"]


async def test_gaps_are_counted_by_body_with_those_that_are_late(bureau: Bureau) -> None:
    await bureau.licences(licence(1), licence(2), licence(3, township_code="TOWN-02"))
    await bureau.compare()
    await bureau.send()
    await bureau.district.system.owner.execute(
        "UPDATE registry.gap SET due_on = '2030-11-19' WHERE township_code = 'TOWN-02'"
    )
    rows = (await bureau.district.get("/v1/gap-report"))["rows"]
    assert [(row["township_code"], row["open"], row["overdue"], row["total"]) for row in rows] == [
        ("TOWN-01", 2, 0, 2),
        ("TOWN-02", 1, 1, 1),
    ]
    assert [gap["township_code"] for gap in await bureau.gaps(overdue="true")] == ["TOWN-02"]


async def test_another_town_sees_neither_gap_nor_figure_nor_outcome(bureau: Bureau) -> None:
    gap = await one_gap(bureau)
    client = await bureau.district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    assert (await client.get("/v1/gaps")).json()["gaps"] == []
    assert (await client.get("/v1/gap-report")).json()["rows"] == []
    assert (await client.get(f"/v1/gaps/{gap['gap_id']}")).status_code == 404
    assert (await step(client, gap, kind="received")).status_code == 404
    report = (await client.get("/v1/survey-rounds/2030-11/report")).json()
    assert (report["total"]["licensed"], report["rows"]) == (0, [])
    assert (await client.get("/v1/survey-rounds/2030-11/outcomes")).json()["outcomes"] == []
    assert (await client.get("/v1/licences")).json()["licences"] == []


async def test_the_history_of_a_gap_cannot_be_changed(bureau: Bureau) -> None:
    await one_gap(bureau)
    owner = bureau.district.system.owner
    for statement in ("UPDATE registry.gap_step SET kind = 'closed'", "DELETE FROM registry.gap_step"):
        with pytest.raises(Exception, match="append-only"):
            await owner.execute(statement)
