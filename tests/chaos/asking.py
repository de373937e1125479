"""What the outside is told in the end, asked over HTTP: receipts, statuses, and nothing in clear anywhere."""

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from redis.asyncio import Redis

from shared.audit.verify import check_service
from shared.context import SCHEMAS
from tests.chaos.driver import Driver
from tests.chaos.invariants import Finding
from tests.chaos.ledger import Batch, display, newest

AT_ONCE: Final = 8
AGAIN_EVERY: Final = 4
"""Without Redis every fourth batch is asked for again."""
STATUSES_AT_ONCE: Final = 5_000
# As traffic.py makes them: numbers, names, phones.
PERSONAL: Final = re.compile(rb"110105[0-9]{11}[0-9X]|" + "混沌".encode() + rb"[0-9]{6}|1390000[0-9]{4}")
FILES: Final = """
    SELECT pg_read_binary_file(file) FROM (
        SELECT 'pg_wal/' || name AS file FROM pg_ls_waldir() WHERE size > 0
        UNION ALL
        SELECT 'base/' || oid || '/' || name FROM pg_database, pg_ls_dir('base/' || oid) AS name
        WHERE datname = current_database() AND name ~ '^[0-9]+$'
    ) AS files
"""


async def ask_all(driver: Driver, owner: asyncpg.Connection, findings: list[Finding]) -> None:
    """Add what the answers contradict (I7, I8, I10, I12 and the feed), each as soon as it is known."""
    findings += [Finding("feed", "other", f"{code} went backwards") for code in driver.backwards]
    before = await _answers(driver)
    findings += [*_receipts(driver, before), *_statuses(driver, before)]
    findings += await _trails(driver)
    findings += [Finding("I10", "other", found) for found in await _in_clear(driver, owner)]
    redis = Redis.from_url(driver.stand.redis.url)
    await redis.flushall()
    await redis.aclose()
    after = await _answers(driver, every=AGAIN_EVERY)
    findings += [
        Finding("I8", "other", f"{name} is answered otherwise without Redis")
        for name in sorted(after)
        if _without_times(before.get(name)) != _without_times(after[name])
    ]


async def _answers(driver: Driver, *, every: int = 1) -> dict[str, Any]:
    """Return receipts and rows of one batch in `every`, and all statuses, by name."""
    found: dict[str, Any] = {}
    batches = list(driver.ledger.acknowledged())[::every]

    async def fetch(some: list[Batch]) -> None:
        for batch in some:
            assert batch.receipt is not None
            path = f"/v1/batches/{batch.receipt['batch_id']}"
            client = driver.clients[batch.lab]
            one = await client.until_done("GET", path)
            rows = await client.until_done("GET", f"{path}/rows", params={"limit": 1000})
            if one is not None and rows is not None:
                found[f"batch {batch.batch_no}"] = (one.json(), rows.json()["rows"])

    await asyncio.gather(*(fetch(batches[start::AT_ONCE]) for start in range(AT_ONCE)))
    codes = sorted(driver.ledger.people)
    for start in range(0, len(codes), STATUSES_AT_ONCE):
        body = {"health_code_ids": codes[start : start + STATUSES_AT_ONCE]}
        answer = await driver.clients["platform"].until_done("POST", "/v1/statuses/query", body=body)
        if answer is not None:
            for status in answer.json()["statuses"]:
                found[f"status {status['health_code_id']}"] = status
    return found


def _without_times(answer: Any) -> Any:
    # A status is as of the moment of reading; nothing else may differ.
    return {**answer, "as_of": None} if isinstance(answer, dict) else answer


def _receipts(driver: Driver, answers: dict[str, Any]) -> Iterator[Finding]:
    """I7, I11: each receipt adds up and says of each row what became of it."""
    for batch in driver.ledger.acknowledged():
        answer = answers.get(f"batch {batch.batch_no}")
        if answer is None:
            yield Finding("I7", "lost", f"{batch.batch_no} is not shown")
            continue
        one, rows = answer
        expected = batch.expected()
        counted = Counter(row["verdict"] for row in rows)
        told = {"matched": one["matched"], "unmatched": one["unmatched"], "rejected": one["rejected"],
                "duplicate": one["duplicates"]}  # fmt: skip
        if one["waiting"] or one["held"] or any(told[name] != expected[name] for name in told):
            yield Finding("I7", "misplaced", f"{batch.batch_no}: receipt {told}, sent {dict(expected)}")
        if counted != expected or [row["row"] for row in rows] != list(range(1, len(batch.rows) + 1)):
            yield Finding("I7", "misplaced", f"{batch.batch_no}: rows {dict(counted)}, sent {dict(expected)}")


def _statuses(driver: Driver, answers: dict[str, Any]) -> Iterator[Finding]:
    """I12: everybody shows what the rows come to; the feed told the platform the same."""
    for code, rows in driver.ledger.effective().items():
        shown, heard = answers.get(f"status {code}"), driver.view.get(code)
        wanted = display(rows)
        if shown is None or shown["display"] != wanted:
            kind = "lost" if shown is None else "misplaced"
            yield Finding("I12", kind, f"{code} shows {shown and shown['display']}, must be {wanted}")  # type: ignore[arg-type] # one of two
            continue
        if heard is None or (heard["display"], heard["version"]) != (wanted, shown["version"]):
            yield Finding("feed", "lost", f"the platform has not heard the newest of {code}")
        last, decides = shown["last_result"], newest(rows)
        if wanted == "negative" and decides.outcome == "negative":
            times = tuple(datetime.fromisoformat(last[name]) for name in ("collected_at", "tested_at"))
            if times != decides.at or last["outcome"] != "negative":
                yield Finding("I12", "misplaced", f"{code} shows another result than its newest")


async def _trails(driver: Driver) -> list[Finding]:
    """I9: the audit chain of each service verifies against the heads that were kept outside."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for service in SCHEMAS:
            wrong, said = await check_service(driver.stand.settings, service, Path(folder))
            found += [Finding("I9", "other", f"{said}: {each.kind} n={each.n}") for each in wrong]
    return found


async def _in_clear(driver: Driver, owner: asyncpg.Connection) -> list[str]:
    """I10: no number, name or phone in logs, files, Redis, or the database's files."""
    secrets = {
        row[name].encode() for row in driver.ledger.people.values() for name in ("id_no", "name", "phone")
    }
    held = {str(path.relative_to(driver.stand.home)): path.read_bytes() for path in _files(driver.stand.home)}
    await owner.execute("CHECKPOINT")
    held["the database's files"] = b"".join([row[0] for row in await owner.fetch(FILES)])
    return [
        f"{name} holds something personal in clear"
        for name, content in held.items()
        if secrets & set(PERSONAL.findall(content))
    ]


def _files(home: Path) -> Iterator[Path]:
    for folder in ("logs", "data", "redis"):
        yield from (path for path in (home / folder).rglob("*") if path.is_file())
