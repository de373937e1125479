"""A district for notifier's tests: its messages, its clock, and what its clients see."""

import base64
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from shared.bus import publish
from shared.clock import SHANGHAI
from shared.db import Session
from shared.messages import (
    AlarmRaised,
    AlarmReviewed,
    ContactsChanged,
    DepartmentChanged,
    Message,
    UnitChanged,
    UnitEvaluated,
)
from shared.messages.evaluations import DuePerson
from shared.messages.identities import Contact
from shared.security.principal import Principal
from shared.security.tokens import SigningKey, TokenVerifier, issue
from tests.support.servers import Address
from tests.support.system import System, running_system
from tests.support.waiting import until

# A Monday. The business clock never goes back: a day that real time will not pass for long, in a year whose
# days fall on the same weekdays as those of 2026.
MORNING = datetime(2037, 11, 23, 10, 0, tzinfo=SHANGHAI)
_PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = SigningKey("test", _PRIVATE)


async def published_keys() -> dict[str, Any]:
    """Return the test's own key set, as registry would publish it."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_PRIVATE.public_key()))
    return {"keys": [public | {"kid": KEY.kid, "alg": "ES256", "use": "sig"}]}


@dataclass
class Desk:
    """Notifier and those who speak to it."""

    system: System
    outbox: Path

    async def tell(self, *messages: Message, urgent: bool = False, settle: bool = True) -> None:
        """Publish messages one after another, each handled before the next, as registry or ingest would."""
        for message in messages:
            await self._publish(message, urgent=urgent)
            if settle:
                await self.system.settle()

    async def _publish(self, message: Message, *, urgent: bool) -> None:
        async with self.system.db("notifier").transaction() as session:
            await publish(session, message, now=datetime.now(SHANGHAI), urgent=urgent)
            await _only_for_notifier(session)

    def client(
        self,
        *scopes: str,
        area: tuple[str, str] | None = None,
        kind: Literal["system", "person"] = "system",
        client_id: str | None = None,
        lab: str | None = None,
    ) -> httpx.AsyncClient:
        """Return a client with these scopes; `area` is a level and a code, `lab` its laboratory."""
        level, code = area or (None, None)
        made = client_id or f"client-{uuid4()}"
        who = Principal(made, "test", kind, frozenset(scopes), lab, code, level)
        token = issue(who, key=KEY, issuer="yingjian", now=int(time.time()), token_id=str(uuid4()))
        transport = httpx.ASGITransport(app=self.system.apps["notifier"], raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url="http://notifier.test", headers={"Authorization": f"Bearer {token}"}
        )

    async def notices(self, **filters: str) -> list[dict[str, Any]]:
        """Return what an administrator sees, oldest first."""
        async with self.client("admin") as admin:
            answer = await admin.get("/v1/notices", params={"limit": 1000, **filters})
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()["notices"]
        return listed[::-1]

    async def recipients(self, **filters: str) -> list[tuple[str, str]]:
        """Return whom the matching notices went to."""
        found = await self.notices(**filters)
        return sorted((one["recipient"]["type"], one["recipient"]["code"]) for one in found)

    def lines(self) -> list[dict[str, Any]]:
        """Return what has been handed to the file channel."""
        if not self.outbox.exists():
            return []
        written = self.outbox.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in written if line.endswith("\n")]  # the last may be half a line

    async def until_handed(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many deliveries have been handed over, and return them; that may not be stored yet."""
        await until(lambda: len(self.lines()) >= count)
        return self.lines()

    async def until_status(self, wanted: str) -> None:
        """Wait until every notice has this status."""

        async def all_have_it() -> bool:
            return {one["status"] for one in await self.notices()} == {wanted}

        await until(all_have_it)

    async def until_none(self, statement: str, *arguments: object) -> None:
        """Wait until the database has no such row."""

        async def none() -> bool:
            return not await self.rows(statement, *arguments)

        await until(none)

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        """Return rows of the database, as its owner sees them."""
        return [dict(row) for row in await self.system.owner.fetch(statement, *arguments)]

    def seal(self, value: dict[str, Any], kind: str) -> str:
        """Return a sealed contact as registry sends it."""
        sealed = self.system.context("notifier").sealer.seal_json(value, context=f"contact.{kind}")
        return base64.b64encode(sealed).decode()

    def department(
        self, code: str, level: str, role: str | None = None, *, revision: int = 1, **contact_: str | None
    ) -> DepartmentChanged:
        """Return registry's message of a department; `contact_` changes its contact."""
        contact = self.seal({"name": "值班", "phone": "13900000000", **contact_}, "department")
        return DepartmentChanged(code, f"{code} 局", level, role, None, contact, revision)

    def unit(self, code: str, department: str | None = "DEPT-01", *, revision: int = 1) -> UnitChanged:
        """Return registry's message of a unit in TOWN-01."""
        contact = self.seal({"name": "店长", "phone": "13700000000"}, "unit")
        return UnitChanged(code, f"{code} 店", "TOWN-01", department, contact, revision)

    def contact(
        self,
        person_id: UUID,
        *units: str,
        code: str | None = "HC-0001",
        phone: str | None = None,
        name: str = "张三丰",
        version: int = 1,
    ) -> ContactsChanged:
        """Return registry's message of one person."""
        sealed = self.seal({"name": name, "phone": phone}, "person")
        return ContactsChanged((Contact(person_id, version, sealed, code, units),))

    async def founded(self) -> None:
        """Tell notifier of a small district: a CDC, headquarters, a town, a department, a unit."""
        await self.tell(
            self.department("CDC-01", "department", "cdc"),
            self.department("HQ-01", "district", "headquarters"),
            self.department("TOWN-01", "township"),
            self.department("DEPT-01", "department"),
            self.unit("UNIT-01"),
        )


@asynccontextmanager
async def open_desk(
    servers: Address, database: str, *, data_dir: Path, **more: object
) -> AsyncIterator[Desk]:
    """Run notifier alone, trusting the test's own key."""
    async with running_system(servers, database, data_dir=data_dir, services=("notifier",), **more) as system:
        app = system.apps["notifier"]
        tokens = TokenVerifier(issuer="yingjian", fetch=published_keys)
        app.state.context = dataclasses.replace(app.state.context, tokens=tokens)
        await system.set_clock(MORNING)
        yield Desk(system, data_dir / "outbox" / "notices.jsonl")


async def _only_for_notifier(session: Session) -> None:
    from shared.db import execute, sql

    await execute(session, sql("DELETE FROM bus.delivery WHERE consumer <> 'notifier'"))


def alarm(
    *people: UUID,
    subject: str = "HC-0001",
    result_id: UUID | None = None,
    outcome: str = "positive",
    **more: Any,
) -> AlarmRaised:
    """Return an alarm of one positive person."""
    return AlarmRaised(
        alarm_id=more.pop("alarm_id", None) or uuid4(),
        kind=more.pop("kind", "positive"),
        result_id=result_id or uuid4(),
        outcome=outcome,
        subject_type=more.pop("subject_type", "person"),
        subject_code=subject,
        person_ids=people,
        unit_code=more.pop("unit_code", None),
        lab_code="LAB01",
        collected_at=more.pop("collected_at", (MORNING - timedelta(hours=8)).isoformat()),
        tested_at=(MORNING - timedelta(hours=2)).isoformat(),
        received_at=MORNING.isoformat(),
        **more,
    )


def pool(*people: UUID, tube: str = "T-10", result_id: UUID | None = None, members: int = 10) -> AlarmRaised:
    """Return the alarm of a positive pool."""
    return alarm(
        *people,
        subject=tube,
        result_id=result_id,
        kind="pool",
        subject_type="tube",
        members=members,
        members_unknown=members - len(people),
    )


def reviewed(result_id: UUID, verdict: str, *, revision: int = 1) -> AlarmReviewed:
    """Return the CDC's verdict on a result."""
    return AlarmReviewed(result_id, revision, verdict, MORNING.isoformat())


def evaluated(unit: str | None, day: str, people: Sequence[DuePerson]) -> UnitEvaluated:
    """Return a unit's evaluation of a day."""
    town = "TOWN-01" if unit else None
    return UnitEvaluated(uuid4(), day, f"{day}T00:00:05+08:00", unit, town, None, tuple(people))


def due(person_id: UUID, stage: str, due_on: str, *, code: str | None = "HC-0001") -> DuePerson:
    """Return somebody with a duty at a stage."""
    return DuePerson(person_id, "8A1", due_on, "overdue" if stage == "overdue" else "due_soon", stage, code)
