"""The credentials of a local system (contract §1)."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.identity.bootstrap import SECRETS_FILE, bootstrap, write_private
from shared.settings import Settings
from tests.registry.identity.conftest import Registry


async def test_credentials_have_the_shape_of_the_contract_and_work(
    registry: Registry, settings: Settings
) -> None:
    made = await bootstrap(settings, now=datetime.now(UTC))
    assert set(made) == {"urls", "admin", "platform", "cdc", "sampling", "labs"}
    assert made["urls"] == {
        "registry": settings.registry_url,
        "results_ingest": settings.results_ingest_url,
        "notifier": settings.notifier_url,
    }
    assert [lab["lab_code"] for lab in made["labs"]] == [f"LAB0{number}" for number in range(1, 7)]
    clients = [made["admin"], made["platform"], made["cdc"], made["sampling"], *made["labs"]]
    answers = [await registry.ask(each["client_id"], each["client_secret"]) for each in clients]
    assert [answer.json()["scope"] for answer in answers] == [
        "admin",
        "status:read",
        "records:read reviews:write",
        "samples:write",
        *["results:write"] * 6,
    ]


async def test_a_second_start_keeps_the_secrets(registry: Registry, settings: Settings) -> None:
    first = await bootstrap(settings, now=datetime.now(UTC))
    second = await bootstrap(settings, now=datetime.now(UTC))
    assert first == second
    async with registry.context.db.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM registry.client_secret"))).scalar() == 10


async def test_lost_secrets_are_made_anew(registry: Registry, settings: Settings, tmp_path: Path) -> None:
    first = await bootstrap(settings, now=datetime.now(UTC))
    (tmp_path / SECRETS_FILE).unlink()
    second = await bootstrap(settings, now=datetime.now(UTC))
    assert first["admin"]["client_secret"] != second["admin"]["client_secret"]
    answer = await registry.ask(client_id="admin", secret=second["admin"]["client_secret"])
    assert answer.status_code == 200


async def test_a_kept_secret_of_another_database_is_replaced(
    registry: Registry, settings: Settings, tmp_path: Path
) -> None:
    write_private(tmp_path / SECRETS_FILE, {"admin": "from-elsewhere", "cdc": 1})
    made = await bootstrap(settings, now=datetime.now(UTC))
    assert (await registry.ask("admin", made["admin"]["client_secret"])).status_code == 200


async def test_a_disabled_client_of_the_local_system_works_again(
    registry: Registry, settings: Settings
) -> None:
    made = await bootstrap(settings, now=datetime.now(UTC))
    admin = await registry.bearer(scopes=["admin"])
    await registry.http.delete("/v1/clients/platform", headers=admin)
    await bootstrap(settings, now=datetime.now(UTC))
    assert (await registry.ask("platform", made["platform"]["client_secret"])).status_code == 200


@pytest.mark.usefixtures("registry")
async def test_files_with_secrets_are_for_their_owner_alone(settings: Settings, tmp_path: Path) -> None:
    await bootstrap(settings, now=datetime.now(UTC))
    write_private(tmp_path / "out" / "credentials.json", {"a": 1})
    for path in (tmp_path / SECRETS_FILE, tmp_path / "out" / "credentials.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text())
