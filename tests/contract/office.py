"""A district as clients see it: everything through HTTP, the clock included."""

from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any, Final

import httpx

from registry.identity.service import create_client
from shared.clock import SHANGHAI
from tests.support.system import System
from tests.system.people import District, ok, person, resident_id, text

STATUS: Final = {
    "health_code_id", "as_of", "display", "last_result", "pending_since", "due_on", "due_state", "clearance",
    "version", "changed_at",
}  # fmt: skip
PROBLEM: Final = {
    "type", "title", "status", "detail", "instance", "code", "request_id", "errors", "errors_total",
}  # fmt: skip
REMINDERS: Final = ("reminder.due_soon", "reminder.due", "reminder.overdue")
JSONL: Final = {"Accept": "application/jsonl"}
Answer = dict[str, Any]


class Office(District):
    """One district for all tests of a module: each test brings its own people, the clock only goes on."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self._people = count(1)
        self._tubes = count(1)
        self.now = datetime.combine(datetime.now(SHANGHAI).date(), time(10), SHANGHAI) + timedelta(days=2)

    async def open(self) -> "Office":
        """Build the district and set the clock to ten in the morning."""
        await self.build()
        self.records = await self.client("records:read")
        await self.at(self.now)
        return self

    async def client(
        self, *scopes: str, area: str | None = None, level: str | None = None
    ) -> httpx.AsyncClient:
        """Return a client of registry."""
        return await self.system.client("registry", scopes=scopes, area_code=area, area_level=level)

    async def credentials(self, *scopes: str, **more: Any) -> tuple[str, str]:
        """Return the id and the secret of a new client."""
        context = self.system.context("registry")
        async with context.db.transaction() as session:
            return await create_client(
                session, context, name="客户", kind="system", scopes=scopes, now=datetime.now(UTC), **more
            )

    async def at(self, moment: datetime) -> None:
        """Move the clock through the API."""
        answer = await self.admin.put("/v1/clock", json={"now": text(moment)})
        assert answer.status_code == 204, answer.text
        self.now = moment

    async def days_on(self, days: int, at: time = time(10)) -> None:
        """Move the clock to a time of a later day."""
        await self.at(datetime.combine(self.now.date() + timedelta(days=days), at, SHANGHAI))

    def row(self, *, code: bool = True, **more: Any) -> Answer:
        """Return a row about somebody new."""
        return person(next(self._people), code=code, **more)

    async def somebody(self, **more: Any) -> str:
        """Register somebody new; return the health code."""
        row = self.row(**more)
        verdict = await self.register(row)
        assert verdict["accepted"] == 1, verdict
        return str(row["health_code_id"])

    async def on_duty(self, category: str = "8A1", **more: Any) -> str:
        """Register somebody new who works in the unit under a category."""
        from tests.system.people import UNIT

        return await self.somebody(**{"unit_code": UNIT, "category_code": category, **more})

    async def person_id(self, code: str) -> str:
        """Return a person's id."""
        return str((await ok(self.admin.get(f"/v1/people/by-health-code/{code}")))["person_id"])

    async def sample(self, *codes: str, at: datetime, lab: str = "LAB01", **more: Any) -> str:
        """Bind a tube of these people; return its code."""
        tube = f"T-{next(self._tubes):06}"
        mixed = len(codes) > 1 or more.get("mode") == "mixed"
        body = {
            "tube_code": tube,
            "mode": "mixed" if mixed else "single",
            "capacity": 10 if mixed else 1,
            "subject": "person",
            "members": [{"health_code_id": code} for code in codes],
            "collected_at": text(at),
            "lab_code": lab,
        }
        answer = await self.sampling.post("/v1/tubes", json=body | more)
        assert answer.status_code == 201, answer.text
        return tube

    async def tested(self, *codes: str, at: datetime, outcome: str = "negative", **more: Any) -> str:
        """Sample these people and let the result of the tube arrive; return the batch's id."""
        tube = await self.sample(*codes, at=at, **more)
        return await self.resulted(tube, outcome=outcome, tested_at=min(at + timedelta(hours=1), self.now))

    async def resulted(
        self, tube: str, *, tested_at: datetime, outcome: str = "negative", **more: Any
    ) -> str:
        """Let the result of a tube arrive; return the id of its row."""
        body = {"tube_code": tube, "outcome": outcome, "tested_at": text(tested_at), **more}
        receipt = await self.post(body)
        assert receipt["accepted"] == 1, receipt
        await self.system.settle()
        rows = await ok(self.intake.get(f"/v1/batches/{receipt['batch_id']}/rows"))
        return str(rows["rows"][0]["result_id"])

    async def reviewed(self, result_id: str, verdict: str) -> None:
        """Review a result as the CDC."""
        body = {"verdict": verdict, "reviewer": "疾控", "note": "复核"}
        await ok(self.cdc.post(f"/v1/reviews/{result_id}", json=body))
        await self.system.settle()

    async def exempt(self, code: str, kind: str, first: int, last: int) -> httpx.Response:
        """Exempt a person between two days, counted from today."""
        today = self.now.date()
        body = {
            "kind": kind,
            "from": str(today + timedelta(days=first)),
            "to": str(today + timedelta(days=last)),
            "reason": "测试",
        }
        answer = await self.admin.post(f"/v1/people/{await self.person_id(code)}/exemptions", json=body)
        await self.system.settle()
        return answer

    async def changes(self, cursor: str | None = None, **query: Any) -> Answer:
        """Read one page of the feed."""
        given = query | ({"cursor": cursor} if cursor else {})
        return await ok(self.platform.get("/v1/status-changes", params=given))

    async def read_on(self, cursor: str | None = None) -> tuple[list[Answer], str]:
        """Read the feed to its end; return what was in it and where it stands."""
        found: list[Answer] = []
        while True:
            page = await self.changes(cursor, limit=10_000)
            found += page["changes"]
            cursor = page["next_cursor"]
            if not page["more"]:
                return found, str(cursor)


async def pages(client: httpx.AsyncClient, path: str, key: str, **query: Any) -> list[Answer]:
    """Read a list to its end, page by page."""
    found: list[Answer] = []
    cursor: str | None = None
    for _ in range(200):
        answer = await ok(client.get(path, params=query | ({"cursor": cursor} if cursor else {})))
        assert len(answer[key]) <= int(query.get("limit", 100))
        found += answer[key]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("the list has no end")


def problem(answer: httpx.Response, status: int, code: str | None = None) -> Answer:
    """Check that an answer is a problem of the contract; return it."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json"
    body: Answer = answer.json()
    assert set(body) <= PROBLEM, set(body) - PROBLEM
    assert {"type", "title", "status", "detail", "instance", "code", "request_id"} <= set(body), set(body)
    assert body["status"] == status
    if code is not None:
        assert body["code"] == code, body
    return body


__all__ = [
    "JSONL",
    "PROBLEM",
    "REMINDERS",
    "STATUS",
    "Answer",
    "Office",
    "ok",
    "pages",
    "problem",
    "resident_id",
    "text",
]
