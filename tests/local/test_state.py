"""DATA_DIR: private, used by one run at a time, cleared without touching what is not ours."""

import json
import stat
from pathlib import Path

import pytest

from deploy.local.state import AlreadyRunningError, clear, lock, open_state, secrets_of, write_private


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    state = open_state(tmp_path / "run")
    first = secrets_of(state)
    assert secrets_of(state) == first
    assert stat.S_IMODE((state.root / "secrets.json").stat().st_mode) == 0o600


def test_a_second_run_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    state = open_state(tmp_path / "run")
    with lock(state), pytest.raises(AlreadyRunningError, match="already running"):
        lock(state)
    with lock(state):
        pass


def test_clearing_removes_a_directory_that_we_made(tmp_path: Path) -> None:
    state = open_state(tmp_path / "run")
    secrets_of(state)
    clear(state.root)
    assert not state.root.exists()


def test_clearing_a_directory_of_somebody_elses_leaves_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")
    state = open_state(tmp_path)
    secrets_of(state)
    clear(state.root)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


def test_a_running_directory_is_not_cleared(tmp_path: Path) -> None:
    state = open_state(tmp_path / "run")
    with lock(state), pytest.raises(AlreadyRunningError):
        clear(state.root)


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    write_private(path, {"a": 1})
    write_private(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["credentials.json"]
