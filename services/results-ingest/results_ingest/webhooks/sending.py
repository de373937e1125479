"""The sender: claim, commit, call, commit what came of it. Nothing is called inside a transaction."""

import asyncio
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import msgspec
from sqlalchemy import RowMapping

from results_ingest.webhooks import queries
from results_ingest.webhooks.service import SECRET_CONTEXT
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.faults import watched
from shared.retry import Again, after_failure
from shared.webhooks.calling import call, live_secrets, open_http
from shared.webhooks.targets import LOOK_UP_SECONDS

AT_ONCE: Final = 20
OF_ONE_LAB: Final = 4
SPARE_SECONDS: Final = 5.0
Call = RowMapping


async def send_webhooks(context: Context[Any]) -> None:
    """Call laboratories for ever."""
    settings = context.settings
    async with open_http(context) as http:
        while True:
            while await send_due(context, http):
                pass
            await asyncio.sleep(settings.webhook_poll_seconds)


async def send_due(context: Context[Any], http: httpx.AsyncClient) -> int:
    """Make the calls that are due and return how many there were."""
    token = uuid4()
    lease = context.settings.webhook_timeout_seconds + LOOK_UP_SECONDS + SPARE_SECONDS

    async def claim(session: Session) -> list[Call]:
        return list(
            await fetch_all(session, queries.CLAIM, limit=AT_ONCE, each=OF_ONE_LAB, token=token, lease=lease)
        )

    claimed = await context.db.run(claim)
    await asyncio.gather(*(_call_and_record(context, http, row, token) for row in claimed))
    return len(claimed)


async def _call_and_record(context: Context[Any], http: httpx.AsyncClient, row: Call, token: UUID) -> None:
    error, wait = await watched("webhook", _call)(context, http, row)
    settings = context.settings
    later = after_failure(
        row["attempt"],
        max_attempts=settings.webhook_attempts,
        first=settings.webhook_first_seconds,
        longest=settings.webhook_longest_seconds,
    )
    again = error is not None and error != "no_webhook" and isinstance(later, Again)
    seconds = max(later.seconds, wait) if isinstance(later, Again) and again else 0.0
    over = "dropped" if error == "no_webhook" else "failed"
    state = "delivered" if error is None else "waiting" if again else over

    async def record(session: Session) -> None:
        await execute(
            session,
            queries.RECORD,
            batch_id=row["batch_id"],
            token=token,
            state=state,
            error=error,
            seconds=seconds,
        )

    await context.db.run(record)


async def _call(context: Context[Any], http: httpx.AsyncClient, row: Call) -> tuple[str | None, float]:
    """Return the code of what went wrong, None if it was taken, and how long the other side asks to wait."""
    if row["url"] is None:
        return "no_webhook", 0.0
    called = await call(
        context,
        http,
        row["url"],
        event_id=str(row["batch_id"]),
        at=row["at"],
        body=msgspec.json.encode(event_of(row)),
        secrets=live_secrets(context, row, at=row["at"], sealed_as=SECRET_CONTEXT),
        attempt=row["attempt"],
        longest_wait=context.settings.webhook_longest_seconds,
    )
    return called.error, called.wait


def event_of(row: Call) -> dict[str, Any]:
    """Return what a laboratory is told: counts of its batch as they are now, and nothing of anybody."""
    path = f"/v1/batches/{row['batch_id']}"
    return {
        "type": "batch.completed",
        "event_id": str(row["batch_id"]),
        "completed_at": row["completed_at"].astimezone(SHANGHAI).isoformat(),
        "as_of": row["at"].astimezone(SHANGHAI).isoformat(),
        "lab_code": row["lab_code"],
        "batch_id": str(row["batch_id"]),
        "batch_no": row["batch_no"],
        "received_at": row["received_at"].astimezone(SHANGHAI).isoformat(),
        "sha256": bytes(row["sha256"]).hex(),
        **{name: row[name] for name in ("rows", "accepted", "rejected", "duplicates")},
        **{name: row[name] for name in ("matched", "unmatched", "held")},
        "links": {"self": path, "rows": f"{path}/rows", "outcomes": f"{path}/outcomes"},
    }
