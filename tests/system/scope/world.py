"""Two of everything: township, department, unit, people and laboratory A, and the same of B.

A's things carry marks that must never come up in an answer to B.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import httpx

from results_ingest.figures import counting
from results_ingest.league import counting as league
from results_ingest.quality import counting as quality
from tests.support.system import System
from tests.support.waiting import until
from tests.system.people import ok, person, resident_id, row, text, until_done
from tests.system.scope import inspections, lists, reports, works

NOW: Final = datetime.fromisoformat("2030-03-05T12:00:00+08:00")
COLLECTED: Final = "2030-03-05T08:00:00+08:00"
NAMES: Final = ("欧阳静芳", "司马长风", "慕容复兴", "上官婉清", "诸葛青云")
PHONES: Final = ("13911112222", "13733334444")
SHEET: Final = (
    "unit_code", "unit_code_type", "name", "industry_code", "township_code", "department_code",
    "contact.name", "contact.phone",
)  # fmt: skip
LEVELS: Final = {"TOWN": "township", "DEPT": "department"}
BURY: Final = """
    WITH told AS (INSERT INTO bus.message (message_id, name, version, body)
                  VALUES ($1, 'samples.bound', 1, '{}') RETURNING message_id)
    INSERT INTO bus.delivery (message_id, consumer, urgent, state, attempt, error, settled_at)
    SELECT message_id, $2, false, 'dead', 12, 'KeyError', now() FROM told
"""
SILENT: Final = """
    INSERT INTO ingest.lab_silence (silence_id, lab_code, since, minutes, waiting, raised_at, ended_at)
    SELECT gen_random_uuid(), lab_code, now(), 60, 1, now(), now() FROM ingest.lab
"""
HOOK: Final = """
    INSERT INTO notifier.webhook (code, url, secret, changed_by, created_at, changed_at)
    SELECT code, 'https://127.0.0.9/in', $1, 'test', now(), now() FROM notifier.department
"""
LOST: Final = """
    UPDATE notifier.delivery d SET state = 'failed', error = 'no_phone', token = NULL
    FROM notifier.notice n WHERE n.notice_id = d.notice_id AND n.recipient_type = 'unit'
"""
REPORTED: Final = """
    INSERT INTO registry.conformance_report (report_id, client_id, script, run, at, passed, cases, received_at)
    VALUES (gen_random_uuid(), $1, '2026-11', 'RUN', now(), true, '[]', now())
"""


@dataclass(frozen=True)
class Who:
    """Somebody with a token; `side` is what the area or the laboratory is of."""

    scopes: frozenset[str]
    area: str | None = None
    lab: str | None = None

    @property
    def level(self) -> str | None:
        """Return the level of the area."""
        return LEVELS[self.area.partition("-")[0]] if self.area else None

    @property
    def name(self) -> str:
        """Return how a failure names it."""
        return f"{'+'.join(sorted(self.scopes))} of {self.area or self.lab or 'the district'}"


@dataclass
class World:
    """The system, its district, and what A owns."""

    system: System
    ids: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, Who], httpx.AsyncClient] = field(default_factory=dict)
    _days: Iterator[int] = field(default_factory=lambda: iter(range(1, 29)))

    async def client(self, service: str, who: Who) -> httpx.AsyncClient:
        """Return a client of a service with this principal's token."""
        key = (service, who)
        if key not in self._clients:
            self._clients[key] = await self.system.client(
                service, scopes=who.scopes, lab_code=who.lab, area_code=who.area, area_level=who.level,
                client_id=f"client-{len(self._clients)}",
            )  # fmt: skip
        return self._clients[key]

    async def admin(self, service: str = "registry") -> httpx.AsyncClient:
        """Return the district's administrator."""
        return await self.client(service, DISTRICT)

    async def build(self) -> "World":
        """Fill the district."""
        await self.system.set_clock(NOW)
        for side in "AB":
            await self._places(side)
        await self._people()
        await self.system.settle()
        for side in "AB":
            await self._results(side)
        await self.system.settle()
        await self._late_things()
        for side, number in (("A", 0), ("B", 3)):
            await self._duties(side, self.ids[f"person {number}"])
        await self.system.settle()
        await lists.build(self)
        await self.system.settle()
        await inspections.build(self)
        await reports.build(self)
        await self.system.settle()  # what is taken back meanwhile cannot be answered
        await self._note_notices()
        await works.build(self)
        await self._sheets()
        await self._figures()
        return self

    async def _figures(self) -> None:
        """Let the running week and day be counted anew, now that there is somebody."""
        await self.system.owner.execute("UPDATE ingest.figure_day SET as_of = as_of - interval '2 hours'")
        context = self.system.context("results-ingest")
        async with context.db.transaction() as session:
            while await counting.count(session, context):
                pass
        intake = await self.admin("results-ingest")
        for side in "AB":
            day = NOW.date().isoformat()
            await ok(intake.put(f"/v1/labs/LAB-{side}/terms", json={"effective_from": day, "capacity": 9}))
            made = await self.new_client(scopes=["onboarding"], lab_code=f"LAB-{side}")
            await self.system.owner.execute(REPORTED, made)
        await self.system.owner.execute(SILENT)
        await ok((await self.admin("results-ingest")).post(f"/v1/quality/{NOW.date()}/count"))
        async with context.db.transaction() as session:
            while await quality.count(session, context) or await league.count(session, context):
                pass
        admin, wanted = await self.admin(), {"UNIT-A1", "UNIT-A2", "UNIT-B1"}
        await ok(admin.post(f"/v1/figures/weeks/{NOW.date()}/count"))
        query = {"by": "unit", "from": NOW.date().isoformat()}

        async def counted() -> bool:
            rows = (await ok(admin.get("/v1/figures", params=query)))["rows"]
            return wanted <= {row["key"] for row in rows}

        await until(counted)

    async def _places(self, side: str) -> None:
        admin, intake = await self.admin(), await self.admin("results-ingest")
        if side == "A":
            cdc = {"code": "CDC", "name": "疾控中心", "level": "department", "role": "cdc"}
            await ok(admin.post("/v1/departments", json=cdc | {"contact": contact()}))
        for kind, level in LEVELS.items():
            body = {"code": f"{kind}-{side}", "name": f"{side} 处", "level": level, "contact": contact()}
            await ok(admin.post("/v1/departments", json=body))
        for number in (1, 2):
            await ok(admin.post("/v1/units", json=unit(f"UNIT-{side}{number}", side)))
        outside = {"region": f"外地{side}", "from": "2020-01-01", "to": "2040-01-01"}
        lab = {"lab_code": f"LAB-{side}", "name": f"检测机构{side}", "outside": outside}
        await ok(intake.post("/v1/labs", json=lab))
        site = {"site_code": f"SITE-{side}", "name": "采样点", "kind": "community"}
        await ok(intake.post("/v1/sites", json=site | {"township_code": f"TOWN-{side}"}))
        for area in (f"TOWN-{side}", f"DEPT-{side}"):
            self.ids[f"client {area}"] = await self.new_client(area_code=area)
            await self.new_client(area_code=area)

    async def _people(self) -> None:
        admin = await self.admin()
        rows = [resident(number, "A", f"UNIT-A{number % 2 + 1}") for number in range(3)]
        rows += [resident(number, "B", "UNIT-B1") for number in range(3, 5)]
        answer = await ok(admin.post("/v1/people/bulk", json={"people": rows}))
        assert answer["accepted"] == len(rows), answer
        for number, each in enumerate(rows):
            shown = await ok(admin.get(f"/v1/people/by-health-code/{each['health_code_id']}"))
            self.ids[f"person {number}"] = shown["person_id"]

    async def _results(self, side: str) -> None:
        intake, lab = await self.admin("results-ingest"), await self.client("results-ingest", lab_of(side))
        first = "HC-A-0000" if side == "A" else "HC-B-0003"
        tubes = [tube(f"TUBE-{side}", side, {"health_code_id": first}), thing(f"THING-{side}", side)]
        tubes.append(thing(f"RUNNING-{side}", side))
        answer = await ok(intake.post("/v1/tubes/bulk", json={"tubes": tubes}))
        assert answer["accepted"] == len(tubes), answer
        results = [
            row(NOW, outcome="positive", tube_code=f"TUBE-{side}"),
            row(NOW, outcome="positive", tube_code=f"THING-{side}"),
            row(NOW, health_code_id=f"HC-{side}-nobody"),
            row(NOW, outcome="clean", tube_code=f"THING-{side}"),
        ]
        sent = packet(f"PACKET-{side}", side, f"TUBE-{side}")
        for each in (sent, packet(f"PACKET-{side}2", side, f"THING-{side}")):
            await ok(intake.post("/v1/packets", json=each))
        hold = {
            "hold_code": f"HOLD-{side}",
            "lab_code": f"LAB-{side}",
            "received_from": COLLECTED,
            "reason": "调查",
        }
        await ok(intake.post("/v1/retention/holds", json=hold))
        await ok(lab.put("/v1/webhook", json={"url": f"https://127.0.0.9/HOOK-{side}"}))
        await self._sheet(lab, side)
        for number, rows in enumerate((results, [row(NOW, health_code_id=first, collected_at=COLLECTED)])):
            batch_no = f"BATCH-{side}-{number}"
            answer = await ok(lab.post("/v1/batches", json={"batch_no": batch_no, "results": rows}))
            self.ids[batch_no] = answer["batch_id"]
        await self.system.settle()
        listed = await ok(lab.get(f"/v1/batches/{answer['batch_id']}/rows"))
        self.ids[f"result {side}"] = listed["rows"][0]["result_id"]

    async def _sheet(self, lab: httpx.AsyncClient, side: str) -> None:
        """Send results as a sheet under a mapping of the laboratory's own."""
        mapping = {"columns": {"管": "tube_code"}}
        await ok(lab.put(f"/v1/sheets/results/mappings/MAPPING-{side}", json=mapping))
        sheet = f"管,检测时间,检测结果\nTUBE-SHEET-{side},2022-01-01 08:00:00,不明\n"
        query = {"batch_no": f"SHEET-{side}", "mapping": f"MAPPING-{side}"}
        headers = {"Content-Type": "text/csv"}
        answer = await ok(lab.post("/v1/batches", params=query, content=sheet.encode(), headers=headers))
        assert answer["rejected"] == 1, answer
        self.ids[f"SHEET-{side}"] = answer["batch_id"]

    async def _late_things(self) -> None:
        admin, intake = await self.admin(), await self.admin("results-ingest")
        self.ids["evaluation"] = (await ok(admin.post("/v1/evaluations", json={})))["evaluation_id"]
        for number in range(2):
            await self.new_check()
            await self.new_appeal(person=f"person {number}")
        await until_done(admin, f"/v1/evaluations/{self.ids['evaluation']}")
        listed = await ok(admin.get("/v1/breaches", params={"unit_code": "UNIT-A1"}))
        self.ids["breach"] = listed["breaches"][0]["breach_id"]
        listed = await ok(intake.get("/v1/reviews", params={"limit": 100}))
        for each in listed["reviews"]:
            self.ids[f"review {each['subject_code']}"] = each["result_id"]
        listed = await ok(intake.get("/v1/unmatched"))
        self.ids["unmatched"] = next(
            each["id"] for each in listed["unmatched"] if each["lab_code"] == "LAB-A"
        )

    async def _sheets(self) -> None:
        for side in "AB":
            client = await self.client("registry", area_of(side, "TOWN"))
            sheet = (
                f"{','.join(SHEET)}\n"
                f"UNIT-{side}1,licence,单位UNIT-{side}1,8411,TOWN-{side},DEPT-{side},甲,13600001111\n"
                f"UNIT-{side}1,licence,另一个,8411,TOWN-{side},DEPT-{side},甲,13600001111\n"
            )
            csv = {"Content-Type": "text/csv"}
            made = await ok(client.post("/v1/imports?kind=units", content=sheet, headers=csv))
            self.ids[f"import {side}"] = made["import_id"]
            await until_done(client, f"/v1/imports/{made['import_id']}")
            await ok(
                client.put(f"/v1/sheets/people/mappings/MAPPING-{side}", json={"columns": {"员工": "name"}})
            )

    async def _duties(self, side: str, person_id: str) -> None:
        admin, unit_code = await self.admin(), f"UNIT-{side}1"
        params = {"percent": 50, "period": "week"}
        share = {"effective_from": "2030-01-01", "shape": "rolling_share", "params": params}
        draw = {"unit_code": unit_code, "category_code": "8A1", "on": NOW.date().isoformat()}
        plan = {"category_code": "LOCAL-COLD", "effective_from": "2030-01-01"}
        bodies: tuple[tuple[str, dict[str, Any]], ...] = (
            ("/v1/categories/8A1/rules", share),
            ("/v1/draws", draw),
            (f"/v1/units/{unit_code}/plans", plan),
            (f"/v1/units/{unit_code}/samplings", {"subject": "item", "at": COLLECTED}),
            (f"/v1/people/{person_id}/events", {"kind": "admission", "at": COLLECTED}),
            (f"/v1/people/{person_id}/events", {"kind": "arrival", "at": COLLECTED, "unit_code": unit_code}),
        )
        for path, body in bodies:
            await ok(admin.post(path, json=body))
        clinic = {"attributes": {"fever_clinic": "standard"}}
        await ok(admin.patch(f"/v1/units/UNIT-{side}2", json=clinic))
        samplers = {"samplers": 2, "effective_from": "2030-01-01"}
        await ok(admin.put(f"/v1/units/UNIT-{side}2/samplers", json=samplers))
        patient = {"id_type": "passport", "id_no": f"E9999999{side}", "name": NAMES[1], "phone": PHONES[1]}
        sides = {"from_unit_code": unit_code, "to_unit_code": f"UNIT-{side}2", "reported_at": COLLECTED}
        await ok(admin.post("/v1/referrals", json=sides | {"patient": patient}))

    async def _note_notices(self) -> None:
        notices = await ok((await self.admin("notifier")).get("/v1/notices", params={"limit": 1000}))
        for each in notices["notices"]:
            self.ids[f"notice {each['recipient']['code']} {each['kind']}"] = each["notice_id"]
        sealed = self.system.context("notifier").sealer.seal(b"secret", context="notifier.webhook")
        await self.system.owner.execute(HOOK, sealed)

    async def new_client(self, **fields: Any) -> str:
        """Register a client and return its id."""
        body = {"name": "系统", "kind": "system", "scopes": ["records:read"], **fields}
        made = await ok((await self.admin()).post("/v1/clients", json=body))
        return str(made["client_id"])

    async def new_dead_letter(self, service: str) -> str:
        """Give up a message of a service and return its id."""
        message_id = uuid4()
        await self.system.owner.execute(BURY, message_id, service)
        return str(message_id)

    async def new_exemption(self) -> str:
        """Exempt A's first person for days to come and return the exemption's id."""
        day = f"2031-02-{next(self._days):02}"
        days = {"from": day, "to": day}
        path = f"/v1/people/{self.ids['person 0']}/exemptions"
        made = await ok((await self.admin()).post(path, json={"kind": "leave", "reason": "产假", **days}))
        return str(made["exemption_id"])

    async def new_check(self) -> dict[str, Any]:
        """Make a spot check at A's unit that finds A's person and somebody whom nobody knows."""
        path = "/v1/units/UNIT-A1/spot-checks"
        stranger = {"id_type": "passport", "id_no": "E12345678", "name": NAMES[1]}
        people = {"people": [document(0), stranger]}
        made = await ok((await self.admin()).post(path, json=people))
        return dict(made)

    async def new_appeal(
        self, who: Who | None = None, *, person: str = "person 0", claim: str = "result_missing"
    ) -> str:
        """Bring an appeal of A's person, or find the one that runs."""
        client = await self.client("registry", who or Who(frozenset({"cases:respond"}), area="TOWN-A"))
        body = {"claim": claim, "person_id": self.ids[person], "statement": "已采样三日"}
        made = await ok(client.post("/v1/appeals", json=body))
        return str(made["appeal_id"])


DISTRICT: Final = Who(frozenset({"admin"}))


def lab_of(side: str) -> Who:
    """Return a side's laboratory."""
    return Who(frozenset({"results:write"}), lab=f"LAB-{side}")


def area_of(side: str, kind: str, scope: str = "admin") -> Who:
    """Return a client of a side's township (`TOWN`) or department (`DEPT`)."""
    return Who(frozenset({scope}), area=f"{kind}-{side}")


def contact() -> dict[str, str]:
    """Return somebody to call."""
    return {"name": NAMES[0], "phone": PHONES[0]}


def unit(code: str, side: str) -> dict[str, Any]:
    """Return the body of a unit of a side."""
    return {
        "unit_code": code, "unit_code_type": "licence", "name": f"单位{code}", "industry_code": "8411",
        "township_code": f"TOWN-{side}", "department_code": f"DEPT-{side}", "contact": contact(),
    }  # fmt: skip


def resident(number: int, side: str, unit_code: str) -> dict[str, Any]:
    """Return the row of somebody of a side."""
    row_of = person(number, code=False, unit_code=unit_code, category_code="8A1", enrolled_on="2029-01-01")
    return row_of | {
        "name": NAMES[number],
        "phone": PHONES[1],
        "health_code_id": f"HC-{side}-{number:04}",
    }


def document(number: int) -> dict[str, str]:
    """Return the number by which somebody is registered."""
    return {"id_type": "resident_id", "id_no": resident_id(number)}


def tube(code: str, side: str, *members: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a single tube taken at a side's site."""
    return {
        "tube_code": code, "mode": "single", "capacity": 1, "subject": "person", "members": list(members),
        "collected_at": COLLECTED, "site_code": f"SITE-{side}", "lab_code": f"LAB-{side}",
        "unit_code": f"UNIT-{side}1",
    }  # fmt: skip


def thing(code: str, side: str) -> dict[str, Any]:
    """Return the body of a tube of something that belongs to a side's unit."""
    return tube(code, side) | {"subject": "item", "sample_kind": "food"}


def packet(code: str, side: str, *tubes: str) -> dict[str, Any]:
    """Return the body of a packet from a side's site to its laboratory."""
    return {
        "packet_code": code, "site_code": f"SITE-{side}", "lab_code": f"LAB-{side}", "sealed_at": COLLECTED,
        "sealer_code": "S-1", "samples": len(tubes), "paper_forms": len(tubes), "tube_codes": list(tubes),
    }  # fmt: skip


def secrets_in(answer: str) -> list[str]:
    """Return the names, phones and document numbers that stand in clear in an answer."""
    numbers = [resident_id(number) for number in range(len(NAMES))]
    return [each for each in (*NAMES, *PHONES, *numbers) if each in answer]


def at(**fields: Any) -> str:
    """Return the business time as it is sent."""
    return text(NOW.replace(**fields))
