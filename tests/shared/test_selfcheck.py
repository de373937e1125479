"""Outside demo and test a process refuses to start with what is unsafe, every reason on a line of its own."""

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.config_check import SERVICES, masked
from migrations.migrate import head
from shared.selfcheck.looking import findings, index_mark, of_database
from shared.selfcheck.rules import Finding, of_file, of_schema, of_server, of_settings
from shared.settings import Settings, service_database_url
from tests.support.servers import Address

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [f"{service}-{part}" for service in SERVICES for part in ("api", "worker")]


def key(number: int) -> str:
    return base64.b64encode(bytes((7 * number + 11 * place) % 256 for place in range(32))).decode()


SOUND: dict[str, Any] = {
    "data_keys": {"k1": key(1), "k2": key(2)},
    "index_key": key(3),
    "role_secret": "u3Vd-29Qx_7rTnm4",
    "database_url": "postgresql://owner:u3Vd29Qx7rTnm4@db/yingjian",
    "redis_url": "redis://:u3Vd29Qx@redis/0",
    "cors_origins": ("https://example.org",),
    "gateway_url": "https://sms.example.org/send",
}
SAFE_SERVER = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "superuser": "false",
    "bypassrls": "false",
    "clock_moved": "false",
}
ZERO = base64.b64encode(bytes(32)).decode()
EXAMPLE = base64.b64encode(bytes(range(32))).decode()


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found}


def test_sound_settings_and_a_sound_server_are_not_refused() -> None:
    assert of_settings(SOUND, demo_secrets={}) == []
    assert of_server(SAFE_SERVER) == []
    assert of_schema("b", revisions=["a", "b"], head="b") == []
    assert of_file("x", mode=0o100600, owner=1000, us=1000) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"data_keys": {"k1": ZERO}}, "key_known"),
        ({"data_keys": {"k1": EXAMPLE}}, "key_known"),
        ({"index_key": ZERO}, "key_known"),
        ({"index_key": base64.b64encode(bytes(16)).decode()}, "key_length"),
        ({"index_key": "not base64"}, "key_length"),
        ({"index_key": key(1)}, "key_twice"),
        ({"data_keys": {"k1": key(1), "k2": key(1)}}, "key_twice"),
        ({"audit_signing_key": key(3)}, "key_twice"),
        ({"role_secret": key(3)}, "key_twice"),
        ({"role_secret": "change-me"}, "secret_weak"),
        ({"role_secret": "0123456789abcdef"}, "secret_weak"),
        ({"role_secret": "aaaaaaaaaaaaaaaaaaaa"}, "secret_weak"),
        ({"database_url": "postgresql://owner:change-me@db/yingjian"}, "password_known"),
        ({"registry_database_url": "postgresql://r:postgres@db/yingjian"}, "password_known"),
        ({"cors_origins": ("*",)}, "cors_wildcard"),
        ({"gateway_url": "http://sms.example.org/send"}, "gateway_plain"),
        ({"smtp_host": "mail.example.org", "smtp_security": "none"}, "smtp_plain"),
        ({"receipt_secrets": {"gateway": "changeme"}}, "secret_weak"),
        ({"redis_url": "redis://redis:6379/0"}, "redis_open"),
    ],
)
def test_an_unsafe_setting_is_found_and_its_value_is_not_repeated(changed: dict[str, Any], code: str) -> None:
    found = of_settings(SOUND | changed, demo_secrets={})
    assert code in codes(found)
    told = " ".join(one.line() for one in found)
    assert not any(str(value) in told for value in changed.values())
    assert all(one.zh and one.en for one in found)


def test_the_keys_of_a_demonstration_are_known() -> None:
    made = {"DATA_KEYS": {"k1": key(1)}, "INDEX_KEY": key(9)}
    assert codes(of_settings(SOUND, demo_secrets=made)) == {"demo_keys"}


def test_a_gateway_on_this_machine_may_be_plain() -> None:
    assert of_settings(SOUND | {"gateway_url": "http://127.0.0.1:9000/x"}, demo_secrets={}) == []


@pytest.mark.parametrize(
    ("changed", "code", "fatal"),
    [
        ({"fsync": "off"}, "fsync_off", True),
        ({"full_page_writes": "off"}, "full_page_writes_off", True),
        ({"synchronous_commit": "off"}, "synchronous_commit_off", True),
        ({"data_checksums": "off"}, "checksums_off", False),
        ({"superuser": "true"}, "role_too_strong", True),
        ({"bypassrls": "true"}, "role_too_strong", True),
        ({"clock_moved": "true"}, "clock_moved", True),
    ],
)
def test_an_unsafe_server_is_found(changed: dict[str, str], code: str, *, fatal: bool) -> None:
    assert [(one.code, one.fatal) for one in of_server(SAFE_SERVER | changed)] == [(code, fatal)]


@pytest.mark.parametrize(
    ("mode", "owner", "code"),
    [(0o100604, 1000, "file_open"), (0o100620, 1000, "file_open"), (0o100600, 4242, "file_foreign")],
)
def test_a_secret_file_that_others_can_touch_is_found(mode: int, owner: int, code: str) -> None:
    assert codes(of_file("keys", mode=mode, owner=owner, us=1000)) == {code}


@pytest.mark.parametrize(
    ("stored", "code", "fatal"),
    [("a", "schema_stale", True), (None, "schema_stale", True), ("z", "schema_newer", False)],
)
def test_a_stale_schema_is_refused_and_a_newer_one_only_said(stored: str, code: str, *, fatal: bool) -> None:
    found = of_schema(stored, revisions=["a", "b"], head="b")
    assert [(one.code, one.fatal) for one in found] == [(code, fatal)]


async def test_a_real_server_with_fsync_off_is_found(servers: Address, database: str) -> None:
    settings = Settings(**servers.values(database))
    found = codes(await of_database(service_database_url(settings, "registry")))
    assert {"fsync_off", "full_page_writes_off", "synchronous_commit_off"} <= found
    assert "role_too_strong" not in found
    assert "schema_stale" not in found, head()
    assert "role_too_strong" in codes(await of_database(servers.database_url(database)))
    assert "schema_stale" in codes(await of_database(servers.database_url("postgres")))


async def test_another_index_key_than_the_database_began_with_is_found(
    servers: Address, database: str
) -> None:
    settings = Settings(**servers.values(database))
    url = service_database_url(settings, "registry")
    assert "index_other" not in codes(await of_database(url, index=index_mark(settings)))
    for changed in ({"index_key": key(9)}, {"index_algorithm": "hmac-sm3"}):
        mark = index_mark(settings.model_copy(update=changed))
        assert "index_other" in codes(await of_database(url, index=mark))


async def test_a_server_that_is_away_cannot_be_called_safe() -> None:
    assert codes(await of_database("postgresql://x:y@127.0.0.1:1/z")) == {"database_unreachable"}


async def test_demo_and_test_are_not_checked(servers: Address, database: str) -> None:
    for environment in ("demo", "test"):
        settings = Settings(**servers.values(database) | {"environment": environment})
        assert await findings(settings, service="registry") == []


def run(servers: Address, database: str, data_dir: Path, *command: str) -> tuple[int, str]:
    environment = servers.environment(
        database, environment="production", data_dir=str(data_dir), index_algorithm="hmac-sm3"
    )
    beside = Path(sys.executable).parent
    done = subprocess.run(
        command,
        env=environment | {"PATH": f"{beside}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("part", [*COMMANDS, "config check"])
async def test_a_process_says_every_reason_and_ends_before_it_listens(
    servers: Address, database: str, tmp_path: Path, part: str
) -> None:
    (tmp_path / "client-secrets.json").write_text(json.dumps({}))
    (tmp_path / "client-secrets.json").chmod(0o644)
    command = ["sh", str(ROOT / "deploy/entrypoint.sh"), part]
    if part == "config check":
        command = [sys.executable, "-m", "deploy.config_check"]
    code, told = await asyncio.to_thread(run, servers, database, tmp_path, *command)
    assert code != 0
    wanted = {"fsync_off", "synchronous_commit_off", "key_known", "key_twice", "file_open", "index_other"}
    assert all(told.count(f"[{each}]") for each in wanted), told
    assert "Uvicorn running" not in told
    assert "Traceback" not in told
    assert EXAMPLE not in told
    assert servers.role_secret not in told


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("database_url", "postgresql://o:pw@db:5432/x", "postgresql://o:****@db:5432/x"),
        ("data_keys", {"k1": "abc"}, "k1: ****"),
        ("role_secret", "abc", "****"),
        ("gateway_token", "abc", "****"),
        ("receipt_secrets", {"gateway": "abc"}, "gateway: ****"),
        ("bot_urls", {"cdc": ("wecombot://abc",)}, "cdc: ****"),
        ("operator_phone", "13800138000", "****"),
        ("gateway_token", None, "(未设置 not set)"),
        ("log_level", "INFO", "INFO"),
    ],
)
def test_the_settings_are_shown_masked(name: str, value: Any, shown: str) -> None:
    assert masked(name, value) == shown
