"""Every setting of every service is explained in deploy/example.env, and nothing else is."""

import base64
import json
import re
from pathlib import Path

import pytest

from notifier.settings import NotifierSettings
from registry.settings import RegistrySettings
from results_ingest.settings import ResultsIngestSettings
from shared.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "example.env"
SETTINGS = (Settings, RegistrySettings, ResultsIngestSettings, NotifierSettings)
OF_COMPOSE = {"POSTGRES_PASSWORD"}
SECRETS = {
    "DATA_KEYS": json.dumps({"k1": base64.b64encode(bytes(32)).decode()}),
    "INDEX_KEY": base64.b64encode(bytes(32)).decode(),
    "ROLE_SECRET": "0123456789abcdef",
}


def documented() -> set[str]:
    """Return the names in the example, defaults included."""
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))


def known() -> set[str]:
    """Return the names of all settings."""
    return {name.upper() for settings in SETTINGS for name in settings.model_fields}


def test_every_setting_is_explained() -> None:
    assert known() - documented() == set()


def test_nothing_is_explained_that_is_no_setting() -> None:
    assert documented() - known() == OF_COMPOSE


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_example_loads_once_its_secrets_are_filled_in(
    settings: type[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in known():
        monkeypatch.delenv(name, raising=False)
    for name, value in re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE):
        monkeypatch.setenv(name, value or SECRETS[name])
    assert settings().environment == "production"


def test_the_defaults_shown_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = dict(re.findall(r"^# ([A-Z][A-Z0-9_]+)=(.+)$", EXAMPLE.read_text(), re.MULTILINE))
    examples = {
        "ROLE_PREFIX", "LADDER_FROM", "EXEMPTION_LONGEST_DAYS", "WEBHOOK_NETWORKS", "CHANNEL_ROUTES",
        "RECEIPT_SECRETS", "BOT_URLS",
    }  # fmt: skip
    for name, value in (SECRETS | {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x"}).items():
        monkeypatch.setenv(name, value)
    for name in known() - {*SECRETS, "DATABASE_URL", "REDIS_URL"}:
        monkeypatch.delenv(name, raising=False)
    plain = [settings() for settings in SETTINGS]
    for name in shown.keys() - examples:
        monkeypatch.setenv(name, shown[name])
    assert [settings() for settings in SETTINGS] == plain
