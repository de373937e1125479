"""The three services behind ports for the uploader, and a laboratory of each test's own."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from registry.identity.service import create_client
from tests.deploy.uploading import Gate, Lab, nothing, token_of
from tests.support.listening import Listening, listening_on
from tests.support.servers import Address, Clones


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    servers: Address, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Listening, Gate]]:
    gate = Gate()
    async with Clones(servers, "uploader") as clones:
        database = await clones.make()
        data = tmp_path_factory.mktemp("data")
        async with listening_on(servers, database, data, wrap=gate.before) as listening:
            yield listening, gate
        await clones.drop(database)


@pytest_asyncio.fixture(loop_scope="module")
async def lab(running: tuple[Listening, Gate], tmp_path: Path) -> Lab:
    """Make a laboratory of its own."""
    listening, gate = running
    gate.turned_away, gate.posts, gate.receipts_away, gate.taken = [], [], 0, nothing
    code = f"LAB-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    registry = listening.apps["registry"].state.context
    async with registry.db.transaction() as session:
        client_id, secret = await create_client(
            session, registry, name=code, kind="system", scopes=["results:write"], lab_code=code,
            now=datetime.now(UTC),
        )  # fmt: skip
    admin = await token_of(listening, listening.client_id, listening.client_secret)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {admin}"}) as http:
        body = {"lab_code": code, "name": code}
        made = await http.post(listening.urls["results-ingest"] + "/v1/labs", json=body)
        assert made.status_code == 201, made.text
    (tmp_path / "out").mkdir()
    (tmp_path / "secret").write_text(secret + "\n")
    (tmp_path / "secret").chmod(0o600)
    lines = {
        "folder": tmp_path / "out", "registry": listening.urls["registry"], "client_id": client_id,
        "results": listening.urls["results-ingest"], "secret_file": tmp_path / "secret", "settle": 0,
    }  # fmt: skip
    written = "\n".join(f"{name} = {value}" for name, value in lines.items())
    (tmp_path / "uploader.ini").write_text(f"[uploader]\n{written}\n", encoding="utf-8")
    return Lab(tmp_path, listening, gate, await token_of(listening, client_id, secret))
