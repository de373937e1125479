"""`python -m registry.identity.bootstrap --out PATH`: the clients of a local system (contract §1).

Runs at every start: makes what is missing and writes their credentials for whoever tries the system.
Never part of a production start; there an administrator makes each client.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final

from registry.identity import proofs, queries, service, signing
from shared.context import Context, open_context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.settings import Settings

SECRETS_FILE: Final = "client-secrets.json"
OVERLAP: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A client that must exist."""

    client_id: str
    name: str
    kind: str
    scopes: tuple[str, ...]
    lab_code: str | None = None


USERS: Final = (
    Wanted("admin", "系统管理员", "person", ("admin",)),
    Wanted("platform", "健康码平台", "system", ("status:read",)),
    Wanted("cdc", "县疾控中心", "person", ("records:read", "reviews:write")),
    Wanted("sampling", "采样点", "system", ("samples:write",)),
)
LABS: Final = tuple(
    Wanted(f"lab{number:02}", f"检测机构 {number:02}", "system", ("results:write",), f"LAB{number:02}")
    for number in range(1, 7)
)


async def ensure_clients(
    session: Session, context: Context[Any], *, kept: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """Return every wanted client's secret: the kept one while it is good, else a new one."""
    await execute(session, queries.LOCK_CLIENTS)
    await signing.current_key(session, context, now=now)
    return {
        wanted.client_id: await _ensure(session, context, wanted, kept.get(wanted.client_id), now=now)
        for wanted in (*USERS, *LABS)
    }


async def _ensure(
    session: Session, context: Context[Any], wanted: Wanted, kept: str | None, *, now: datetime
) -> str:
    row = await fetch_one(session, queries.GET_CLIENT, client_id=wanted.client_id, area=None)
    if row is None:
        _, secret = await service.create_client(
            session,
            context,
            name=wanted.name,
            kind=wanted.kind,
            scopes=wanted.scopes,
            lab_code=wanted.lab_code,
            now=now,
            client_id=wanted.client_id,
        )
        return secret
    if row["disabled_at"] is not None:
        await execute(session, queries.ENABLE_CLIENT, client_id=wanted.client_id, now=now)
    newest = await fetch_all(session, queries.NEWEST_DIGEST, client_id=wanted.client_id)
    if kept and any(compare_digest(bytes(each["digest"]), proofs.digest_of(kept)) for each in newest):
        return kept
    secret, _ = await service.rotate_secret(
        session, client_id=wanted.client_id, maker=None, now=now, overlap=OVERLAP
    )
    return secret


def credentials(secrets: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    """Return the content of credentials.json (contract §1)."""

    def pair(client_id: str) -> dict[str, str]:
        return {"client_id": client_id, "client_secret": secrets[client_id]}

    return {
        "urls": {
            "registry": settings.registry_url,
            "results_ingest": settings.results_ingest_url,
            "notifier": settings.notifier_url,
        },
        **{user.client_id: pair(user.client_id) for user in USERS},
        "labs": [{"lab_code": lab.lab_code, **pair(lab.client_id)} for lab in LABS],
    }


def read_kept(path: Path) -> dict[str, str]:
    """Return the secrets of an earlier start; nothing if the file is gone or damaged."""
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: secret for name, secret in kept.items() if isinstance(secret, str)}


def write_private(path: Path, content: object) -> None:
    """Write JSON that only the owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    new.replace(path)


async def bootstrap(settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Make the clients sure, keep their secrets beside the data, and return the credentials."""
    kept_at = settings.data_dir / SECRETS_FILE
    kept = read_kept(kept_at)
    async with open_context(settings, service="registry", part="bootstrap") as context:
        secrets = await context.db.run(lambda session: ensure_clients(session, context, kept=kept, now=now))
    write_private(kept_at, secrets)
    return credentials(secrets, settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where credentials.json is written")
    out: Path = parser.parse_args(arguments).out
    write_private(out, asyncio.run(bootstrap(Settings(), now=datetime.now(UTC))))


if __name__ == "__main__":
    main()
