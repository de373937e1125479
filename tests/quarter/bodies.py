"""What departments, townships, headquarters and leaders do on a day, each as a client of its own area."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import httpx

from tests.quarter.expected import HEADQUARTERS, KINDS, LEADERS, MISSING, Act, Step, What
from tests.quarter.found import overdue
from tests.quarter.plan import BEGIN, DEPARTMENTS, TOWNS
from tests.support.system import System
from tests.system.people import District, ok, text

ACKNOWLEDGED: Final = tuple(kind for kind in KINDS if kind != MISSING)


class Bodies:
    """The clients of the bodies, and what they do."""

    def __init__(self, system: System, district: District) -> None:
        self._system, self._district = system, district
        self._clients: dict[str, httpx.AsyncClient] = {}
        self.late: set[Step] = set()
        """Answers given while the case was marked as overdue: unit, day, which and how much."""

    async def meet(self) -> None:
        """Let everybody have a token; headquarters and the leaders are of the whole district."""
        for level, codes in (("department", DEPARTMENTS), ("township", TOWNS)):
            for code in codes:
                self._clients[code] = await self._system.client(
                    "notifier", scopes=["cases:respond"], area_code=code, area_level=level
                )
        self._clients[HEADQUARTERS] = self._clients[LEADERS] = self._district.notices_api

    async def act(self, acts: Sequence[Act], *, now: datetime) -> None:
        """Carry out what is planned: first everybody reads, then one act after another."""
        unread: dict[str, set[str]] = defaultdict(set)
        for act in acts:
            if act.what == "read":
                unread[act.body].add(act.unit.code)
        for body, units in unread.items():
            await self._read(body, units)
        done: dict[What, Callable[[Act, datetime], Awaitable[None]]] = {
            "revoke": self._revoke, "move": self._move, "ask": self._ask,
            "grant": self._grant, "report": self._answer, "interview": self._answer,
        }  # fmt: skip
        for act in acts:
            if act.what != "read":
                await done[act.what](act, now)

    async def _read(self, body: str, units: set[str]) -> None:
        """Take note of everything about some units that was sent and not taken note of."""
        client, told = self._clients[body], set()
        query = {"recipient_code": body, "status": "sent", "limit": "1000"}
        for notice in (await ok(client.get("/v1/notices", params=query)))["notices"]:
            unit = notice["subject"]["code"]
            if unit in units and notice["kind"] in ACKNOWLEDGED:
                path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
                await ok(client.post(path, json={"by": "值班员"}))
                told.add(unit)
        assert told == units, (body, units - told)

    async def _revoke(self, act: Act, now: datetime) -> None:
        """Take a bulletin back by one of its copies."""
        del now
        listed = await self._district.notices(kind="bulletin.unit", subject_code=act.unit.code)
        [notice] = [
            one
            for one in listed
            if (datetime.fromisoformat(one["issued_at"]) - BEGIN).days == act.issued
            and one["recipient"]["type"] == "department"
        ]
        path = f"/v1/notices/{notice['notice_id']}/revocation"
        await ok(self._clients[act.body].post(path, json={"by": "指挥部", "reason": "核查后不属实"}))

    async def _move(self, act: Act, now: datetime) -> None:
        del now
        department, town = act.unit.moved
        patch = {"department_code": department, "township_code": town}
        await ok(self._district.admin.patch(f"/v1/units/{act.unit.code}", json=patch))
        await self._system.settle()

    async def _ask(self, act: Act, now: datetime) -> None:
        del now
        case = await self._case(act)
        body = {"by": "科长", "due_on": f"{act.until}", "reason": "需会同镇街核实"}
        await ok(self._clients[act.body].post(f"/v1/cases/{case['case_id']}/extensions", json=body))

    async def _grant(self, act: Act, now: datetime) -> None:
        """Decide as another client than the one that asked."""
        del now
        case = await self._case(act)
        [asked] = [one for one in case["extensions"] if one["state"] == "asked"]
        path = f"/v1/cases/{case['case_id']}/extensions/{asked['extension_id']}/decision"
        await ok(self._clients[act.body].post(path, json={"verdict": "granted", "by": "指挥长"}))

    async def _answer(self, act: Act, now: datetime) -> None:
        """Record a written report or an interview, and keep how much of it was marked as overdue."""
        case = await self._case(act)
        kind = "written_report" if act.what == "report" else "interview"
        if late := overdue(case):
            self.late.add((act.unit.code, (now - BEGIN).days, f"{kind}, overdue {late}"))
        step = {"kind": kind, "by": "科长", "at": text(now), "note": "已办"}
        await ok(self._clients[act.body].post(f"/v1/cases/{case['case_id']}/steps", json=step))

    async def _case(self, act: Act) -> dict[str, Any]:
        """Return the unit's one case, as whoever acts on it sees it."""
        answer = await ok(self._clients[act.body].get("/v1/cases", params={"unit_code": act.unit.code}))
        [case] = answer["cases"]
        found: dict[str, Any] = case
        return found
