"""Deliveries: handed over at once, repeated until acknowledged, kept with every attempt."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from tests.notifier.desk import MORNING, Desk, alarm, due, evaluated, reviewed
from tests.support.waiting import until

GATEWAY = {"channels": ("gateway",), "gateway_url": "https://gateway.test/messages", "gateway_token": "t"}


async def alerted(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(
        desk.contact(person, "UNIT-01", name="金丝雀", phone="13812345678"), alarm(person), urgent=True
    )


@pytest.mark.requirement(126)
async def test_what_is_urgent_is_handed_over_at_once_even_at_night(desk: Desk) -> None:
    await desk.system.set_clock(MORNING + timedelta(hours=13))
    await desk.founded()
    await desk.tell(alarm(uuid4()), urgent=True, settle=False)
    await desk.until_handed(1)
    assert [one["status"] for one in await desk.notices()] in (["sent"], ["queued"])


async def test_a_line_of_the_outbox_names_no_person_and_no_result(desk: Desk) -> None:
    await alerted(desk)
    lines = await desk.until_handed(3)
    text = desk.outbox.read_text()
    assert not any(word in text for word in ("金", "13812345678", "阳", "positive", "HC-0001"))
    assert {line["recipient_code"] for line in lines} == {"CDC-01", "DEPT-01", "TOWN-01"}
    assert desk.outbox.stat().st_mode & 0o777 == 0o600


@pytest.mark.requirement(126)
async def test_an_unacknowledged_alert_is_repeated_as_a_new_delivery_of_the_same_notice(desk: Desk) -> None:
    await alerted(desk)
    first = await desk.until_handed(3)
    await desk.system.set_clock(MORNING + timedelta(minutes=31))
    lines = await desk.until_handed(6)
    assert {line["notice_id"] for line in lines[3:]} == {line["notice_id"] for line in first}
    assert {line["reason"] for line in lines[3:]} == {"repeat"}
    assert len(await desk.notices()) == 3


async def test_after_three_repeats_headquarters_is_told_once(desk: Desk) -> None:
    await alerted(desk)
    handed = 3
    await desk.until_handed(handed)
    for minutes in (31, 41):
        await desk.system.set_clock(MORNING + timedelta(minutes=minutes))
        await desk.until_handed(handed := handed + 3)
        assert await desk.notices(recipient_type="district") == []
    await desk.system.set_clock(MORNING + timedelta(minutes=51))
    await desk.until_handed(handed + 4)
    assert await desk.recipients(recipient_type="district") == [("district", "HQ-01")]


async def test_a_clock_that_jumps_a_day_repeats_once(desk: Desk) -> None:
    await alerted(desk)
    await desk.until_handed(3)
    await desk.system.set_clock(MORNING + timedelta(days=1))
    await desk.until_handed(7)
    await asyncio.sleep(1.5)
    assert len(desk.lines()) == 7


async def test_what_is_revoked_is_told_to_those_who_had_been_told(desk: Desk) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(alarm(person, result_id=result))
    await desk.until_status("sent")
    await desk.tell(reviewed(result, "refuted"))
    assert (await desk.until_handed(2))[1]["reason"] == "revocation"


@pytest.mark.settings(**GATEWAY)
async def test_the_gateway_gets_the_phone_and_a_text_without_personal_data(desk: Desk) -> None:
    seen: list[httpx.Request] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json={"message_id": "g-1"})

    desk.system.outside = gateway
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01", phone="13812345678"))
    await desk.tell(evaluated("UNIT-01", "2037-11-23", [due(person, "due", "2037-11-23")]))
    await desk.until_status("sent")
    sent = next(one for one in seen if json.loads(one.content)["to"] == "13812345678")
    body = json.loads(sent.content)
    assert sent.headers["Idempotency-Key"] == body["delivery_id"]
    assert sent.headers["Authorization"] == "Bearer t"
    assert "张" not in body["text"]
    attempts = await desk.rows("SELECT outcome, error FROM notifier.delivery_attempt")
    assert attempts == [{"outcome": "sent", "error": None}] * 2


@pytest.mark.settings(**GATEWAY)
async def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(desk: Desk) -> None:
    keys: list[str] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200)

    desk.system.outside = gateway
    await desk.founded()
    await desk.tell(alarm(uuid4()), urgent=True)
    await desk.until_status("sent")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    attempts = await desk.rows("SELECT outcome, error FROM notifier.delivery_attempt ORDER BY attempt")
    assert [row["outcome"] for row in attempts] == ["unknown", "sent"]


@pytest.mark.settings(**GATEWAY, delivery_attempts=2)
async def test_a_delivery_that_never_succeeds_is_failed_and_still_listed(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(alarm(uuid4()), urgent=True)
    await desk.until_status("failed")
    attempts = await desk.rows("SELECT outcome, error FROM notifier.delivery_attempt ORDER BY attempt")
    assert attempts == [
        {"outcome": "unknown", "error": "http_502"},
        {"outcome": "failed", "error": "http_502"},
    ]


async def test_a_claim_of_a_killed_worker_is_taken_again(desk: Desk) -> None:
    await desk.system.stop_workers()
    await desk.system.start_workers()
    await desk.founded()
    await desk.tell(alarm(uuid4()), urgent=True)
    await desk.until_status("sent")
    await desk.system.owner.execute(
        "UPDATE notifier.delivery SET state = 'sending', token = gen_random_uuid(), due_at = clock_timestamp()"
    )
    lines = await desk.until_handed(2)
    assert lines[0]["delivery_id"] == lines[1]["delivery_id"]


async def test_a_notice_that_cannot_be_repeated_stops_nobody_behind_it(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(alarm(uuid4(), subject="HC-0001"), alarm(uuid4(), subject="HC-0002"), urgent=True)
    # What was sealed of the first cannot be opened, and the next repeat is the one that is told upwards.
    await desk.system.owner.execute(
        r"UPDATE notifier.notice SET sealed = '\x00' WHERE subject_code = 'HC-0001'"
    )
    await desk.system.owner.execute("UPDATE notifier.notice SET repeats = 2")
    await desk.system.set_clock(MORNING + timedelta(minutes=31))

    headquarters = "SELECT subject_code FROM notifier.notice WHERE recipient_type = 'district'"
    [told] = await until(lambda: desk.rows(headquarters))
    [put_off] = await desk.rows("SELECT item, failures FROM bus.put_off WHERE task = 'repeats'")
    [stuck] = await desk.rows("SELECT notice_id FROM notifier.notice WHERE subject_code = 'HC-0001'")
    assert told["subject_code"] == "HC-0002"
    assert put_off == {"item": str(stuck["notice_id"]), "failures": 1}
