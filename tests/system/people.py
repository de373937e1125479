"""Generated people, tubes and rows for the tests that drive the whole system through HTTP."""

from datetime import date, datetime, timedelta
from typing import Any, Final

import httpx

from tests.support.system import System
from tests.support.waiting import until

TOWN: Final = "TOWN-01"
DEPARTMENT: Final = "DEPT-01"
CDC: Final = "CDC-01"
UNIT: Final = "91512081MA62K0260E"
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(number: int) -> str:
    """Return a valid, invented identity number."""
    born = date(1960, 1, 1) + timedelta(days=number // 1000)
    head = f"110105{born:%Y%m%d}{number % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]


def person(number: int, *, code: bool = True, **more: Any) -> dict[str, Any]:
    """Return a row of people/bulk."""
    row = {"id_type": "resident_id", "id_no": resident_id(number), "name": f"测试{number}", **more}
    return row | ({"health_code_id": f"HC-{number:06}"} if code else {})


def text(moment: datetime) -> str:
    """Return a time as it is sent."""
    return moment.isoformat(timespec="seconds")


def row(tested_at: datetime, *, outcome: str = "negative", **more: Any) -> dict[str, Any]:
    """Return a result row."""
    return {"outcome": outcome, "tested_at": text(tested_at), **more}


class District:
    """A small district and the clients that work in it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._batches = 0

    async def meet(self) -> None:
        """Make the clients of a district that is there already."""
        client = self.system.client
        self.admin = await client("registry", scopes=["admin"])
        self.platform = await client("registry", scopes=["status:read"])
        self.intake = await client("results-ingest", scopes=["admin"])
        self.sampling = await client("results-ingest", scopes=["samples:write"])
        self.cdc = await client("results-ingest", scopes=["reviews:write", "records:read"])
        self.notices_api = await client("notifier", scopes=["admin"])
        self.labs = {}
        for lab_code in ("LAB01", "LAB02"):
            self.labs[lab_code] = await client(
                "results-ingest", scopes=["results:write"], lab_code=lab_code, client_id=f"client-{lab_code}"
            )

    async def build(self) -> "District":
        """Make the clients, the laboratories, the departments and one unit."""
        await self.meet()
        for lab_code in self.labs:
            await ok(self.intake.post("/v1/labs", json={"lab_code": lab_code, "name": f"检测机构{lab_code}"}))
        for code, level, role in (
            ("DISTRICT", "district", None),
            ("HQ-01", "department", "headquarters"),
            (CDC, "department", "cdc"),
            (DEPARTMENT, "department", None),
            (TOWN, "township", None),
        ):
            await ok(self.admin.post("/v1/departments", json=department(code, level, role)))
        await ok(self.admin.post("/v1/units", json=unit()))
        return self

    async def register(self, *people: dict[str, Any]) -> dict[str, Any]:
        """Post people; return the answer."""
        return await ok(self.admin.post("/v1/people/bulk", json={"people": list(people)}))

    async def post(
        self, *rows: dict[str, Any], lab: str = "LAB01", batch_no: str | None = None
    ) -> dict[str, Any]:
        """Post a batch of a lab; return the receipt."""
        self._batches += 1
        body = {"batch_no": batch_no or f"B-{self._batches:05}", "results": list(rows)}
        return await ok(self.labs[lab].post("/v1/batches", json=body))

    async def status(self, health_code_id: str) -> dict[str, Any]:
        """Return a person's status as the platform sees it."""
        return await ok(self.platform.get(f"/v1/statuses/{health_code_id}"))

    async def notices(self, **filters: str) -> list[dict[str, Any]]:
        """Return the notices that match."""
        answer = await ok(self.notices_api.get("/v1/notices", params=filters | {"limit": "1000"}))
        return list(answer["notices"])


def department(code: str, level: str, role: str | None) -> dict[str, Any]:
    """Return the body of a department."""
    body = {
        "code": code,
        "name": f"部门{code}",
        "level": level,
        "contact": {"name": "负责人", "phone": "13900000001"},
    }
    return body | ({"role": role} if role else {})


def unit(code: str = UNIT) -> dict[str, Any]:
    """Return the body of a unit."""
    return {
        "unit_code": code,
        "name": f"单位{code[-4:]}",
        "industry_code": "8411",
        "township_code": TOWN,
        "department_code": DEPARTMENT,
        "contact": {"name": "联系人", "phone": "13900000002"},
    }


async def ok(answer: Any) -> dict[str, Any]:
    """Return the body of a successful answer; the problem is the assertion's message."""
    response: httpx.Response = await answer
    assert response.is_success, f"{response.status_code} {response.text}"
    body: dict[str, Any] = response.json() if response.content else {}
    return body


async def until_done(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Wait until a worker is done with what stands at a path, an evaluation or an import; return it."""

    async def done() -> dict[str, Any] | None:
        shown = await ok(client.get(path))
        return shown if shown["status"] == "done" else None

    return await until(done)
