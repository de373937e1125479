"""Registry's tables filled by hand, and its handlers called straight: for tests of what follows from facts."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from registry.ledger import jobs
from registry.sequencer import service as sequencer
from registry.settings import RegistrySettings
from registry.statuses import reading, service
from registry.statuses.facts import SHANGHAI
from registry.statuses.schemas import StatusOut
from shared.context import Context, open_context
from shared.db import execute, fetch_all, fetch_value, sql
from shared.messages import Message, NegativesApplied, ResultsApplied, ReviewRecorded, SamplesBound, decode
from shared.messages.facts import Sample
from shared.security.principal import Principal
from tests.support.servers import Address

PLATFORM = Principal("platform", "platform", "system", frozenset({"status:read"}))
NOON = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)

_CATEGORY = sql("""
    INSERT INTO registry.category (category_code, name_zh, name_en, vaccinated_as, effective_from, created_by, created_at)
    VALUES (:code, :code, :code, :vaccinated_as, '2020-01-01', 'test', now()) ON CONFLICT DO NOTHING
""")
_RULE = sql("""
    INSERT INTO registry.rule
        (category_code, version, effective_from, effective_to, area_code, shape, params, created_by, created_at)
    VALUES (:code, (SELECT count(*) + 1 FROM registry.rule WHERE category_code = :code), :effective_from,
            :effective_to, NULL, :shape, CAST(:params AS jsonb), 'test', now())
""")
_PERSON = sql("""
    INSERT INTO registry.person (person_id, id_type, id_index, sealed_id_no, name_index, sealed_contact,
        health_code_id, vaccination_completed_on, created_by, created_at, updated_at)
    SELECT id, 'other', uuid_send(id), '', '', '', nullif(code, ''), :vaccinated_on, 'test', now(), now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[])) AS p (id, code)
""")
_ENROLMENT = sql("""
    INSERT INTO registry.enrolment
        (enrolment_id, person_id, unit_code, category_code, enrolled_on, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), id, :unit_code, :category_code, :enrolled_on, 'test', now(), now()
    FROM unnest(CAST(:ids AS uuid[])) AS id
""")
_EXEMPTION = sql("""
    INSERT INTO registry.exemption (exemption_id, person_id, kind, from_on, to_on, sealed_reason,
        created_by, created_at, updated_at)
    VALUES (gen_random_uuid(), :person_id, :kind, :from_on, :to_on, '', 'test', now(), now())
""")
_TOWN = sql("""
    INSERT INTO registry.department (code, name, level, sealed_contact, created_by, created_at, updated_at)
    VALUES (:code, :code, :level, '', 'test', now(), now()) ON CONFLICT DO NOTHING
""")
_UNIT = sql("""
    INSERT INTO registry.unit (unit_id, unit_code, unit_code_type, name, industry_code, industry_key, township_code,
        department_given, department_code, department_basis, sealed_contact, created_by, created_at, updated_at)
    VALUES (gen_random_uuid(), :code, 'licence', :code, 'H62', 'H62', :township, :department, :department, 'given', '',
            'test', now(), now())
""")

_PASSED_ON = sql("""
    UPDATE bus.delivery d SET state = 'done' FROM bus.message m
    WHERE m.message_id = d.message_id AND m.name = 'results.applied' AND d.state = 'pending'
    RETURNING m.name, m.version, m.body
""")


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    async def now(self, session: object) -> datetime:  # noqa: ARG002 - the protocol's shape
        """Return the set time."""
        return self.moment


@dataclass
class World:
    """Registry's database behind its own role, at a time that stands still."""

    context: Context[Any]
    clock: FixedClock
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def now(self) -> datetime:
        """Return the time."""
        return self.clock.moment

    async def category(
        self, code: str = "8A1", *, days: int | None = 7, months: int | None = None, vaccinated_as: str | None = None,
        effective_from: date = date(2020, 1, 1), effective_to: date | None = None,
    ) -> str:  # fmt: skip
        """Add a category with a rule, or another version of its rule."""
        shape, params = (
            ("every_n_months", f'{{"months":{months}}}') if months else ("every_n_days", f'{{"days":{days}}}')
        )
        async with self.context.db.transaction() as session:
            await execute(session, _CATEGORY, code=code, vaccinated_as=vaccinated_as)
            await execute(
                session, _RULE, code=code, effective_from=effective_from, effective_to=effective_to,
                shape=shape, params=params,
            )  # fmt: skip
        return code

    async def unit(
        self, code: str = "U1", *, township: str = "TOWN-01", department: str | None = None
    ) -> str:
        """Add a unit with its town and department."""
        async with self.context.db.transaction() as session:
            await execute(session, _TOWN, code=township, level="township")
            if department:
                await execute(session, _TOWN, code=department, level="department")
            await execute(session, _UNIT, code=code, township=township, department=department)
        return code

    async def people(
        self, number: int = 1, *, category: str | None = None, unit: str | None = None, codes: bool = True,
        enrolled_on: date | None = None, vaccinated_on: date | None = None,
    ) -> list[UUID]:  # fmt: skip
        """Add people with health codes, enrolled long ago."""
        ids = sorted(uuid4() for _ in range(number))
        names = [code_of(each) if codes else "" for each in ids]
        async with self.context.db.transaction() as session:
            await execute(session, _PERSON, ids=ids, codes=names, vaccinated_on=vaccinated_on)
            if category or unit:
                await execute(
                    session, _ENROLMENT, ids=ids, unit_code=unit, category_code=category,
                    enrolled_on=enrolled_on or (self.now - timedelta(days=300)).date(),
                )  # fmt: skip
            for start in range(0, number, 10_000):
                await service.refresh(
                    session, self.context, person_ids=ids[start : start + 10_000], now=self.now
                )
        return ids

    async def person(self, **more: Any) -> UUID:
        """Add one person."""
        return (await self.people(1, **more))[0]

    async def exempt(self, person_id: UUID, kind: str, from_on: date, to_on: date) -> None:
        """Add an exemption."""
        async with self.context.db.transaction() as session:
            await execute(session, _EXEMPTION, person_id=person_id, kind=kind, from_on=from_on, to_on=to_on)
            await service.refresh(session, self.context, person_ids=[person_id], now=self.now)

    async def tell(self, *messages: Message) -> None:
        """Hand messages to their handlers, each in a transaction of its own."""
        for message in messages:
            async with self.context.db.transaction() as session:
                await _HANDLERS[type(message)](session, message, self.context)
            if isinstance(message, NegativesApplied):
                await self.tell(*await self._passed_on())

    async def _passed_on(self) -> list[Message]:
        """Return, once, what registry told itself."""
        async with self.context.db.transaction() as session:
            rows = await fetch_all(session, _PASSED_ON)
        return [decode(row["name"], row["version"], bytes(row["body"])) for row in rows]

    async def tick(self) -> None:
        """Let the timer do all that is due."""
        more = True
        while more:
            async with self.context.db.transaction() as session:
                more = await service.run_timer(session, self.context)

    async def status(self, person_id: UUID) -> dict[str, Any]:
        """Return the status of a person with a health code."""
        return (await self.statuses([person_id]))[person_id]

    async def statuses(self, person_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return the statuses of people with health codes."""
        fetch = self.context.reads.fetch
        told = await reading.by_persons(
            fetch, self.context, person_ids=person_ids, who=PLATFORM, now=self.now
        )
        texts = (text for lines in told.lines for text in lines.split("\n"))
        shown = [StatusOut.model_validate_json(text).model_dump() for text in texts]
        by_code = {each["health_code_id"]: each for each in shown}
        return {each: by_code[code_of(each)] for each in person_ids}

    async def value(self, statement: str, **parameters: Any) -> Any:
        """Return one value."""
        async with self.context.db.transaction() as session:
            return await fetch_value(session, sql(statement), **parameters)

    async def sequence(self) -> int:
        """Number what is pending."""
        return await sequencer.sequence(self.context)


_HANDLERS: dict[type[Message], Any] = {
    SamplesBound: jobs.samples_bound,
    NegativesApplied: jobs.negatives_applied,
    ResultsApplied: jobs.results_applied,
    ReviewRecorded: jobs.review_recorded,
}


def code_of(person_id: UUID) -> str:
    """Return the health code that tests give a person."""
    return f"HC-{person_id.hex[:24]}"


@asynccontextmanager
async def open_world(address: Address, database: str, data_dir: Path, **more: Any) -> AsyncIterator[World]:
    """Open registry's context on a fresh database."""
    settings = RegistrySettings(**{**address.values(database), "data_dir": data_dir, "pool_size": 4, **more})
    async with open_context(settings, service="registry", part="test") as context:
        clock = FixedClock(NOON)
        object.__setattr__(context, "clock", clock)
        yield World(context, clock)


async def world_of(context: Context[Any]) -> World:
    """Return a world in the midst of a running system; `now` is the time it was made at."""
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
    return World(context, FixedClock(now))


def result(
    person_id: UUID, *, outcome: str = "negative", mode: str = "single", test_kind: str = "pcr",
    collected_at: datetime = NOON, tested_at: datetime | None = None, result_id: UUID | None = None,
    tube_id: UUID | None = None, tube_code: str | None = None, paired_with: str | None = None,
    replaces: UUID | None = None, from_positive: bool = False, withdrawn: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return one row of ResultsApplied."""
    return {
        "person_id": person_id,
        "result_id": result_id or uuid4(),
        "outcome": outcome,
        "mode": mode,
        "test_kind": test_kind,
        "collected_at": collected_at.isoformat(),
        "tested_at": (tested_at or collected_at + timedelta(hours=1)).isoformat(),
        "tube_id": tube_id,
        "tube_code": tube_code,
        "paired_with": paired_with,
        "replaces": replaces,
        "from_positive": from_positive,
        "withdrawn": withdrawn,
    }


def applied(
    rows: Iterable[dict[str, Any]], *, lab_code: str = "LAB01", reported_at: datetime = NOON
) -> ResultsApplied:
    """Return the message of some rows."""
    listed = list(rows)
    columns = {name: tuple(row[name] for row in listed) for name in listed[0]}
    return ResultsApplied(lab_code=lab_code, reported_at=reported_at.isoformat(), **columns)


def as_negatives(message: ResultsApplied) -> NegativesApplied | None:
    """Return a message of plain negatives in its other form; None if there is more to it."""
    ids = [each.int for each in message.result_id]
    columns = (message.tube_id, message.replaces, message.withdrawn)
    if (
        {*message.outcome, *message.test_kind} != {"negative", "pcr"}
        or any(value for column in columns for value in column)
        or len({each >> 16 for each in ids}) > 1
    ):
        return None
    return NegativesApplied(
        lab_code=message.lab_code,
        reported_at=message.reported_at,
        batch_id=UUID(int=ids[0] & ~0xFFFF),
        people=_array(message.person_id),
        rows=_array(each & 0xFFFF for each in ids),
        modes=_array(message.mode),
        collected=_array(datetime.fromisoformat(each).timestamp() for each in message.collected_at),
        tested=_array(datetime.fromisoformat(each).timestamp() for each in message.tested_at),
    )


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def bound(
    person_id: UUID, *, tube_id: UUID | None = None, tube_code: str = "T-1", mode: str = "single",
    collected_at: datetime = NOON, paired_with: str | None = None, limit_at: datetime | None = None,
) -> SamplesBound:  # fmt: skip
    """Return the message of one sample."""
    sample = Sample(
        person_id=person_id,
        tube_id=tube_id or uuid4(),
        tube_code=tube_code,
        mode=mode,
        collected_at=collected_at.isoformat(),
        paired_with=paired_with,
        result_due_at=None if limit_at is None else limit_at.isoformat(),
    )
    return SamplesBound(samples=(sample,))


def reviewed(
    result_id: UUID, person_id: UUID, verdict: str, *, revision: int = 1, review_id: UUID | None = None
) -> ReviewRecorded:
    """Return the message of a review."""
    return ReviewRecorded(
        review_id=review_id or uuid4(),
        result_id=result_id,
        revision=revision,
        verdict=verdict,
        reviewed_at=NOON.isoformat(),
        person_ids=(person_id,),
    )
