"""Servers never run as root, and no directory of somebody else's is opened for them."""

import os
from pathlib import Path

import pytest

from deploy.local import postgres
from deploy.local.accounts import NOBODY, Account, fallback_home, server_account, server_home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend an account")


def test_servers_do_not_run_as_root() -> None:
    assert server_account() == (Account(NOBODY) if os.geteuid() == 0 else Account())


@as_root
def test_a_closed_home_stays_closed_and_servers_go_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    data_dir = closed / "project" / ".run"
    data_dir.mkdir(parents=True)
    closed.chmod(0o700)
    assert server_home(data_dir, Account(NOBODY)) == fallback_home(data_dir)
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_binaries_that_the_account_cannot_reach_are_copied(tmp_path: Path) -> None:
    wheel = tmp_path / "closed" / postgres.WHEEL
    binaries = wheel / postgres.INSTALLATION / "bin"
    binaries.mkdir(parents=True)
    (binaries / "postgres").write_text("#!/bin/sh\n")
    (binaries / "postgres").chmod(0o755)
    libraries = wheel.with_name(f"{postgres.WHEEL}.libs")
    libraries.mkdir()
    (tmp_path / "closed").chmod(0o700)
    copied = postgres.copy_binaries(wheel, tmp_path / "copy")
    assert (copied / "postgres").read_text() == "#!/bin/sh\n"
    assert (copied / "../../.." / libraries.name).resolve().is_dir()
