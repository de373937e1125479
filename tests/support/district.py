"""A small district entered over HTTP: departments, towns, units and people with valid numbers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from stdnum.cn import ric

from registry.ledger import jobs
from shared.messages import ResultsApplied
from tests.support.system import System

CONTACT: Final = {"name": "李明", "phone": "13800138000"}
CREDIT_CODE: Final = "91350100M000100Y43"


def id_no(number: int) -> str:
    """Return the valid identity number of the n-th person, born in the seventies."""
    born = date.fromordinal(date(1970, 1, 1).toordinal() + number % 3650)
    body = f"{110000 + number // 3650 % 9999:06d}{born:%Y%m%d}{number % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def person(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a row about the n-th person."""
    return {"id_type": "resident_id", "id_no": id_no(number), "name": "张伟", **fields}


def coded(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a row about the n-th person, with a health code."""
    return person(number, health_code_id=f"HC-{number:06d}", **fields)


@dataclass
class District:
    """The registry of a district, seen by an administrator."""

    system: System
    http: httpx.AsyncClient

    async def post(self, path: str, body: Any, *, status: int | None = None) -> Any:
        """Post a body and return the answer's; check the status."""
        answer = await self.http.post(path, json=body)
        expected = (status,) if status else (200, 201)
        assert answer.status_code in expected, answer.text
        return answer.json()

    async def get(
        self, path: str, query: dict[str, Any] | None = None, *, status: int = 200, **more: Any
    ) -> Any:
        """Return what a path answers."""
        answer = await self.http.get(path, params={**(query or {}), **more})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def patch(self, path: str, body: Any, *, status: int = 200) -> Any:
        """Patch and return the answer's body."""
        answer = await self.http.patch(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def department(self, code: str, level: str = "department", **fields: Any) -> str:
        """Add a department."""
        await self.post(
            "/v1/departments", {"code": code, "name": code, "level": level, "contact": CONTACT, **fields}
        )
        return code

    async def township(self, code: str = "TOWN-01") -> str:
        """Add a township."""
        return await self.department(code, "township")

    async def unit(self, code: str = "U-1", **fields: Any) -> dict[str, Any]:
        """Add a unit under its licence number, in TOWN-01 unless said otherwise."""
        wanted = {
            "unit_code": code,
            "unit_code_type": "licence",
            "name": "海棠餐厅",
            "industry_code": "6210",
            "township_code": "TOWN-01",
            "contact": CONTACT,
            **fields,
        }
        await self.township(wanted["township_code"])
        made: dict[str, Any] = await self.post("/v1/units", wanted)
        return made

    async def people(self, *rows: dict[str, Any]) -> dict[str, Any]:
        """Post rows about people; every one must be taken."""
        verdict: dict[str, Any] = await self.post("/v1/people/bulk", {"people": list(rows)})
        assert verdict["rejected"] == 0, verdict
        return verdict

    async def found(self, number: int = 1) -> dict[str, Any]:
        """Return the n-th person by health code."""
        shown: dict[str, Any] = await self.get(f"/v1/people/by-health-code/HC-{number:06d}")
        return shown

    async def status(self, number: int = 1) -> dict[str, Any]:
        """Return the n-th person's status."""
        shown: dict[str, Any] = await self.get(f"/v1/statuses/HC-{number:06d}")
        return shown

    async def negative(self, number: int, collected_at: datetime) -> None:
        """Let a negative single result of the n-th person arrive."""
        person_id = UUID((await self.found(number))["person_id"])
        at = collected_at.isoformat()
        message = ResultsApplied(
            lab_code="LAB01",
            reported_at=at,
            person_id=(person_id,),
            result_id=(uuid4(),),
            outcome=("negative",),
            mode=("single",),
            test_kind=("pcr",),
            collected_at=(at,),
            tested_at=(at,),
            tube_id=(None,),
            tube_code=(None,),
            paired_with=(None,),
            replaces=(None,),
            from_positive=(False,),
            withdrawn=(False,),
        )
        context = self.system.context("registry")
        async with context.db.transaction() as session:
            await jobs.results_applied(session, message, context)
