"""Suspected cases: told at once, reported within two hours, traced within a day, ended by a second person."""

from datetime import timedelta
from typing import Any

import pytest

from tests.notifier.desk import Desk
from tests.notifier.reporting import TOWN, at, ok, refused
from tests.support.waiting import until

NINE = at("09:00:00")
CASE = {
    "event_code": "CASE-01",
    "kind": "suspected_case",
    "suspected_at": "2030-03-04T08:30:00+08:00",
    "unit_code": "UNIT-01",
    "health_code_id": "HC-0001",
    "by": "值班医生",
}
REPORTED = {"record_no": "N-2030-7", "reported_at": "2030-03-04T10:10:00+08:00", "by": "值班员"}
TRACED = {"closed_at": "2030-03-05T08:00:00+08:00", "close_contacts": 3, "secondary_contacts": 9,
          "general_contacts": 20, "places": 2, "by": "流调组"}  # fmt: skip


async def told(desk: Desk, clock: str, level: str | None, count: int) -> list[dict[str, Any]]:
    """Wait until so many notices of a clock's level are out, and return them."""
    found: list[dict[str, Any]] = []

    async def out() -> bool:
        notices = await desk.notices(subject_code="CASE-01")
        found[:] = [
            one for one in notices if (one["evidence"]["clock"], one["evidence"]["level"]) == (clock, level)
        ]
        return len(found) >= count

    await until(out)
    return found


async def begun(desk: Desk) -> tuple[Any, str]:
    """Record a case at nine by the town of its unit; return the town's client and the path of the event."""
    await desk.system.set_clock(NINE)
    await desk.founded()
    town = desk.client("cases:respond", area=TOWN)
    event = await ok(town.post("/v1/events", json=CASE), 201)
    return town, f"/v1/events/{event['event_id']}"


@pytest.mark.requirement(123)
async def test_a_case_is_told_at_once_and_its_report_is_due_in_two_hours_until_its_number_is_there(
    desk: Desk,
) -> None:
    town, path = await begun(desk)
    everybody = ["CDC-01", "DEPT-01", "TOWN-01"]
    first = await told(desk, "recorded", None, 3)
    assert sorted(one["recipient"]["code"] for one in first) == everybody
    assert all(one["ack_due_at"] for one in first), "urgent: to be acknowledged"
    assert "HC-0001" not in str(first)
    for notice in first:
        path_of = f"/v1/notices/{notice['notice_id']}/acknowledgement"
        await ok(desk.client("admin").post(path_of, json={"by": "值班员"}))
    await ok(town.post("/v1/events", json=CASE), 200)
    await refused(town.post("/v1/events", json=CASE | {"unit_code": None}), 409, "event_code_in_use")
    await desk.system.set_clock(NINE + timedelta(minutes=91))
    warned = await told(desk, "national_report", "warning", 3)
    assert sorted(one["recipient"]["code"] for one in warned) == everybody
    await desk.system.set_clock(NINE + timedelta(minutes=121))
    broken = await told(desk, "national_report", "breach", 4)
    assert sorted(one["recipient"]["code"] for one in broken) == [*everybody[:2], "HQ-01", "TOWN-01"]
    [late] = (await ok(town.get("/v1/events", params={"late": True})))["events"]
    assert [(clock["clock"], clock["state"]) for clock in late["clocks"]] == [
        ("national_report", "broken"), ("tracing", "running"),
    ]  # fmt: skip
    # Told late, and in time all the same: the time of the report decides, and nobody is reminded again.
    shown = await ok(town.post(f"{path}/national-report", json=REPORTED))
    assert shown["clocks"][0]["state"] == "met"
    await ok(town.post(f"{path}/national-report", json=REPORTED))
    await refused(
        town.post(f"{path}/national-report", json=REPORTED | {"record_no": "N-8"}), 409, "event_step_taken"
    )
    assert not await desk.rows("SELECT FROM notifier.notice WHERE repeat_at IS NOT NULL"), (
        "nobody is repeated"
    )
    assert len(await desk.notices(subject_code="CASE-01")) == 10, "each once"
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    assert {"event.record", "events.list", "event.report"} <= audited


@pytest.mark.requirement(124)
async def test_tracing_is_closed_in_counts_and_a_jump_past_both_limits_tells_of_the_breaches_alone(
    desk: Desk,
) -> None:
    town, path = await begun(desk)
    await desk.system.set_clock(NINE + timedelta(hours=25))
    assert len(await told(desk, "tracing", "breach", 4)) == 4
    levels = [one["evidence"]["level"] for one in await desk.notices(subject_code="CASE-01")]
    assert (levels.count("breach"), levels.count("warning")) == (8, 0)
    await refused(town.post(f"{path}/tracing", json=TRACED | {"names": 1}), 422, "unknown_field")
    late = TRACED | {"closed_at": "2030-03-05T09:30:00+08:00"}
    shown = await ok(town.post(f"{path}/tracing", json=late))
    assert [clock["state"] for clock in shown["clocks"]] == ["broken", "late"]
    step = shown["steps"][-1]
    assert (step["details"]["secondary_contacts"], step["by_masked"]) == (9, "流*")
    other = desk.client("cases:respond", area=("township", "TOWN-02"))
    await refused(other.post(f"{path}/tracing", json=TRACED), 404, "not_found")
    await refused(other.get(path), 404, "not_found")
    assert (await ok(other.get("/v1/events")))["events"] == []
    await refused(other.post("/v1/events", json=CASE | {"event_code": "X"}), 422, "event_where_needed")


@pytest.mark.requirement(130)
async def test_the_response_ends_when_a_second_person_approves_and_its_clocks_stop(desk: Desk) -> None:
    _, path = await begun(desk)
    cdc, leader = desk.client("reviews:write"), desk.client("reviews:write")
    decision = {"decision": "approve", "by": "指挥长"}
    await refused(leader.post(f"{path}/end-decision", json=decision), 409, "event_end_not_requested")
    wanted = {"criteria": "14天无新增", "expert_view": "同意终结", "by": "疾控科"}
    await ok(cdc.post(f"{path}/end-request", json=wanted))
    await refused(cdc.post(f"{path}/end-decision", json=decision), 409, "event_second_person")
    back = await ok(
        leader.post(f"{path}/end-decision", json=decision | {"decision": "refuse", "note": "再观察"})
    )
    assert back["state"] == "open"
    await ok(cdc.post(f"{path}/end-request", json=wanted))
    shown = await ok(leader.post(f"{path}/end-decision", json=decision))
    assert shown["state"] == "closed"
    assert [clock["state"] for clock in shown["clocks"]] == ["stopped", "stopped"]
    assert [step["kind"] for step in shown["steps"]] == [
        "recorded", "end_requested", "end_refused", "end_requested", "end_approved",
    ]  # fmt: skip
    assert not await desk.rows("SELECT FROM notifier.notice WHERE repeat_at IS NOT NULL")
    assert not await desk.rows("SELECT FROM notifier.event_clock WHERE next_at IS NOT NULL")
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    assert {"event.ask_end", "event.decide_end"} <= audited
    await refused(cdc.post(f"{path}/national-report", json=REPORTED | {"reported_at": "2030-03-04T08:40:00+08:00"}),
                  409, "event_closed")  # fmt: skip


@pytest.mark.requirement(123)
async def test_limits_are_dated_and_clocks_that_run_keep_theirs(desk: Desk) -> None:
    await begun(desk)
    admin = desk.client("admin")
    wanted = {"clock": "national_report", "effective_from": "2030-03-05", "limit_minutes": 60,
              "starts": "suspected", "basis": "指挥部通知"}  # fmt: skip
    await refused(
        admin.post("/v1/event-limits", json=wanted | {"effective_from": "2030-03-03"}),
        422,
        "event_limit_in_past",
    )
    await refused(
        admin.post("/v1/event-limits", json=wanted | {"warn_minutes": 60}), 422, "event_limit_warns_too_late"
    )
    await ok(admin.post("/v1/event-limits", json=wanted), 201)
    await ok(admin.post("/v1/event-limits", json=wanted), 200)
    await refused(
        admin.post("/v1/event-limits", json=wanted | {"limit_minutes": 30}), 409, "event_limit_in_use"
    )
    await desk.system.set_clock(at("09:00:00", "2030-03-05"))
    suspected = {"event_code": "CASE-02", "suspected_at": "2030-03-05T08:30:00+08:00"}
    later = await ok(admin.post("/v1/events", json=CASE | suspected), 201)
    assert later["clocks"][0]["due_at"] == "2030-03-05T09:30:00+08:00"
    held = (await ok(admin.get("/v1/event-limits")))["limits"]
    assert [(one["limit_minutes"], one["in_force"]) for one in held if one["clock"] == "national_report"] == [
        (60, True), (120, False),
    ]  # fmt: skip
