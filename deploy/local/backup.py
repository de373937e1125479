"""`make backup`: a copy of the running database, from which any later moment can be restored.

Of our own server: a physical copy, and from then on every segment of its log. Of a server of the user's
own (DATABASE_URL): a dump, which restores to the moment it was made; docs/operations/backup.md says more.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from deploy.local import postgres
from deploy.local.accounts import Account, server_account, server_home
from deploy.local.archive import Archive, Base, archive_of, backup_dir
from deploy.local.state import State, data_dir

KEPT: Final = 7


class BackupError(RuntimeError):
    """What stands in the way, in one line."""


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in a name."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}"


def main() -> int:
    """Back up what runs, or DATABASE_URL; return the exit code."""
    state = State(data_dir())
    try:
        if url := os.environ.get("DATABASE_URL"):
            done = dump(url, Path(os.environ.get("BACKUP_DIR") or state.root / "backups"))
            sys.stdout.write(f"已转储 dumped: {done}\n")
        else:
            made = backup(state)
            sys.stdout.write(f"已备份 backed up: {made.path}\n{KEYS_APART}\n")
    except (BackupError, OSError, asyncpg.PostgresError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"备份失败 no backup was made: {error}\n")
        return 1
    return 0


KEYS_APART: Final = (
    "密钥不在备份内,请另行保管 secrets.json(DATA_KEYS、INDEX_KEY、ROLE_SECRET);没有它们,备份无法解读。\n"
    "The keys are not in it: keep secrets.json (DATA_KEYS, INDEX_KEY, ROLE_SECRET) elsewhere; without them "
    "a backup cannot be read."
)


def backup(state: State, *, kept: int | None = None) -> Base:
    """Copy the running cluster; remove the oldest copies beyond `kept` (BACKUPS_KEPT, 7)."""
    url = running_url(state)
    account = server_account()
    home = server_home(state.root, account)
    archive = archive_of(backup_dir(home), postgres.data_of(home))
    archive.make(account)
    name = stamp(datetime.now(UTC))
    final = archive.base / name
    if final.exists():
        message = f"{final} is there already: one backup a second is enough"
        raise BackupError(message)
    partial = archive.base / f"{name}.partial"
    binaries = postgres.find_binaries(account, home)
    try:
        _run(
            [
                *(str(binaries / "pg_basebackup"), "--pgdata", str(partial), "--wal-method", "stream"),
                *(
                    "--checkpoint",
                    "fast",
                    "--manifest-checksums",
                    "SHA256",
                    "--no-password",
                    *address_of(url),
                ),
            ],
            account,
            password=_password(url),
        )
        verify(partial)
    except BackupError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    partial.rename(final)
    done = {"finished_at": asyncio.run(_server_time(url)).isoformat()}
    final.with_suffix(".json").write_text(json.dumps(done))
    _forget(archive, binaries, account, kept=kept or int(os.environ.get("BACKUPS_KEPT") or KEPT))
    return archive.backups()[-1]


def verify(copy: Path) -> None:
    """Compare every file with the manifest that the server wrote; BackupError names the first that differs.

    Ours and not pg_verifybackup, which dies of itself in the wheel's build.
    """
    manifest = json.loads((copy / "backup_manifest").read_bytes())
    for entry in manifest["Files"]:
        name = entry.get("Path") or bytes.fromhex(entry["Encoded-Path"]).decode()
        with (copy / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != entry["Checksum"].lower():
            message = f"{name} is not what the server wrote"
            raise BackupError(message)


def running_url(state: State) -> str:
    """Return the owner's URL of the database that `make run` serves; BackupError where it does not run."""
    if not state.environment.exists():
        message = f"{state.environment} is not there: is `make run` up, with the same DATA_DIR?"
        raise BackupError(message)
    environment: dict[str, str] = json.loads(state.environment.read_text())
    return environment["DATABASE_URL"]


def dump(url: str, folder: Path) -> Path:
    """Dump one database in PostgreSQL's own form."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = folder / f"{stamp(datetime.now(UTC))}.dump"
    partial = final.with_suffix(".partial")
    account = Account()
    binaries = postgres.find_binaries(account, folder)
    environment = {**os.environ, "PGPASSWORD": _password(url)}
    command = [str(binaries / "pg_dump"), "--format=custom", f"--file={partial}", "--no-password"]
    parts = urlsplit(url)
    answer = subprocess.run(
        [*command, *address_of(url), parts.path.lstrip("/")],
        env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if answer.returncode:
        raise BackupError(answer.stderr.strip())
    partial.chmod(0o600)
    partial.rename(final)
    return final


def address_of(url: str) -> list[str]:
    """Return a URL as options; the password goes another way."""
    parts = urlsplit(url)
    return [
        *("--host", parts.hostname or "127.0.0.1", "--port", str(parts.port or 5432)),
        *("--username", unquote(parts.username or postgres.OWNER)),
    ]


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")


def _run(command: list[str], account: Account, *, password: str = "") -> None:
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    answer = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, cwd="/", **account.identity
    )
    if answer.returncode:
        message = (
            f"{Path(command[0]).name} ({answer.returncode}): {answer.stderr.strip() or answer.stdout.strip()}"
        )
        raise BackupError(message)


async def _server_time(url: str) -> datetime:
    connection = await asyncpg.connect(url)
    try:
        moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return moment
    finally:
        await connection.close()


def _forget(archive: Archive, binaries: Path, account: Account, *, kept: int) -> None:
    """Remove the oldest copies, and the log that only they needed."""
    found = archive.backups()
    for old in found[:-kept]:
        old.path.with_suffix(".json").unlink()
        shutil.rmtree(old.path)
    first = found[-kept:][0].path / "backup_label"
    segment = first.read_text().partition("(file ")[2].partition(")")[0]
    _run([str(binaries / "pg_archivecleanup"), str(archive.wal), segment], account)
