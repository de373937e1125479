"""Contract §4: the feed of status changes as the platform follows it."""

import base64
import json
from datetime import timedelta

import pytest

from tests.contract.office import JSONL, STATUS, Answer, Office, ok, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEED = "/v1/status-changes"
ACKNOWLEDGE = "/v1/status-acknowledgements"


def of(changes: list[Answer], code: str) -> list[Answer]:
    return [each for each in changes if each["health_code_id"] == code]


async def test_without_a_cursor_it_starts_with_everybody(office: Office) -> None:
    codes = {await office.somebody() for _ in range(5)}
    hidden = office.row(code=False)
    await office.register(hidden)
    await office.system.settle()
    page = await office.changes()
    assert set(page) == {"changes", "next_cursor", "more"}
    assert codes <= {each["health_code_id"] for each in page["changes"]}
    assert all(set(each) == STATUS for each in page["changes"])
    for change in page["changes"]:
        now = await office.status(change["health_code_id"])
        assert change | {"as_of": 0} == now | {"as_of": 0}


async def test_pages_lead_to_an_end_that_still_has_a_cursor(office: Office) -> None:
    codes = [await office.somebody() for _ in range(6)]
    await office.system.settle()
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(100):
        page = await office.changes(cursor, limit=2)
        assert len(page["changes"]) <= 2
        assert isinstance(page["next_cursor"], str)
        seen += [each["health_code_id"] for each in page["changes"]]
        cursor = page["next_cursor"]
        if not page["more"]:
            break
    assert set(codes) <= set(seen)
    page = await office.changes(cursor)
    assert (page["changes"], page["more"]) == ([], False)
    assert isinstance(page["next_cursor"], str)


async def test_a_change_follows_with_the_newest_version(office: Office) -> None:
    code = await office.on_duty()
    await office.system.settle()
    _, cursor = await office.read_on()
    await office.tested(code, at=office.now - timedelta(hours=2))
    found, further = await office.read_on(cursor)
    newest = of(found, code)[-1]
    assert newest["display"] == "negative"
    assert newest["version"] == (await office.status(code))["version"]
    again, _ = await office.read_on(cursor)
    assert of(again, code)[-1]["version"] == newest["version"]
    assert of((await office.read_on(further))[0], code) == []


async def test_a_snapshot_that_is_read_slowly_misses_nothing(office: Office) -> None:
    codes = [await office.on_duty() for _ in range(4)]
    await office.system.settle()
    page = await office.changes(limit=1)
    for code in codes:
        await office.tested(code, at=office.now - timedelta(hours=2))
    late = await office.somebody()
    await office.system.settle()
    found, _ = await office.read_on(page["next_cursor"])
    newest = {each["health_code_id"]: each for each in [*page["changes"], *found]}
    assert late in newest
    for code in codes:
        assert newest[code]["version"] == (await office.status(code))["version"]


async def test_a_code_that_was_replaced_appears_once_as_removed(office: Office) -> None:
    row = office.row(code=False)
    await office.register(row | {"health_code_id": "FEED-OLD"})
    await office.system.settle()
    _, cursor = await office.read_on()
    await office.register(row | {"health_code_id": "FEED-NEW"})
    await office.system.settle()
    found, further = await office.read_on(cursor)
    assert of(found, "FEED-OLD") == [
        {"health_code_id": "FEED-OLD", "removed": True, "replaced_by": "FEED-NEW"}
    ]
    assert set(of(found, "FEED-NEW")[-1]) == STATUS
    everything, _ = await office.read_on()
    assert of(everything, "FEED-OLD") == []
    assert of((await office.read_on(further))[0], "FEED-OLD") == []


async def test_a_code_that_went_to_somebody_else_stands_once_for_its_holder(office: Office) -> None:
    first, second = office.row(code=False), office.row(code=False)
    await office.register(first | {"health_code_id": "FEED-TAKEN"}, second)
    await office.register(first | {"health_code_id": "FEED-FIRST"})
    await office.register(second | {"health_code_id": "FEED-TAKEN"})
    await office.system.settle()
    await office.tested("FEED-TAKEN", at=office.now - timedelta(hours=2))
    everybody, _ = await office.read_on()
    codes = [each["health_code_id"] for each in everybody if "removed" not in each]
    assert len(codes) == len(set(codes))
    for code, display in (("FEED-FIRST", "none"), ("FEED-TAKEN", "negative")):
        (told,) = of(everybody, code)
        assert told["display"] == display
        assert told | {"as_of": 0} == await office.status(code) | {"as_of": 0}


async def test_lines_are_the_same_with_a_last_line_of_their_own(office: Office) -> None:
    await office.somebody()
    await office.system.settle()
    answer = await office.platform.get(FEED, headers=JSONL)
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == "application/jsonl"
    assert answer.text.endswith("\n")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert set(lines[-1]) == {"next_cursor", "more"}
    assert lines[-1]["more"] is False
    page = await office.changes()
    assert [each["health_code_id"] for each in lines[:-1]] == [
        each["health_code_id"] for each in page["changes"]
    ]
    empty = await office.platform.get(FEED, headers=JSONL, params={"cursor": lines[-1]["next_cursor"]})
    assert len(empty.text.splitlines()) == 1


async def test_lines_take_a_limit_too(office: Office) -> None:
    for _ in range(3):
        await office.somebody()
    await office.system.settle()
    answer = await office.platform.get(FEED, headers=JSONL, params={"limit": 2})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == 3
    assert lines[-1]["more"] is True


async def test_a_limit_is_one_to_ten_thousand(office: Office) -> None:
    for limit in (0, 10_001, -1, "x"):
        problem(await office.platform.get(FEED, params={"limit": limit}), 422)
    for limit in (1, 10_000):
        assert (await office.platform.get(FEED, params={"limit": limit})).status_code == 200


async def test_an_empty_cursor_is_none(office: Office) -> None:
    code = await office.somebody()
    await office.system.settle()
    answer = await ok(office.platform.get(f"{FEED}?cursor=&limit=10000"))
    assert of(answer["changes"], code)


@pytest.mark.parametrize("headers", [{}, JSONL])
async def test_a_cursor_of_another_store_is_410(office: Office, headers: dict[str, str]) -> None:
    _, cursor = await office.read_on()
    inside = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    foreign = base64.urlsafe_b64encode(json.dumps(inside | {"e": "elsewhere"}).encode()).decode().rstrip("=")
    for wrong in (foreign, "nonsense", "bm9uc2Vuc2U", cursor[:-6]):
        answer = await office.platform.get(FEED, params={"cursor": wrong}, headers=headers)
        problem(answer, 410, "cursor_expired")


async def test_the_platform_acknowledges_what_it_has_shown(office: Office) -> None:
    code = await office.somebody()
    _, cursor = await office.read_on()
    good: list[Answer] = [
        {"cursor": cursor},
        {"cursor": cursor, "failed": []},
        {"cursor": cursor, "failed": [{"health_code_id": code, "code": "no_account"}]},
        {"cursor": cursor},
    ]
    for body in good:
        answer = await office.platform.post(ACKNOWLEDGE, json=body)
        assert answer.status_code == 204, answer.text
        assert answer.content == b""
    bad: list[Answer] = [
        {},
        {"cursor": None},
        {"cursor": cursor, "more": 1},
        {"cursor": cursor, "failed": [{}]},
    ]
    for body in bad:
        problem(await office.platform.post(ACKNOWLEDGE, json=body), 422)
    problem(await (await office.client("records:read")).post(ACKNOWLEDGE, json={"cursor": cursor}), 403)


async def test_a_cursor_lives_thirty_days(office: Office) -> None:
    _, cursor = await office.read_on()
    await office.days_on(29)
    answer = await office.platform.get(FEED, params={"cursor": cursor})
    assert answer.status_code == 200
    await office.days_on(2)
    problem(await office.platform.get(FEED, params={"cursor": cursor}), 410, "cursor_expired")
    assert (
        await office.platform.get(FEED, params={"cursor": answer.json()["next_cursor"]})
    ).status_code == 200
    assert (await office.platform.get(FEED)).status_code == 200
