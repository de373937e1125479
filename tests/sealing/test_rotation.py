"""A new key takes over while everything runs, and the old one can be taken out."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from migrations.migrate import OtherIndex, migrate
from notifier.sealed import SEALED as NOTIFIER
from registry.events.reading import SEALED_RESPONSIBLE
from registry.sealed import SEALED as REGISTRY
from results_ingest.sealed import SEALED as INGEST
from shared.resealing.columns import SealedColumn, on_the_bus
from shared.security.sealing import Sealer
from shared.settings import Settings
from tests.support.servers import KEY, Address
from tests.support.system import PACKAGES, System, running_system
from tests.support.waiting import until
from tests.system.desks import (
    on_checks,
    on_hooks,
    on_inspections,
    on_ladder,
    on_lists,
    on_packets,
    on_papers,
    on_referrals,
    on_reports,
    on_responsibility,
    on_work,
)
from tests.system.people import UNIT, District, ok, person, resident_id, row, text

NEW = base64.b64encode(b"n" * 32).decode()
QUICK: dict[str, Any] = {
    "reseal_pause_seconds": 0.0, "reseal_look_seconds": 0.1, "reseal_grace_seconds": 2.0,
}  # fmt: skip
COLUMNS = (*REGISTRY, *INGEST, *NOTIFIER, *(each for service in PACKAGES for each in on_the_bus(service)))
NOT_SEALED = {
    "bus.message.body": "listed by the names of the messages that hold envelopes",
    "bus.index_check.value": "a keyed index",
    "registry.client_secret.digest": "a digest",
    "registry.spent_assertion.jti": "a digest",
    "registry.spot_check.content_index": "a keyed index",
    "ingest.batch.sha256": "a digest",
    "ingest.batch.rows_digest": "a digest",
    "ingest.tube.digest": "a digest",
    "ingest.packet.digest": "a digest",
    "ingest.packet_step.digest": "a digest",
    "ingest.fingerprint.key": "a keyed digest",
}
INDEXES = ("id_index", "name_index", "phone_index")
AUDIT = ("audit_link.hash", "audit_head.hash", "audit_head.public_key", "audit_head.signature")


def write_keys(path: Path, **keys: str) -> None:
    """Put keys into the file as an operator does: whole, at once, for nobody else."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(keys))
    new.replace(path)


@asynccontextmanager
async def running(
    servers: Address, database: str, home: Path, keys: Path, **more: Any
) -> AsyncIterator[System]:
    """Run the system with keys from a file."""
    async with running_system(
        servers, database, data_dir=home, data_keys={}, data_keys_file=keys, **{**QUICK, **more}
    ) as system:
        yield system


async def fill(system: System) -> District:
    """Put something into every column of envelopes."""
    district = await District(system).build()
    known = person(1, phone="13900000009", unit_code=UNIT, category_code="8A1")
    await district.register(known, *(person(number) for number in range(2, 40)))
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
    person_id = (await ok(district.admin.get("/v1/people/by-health-code/HC-000001")))["person_id"]
    leave = {"kind": "leave", "from": "2030-01-01", "to": "2030-01-02", "reason": "产假"}
    granted = await ok(district.admin.post(f"/v1/people/{person_id}/exemptions", json=leave))
    path = f"/v1/people/{person_id}/exemptions/{granted['exemption_id']}"
    await ok(district.admin.patch(path, json={"reason": "病假"}))
    await fill_events(system, district, person_id, at=text(now))
    doctor = await system.client("registry", scopes=["records:read"], kind="person")
    await ok(doctor.post(f"/v1/people/{person_id}/disclosure", json={"reason": "核实身份"}))
    await on_responsibility(district)
    await on_lists(district)
    await on_referrals(district, text(now))
    await on_checks(district, person_id)
    await on_ladder(district)
    await on_packets(district, at=text(now))
    await system.settle()
    await on_inspections(district, text(now)[:10])
    await ok(
        district.admin.post("/v1/clients", json={"name": "甲", "kind": "system", "scopes": ["audit:read"]})
    )
    sheet, csv = "姓名,证件号码\n张伟,1\n", {"Content-Type": "text/csv"}
    await ok(district.admin.post("/v1/imports?kind=people", content=sheet, headers=csv))
    sheet = "样本条形码,检测时间,检测结果\nT-1,2022-01-01 08:00:00,不明\n"
    lab = district.labs["LAB01"]
    await ok(district.intake.post("/v1/retention/holds", json={
        "hold_code": "H-1", "received_from": "2022-01-01T00:00:00+08:00", "reason": "调查"}))  # fmt: skip
    await ok(district.intake.post("/v1/retention/holds/H-1/release", json={"reason": "已结束"}))
    await on_hooks(district)
    await ok(lab.post("/v1/batches?batch_no=SHEET", content=sheet.encode(), headers=csv))
    who = {"id_type": "resident_id", "id_no": resident_id(50), "name": "某人"}
    tube = {"tube_code": "T-1", "mode": "single", "capacity": 1, "subject": "person", "members": [who]}
    await ok(district.sampling.post("/v1/tubes", json=tube | {"collected_at": text(now)}))
    await district.post(row(now, outcome="positive", health_code_id="HC-000001"),
                        row(now, health_code_id="HC-NOBODY", lab_extra={"a": "b"}))  # fmt: skip
    await system.settle()
    await on_reports(district, text(now))
    [open_review] = (await ok(district.cdc.get("/v1/reviews")))["reviews"]
    verdict = {"verdict": "confirmed", "reviewer": "王医生", "note": "复采"}
    await ok(district.cdc.post(f"/v1/reviews/{open_review['result_id']}", json=verdict))
    [waiting] = [each for each in (await ok(district.cdc.get("/v1/unmatched")))["unmatched"]
                 if each["kind"] == "row"]  # fmt: skip
    await ok(
        district.cdc.post(
            f"/v1/unmatched/{waiting['id']}/resolution", json={"decision": "reject", "reason": "查无"}
        )
    )
    await system.settle()
    await on_work(district)
    first, second = (await district.notices(kind="alert.positive"))[:2]
    step = {"by": "值班员", "note": "已处置"}
    await ok(district.notices_api.post(f"/v1/notices/{first['notice_id']}/acknowledgement", json=step))
    await on_papers(district, first["notice_id"])
    await ok(district.notices_api.post(
        f"/v1/notices/{second['notice_id']}/revocation", json={"by": "指挥部", "reason": "误发"}))  # fmt: skip
    return district


async def fill_events(system: System, district: District, person_id: str, *, at: str) -> None:
    """Cancel an event, and give it somebody responsible: a release takes days."""
    path = f"/v1/people/{person_id}/events"
    event = await ok(district.admin.post(path, json={"kind": "arrival", "at": at}))
    await ok(district.admin.post(f"/v1/events/{event['event_id']}/cancellation", json={"reason": "未到达"}))
    sealed = system.context("registry").sealer.seal_json(
        {"name": "李明", "phone": "13800138000", "grid": None}, context=SEALED_RESPONSIBLE
    )
    await system.owner.execute(
        "UPDATE registry.event SET released_on = '2030-01-01', released_by = 'x', sealed_responsible = $1",
        sealed,
    )


async def stored(system: System, column: SealedColumn) -> list[Any]:
    """Return every value of a column."""
    table = f"{column.table} AS m WHERE {column.column} IS NOT NULL AND {column.where}"
    return [each[0] for each in await system.owner.fetch(f"SELECT {column.column} FROM {table}")]


async def all_clean(system: System) -> None:
    """Wait until each service says that nothing is left under another key."""

    async def clean() -> bool:
        told = await ok(admin.get("/v1/sealing"))
        return bool(told["clean"]) and told["target"] == system.context(service).sealer.target

    for service in PACKAGES:
        admin = await system.client(service, scopes=["admin"])
        await until(clean)


async def work_on(district: District, stop: asyncio.Event) -> int:
    """Write and read without a pause; whatever cannot be read is an answer of 500 and fails."""
    number = 100
    while not stop.is_set():
        number += 1
        await district.register(person(number, phone=f"139{number:08}", unit_code=UNIT, category_code="8A1"))
        await ok(district.admin.get("/v1/people/by-health-code/HC-000001"))
        await ok(district.admin.get(f"/v1/units/{UNIT}/people", params={"limit": 1000}))
        await ok(district.admin.patch(f"/v1/units/{UNIT}", json={"name": f"单位{number}"}))
        await district.notices()
    return number


async def taken_over(system: System, target: str) -> None:
    """Wait until each API process has read the file."""
    await until(lambda: all(system.context(service).sealer.target == target for service in PACKAGES))


async def taken_out(system: System, sealed: bytes) -> None:
    """Wait until no API process can open what was sealed with the old key."""

    def opens(service: str) -> bool:
        try:
            return bool(system.context(service).sealer.open(sealed, context="c"))
        except KeyError:
            return False

    await until(lambda: not any(opens(service) for service in PACKAGES))


async def test_a_key_is_replaced_under_load_and_its_predecessor_taken_out(
    servers: Address, database: str, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    write_keys(keys, k1=KEY)
    async with running(servers, database, tmp_path, keys) as system:
        district = await fill(system)
        filled = {column.name for column in COLUMNS if await stored(system, column)}
        stop = asyncio.Event()
        working = asyncio.create_task(work_on(district, stop))
        write_keys(keys, k2=NEW, k1=KEY)
        await taken_over(system, "k2 aes-256-gcm")
        await all_clean(system)
        stop.set()
        assert await working > 101
        await system.settle()

        old, new = Sealer({"k1": KEY}), Sealer({"k2": NEW})
        for column in COLUMNS:
            for value in await stored(system, column):
                assert column.renew(new, value) == value, column.name
        write_keys(keys, k2=NEW)
        await taken_out(system, old.seal(b"x", context="c"))
        await ok(district.admin.get("/v1/people/by-health-code/HC-000001"))
        await district.notices()
    assert {column.name for column in COLUMNS} - filled <= NEVER_FILLED


# What the little district leaves empty: reasons of dropped letters, and messages on their way.
NEVER_FILLED = {
    *(f"bus.delivery.reason of {service}" for service in PACKAGES),
    *(f"bus.message.body of {name}" for name in ("contacts.changed", "unit.changed", "department.changed")),
}


async def test_sealing_moves_from_aes_to_sm4(servers: Address, database: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    write_keys(keys, k1=KEY)
    async with running(servers, database, tmp_path, keys) as system:
        await fill(system)
    async with running(servers, database, tmp_path, keys, sealing_algorithm="sm4-gcm") as system:
        await all_clean(system)
        national = Sealer({"k1": KEY}, algorithm="sm4-gcm")
        for column in COLUMNS:
            for value in await stored(system, column):
                assert column.renew(national, value) == value, column.name
        admin = await system.client("registry", scopes=["admin"])
        shown = await ok(admin.get("/v1/people/by-health-code/HC-000001"))
        assert shown["phone_masked"] == "139****0009"


async def test_messages_on_their_way_are_sealed_anew(servers: Address, database: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    write_keys(keys, k1=KEY)
    async with running(servers, database, tmp_path, keys) as system:
        await system.stop_workers("notifier")
        district = await District(system).build()
        await district.register(person(1, phone="13900000009", unit_code=UNIT, category_code="8A1"))
        write_keys(keys, k2=NEW, k1=KEY)
        await taken_over(system, "k2 aes-256-gcm")
        waiting = [column for column in on_the_bus("registry") if column.table == "bus.message"]
        new = Sealer({"k2": NEW, "k1": KEY})

        async def renewed() -> bool:
            values = [(column, value) for column in waiting for value in await stored(system, column)]
            return bool(values) and all(column.renew(new, value) == value for column, value in values)

        await until(renewed)
        write_keys(keys, k2=NEW)
        await system.start_workers("notifier")
        await system.settle()
        contact = await system.owner.fetchval("SELECT contact FROM notifier.person LIMIT 1")
        assert Sealer({"k2": NEW}).open_json(contact, context="contact.person")["phone"] == "13900000009"


async def test_every_bytea_column_is_sealed_anew_or_known_not_to_be_sealed(system: System) -> None:
    rows = await system.owner.fetch("""
        SELECT c.relnamespace::regnamespace || '.' || c.relname || '.' || a.attname AS name
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE a.atttypid = 'bytea'::regtype AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND NOT a.attisdropped
          AND c.relnamespace::regnamespace::text IN ('registry', 'ingest', 'notifier', 'bus')
    """)
    found = {each["name"] for each in rows}
    listed = {f"{column.table}.{column.column}" for column in COLUMNS if column.kind == "bytea"}
    unsealed = {name for name in found if name.endswith((*INDEXES, *AUDIT))} | NOT_SEALED.keys()
    assert found - listed - unsealed == set()
    assert listed - found == set()


@pytest.mark.settings(sealing_algorithm="sm4-gcm", index_algorithm="hmac-sm3")
async def test_the_main_path_works_on_national_algorithms(system: System) -> None:
    district = await fill(system)
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
    by_number = {"id_type": "resident_id", "id_no": resident_id(2), "name": "测试2"}
    await district.post(row(now, **by_number))
    await system.settle()
    assert (await district.status("HC-000002"))["display"] == "negative"
    for column in COLUMNS:
        for value in await stored(system, column):
            assert column.renew(system.context("registry").sealer, value) == value, column.name


async def test_another_index_key_is_refused(servers: Address, database: str) -> None:
    settings = Settings(**servers.values(database))
    await migrate(settings)
    for changed in ({"index_key": NEW}, {"index_algorithm": "hmac-sm3"}):
        with pytest.raises(OtherIndex, match="INDEX_KEY"):
            await migrate(settings.model_copy(update=changed))
