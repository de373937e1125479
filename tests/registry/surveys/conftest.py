"""A district with its trades, its map and a round of November 2030."""

from typing import Any, Final

import pytest

from tests.support.district import District

ROUND: Final = {
    "round_code": "2030-11",
    "name": "十一月排查",
    "trade_codes": ["CATERING", "BATH-BEAUTY"],
    "begins_on": "2030-11-01",
    "ends_on": "2030-11-19",
}


class Bureau:
    """A district whose licences and survey are compared."""

    def __init__(self, district: District) -> None:
        self.district = district

    async def build(self) -> "Bureau":
        """Enter two towns, the sector departments of catering and baths, and the round."""
        for town in ("TOWN-01", "TOWN-02"):
            await self.district.township(town)
        for prefix, code in (("62", "MARKET"), ("8051", "COMMERCE")):
            await self.district.department(code)
            row = {"industry_prefix": prefix, "department_code": code, "basis": "工作清单(七)"}
            await self.district.post("/v1/industry-map", row | {"effective_from": "2022-01-01"})
        await self.district.post("/v1/survey-rounds", ROUND, status=201)
        return self

    async def licences(self, *rows: dict[str, Any], as_of: str = "2030-11-01") -> dict[str, Any]:
        """Take in licences."""
        body = {"as_of": as_of, "licences": list(rows)}
        answer: dict[str, Any] = await self.district.post("/v1/licences/bulk", body)
        return answer

    async def sweep(self, *rows: dict[str, Any], code: str = "2030-11") -> dict[str, Any]:
        """Take in places."""
        path = f"/v1/survey-rounds/{code}/places/bulk"
        answer: dict[str, Any] = await self.district.post(path, {"places": list(rows)})
        return answer

    async def compare(self, code: str = "2030-11") -> dict[str, Any]:
        """Compare."""
        answer = await self.district.http.post(f"/v1/survey-rounds/{code}/comparison")
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def send(self, *, status: int = 200, code: str = "2030-11") -> dict[str, Any]:
        """Send the gaps."""
        answer = await self.district.http.post(f"/v1/survey-rounds/{code}/gaps")
        assert answer.status_code == status, answer.text
        sent: dict[str, Any] = answer.json()
        return sent

    async def outcomes(self, outcome: str, code: str = "2030-11") -> list[dict[str, Any]]:
        """Return the list behind a figure."""
        page = await self.district.get(f"/v1/survey-rounds/{code}/outcomes", outcome=outcome, limit=1000)
        assert page["next_cursor"] is None
        found: list[dict[str, Any]] = page["outcomes"]
        return found

    async def gaps(self, **filters: Any) -> list[dict[str, Any]]:
        """Return gaps."""
        page = await self.district.get("/v1/gaps", filters, limit=1000)
        found: list[dict[str, Any]] = page["gaps"]
        return found


@pytest.fixture
async def bureau(district: District) -> Bureau:
    """Build it."""
    return await Bureau(district).build()
