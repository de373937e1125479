"""A canary number, name and phone go through everything and are found nowhere in clear."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.support.servers import Address
from tests.support.system import PACKAGES, System, running_system
from tests.system.people import UNIT, District, ok, resident_id, row, text

NUMBER = resident_id(77_777)
NAME = "金丝雀"
PHONE = "13877776666"
SECRETS = [
    NUMBER.encode(),
    NAME.encode(),
    PHONE.encode(),
    NAME.encode("utf-16-le"),
    repr(NAME)[1:-1].encode(),
]
SECRETS.append(NAME.encode("unicode_escape"))


async def drive(system: System) -> list[bytes]:
    """Send the canary wherever a number, name or phone can be sent; return every refusal's body."""
    district = await District(system).build()
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
    who = {"id_type": "resident_id", "id_no": NUMBER, "name": NAME}
    await district.register(
        who | {"phone": PHONE, "health_code_id": "HC-CANARY", "unit_code": UNIT, "category_code": "8A1"}
    )
    await system.settle()
    collected, tested = text(now - timedelta(hours=4)), now - timedelta(hours=2)
    tube = {"mode": "mixed", "capacity": 5, "subject": "person", "members": [who], "collected_at": collected}
    await ok(district.sampling.post("/v1/tubes", json=tube | {"tube_code": "T-CANARY"}))
    await district.post(
        row(
            tested,
            outcome="positive",
            collected_at=collected,
            **who,
            lab_extra={"note": f"{NAME}{PHONE}{NUMBER}"},
        ),
        row(tested, outcome="indeterminate", tube_code="T-CANARY"),
        row(tested, collected_at=collected, id_type="resident_id", id_no=NUMBER, name="另一人"),
    )
    await system.settle()
    await disclosed(district)
    return [answer async for answer in refusals(district, now)]


async def disclosed(district: District) -> None:
    """Show the canary in clear, which only this call does, for a reason that names it."""
    shown = await ok(district.admin.get("/v1/people/by-health-code/HC-CANARY"))
    doctor = await district.system.client("registry", scopes=["records:read"], kind="person")
    body = {"reason": f"核实{NAME}{PHONE}{NUMBER}"}
    clear = await ok(doctor.post(f"/v1/people/{shown['person_id']}/disclosure", json=body))
    assert (clear["id_no"], clear["name"], clear["phone"]) == (NUMBER, NAME, PHONE)


async def audit_of(system: System) -> bytes:
    """Return what auditors are shown: the lists and the exports of all three services."""
    parts = []
    for service in PACKAGES:
        auditor = await system.client(service, scopes=["audit:read"])
        for path in ("/v1/audit?limit=1000", "/v1/audit/export"):
            answer = await auditor.get(path)
            assert answer.status_code == 200
            parts.append(answer.content)
    return b"".join(parts)


async def refusals(district: District, now: datetime) -> AsyncIterator[bytes]:
    """Yield the answers to requests that are wrong just where the canary is."""
    bad = {"id_type": NUMBER, "id_no": NAME, "name": NUMBER, "phone": NAME, NUMBER: NAME, PHONE: 1}
    tested = text(now)
    requests = [
        district.admin.post("/v1/people/bulk", json={"people": [bad]}),
        district.admin.post("/v1/people/bulk", json={NUMBER: [bad]}),
        district.admin.get(f"/v1/people/by-health-code/{NUMBER}"),
        district.platform.get(f"/v1/statuses/{NUMBER}"),
        district.platform.get("/v1/status-changes", params={"cursor": NUMBER}),
        district.sampling.post("/v1/tubes", json={"tube_code": NAME, "members": [bad], "mode": NUMBER}),
        district.sampling.get(f"/v1/tubes/{NUMBER}"),
        district.labs["LAB01"].post("/v1/batches", json={"batch_no": NAME, "results": [bad]}),
        district.labs["LAB01"].post(
            "/v1/batches", json={"batch_no": "X", "results": [bad | {"outcome": NAME}]}
        ),
        district.labs["LAB01"].post("/v1/batches", content=f'{{"{NUMBER}": {NAME}'),
        district.labs["LAB01"].post(
            "/v1/batches",
            json={"batch_no": "Y", "results": [{"health_code_id": NUMBER, "tested_at": tested}]},
        ),
        district.notices_api.get("/v1/notices", params={"kind": NUMBER, "limit": NAME}),
    ]
    for request in requests:
        answer = await request
        assert answer.status_code < 500, answer.text
        yield answer.content


@pytest.mark.requirement(129)
async def test_a_canary_is_found_nowhere(
    servers: Address, database: str, tmp_path: Path, own_redis: str, capfd: pytest.CaptureFixture[str]
) -> None:
    heard = bytearray()
    redis = Redis.from_url(own_redis)

    async def listen() -> None:
        async with redis.monitor() as monitor:
            async for command in monitor.listen():
                heard.extend(str(command).encode())

    listening = asyncio.create_task(listen())
    async with running_system(
        servers, database, data_dir=tmp_path, redis_url=own_redis, log_level="DEBUG"
    ) as system:
        refused = await drive(system)
        audit = await audit_of(system)
        stored = await database_files(system)
    listening.cancel()
    await redis.aclose()
    out, err = capfd.readouterr()
    places = {
        "refusals": b"\n".join(refused),
        "audit": audit,
        "logs": (out + err).encode(),
        "redis": bytes(heard),
        "database": stored,
        "files": b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()),
    }

    assert len(places["logs"]) > 1000
    assert b"person.disclosure" in places["audit"]
    assert b"wake" in places["redis"]
    assert b"HC-CANARY" in places["database"]
    assert {name: [s for s in SECRETS if s in held] for name, held in places.items()} == {
        key: [] for key in places
    }


FILES = """
    SELECT pg_read_binary_file(file) FROM (
        SELECT 'pg_wal/' || name AS file FROM pg_ls_waldir() WHERE size > 0
        UNION ALL
        SELECT 'base/' || oid || '/' || name FROM pg_database, pg_ls_dir('base/' || oid) AS name
        WHERE datname = current_database() AND name ~ '^[0-9]+$'
    ) AS files
"""


async def database_files(system: System) -> bytes:
    """Return the files of the database and the log of what was written to it."""
    await system.owner.execute("CHECKPOINT")
    return b"".join([record[0] for record in await system.owner.fetch(FILES)])
