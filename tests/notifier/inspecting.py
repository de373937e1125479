"""Inspectors, inspections and steps, as the tests of inspections send them."""

from typing import Any

import httpx

from tests.notifier.desk import Desk
from tests.support.waiting import until

DEPT, TOWN, CDC = ("department", "DEPT-01"), ("township", "TOWN-01"), ("department", "CDC-01")
PROOF = [{"kind": "照片", "ref": "IMG-001"}]
FOUND = {"kind_code": "TEST-COVERAGE", "note": "两人无检测记录", "measure": "立即补检"}


async def ok(answer: Any) -> Any:
    """Return what a request answered, which must be good."""
    got = await answer
    assert got.is_success, got.text
    return got.json()


async def code(answer: Any) -> str:
    """Return why a request was refused: the code of its field, or its own."""
    body = (await answer).json()
    return str(body["errors"][0]["code"] if body.get("errors") else body["code"])


async def staffed(desk: Desk, admin: httpx.AsyncClient) -> None:
    """Found the district, with another town and department, and four inspectors."""
    await desk.founded()
    await desk.tell(desk.department("TOWN-02", "township"), desk.department("DEPT-02", "department"))
    bodies: tuple[dict[str, Any], ...] = (
        {"department_code": "DEPT-01"},
        {"department_code": "DEPT-02"},
        {},
        {"related": ["UNIT-01"]},
    )
    for number, body in enumerate(bodies, start=1):
        named = {"name": f"检查{number}员", "phone": "13900000000"}
        await ok(admin.put(f"/v1/inspectors/INS-{number}", json={**named, **body}))


def inspection(number: str, *problems: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an inspection of UNIT-01 on the clock's first day."""
    body = {"inspection_no": number, "kind": "routine", "target_type": "unit", "target_code": "UNIT-01",
            "day": "2037-11-23", "inspectors": ["INS-1", "INS-3"]}  # fmt: skip
    return body | ({"problems": list(problems)} if problems else {}) | more


async def step(client: httpx.AsyncClient, problem_id: str, kind: str, **fields: Any) -> Any:
    """Take a step that is good, and return the problem."""
    return await ok(taken(client, problem_id, kind, **fields))


async def taken(client: httpx.AsyncClient, problem_id: str, kind: str, **fields: Any) -> httpx.Response:
    """Take a step, good or not."""
    body = {"kind": kind, "by": "王主任", "note": "已办", **fields}
    return await client.post(f"/v1/problems/{problem_id}/steps", json=body)


async def until_asked(desk: Desk, count: int, *, text: str) -> list[dict[str, Any]]:
    """Wait until so many tasks with this in their text are out, and return them."""

    async def asked() -> list[dict[str, Any]]:
        found = [each for each in await desk.notices(kind="task.answer") if text in each["text"]]
        return found if len(found) >= count else []

    return await until(asked)
