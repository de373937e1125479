"""The credentials that the lines to try ask for."""

import json
from pathlib import Path

import pytest

from deploy.local.greeting import client_of


def test_without_a_running_system_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(SystemExit, match="make run"):
        client_of("admin")


def test_a_name_that_nobody_has_is_answered_with_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    client = {"client_id": "a", "client_secret": "b"}
    urls = {"registry": "http://127.0.0.1:1"}
    (tmp_path / "credentials.json").write_text(json.dumps({"urls": urls, "admin": client, "labs": [client]}))
    assert client_of("lab") == client_of("admin") == ("a", "b", "http://127.0.0.1:1")
    with pytest.raises(SystemExit, match="platform, cdc, sampling, lab"):
        client_of("urls")
