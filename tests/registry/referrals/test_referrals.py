"""A fever patient reported by a clinic is followed until arrival and result, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from registry.ledger import jobs
from registry.referrals import service
from shared.messages import ResultsApplied
from tests.registry.conftest import NOON
from tests.support.district import District, coded, id_no
from tests.support.world import applied, result, reviewed

FEVER_CLINIC = {"fever_clinic": "standard"}
NAME, PHONE = "测试发热", "13900001234"


async def clinics(district: District) -> None:
    """Enter a village clinic, its town's fever clinic and another town's."""
    for code in ("DEPT-01",):
        await district.department(code)
    await district.unit("CLINIC", industry_code="8423", department_code="DEPT-01", name="村卫生室")
    await district.unit("FEVER-1", industry_code="8411", attributes=FEVER_CLINIC, name="县医院")
    await district.unit(
        "FEVER-2", industry_code="8411", township_code="TOWN-02", attributes=FEVER_CLINIC, name="中心医院"
    )
    await district.unit("PLAIN", industry_code="8411", attributes={"fever_clinic": "none"})


def patient(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id_type": "resident_id", "id_no": id_no(number), "name": NAME, "phone": PHONE, **fields}


def report(**fields: Any) -> dict[str, Any]:
    return {
        "from_unit_code": "CLINIC",
        "to_unit_code": "FEVER-1",
        "patient": patient(),
        "reported_at": NOON.isoformat(),
        "complaint": "发热 38.5 ℃",
        **fields,
    }


async def look(district: District) -> None:
    """Let the worker's round run once."""
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        assert await service.look(session, context) is False


async def has_result(district: District, person_id: str, **fields: Any) -> UUID:
    """Let a result of the person arrive, and return its id."""
    made = result(UUID(person_id), **fields)
    message: ResultsApplied = applied([made])
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await jobs.results_applied(session, message, context)
    found: UUID = made["result_id"]
    return found


async def decided(district: District, person_id: str, result_id: UUID, verdict: str) -> None:
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await jobs.review_recorded(session, reviewed(result_id, UUID(person_id), verdict), context)


async def of_town(district: District, code: str) -> httpx.AsyncClient:
    return await district.system.client(
        "registry", scopes=["cases:respond"], area_code=code, area_level="township", client_id=f"of-{code}"
    )


async def steps(district: District, path: str) -> list[str]:
    return [each["kind"] for each in (await district.get(path))["steps"]]


@pytest.mark.requirement(149, 70)
async def test_a_referral_is_closed_by_the_arrival_and_the_result_that_follows(district: District) -> None:
    await clinics(district)
    made = await district.post("/v1/referrals", report(), status=201)
    assert await district.post("/v1/referrals", report(), status=200) == made | {"steps": made["steps"]}
    opened = made["referral"]
    assert (opened["state"], opened["held"], opened["late"]) == ("open", False, False)
    assert opened["due_at"] == (NOON + timedelta(hours=12)).isoformat()
    assert opened["patient"] == {
        "name_masked": "测*",
        "id_no_masked": opened["patient"]["id_no_masked"],
        "phone_masked": "139****1234",
    }
    path, person_id = f"/v1/referrals/{opened['referral_id']}", opened["person_id"]
    await has_result(district, person_id, collected_at=NOON - timedelta(days=1))
    await look(district)
    assert (await district.get(path))["referral"]["state"] == "open", "nobody has arrived"

    at = NOON + timedelta(minutes=5)
    await district.system.set_clock(at)
    arrived = (await district.post(f"{path}/arrival", {"at": at.isoformat()}))["referral"]
    assert (arrived["state"], arrived["held"], arrived["due_at"]) == (
        "arrived",
        True,
        (at + timedelta(hours=6)).isoformat(),
    )
    [visit] = (await district.get(f"/v1/people/{person_id}/events"))["events"]
    assert (visit["event_id"], visit["kind"], visit["state"]) == (arrived["event_id"], "fever_visit", "open")
    assert visit["unit_code"] == "FEVER-1"
    await look(district)
    assert (await district.get(path))["referral"]["state"] == "arrived", "yesterday's sample does not count"
    for wrong in ({"outcome": "invalid"}, {"mode": "mixed"}, {"test_kind": "antigen"}):
        await has_result(district, person_id, collected_at=at, **wrong)
        await look(district)
        assert (await district.get(path))["referral"]["held"] is True
    closing = await has_result(district, person_id, collected_at=at + timedelta(minutes=2))
    await look(district)
    closed = (await district.get(path))["referral"]
    assert (closed["state"], closed["outcome"], closed["held"]) == ("closed", "negative", False)
    assert closed["result_id"] == str(closing)
    assert await steps(district, path) == ["reported", "arrived", "closed"]
    assert (await district.get("/v1/referrals", state="closed"))["referrals"] == [closed]


@pytest.mark.requirement(149)
async def test_a_positive_closes_only_when_it_is_confirmed_and_a_correction_runs_it_again(
    district: District,
) -> None:
    await clinics(district)
    opened = (await district.post("/v1/referrals", report()))["referral"]
    path, person_id = f"/v1/referrals/{opened['referral_id']}", opened["person_id"]
    await district.post(f"{path}/arrival", {"at": NOON.isoformat()})
    first = await has_result(district, person_id, outcome="positive", collected_at=NOON)
    await look(district)
    assert (await district.get(path))["referral"]["state"] == "arrived"
    await decided(district, person_id, first, "confirmed")
    await look(district)
    assert (await district.get(path))["referral"]["outcome"] == "positive"
    await has_result(district, person_id, collected_at=NOON, replaces=first, from_positive=True)
    await look(district)
    again = (await district.get(path))["referral"]
    assert (again["state"], again["outcome"], again["held"]) == ("arrived", None, True)
    assert await steps(district, path) == ["reported", "arrived", "closed", "reopened"]


@pytest.mark.requirement(149)
async def test_whoever_does_not_come_is_late_then_lost_listed_and_may_still_arrive(
    district: District,
) -> None:
    await clinics(district)
    opened = (await district.post("/v1/referrals", report()))["referral"]
    path = f"/v1/referrals/{opened['referral_id']}"
    await district.post(f"{path}/follow-ups", {"outcome": "unreachable", "note": "无人接听"})
    await district.system.set_clock(NOON + timedelta(hours=12, seconds=1))
    for _ in range(2):
        await look(district)
    late = (await district.get("/v1/referrals", late="true"))["referrals"]
    assert [(each["referral_id"], each["state"]) for each in late] == [(opened["referral_id"], "open")]
    await district.system.set_clock(NOON + timedelta(hours=36, seconds=1))
    for _ in range(2):
        await look(district)
    [lost] = (await district.get("/v1/referrals", state="lost"))["referrals"]
    assert lost["late"] is True
    [counted] = (await district.get("/v1/referral-report"))["institutions"]
    assert (counted["from_unit"]["code"], counted["reported"], counted["lost"], counted["late"]) == (
        "CLINIC", 1, 1, 1,
    )  # fmt: skip
    await district.post(f"{path}/arrival", {"at": (NOON + timedelta(hours=36)).isoformat()})
    detail = await district.get(path)
    assert (detail["referral"]["state"], detail["referral"]["late"]) == ("arrived", False)
    assert [each["kind"] for each in detail["steps"]] == ["reported", "follow_up", "late", "lost", "arrived"]
    assert detail["steps"][1]["content"]["note"] == "无人接听"
    await district.system.set_clock(NOON + timedelta(hours=43))
    await look(district)
    assert (await district.get(path))["referral"]["late"] is True, "no result in time"
    told = await district.system.owner.fetch(
        "SELECT convert_from(body, 'UTF8') AS body FROM bus.message WHERE name = 'referral.changed'"
    )
    assert len(told) == 5
    assert not any(secret in row["body"] for row in told for secret in (NAME, PHONE, id_no(1)))


@pytest.mark.requirement(149)
async def test_patients_are_sent_to_a_fever_clinic_that_may_take_them_and_to_another_if_need_be(
    district: District,
) -> None:
    await clinics(district)
    for wrong, code, field in (
        ({"to_unit_code": "PLAIN"}, "not_a_fever_clinic", "to_unit_code"),
        ({"to_unit_code": "CLINIC"}, "not_a_fever_clinic", "to_unit_code"),
        ({"to_unit_code": "NOWHERE"}, "unknown_unit_code", "to_unit_code"),
        ({"from_unit_code": "NOWHERE"}, "unknown_unit_code", "from_unit_code"),
        ({"from_unit_code": "FEVER-1"}, "referred_to_itself", "to_unit_code"),
        ({"due_at": NOON.isoformat()}, "referral_due_early", "due_at"),
        ({"reported_at": (NOON + timedelta(hours=1)).isoformat()}, "time_in_future", "reported_at"),
        ({"patient": patient(id_no="110105194912310021")}, "id_no_checksum", "patient.id_no"),
    ):
        refused = await district.post("/v1/referrals", report(**wrong), status=422)
        assert [(e["code"], e["field"]) for e in refused["errors"]] == [(code, field)]
    opened = (await district.post("/v1/referrals", report()))["referral"]
    path = f"/v1/referrals/{opened['referral_id']}"
    other = report(to_unit_code="FEVER-2")
    assert (await district.post("/v1/referrals", other, status=409))["code"] == "referral_running"
    body = {"outcome": "redirected", "to_unit_code": "PLAIN"}
    assert (await district.post(f"{path}/follow-ups", body, status=422))["errors"][0]["code"] == (
        "not_a_fever_clinic"
    )
    for half in ({"outcome": "redirected"}, {"outcome": "refused", "to_unit_code": "FEVER-2"}):
        await district.post(f"{path}/follow-ups", half, status=422)
    moved = await district.post(f"{path}/follow-ups", body | {"to_unit_code": "FEVER-2"})
    assert moved["referral"]["to_unit"] == {"code": "FEVER-2", "name": "中心医院"}
    await district.post(f"{path}/cancellation", {"reason": "重复"})
    for rest in ("arrival", "cancellation", "follow-ups"):
        sent = {"arrival": {"at": NOON.isoformat()}, "cancellation": {"reason": "x"}}
        ended = await district.post(f"{path}/{rest}", sent.get(rest, {"outcome": "refused"}), status=409)
        assert ended["code"] == "referral_over"
    again = await district.post("/v1/referrals", report(), status=201)
    assert again["referral"]["referral_id"] != opened["referral_id"]


@pytest.mark.requirement(149)
async def test_each_town_sees_what_it_reports_and_what_its_clinics_are_sent_and_no_more(
    district: District,
) -> None:
    await clinics(district)
    await district.unit("CLINIC-3", township_code="TOWN-03", industry_code="8423")
    sender, clinic, other = [await of_town(district, f"TOWN-0{number}") for number in (1, 2, 3)]
    answer = await sender.post("/v1/referrals", json=report(to_unit_code="FEVER-2"))
    assert answer.status_code == 201, answer.text
    path = f"/v1/referrals/{answer.json()['referral']['referral_id']}"
    refused = await other.post("/v1/referrals", json=report())
    assert refused.json()["errors"][0]["code"] == "unknown_unit_code"
    for who, seen in ((sender, 1), (clinic, 1), (other, 0)):
        assert len((await who.get("/v1/referrals")).json()["referrals"]) == seen
        assert len((await who.get("/v1/referral-report")).json()["institutions"]) == seen
        assert (await who.get(path)).status_code == (200 if seen else 404)
    # The clinic's side records the arrival, the reporting side alone takes the report back.
    assert (await sender.post(f"{path}/arrival", json={"at": NOON.isoformat()})).status_code == 404
    assert (await clinic.post(f"{path}/cancellation", json={"reason": "误报"})).status_code == 404
    arrived = await clinic.post(f"{path}/arrival", json={"at": NOON.isoformat()})
    assert arrived.json()["referral"]["from_unit"]["name"] == "村卫生室", arrived.text
    assert arrived.json()["referral"]["event_id"] is not None


@pytest.mark.requirement(149)
async def test_a_known_patient_is_not_changed_by_a_report_and_lies_sealed(district: District) -> None:
    await clinics(district)
    await district.people(coded(1, unit_code="FEVER-1", category_code="8A1", phone="13700000000"))
    before = await district.found(1)
    opened = (await district.post("/v1/referrals", report()))["referral"]
    assert opened["person_id"] == before["person_id"]
    assert await district.found(1) == before
    assert opened["patient"]["phone_masked"] == "139****1234"
    stored = await district.system.owner.fetch("SELECT r::text FROM registry.referral r")
    assert not any(secret in row["r"] for row in stored for secret in (NAME, PHONE, id_no(1), "38.5"))
    audited = await district.system.owner.fetch("SELECT action FROM registry.audit")
    assert {"referral.report", "referral.read"} <= {row["action"] for row in audited}
    assert await district.post(f"/v1/referrals/{uuid4()}/cancellation", {"reason": "x"}, status=404)


async def test_a_deadline_that_is_no_time_of_the_district_is_refused(district: District) -> None:
    await clinics(district)
    problem = await district.post("/v1/referrals", report(due_at="9999-12-31T23:00:00Z"), status=422)
    assert [(each["field"], each["code"]) for each in problem["errors"]] == [("due_at", "time_after_2199")]
