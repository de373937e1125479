"""The list of notices, who sees what, and the steps on one notice."""

from typing import Any
from uuid import uuid4

import pytest

from tests.notifier.desk import Desk, alarm, due, evaluated

NOBODYS = "01a1ffad-68cf-7ed5-b35a-73f8b2e16355"
ACK = {"by": "值班员", "note": "已启动处置"}


async def one_alert(desk: Desk) -> dict[str, Any]:
    person = uuid4()
    await desk.founded()
    await desk.tell(
        desk.contact(person, "UNIT-01", phone="13800138000"),
        alarm(person),
        evaluated("UNIT-01", "2037-11-23", [due(person, "due", "2037-11-23")]),
    )
    return (await desk.notices(recipient_type="cdc"))[0]


async def test_a_notice_has_the_shape_that_clients_rely_on(desk: Desk) -> None:
    notice = await one_alert(desk)
    assert set(notice) == {
        "notice_id",
        "kind",
        "recipient",
        "subject",
        "as_of",
        "issued_at",
        "status",
        "ack_due_at",
        "text",
        "evidence",
    }


async def test_filters_narrow_the_list(desk: Desk) -> None:
    await one_alert(desk)
    assert len(await desk.notices(kind="alert.positive")) == 3
    assert len(await desk.notices(recipient_code="UNIT-01")) == 1
    assert len(await desk.notices(subject_code="HC-0001")) == 3
    assert len(await desk.notices(subject_code="HC-0001", status="revoked")) == 0


async def test_pages_cover_everything_once(desk: Desk) -> None:
    await one_alert(desk)
    seen: list[str] = []
    cursor: str | None = None
    async with desk.client("records:read") as reader:
        for _ in range(5):
            params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = (await reader.get("/v1/notices", params=params)).json()
            seen += [one["notice_id"] for one in page["notices"]]
            cursor = page["next_cursor"]
    assert cursor is None
    assert len(set(seen)) == 5


async def test_english_is_answered_to_those_who_ask_for_it(desk: Desk) -> None:
    await one_alert(desk)
    async with desk.client("records:read") as reader:
        answer = await reader.get("/v1/notices?kind=alert.positive", headers={"Accept-Language": "en"})
    assert answer.json()["notices"][0]["text"].startswith("[Preliminary positive]")


@pytest.mark.parametrize(
    ("area", "seen"),
    [
        (("township", "TOWN-01"), {"TOWN-01", "UNIT-01", "HC-0001"}),
        (("department", "DEPT-01"), {"DEPT-01", "UNIT-01", "HC-0001"}),
        (("township", "TOWN-02"), set()),
        (("district", "HQ-01"), {"CDC-01", "TOWN-01", "DEPT-01", "UNIT-01", "HC-0001"}),
    ],
)
async def test_an_area_sees_its_own_notices_and_nothing_outside(
    desk: Desk, area: tuple[str, str], seen: set[str]
) -> None:
    await one_alert(desk)
    async with desk.client("cases:respond", area=area) as body:
        listed = (await body.get("/v1/notices")).json()["notices"]
    assert {one["recipient"]["code"] for one in listed} == seen


async def test_a_reviewer_sees_alerts_and_no_reminders(desk: Desk) -> None:
    await one_alert(desk)
    async with desk.client("reviews:write") as cdc:
        listed = (await cdc.get("/v1/notices")).json()["notices"]
    assert {one["kind"] for one in listed} == {"alert.positive"}


@pytest.mark.requirement(127)
async def test_an_acknowledged_notice_is_not_repeated_and_stays_acknowledged(desk: Desk) -> None:
    notice = await one_alert(desk)
    path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
    async with desk.client("reviews:write") as cdc:
        first = await cdc.post(path, json=ACK)
        again = await cdc.post(path, json={"by": "另一人"})
    assert (first.status_code, first.json()["status"]) == (200, "acknowledged")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (
        await desk.rows("SELECT FROM notifier.notice WHERE repeat_at IS NOT NULL AND recipient_type = 'cdc'")
        == []
    )


async def test_a_body_cannot_acknowledge_what_is_not_its_own(desk: Desk) -> None:
    notice = await one_alert(desk)
    township = (await desk.notices(recipient_type="township"))[0]
    async with desk.client("cases:respond", area=("township", "TOWN-01")) as town:
        foreign = await town.post(f"/v1/notices/{notice['notice_id']}/acknowledgement", json=ACK)
        own = await town.post(f"/v1/notices/{township['notice_id']}/acknowledgement", json=ACK)
    assert (foreign.status_code, own.status_code) == (404, 200)


async def test_a_revoked_notice_cannot_be_acknowledged(desk: Desk) -> None:
    notice = await one_alert(desk)
    async with desk.client("admin") as admin:
        path = f"/v1/notices/{notice['notice_id']}"
        revoked = await admin.post(f"{path}/revocation", json={"by": "指挥部", "reason": "误发"})
        again = await admin.post(f"{path}/revocation", json={"by": "指挥部", "reason": "误发"})
        refused = await admin.post(f"{path}/acknowledgement", json=ACK)
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    assert again.json() == revoked.json()
    assert (refused.status_code, refused.json()["code"]) == (409, "notice_revoked")


@pytest.mark.parametrize(
    ("method", "path", "scope", "status"),
    [
        ("GET", "/v1/notices", "results:write", 403),
        ("GET", "/v1/notices", "samples:write", 403),
        ("POST", f"/v1/notices/{NOBODYS}/acknowledgement", "records:read", 403),
        ("POST", f"/v1/notices/{NOBODYS}/revocation", "cases:respond", 403),
        ("POST", f"/v1/notices/{NOBODYS}/acknowledgement", "admin", 404),
        ("POST", f"/v1/notices/{NOBODYS}/revocation", "admin", 404),
        ("POST", "/v1/notices/not-an-id/revocation", "admin", 422),
    ],
)
async def test_scopes_and_unknown_notices_are_refused(
    desk: Desk, method: str, path: str, scope: str, status: int
) -> None:
    async with desk.client(scope) as client:
        answer = await client.request(
            method, path, json={"by": "甲", "reason": "乙"} if "rev" in path else ACK
        )
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


BAD_QUERIES = [
    "kind=alert.unknown",
    "status=open",
    "recipient_type=dog",
    "recipient_code=%00",
    "subject_code=a%0A",
    "subject_code=" + "x" * 65,
    "limit=0",
    "limit=1001",
    "cursor=%F0%9F%98%80",
    "cursor=e30",
    "cursor=eyJiZWZvcmUiOjF9",
]


async def test_bad_parameters_are_refused_with_a_code(desk: Desk) -> None:
    async with desk.client("admin") as admin:
        for query in BAD_QUERIES:
            answer = await admin.get(f"/v1/notices?{query}")
            assert answer.status_code == 422, query
            assert answer.json()["code"] in {"invalid_parameter", "cursor_invalid"}


BAD_BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b'{"by":"a","by":"b"}', 400),
    (b'{"by":NaN}', 400),
    (b'{"by":"\xff"}', 400),
    (b"[]", 422),
    (b"{}", 422),
    (b'{"by":1}', 422),
    (b'{"by":""}', 422),
    (b'{"by":"a\\u0000"}', 422),
    (b'{"by":"\\ud800"}', 422),
    (b'{"by":"a","extra":1}', 422),
    (b'{"by":"a","note":"' + b"x" * 2001 + b'"}', 422),
    (b'{"by":"' + b"x" * 200_000 + b'"}', 413),
]


async def test_bad_bodies_are_refused_and_never_repeated(desk: Desk) -> None:
    path = f"/v1/notices/{(await one_alert(desk))['notice_id']}/acknowledgement"
    async with desk.client("admin") as admin:
        for raw, status in BAD_BODIES:
            answer = await admin.post(path, content=raw, headers={"Content-Type": "application/json"})
            assert answer.status_code == status, raw[:40]
            assert "xxxx" not in answer.text
        assert (await admin.post(path, content=b"by=a")).status_code == 415
    assert (await desk.notices(recipient_type="cdc"))[0]["status"] != "acknowledged"


async def test_names_phones_and_notes_are_nowhere_in_clear(desk: Desk) -> None:
    notice = await one_alert(desk)
    async with desk.client("admin") as admin:
        await admin.post(f"/v1/notices/{notice['notice_id']}/acknowledgement", json=ACK)
    for table in ("person", "unit", "department", "alarm", "alert", "reminder", "notice", "delivery"):
        rows = await desk.rows(f"SELECT * FROM notifier.{table}")
        text = "".join(
            value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row.values()
        )
        assert not any(
            word in text for word in ("张三丰", "13800138000", "13700000000", "值班", "已启动处置")
        ), table
