"""results-ingest with its worker's handlers: identities come in by hand, what is told to others is read."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from results_ingest import app as service
from results_ingest.settings import ResultsIngestSettings
from results_ingest.worker import HANDLERS
from shared.bus.delivering import Inbox
from shared.bus.publishing import publish
from shared.context import Context
from shared.identifiers import normalise_name
from shared.messages import (
    IdentitiesChanged,
    Message,
    NegativesApplied,
    ResultsApplied,
    UnitChanged,
    decode,
)
from shared.messages.facts import full_column
from shared.messages.identities import Identity
from shared.security.principal import Principal
from tests.results_ingest.batches.support import NamedTokens
from tests.support.inbox import drain
from tests.support.routes import kept_routes
from tests.support.servers import Address

NOW = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
NUMBERS = ("11010519491231002X", "440524188001010014", "34052419800101001X", "370101190102039973")
M = TypeVar("M", bound=Message)


@dataclass
class Person:
    """Somebody whom registry has told of."""

    person_id: UUID
    code: str | None
    id_no: str | None = None
    name: str = "张三"
    version: int = 1


@dataclass
class Ingest:
    """The service, its clients, and the two sides that speak with it."""

    app: Any
    context: Context[Any]
    tokens: NamedTokens
    now: datetime = NOW
    _batches: int = 0
    _labs: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    _seen: set[UUID] = field(default_factory=set)

    def client(self, name: str, *scopes: str, lab_code: str | None = None, **area: str) -> httpx.AsyncClient:
        """Return a client with these scopes."""
        self.tokens.known[name] = Principal(
            f"client-{name}", name, "system", frozenset(scopes), lab_code, **area
        )
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {name}"}
        return httpx.AsyncClient(
            transport=transport, base_url="http://results-ingest.test", headers=headers, timeout=60
        )

    @property
    def sampling(self) -> httpx.AsyncClient:
        """Return a sampling site's client."""
        return self.client("sampling", "samples:write")

    @property
    def cdc(self) -> httpx.AsyncClient:
        """Return the CDC's client."""
        return self.client("cdc", "reviews:write", "records:read")

    async def lab(self, lab_code: str) -> httpx.AsyncClient:
        """Return the client of a laboratory, which is registered if it was not."""
        if lab_code not in self._labs:
            answer = await self.client("admin", "admin").post(
                "/v1/labs", json={"lab_code": lab_code, "name": lab_code}
            )
            assert answer.is_success, answer.text
            self._labs[lab_code] = self.client(lab_code, "results:write", lab_code=lab_code)
        return self._labs[lab_code]

    async def post(self, *rows: dict[str, Any], lab: str = "LAB01", settle: bool = True) -> dict[str, Any]:
        """Post rows and match them; return where the batch stands."""
        self._batches += 1
        client = await self.lab(lab)
        answer = await client.post(
            "/v1/batches", json={"batch_no": f"B-{self._batches:04}", "results": list(rows)}
        )
        assert answer.status_code == 202, answer.text
        if settle:
            await self.settle()
        batch: dict[str, Any] = (await client.get(answer.headers["location"])).json()
        return batch

    async def rows(self, batch: dict[str, Any], lab: str = "LAB01") -> list[dict[str, Any]]:
        """Return the verdicts of a batch's rows."""
        answer = await (await self.lab(lab)).get(batch["links"]["rows"])
        listed: list[dict[str, Any]] = answer.json()["rows"]
        return listed

    async def again(self, batch: dict[str, Any], lab: str = "LAB01") -> dict[str, Any]:
        """Return where a batch stands now."""
        stands: dict[str, Any] = (await (await self.lab(lab)).get(batch["links"]["self"])).json()
        return stands

    async def bind(self, tube_code: str, *members: dict[str, Any], **more: Any) -> httpx.Response:
        """Register a tube and let what waits for it match."""
        answer = await self.sampling.post("/v1/tubes", json=self.tube(tube_code, *members, **more))
        await self.settle()
        return answer

    def tube(self, tube_code: str, *members: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return the body of a tube: mixed if it has other than one member."""
        single = len(members) == 1
        return {
            "tube_code": tube_code,
            "mode": "single" if single else "mixed",
            "capacity": 1 if single else 10,
            "subject": "person",
            "members": list(members),
            "collected_at": self.at(hours=-5),
            **more,
        }

    def at(self, **delta: float) -> str:
        """Return a time relative to now."""
        return (self.now + timedelta(**delta)).isoformat()

    def row(self, **more: Any) -> dict[str, Any]:
        """Return a good row without an identifier."""
        return {"outcome": "negative", "tested_at": self.at(hours=-1), **more}

    async def person(
        self, code: str | None = None, id_no: str | None = None, *, name: str = "张三", known: bool = True
    ) -> Person:
        """Make somebody; with `known` registry tells of them at once."""
        person = Person(uuid4(), code, id_no, name)
        if known:
            await self.learn(person)
        return person

    async def learn(self, *people: Person, settle: bool = True) -> None:
        """Let registry tell of people."""
        identities = tuple(self.identity(person) for person in people)
        async with self.context.db.transaction() as session:
            await publish(session, IdentitiesChanged(people=identities), now=self.now)
        if settle:
            await self.settle()

    def identity(self, person: Person) -> Identity:
        """Return what registry tells of a person."""
        index = self.context.index
        return Identity(
            person_id=person.person_id,
            version=person.version,
            id_type="resident_id",
            id_index=index.of("id:resident_id", person.id_no or str(person.person_id)).hex(),
            name_index=index.of("name", normalise_name(person.name)).hex(),
            health_code_id=person.code,
        )

    async def unit(self, unit_code: str, township_code: str, department_code: str | None = None) -> None:
        """Let registry tell of a unit."""
        told = UnitChanged(unit_code, "单位", township_code, department_code, "", 1)
        async with self.context.db.transaction() as session:
            await publish(session, told, now=self.now)
        await self.settle()

    async def settle(self) -> None:
        """Handle everything that waits for results-ingest."""
        inbox = Inbox(self.context, HANDLERS)
        while await drain(inbox, urgent=True) + await drain(inbox):
            pass
        dead = await self.run(
            "SELECT error FROM bus.delivery WHERE consumer = 'results-ingest' AND state <> 'done'"
        )
        assert not dead, dead

    async def told(self, kind: type[M]) -> list[M]:
        """Return the messages of a kind that were told since this was last asked of that kind.

        Results come in two forms; both are returned in the one that any result can have.
        """
        names = [kind.name, *([NegativesApplied.name] if kind is ResultsApplied else [])]
        rows = await self.run(
            "SELECT message_id, name, version, body FROM bus.message WHERE name = ANY(:names) ORDER BY created_at",
            names=names,
        )
        fresh = [row for row in rows if row["message_id"] not in self._seen]
        self._seen.update(row["message_id"] for row in fresh)
        decoded = [decode(row["name"], row["version"], bytes(row["body"])) for row in fresh]
        messages = [as_results(each) if isinstance(each, NegativesApplied) else each for each in decoded]
        return [message for message in messages if isinstance(message, kind)]

    async def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement as the service's role and return its rows."""
        async with self.context.db.transaction() as session:
            result = await session.execute(text(statement), parameters)
            answers = getattr(result, "returns_rows", False)
            return [dict(one) for one in result.mappings().all()] if answers else []


def as_results(message: NegativesApplied) -> ResultsApplied:
    """Return plain negatives in the form of all other results."""
    rows, people, modes, collected, tested = (
        getattr(message, name)[1:-1].split(",") for name in ("rows", "people", "modes", "collected", "tested")
    )
    return ResultsApplied(
        lab_code=message.lab_code,
        reported_at=message.reported_at,
        person_id=tuple(map(UUID, people)),
        result_id=tuple(UUID(int=message.batch_id.int | int(row)) for row in rows),
        outcome=("negative",),
        mode=tuple(modes),
        test_kind=("pcr",),
        collected_at=tuple(_told_at(each) for each in collected),
        tested_at=tuple(_told_at(each) for each in tested),
    )


def _told_at(seconds: str) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).isoformat()


def effects(messages: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of ResultsApplied messages."""
    listed = []
    for message in messages:
        names = [name for name in message.__struct_fields__ if name not in ("lab_code", "reported_at")]
        rows = len(message.person_id)
        columns = [full_column(getattr(message, name), rows) for name in names]
        listed += [
            {"lab_code": message.lab_code, **dict(zip(names, values, strict=True))}
            for values in zip(*columns, strict=True)
        ]
    return listed


@asynccontextmanager
async def running_ingest(servers: Address, database: str, **more: Any) -> AsyncIterator[Ingest]:
    """Run the service on a database of its own; the business clock stands near NOW."""
    values = {**servers.values(database), "queue_prefix": f"{database}:", "log_level": "WARNING", **more}
    app = kept_routes("results-ingest", service.create(ResultsIngestSettings(**values)))
    async with app.router.lifespan_context(app):
        tokens = NamedTokens()
        app.state.context = dataclasses.replace(app.state.context, tokens=tokens)
        ingest = Ingest(app, app.state.context, tokens)
        await ingest.run(
            "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
            moment=NOW,
        )
        yield ingest
