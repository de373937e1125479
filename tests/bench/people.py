"""Two hundred thousand people by COPY, as data: what a registration by API would have stored.

The statuses are worked out by registry itself for one person and copied to those who are alike.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg

from registry.people.storing import SEALED_CONTACT, SEALED_ID_NO
from registry.settings import RegistrySettings
from registry.statuses import service
from shared.clock import SHANGHAI
from shared.context import open_context
from shared.ids import new_id
from shared.security.sealing import Sealer

CATEGORY: Final = "LOCAL-CATERING"
CHUNK: Final = 20_000
PERSON: Final = (
    "person_id",
    "id_type",
    "id_index",
    "sealed_id_no",
    "name_index",
    "sealed_contact",
    "health_code_id",
    "created_by",
    "created_at",
    "updated_at",
)
ENROLMENT: Final = (
    "enrolment_id",
    "person_id",
    "unit_code",
    "category_code",
    "enrolled_on",
    "created_by",
    "created_at",
    "updated_at",
)
IDENTITY: Final = ("person_id", "health_code_id", "id_type", "id_index", "name_index", "version")
CODE: Final = ("health_code_id", "person_id", "version")
TABLES: Final = (
    "registry.person",
    "registry.enrolment",
    "registry.person_status",
    "ingest.identity",
    "ingest.identity_code",
)


async def load_people(owner: asyncpg.Connection, environment: Mapping[str, str], count: int) -> list[str]:
    """Store people enrolled in one category and return their health codes."""
    rng = Random(20261121)
    now = datetime.now(UTC)
    sealer = Sealer(json.loads(environment["DATA_KEYS"]))
    units = [row["unit_code"] for row in await owner.fetch("SELECT unit_code FROM registry.unit")]
    contact = sealer.seal_json({"name": "张三", "phone": None}, context=SEALED_CONTACT)
    sealed = (sealer.seal(b"990101199001011234", context=SEALED_ID_NO), contact)
    people = [(_new_id(rng, now), f"BENCH{number:08d}", rng.randbytes(16)) for number in range(count)]
    for start in range(0, count, CHUNK):
        chosen = people[start : start + CHUNK]
        async with owner.transaction():
            await _copy(owner, "registry", "person", PERSON, _people(chosen, sealed, now))
            await _copy(owner, "registry", "enrolment", ENROLMENT, _enrolments(rng, chosen, units, now))
            await _copy(owner, "ingest", "identity", IDENTITY, _identities(chosen))
            await _copy(owner, "ingest", "identity_code", CODE, _codes(chosen))
    await _store_statuses(owner, environment, people[0][0], now)
    for table in TABLES:
        await owner.execute(f"VACUUM ANALYZE {table}")
    return [code for _, code, _ in people]


async def _store_statuses(
    owner: asyncpg.Connection, environment: Mapping[str, str], pattern: UUID, now: datetime
) -> None:
    """Let registry work out the first person's status, and give the others the same."""
    values: dict[str, Any] = {name.lower(): value for name, value in environment.items()}
    settings = RegistrySettings(**values | {"data_keys": json.loads(environment["DATA_KEYS"])})
    async with (
        open_context(settings, service="registry", part="bench") as context,
        context.db.transaction() as session,
    ):
        await service.refresh(session, context, person_ids=[pattern], now=now.astimezone(SHANGHAI))
    columns = [
        row["attname"]
        for row in await owner.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'registry.person_status'::regclass"
            " AND attnum > 0 AND attname NOT IN ('person_id', 'shown_code') AND NOT attisdropped"
        )
    ]
    rest = ", ".join(f"s.{column}" for column in columns)
    await owner.execute(
        f"""INSERT INTO registry.person_status (person_id, shown_code, {", ".join(columns)})
            SELECT p.person_id, p.health_code_id, {rest}
            FROM registry.person p CROSS JOIN registry.person_status s
            WHERE s.person_id = $1 AND p.health_code_id LIKE 'BENCH%' AND p.person_id <> $1
            ORDER BY p.person_id""",
        pattern,
    )


def _new_id(rng: Random, now: datetime) -> UUID:
    return new_id(now - timedelta(seconds=rng.random() * 86_400), rng.randbytes)


def _people(
    people: list[tuple[UUID, str, bytes]], sealed: tuple[bytes, bytes], now: datetime
) -> Iterator[tuple[Any, ...]]:
    for person_id, code, index in people:
        yield person_id, "resident_id", index, sealed[0], index, sealed[1], code, "bench", now, now


def _enrolments(
    rng: Random, people: list[tuple[UUID, str, bytes]], units: list[str], now: datetime
) -> Iterator[tuple[Any, ...]]:
    since = date(2025, 1, 1)
    for person_id, _, _ in people:
        yield _new_id(rng, now), person_id, rng.choice(units), CATEGORY, since, "bench", now, now


def _identities(people: list[tuple[UUID, str, bytes]]) -> Iterator[tuple[Any, ...]]:
    for person_id, code, index in people:
        yield person_id, code, "resident_id", index, index, 1


def _codes(people: list[tuple[UUID, str, bytes]]) -> Iterator[tuple[Any, ...]]:
    for person_id, code, _ in people:
        yield code, person_id, 1


async def _copy(
    owner: asyncpg.Connection,
    schema: str,
    table: str,
    columns: tuple[str, ...],
    records: Iterator[tuple[Any, ...]],
) -> None:
    await owner.copy_records_to_table(table, schema_name=schema, columns=list(columns), records=records)
