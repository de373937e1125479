"""Events over HTTP: the samples they open, missed steps, releases, and who may see them."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.orders import service as orders
from tests.registry.conftest import NOON
from tests.support.district import CONTACT, District, coded

AT = NOON.replace(hour=9)
RESPONSIBLE = {"responsible": {**CONTACT, "grid": "城东社区第三网格"}}


async def registered(district: District, number: int = 1, *, status: int = 201, **event: Any) -> Any:
    """Register an event of a person."""
    person_id = (await district.found(number))["person_id"]
    return await district.post(f"/v1/people/{person_id}/events", event, status=status)


async def events(district: District, **query: Any) -> list[dict[str, Any]]:
    """Return the list of events."""
    found: list[dict[str, Any]] = (await district.get("/v1/events", query))["events"]
    return found


@pytest.fixture
async def isolated(district: District) -> dict[str, Any]:
    """Put the first person in quarantine at nine, under the shipped 7+3."""
    await district.people(coded(1))
    made: dict[str, Any] = await registered(district, kind="quarantine", at=AT.isoformat())
    return made


@pytest.mark.requirement(2)
async def test_each_visit_to_the_fever_clinic_opens_an_order(district: District) -> None:
    await district.people(coded(1, category_code="6", enrolled_on="2030-11-01"))
    await district.negative(1, AT - timedelta(days=1))
    assert (await district.status())["due_state"] == "not_required"
    made = await registered(district, kind="fever_visit", at=AT.isoformat())
    assert (made["category_code"], made["state"], made["due_on"]) == ("6", "open", "2030-11-20")
    assert (await district.status())["due_on"] == "2030-11-20"
    await district.negative(1, NOON)
    assert (await district.status())["due_state"] == "not_required"
    assert [each["state"] for each in await events(district)] == ["finished"]
    await registered(district, kind="fever_visit", at=NOON.replace(hour=15).isoformat())
    assert (await district.status())["due_on"] == "2030-11-20"


@pytest.mark.requirement(7)
async def test_an_inpatient_is_tested_on_admission_and_monthly_after_it(district: District) -> None:
    await district.people(coded(1, category_code="7C", enrolled_on="2030-11-20"))
    await district.negative(1, AT - timedelta(days=3))
    await registered(district, kind="admission", at=AT.isoformat())
    assert (await district.status())["due_on"] == "2030-11-20"
    await district.negative(1, NOON)
    assert (await district.status())["due_on"] == "2030-12-20"


@pytest.mark.requirement(26)
async def test_an_arrival_owes_a_sample_the_day_it_is_registered(district: District) -> None:
    await district.people(coded(1, category_code="LOCAL-ARRIVAL", enrolled_on="2030-11-20"))
    made = await registered(district, kind="arrival", at=AT.isoformat())
    assert made["steps"] == [
        {"number": 1, "due_on": "2030-11-20", "state": "open", "sampled_at": None, "antibody": False}
    ]
    assert [each["event_id"] for each in await events(district, state="open")] == [made["event_id"]]
    await district.system.set_clock(NOON + timedelta(days=1))
    assert [each["event_id"] for each in await events(district, state="missed")] == [made["event_id"]]


@pytest.mark.requirement(28)
@pytest.mark.parametrize(("days", "in_time"), [(2, False), (3, True)])
async def test_an_arrival_is_announced_three_days_ahead(
    district: District, days: int, *, in_time: bool
) -> None:
    await district.people(coded(1))
    made = await registered(district, kind="arrival", at=(AT + timedelta(days=days)).isoformat())
    assert (made["notice_days"], made["notice_in_time"]) == (days, in_time)
    assert (await district.status())["due_state"] == "not_required"
    moved = await district.patch(f"/v1/events/{made['event_id']}", {"at": NOON.isoformat()})
    assert moved["due_on"] == "2030-11-20"
    assert (await district.status())["due_on"] == "2030-11-20"


@pytest.mark.requirement(152)
async def test_a_return_from_travel_opens_an_order_on_its_day(district: District) -> None:
    await district.people(coded(1))
    back = (AT + timedelta(days=5)).isoformat()
    made = await registered(district, kind="travel_return", at=back)
    assert (made["category_code"], made["due_on"]) == ("LOCAL-OTHER", "2030-11-25")
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=5))
    assert (await district.status())["due_on"] == "2030-11-25"


@pytest.mark.requirement(27)
async def test_a_schedule_follows_from_the_days_of_the_rule(
    district: District, isolated: dict[str, Any]
) -> None:
    days = [step["due_on"][5:] for step in isolated["steps"]]
    assert days == ["11-21", "11-22", "11-23", "11-25", "11-27", "11-30"]
    assert isolated["earliest_release_on"] == "2030-11-27"
    status = await district.status()
    assert status["due_on"] == "2030-11-21"
    assert "suspended" in status["clearance"]["reasons"]


@pytest.mark.requirement(27)
@pytest.mark.parametrize(("variant", "days"), [("medium", [1, 7, 14]), ("high", [1, 4, 7, 14])])
async def test_fourteen_days_with_three_or_four_tests_in_the_days_of_that_rule(
    district: District, variant: str, days: list[int]
) -> None:
    await district.people(coded(1))
    began = datetime.fromisoformat("2022-06-01T09:00:00+08:00")
    made = await registered(district, kind="quarantine", at=began.isoformat(), variant=variant)
    due = [(began + timedelta(days=each)).date().isoformat() for each in days]
    assert [step["due_on"] for step in made["steps"]] == due
    assert [step["antibody"] for step in made["steps"]] == [True] + [False] * (len(days) - 1)
    assert made["earliest_release_on"] == "2022-06-15"


@pytest.mark.requirement(27)
async def test_a_missed_step_is_raised_and_may_be_made_up(
    district: District, isolated: dict[str, Any]
) -> None:
    await district.negative(1, AT + timedelta(days=1))
    await district.system.set_clock(NOON + timedelta(days=3))
    await district.negative(1, AT + timedelta(days=3))
    (shown,) = await events(district, state="missed")
    assert [step["state"] for step in shown["steps"][:3]] == ["done", "missed", "done"]
    assert shown["due_on"] == "2030-11-22"
    assert (await district.status())["due_state"] == "overdue"
    await district.system.set_clock(NOON + timedelta(days=5))
    await district.negative(1, AT + timedelta(days=4))
    await district.negative(1, AT + timedelta(days=5))
    (shown,) = await events(district, state="open")
    assert [step["state"] for step in shown["steps"][:5]] == ["done", "done_late", "done", "done", "open"]
    assert isolated["event_id"] == shown["event_id"]


@pytest.mark.requirement(27, 29)
async def test_a_release_waits_for_every_negative_and_for_somebody_who_answers(
    district: District, isolated: dict[str, Any]
) -> None:
    path = f"/v1/events/{isolated['event_id']}/release"
    for days in (1, 2, 3, 5):
        await district.system.set_clock(NOON + timedelta(days=days))
        await district.negative(1, AT + timedelta(days=days))
    early = await district.post(path, RESPONSIBLE, status=409)
    assert {each["code"] for each in early["errors"]} == {"step_not_done", "isolation_not_over"}
    await district.system.set_clock(NOON + timedelta(days=7))
    refused = await district.post(path, RESPONSIBLE, status=409)
    assert [each["field"] for each in refused["errors"]] == ["steps.5"]
    await district.negative(1, AT + timedelta(days=7))
    assert (await district.post(path, {}, status=422))["errors"][0]["field"] == "responsible"
    released = await district.post(path, RESPONSIBLE, status=200)
    assert released["released_on"] == "2030-11-27"
    assert released["responsible"]["name_masked"] == "李*"
    written = "SELECT count(*) FROM registry.audit WHERE action = 'event.release'"
    assert await district.system.owner.fetchval(written) == 1
    status = await district.status()
    assert status["due_on"] == "2030-11-30"
    assert status["clearance"]["reasons"] == []


async def test_what_was_entered_in_error_asks_for_nothing_any_more(
    district: District, isolated: dict[str, Any]
) -> None:
    path = f"/v1/events/{isolated['event_id']}/cancellation"
    assert (await district.post(path, {"reason": "未到达"}, status=200))["state"] == "cancelled"
    status = await district.status()
    assert (status["due_state"], status["clearance"]["reasons"]) == ("not_required", [])
    assert (await district.post(path, {"reason": "又一次"}, status=409))["code"] == "event_over"


async def test_the_same_event_again_changes_nothing_and_another_beside_it_is_refused(
    district: District, isolated: dict[str, Any]
) -> None:
    same = await registered(district, status=200, kind="quarantine", at=AT.isoformat())
    assert same == isolated
    person = (await district.found())["person_id"]
    listed = (await district.get(f"/v1/people/{person}/events"))["events"]
    assert [each["event_id"] for each in listed] == [isolated["event_id"]]
    other = await registered(
        district, status=409, kind="quarantine", at=AT.isoformat(), category_code="LOCAL-OTHER"
    )
    assert other["code"] == "event_in_use"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"kind": "quarantine", "at": AT.isoformat(), "variant": "purple"}, "unknown_variant"),
        ({"kind": "arrival", "at": AT.isoformat(), "category_code": "8A1"}, "no_rule_for_event"),
        ({"kind": "arrival", "at": AT.isoformat(), "unit_code": "U-404"}, "unknown_unit_code"),
        ({"kind": "arrival", "at": "2032-01-01T00:00:00+08:00"}, "event_too_far_ahead"),
        ({"kind": "Arrival", "at": AT.isoformat()}, "bad_format"),
    ],
)
async def test_an_event_that_no_rule_knows_is_refused(
    district: District, event: dict[str, Any], code: str
) -> None:
    await district.people(coded(1))
    refused = await registered(district, status=422, **event)
    assert refused["errors"][0]["code"] == code


async def test_the_explanation_names_the_event_and_its_schedule(
    district: District, isolated: dict[str, Any]
) -> None:
    person = isolated["person_id"]
    told = await district.get(f"/v1/people/{person}/explanation")
    assert told["rule"]["category_code"] == "LOCAL-QUARANTINE"
    assert told["duties"][0]["event"] == "quarantine"
    assert any("quarantine on 2030-11-20" in sentence for sentence in told["sentences"]["en"])


@pytest.mark.requirement(26)
async def test_an_arrival_opens_an_order_that_follows_the_event_and_finds_its_sample(
    district: District,
) -> None:
    await district.people(coded(1))
    made = await registered(district, kind="arrival", at=AT.isoformat())
    await registered(district, kind="admission", at=AT.isoformat())
    path = f"/v1/events/{made['event_id']}"
    await district.patch(path, {"at": (AT + timedelta(hours=1)).isoformat()})

    async def told() -> list[tuple[int, str, str]]:
        rows = await district.system.owner.fetch(
            "SELECT body FROM bus.message WHERE name = 'order.changed' ORDER BY message_id"
        )
        found = [json.loads(row["body"]) for row in rows]
        return [(each["revision"], each["state"], each["opened_at"][11:16]) for each in found]

    assert await told() == [(1, "open", "09:00"), (2, "open", "10:00")]
    await district.negative(1, AT + timedelta(minutes=30))
    await district.negative(1, AT + timedelta(hours=2))
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        assert await orders.look(session, context) is False
        assert await orders.look(session, context) is False
    assert (await told())[2:] == [(3, "resulted", "10:00")]
    other = await registered(district, kind="arrival", at=(AT + timedelta(hours=4)).isoformat())
    await district.post(f"/v1/events/{other['event_id']}/cancellation", {"reason": "误登"})
    assert [each[:2] for each in (await told())[3:]] == [(1, "open"), (2, "ended")]
