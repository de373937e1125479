"""The audit log over HTTP and by command, on all three services."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.audit import verify
from shared.audit.heads import heads_file, read
from shared.audit.verifying import verify as findings_of
from tests.support.system import PACKAGES, System


async def sealed(system: System, service: str) -> None:
    """Let the worker of a service chain what is there, and sign it."""
    await system.owner.execute("UPDATE bus.schedule SET due_at = now() WHERE name LIKE 'audit.%'")
    schema = "ingest" if service == "results-ingest" else service
    waiting = f"SELECT (SELECT count(*) FROM {schema}.audit_pending) + (SELECT count(*) FROM bus.schedule"
    waiting += " WHERE name = 'audit.head' AND due_at <= now())"
    while await system.owner.fetchval(waiting):
        pass


@pytest.mark.parametrize("service", PACKAGES)
async def test_the_log_is_listed_filtered_exported_and_verified(system: System, service: str) -> None:
    auditor = await system.client(service, scopes=["audit:read"], client_id="auditor-1")
    for _ in range(5):
        assert (await auditor.get("/v1/audit")).status_code == 200
    await sealed(system, service)

    page = (await auditor.get("/v1/audit", params={"client_id": "auditor-1", "limit": 2})).json()
    rest = (
        await auditor.get(
            "/v1/audit",
            params={"action": "audit.list", "cursor": page["next_cursor"], "since": "2026-01-01T00:00:00Z"},
        )
    ).json()
    assert [row["audit_id"] for row in page["audit"] + rest["audit"]] == [5, 4, 3, 2, 1]
    assert (await auditor.get("/v1/audit", params={"client_id": "nobody"})).json()["audit"] == []

    # What is kept after an export was made may reach beyond it: these requests are chained and signed too.
    kept = read(heads_file(system.context(service).settings, service).read_bytes().splitlines())
    answer = await auditor.get("/v1/audit/export")
    head = (await auditor.get("/v1/audit/head")).json()
    key = (await auditor.get("/v1/audit/key")).json()["public_key"]
    [signed] = read([json.dumps(head).encode()])
    assert signed.head.n >= 5
    assert findings_of(answer.content.splitlines(), [], trusted=frozenset({key})) == []
    assert kept
    assert findings_of(answer.content.splitlines(), kept, trusted=frozenset({key})) == []


async def test_the_command_verifies_offline_and_says_how_fast(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    auditor = await system.client("registry", scopes=["audit:read"])
    for _ in range(3):
        await auditor.get("/v1/audit")
    await sealed(system, "registry")
    path, kept = tmp_path / "export.jsonl", tmp_path / "heads.jsonl"
    kept.write_bytes(heads_file(system.context("registry").settings, "registry").read_bytes())
    path.write_bytes((await auditor.get("/v1/audit/export")).content)

    assert verify.main([str(path), "--heads", str(kept)]) == 0
    assert "rows/s" in capsys.readouterr().out

    path.write_bytes(path.read_bytes().replace(b"audit.list", b"audit.lost", 1))
    assert verify.main([str(path), "--heads", str(kept)]) == 1
    assert "changed n=1" in capsys.readouterr().out


async def test_an_export_goes_on_where_another_ended(system: System) -> None:
    auditor = await system.client("registry", scopes=["audit:read"])
    for _ in range(4):
        await auditor.get("/v1/audit")
    await sealed(system, "registry")
    lines = (await auditor.get("/v1/audit/export", params={"after": 2})).content.splitlines()
    assert json.loads(lines[1])["row"]["n"] == 3
    assert findings_of(lines) == []
    assert (await auditor.get("/v1/audit/export", params={"after": 99})).status_code == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [({"scopes": ["records:read"]}, 403), ({"scopes": ["audit:read"], "area_code": "T1"}, 200),
     ({"scopes": ["audit:read"], "area_code": "T1", "area_level": "township"}, 403)],
)  # fmt: skip
async def test_only_an_auditor_of_the_whole_district_reads_it(
    system: System, more: dict[str, Any], status: int
) -> None:
    client = await system.client("registry", **more)
    for path in ("", "/head", "/key", "/export"):
        assert (await client.get(f"/v1/audit{path}")).status_code == status
