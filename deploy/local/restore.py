"""`make restore`: the database as it was at a moment, and what must be done after it.

What was there is moved aside, never removed. Only our own server is restored here; for a server of the
user's own docs/operations/backup.md says which commands do the same.
"""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg

from deploy.local import postgres, processes
from deploy.local.accounts import server_home
from deploy.local.archive import Base, archive_of, backup_dir, every_backup
from deploy.local.backup import BackupError, stamp
from deploy.local.plan import DATABASE, Plan, make_plan
from deploy.local.state import AlreadyRunningError, State, data_dir, lock

RECOVERY_SECONDS: Final = 3600
LOG_LINES: Final = 5
NOT_OURS: Final = "DATABASE_URL is a server of your own: see docs/operations/backup.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local restore")
    parser.add_argument("--to", type=_moment, help="the moment, with its offset; without it the latest")
    parser.add_argument("--backup", help="the name of a backup; without it the newest before the moment")
    given = parser.parse_args(arguments)
    state = State(data_dir())
    if os.environ.get("DATABASE_URL"):
        sys.stderr.write(f"{NOT_OURS}\n")
        return 1
    try:
        with lock(state):
            sys.stdout.write(restore(state, to=given.to, name=given.backup) + "\n")
    except AlreadyRunningError as error:
        sys.stderr.write(f"请先停止系统 stop it first: {error}\n")
        return 1
    except (BackupError, OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"恢复失败 nothing was restored: {error}\n")
        return 1
    return 0


def restore(state: State, *, to: datetime | None, name: str | None = None) -> str:
    """Put the database back; return the words of the report. What was there lies beside it afterwards."""
    plan = make_plan(state, os.environ)
    assert plan.postgres is not None
    home = server_home(state.root, plan.postgres.account)
    base = choose(every_backup(backup_dir(home)), to=to, name=name)
    now = datetime.now(UTC)
    data = plan.postgres.data
    aside = data.with_name(f"data.before-{stamp(now)}")
    data.rename(aside)
    try:
        put_back(base, data, plan.postgres)
        log = state.logs / "restore.log"
        kept = base.archive
        settings = {**kept.settings(), "restore_command": kept.fetching(aside / "pg_wal")}
        with recovered(plan.postgres, log, to=to, settings=settings):
            report = follow(plan, base, to=to, out=state.root / f"restored-{stamp(now)}.json")
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        aside.rename(data)
        raise
    shutil.rmtree(state.root / "redis", ignore_errors=True)  # its wake-ups are of another history
    return f"{report}\n原数据保留于 What was there: {aside}"


def choose(backups: Sequence[Base], *, to: datetime | None, name: str | None) -> Base:
    """Return the named backup, or the newest that was finished by the moment; BackupError if none is."""
    fitting = [one for one in backups if name in (None, one.name) and (to is None or one.finished_at <= to)]
    if not fitting:
        message = f"没有合适的备份 no backup fits; there are {[one.name for one in backups]}"
        raise BackupError(message)
    return fitting[-1]


def put_back(base: Base, data: Path, server: postgres.Postgres) -> None:
    """Copy a backup to where a server will find it, told to recover from the archive."""
    server.account.own(data.parent)
    for command in (("cp", "-a", "--", str(base.path), str(data)), ("touch", str(data / "recovery.signal"))):
        path = {"PATH": os.defpath}
        subprocess.run(command, check=True, env=path, **server.account.identity)


@contextmanager
def recovered(
    server: postgres.Postgres, log: Path, *, to: datetime | None, settings: Mapping[str, str]
) -> Iterator[None]:
    """Run the server until its log is replayed to the moment, and for the length of the block."""
    chosen = {
        **settings,
        "recovery_target_action": "promote",
        **({"recovery_target_time": to.isoformat()} if to else {}),
    }
    began = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            server.command(**chosen), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=server.data, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, start_new_session=True,
            preexec_fn=processes.die_with_parent, **server.account.identity,
        )  # fmt: skip
    try:
        _wait(server, process, log, began)
        yield
    finally:
        processes.stop(process, first=signal.SIGINT, grace=60)


def _wait(server: postgres.Postgres, process: subprocess.Popen[bytes], log: Path, began: int) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_bytes()[began:].decode("utf-8", "replace").splitlines()
            fatal = [line for line in said if "FATAL" in line] or said
            message = " / ".join(fatal[-LOG_LINES:])
            raise BackupError(message)
        if asyncio.run(_is_up(server)):
            return
        time.sleep(0.2)
    message = f"the log was not replayed within {RECOVERY_SECONDS} s"
    raise BackupError(message)


async def _is_up(server: postgres.Postgres) -> bool:
    try:
        connection = await asyncpg.connect(server.url("postgres"), timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        return not await connection.fetchval("SELECT pg_is_in_recovery()")
    finally:
        await connection.close()


def follow(plan: Plan, base: Base, *, to: datetime | None, out: Path) -> str:
    """Bring the schema to this code's, begin a new epoch, and list what must be sent again."""
    environment = {**os.environ, **plan.environment}
    moment = ["--moment", to.isoformat()] if to else []
    since = ["--since", base.finished_at.isoformat()]
    steps = (
        ["-m", "migrations.migrate"],
        ["-m", "migrations.restored", "--backup", base.name, "--out", str(out), *since, *moment],
    )
    said = ""
    for step in steps:
        answer = subprocess.run(
            [sys.executable, *step], env=environment, check=False, capture_output=True, text=True
        )
        if answer.returncode:
            raise BackupError(answer.stderr.strip().splitlines()[-1] if answer.stderr.strip() else str(step))
        said = answer.stdout.strip()
    return f"{said}\n清单 The list: {out}"


def drill(state: State, *, to: datetime | None) -> str:
    """Restore to an earlier moment beside the running system, which is not touched; return the report.

    Without a moment the one at which the newest backup was finished.
    """
    plan = make_plan(state, os.environ)
    assert plan.postgres is not None
    account = plan.postgres.account
    folder = backup_dir(server_home(state.root, account))
    base = choose(archive_of(folder, plan.postgres.data).backups(), to=to, name=None)
    moment = to or base.finished_at
    place = account.own(folder / "drill")
    server = replace(plan.postgres, data=place / "data")
    shutil.rmtree(server.data, ignore_errors=True)
    environment = {**plan.environment, "DATABASE_URL": server.url(DATABASE)}
    try:
        put_back(base, server.data, server)
        settings = {"restore_command": base.archive.fetching()}  # and what it writes is archived nowhere
        with recovered(server, state.logs / "restore-drill.log", to=moment, settings=settings):
            out = state.root / "restore-drill.json"
            report = follow(replace(plan, environment=environment), base, to=moment, out=out)
            counted = asyncio.run(_counts(server))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return f"演练,现行系统未改动 A drill: the running system was not touched\n{report}\n{counted}"


async def _counts(server: postgres.Postgres) -> str:
    connection = await asyncpg.connect(server.url(DATABASE))
    try:
        people = await connection.fetchval("SELECT count(*) FROM registry.person")
        batches = await connection.fetchval("SELECT count(*) FROM ingest.batch")
        notices = await connection.fetchval("SELECT count(*) FROM notifier.notice")
    finally:
        await connection.close()
    return f"人员 people {people}, 批次 batches {batches}, 通知 notices {notices}"


def drill_main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse a restore; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local restore-drill")
    parser.add_argument("--to", type=_moment, help="the moment, with its offset")
    given = parser.parse_args(arguments)
    try:
        sys.stdout.write(drill(State(data_dir()), to=given.to) + "\n")
    except (BackupError, OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"演练失败 the drill failed: {error}\n")
        return 1
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = "the moment needs an offset, such as 2026-11-21T09:00:00+08:00"
        raise argparse.ArgumentTypeError(message)
    return moment
