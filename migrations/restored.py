"""`python -m migrations.restored`: what follows every restore, whichever way the database came back.

Begins a new epoch of the status feed, so that old cursors get 410 `cursor_expired` and their readers
read anew, and lists the receipts that the restored database knows nothing of: those batches are to be
sent again, under the same numbers.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from migrations.urls import for_driver
from results_ingest.batches.journal import FOLDER, entries, latest
from shared.settings import Settings

# The number alone would repeat itself if the same backup were restored twice; the clock does not.
RAISE: Final = """
    UPDATE registry.feed_head SET epoch = greatest(epoch + 1, $1::bigint) RETURNING epoch
"""
NOTE: Final = "INSERT INTO bus.restoration (backup, moment, epoch) VALUES ($1, $2, $3)"
MISSING: Final = """
    SELECT u.n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (lab_code, batch_no, n)
    WHERE NOT EXISTS (
        SELECT FROM ingest.batch b WHERE b.lab_code = u.lab_code AND b.batch_no = u.batch_no)
    ORDER BY u.n
"""
AT_ONCE: Final = 5000
# Backups are compared by their end; a receipt may have been noted a little before.
MARGIN: Final = timedelta(days=1)


@dataclass(frozen=True)
class Report:
    """What an operator needs after a restore."""

    backup: str
    moment: str | None
    epoch: int
    journalled: int
    send_again: list[dict[str, Any]]


async def follow(
    url: str, folder: Path, *, backup: str, moment: datetime | None, since: datetime | None
) -> Report:
    """Raise the epoch, note the restore, and compare the journal from a day before `since` on."""
    connection = await asyncpg.connect(for_driver(url))
    try:
        async with connection.transaction():
            epoch = await connection.fetchval(RAISE, int(time.time()))
            await connection.execute(NOTE, backup, moment, epoch)
        noted = latest(list(entries(folder, since=(since - MARGIN).date() if since else None)))
        again = await missing(connection, noted)
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return Report(backup, moment.isoformat() if moment else None, epoch, len(noted), again)


async def missing(connection: asyncpg.Connection, noted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries whose batch the database does not hold."""
    found = []
    for start in range(0, len(noted), AT_ONCE):
        some = noted[start : start + AT_ONCE]
        rows = await connection.fetch(
            MISSING, [one["lab_code"] for one in some], [one["batch_no"] for one in some]
        )
        found += [some[row["n"] - 1] for row in rows]
    return found


def words(report: Report) -> str:
    """Return the report as people read it."""
    moment = report.moment or "备份与归档所及的最新时刻 the latest moment that was kept"
    lines = [
        f"已恢复 Restored: {report.backup} → {moment}",
        f"状态流新纪元 New epoch of the status feed: {report.epoch} (旧游标 410 old cursors get 410)",
        f"须重新发送的批次 Receipts to be sent again: {len(report.send_again)} / {report.journalled}",
    ]
    lines += [
        f"  {one['lab_code']}  {one['batch_no']}  {one['rows']} 行 rows  {one['received_at']}"
        f"  sha256 {one['sha256'][:16]}"
        for one in report.send_again
    ]
    return "\n".join(lines)


def main() -> None:
    """Follow a restore of the environment's DATABASE_URL."""
    parser = argparse.ArgumentParser(prog="python -m migrations.restored")
    parser.add_argument("--backup", default="unnamed", help="what was restored")
    parser.add_argument("--moment", type=datetime.fromisoformat, help="the moment restored to")
    parser.add_argument("--since", type=datetime.fromisoformat, help="compare receipts from then on; all")
    parser.add_argument("--out", type=Path, help="write the report as JSON")
    given = parser.parse_args()
    settings = Settings()
    folder = settings.receipt_journal_dir or settings.data_dir / FOLDER
    report = asyncio.run(
        follow(settings.database_url, folder, backup=given.backup, moment=given.moment, since=given.since)
    )
    if given.out is not None:
        given.out.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    sys.stdout.write(words(report) + "\n")


if __name__ == "__main__":
    main()
