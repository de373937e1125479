"""The sender: claim, commit, call, commit what came of it. Nothing is called inside a transaction."""

import asyncio
import ssl
from datetime import UTC
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import msgspec
from sqlalchemy import RowMapping

from results_ingest.webhooks import queries
from results_ingest.webhooks.rules import headers_of
from results_ingest.webhooks.service import SECRET_CONTEXT
from results_ingest.webhooks.targets import LOOK_UP_SECONDS, checked
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.faults import watched
from shared.retry import Again, after_failure

AT_ONCE: Final = 20
OF_ONE_LAB: Final = 4
SPARE_SECONDS: Final = 5.0
Call = RowMapping


async def send_webhooks(context: Context[Any]) -> None:
    """Call laboratories for ever."""
    settings = context.settings
    certificates = ssl.create_default_context(cafile=settings.webhook_ca_file)
    # A proxy of the environment would be told where to connect to, and asks nobody whether it may.
    async with httpx.AsyncClient(verify=certificates, trust_env=False, follow_redirects=False) as http:
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
    found = await checked(context, row["url"])
    if found is None:
        return "webhook_target_refused", 0.0
    target, address = found
    body = msgspec.json.encode(event_of(row))
    headers = headers_of(
        event_id=str(row["batch_id"]),
        at=row["at"],
        body=body,
        secrets=_secrets(context, row),
        attempt=row["attempt"],
    )
    host = f"[{address}]" if ":" in address else address
    named = f"[{target.host}]" if ":" in target.host else target.host
    headers["Host"] = named if target.port in (80, 443) else f"{named}:{target.port}"
    try:
        async with asyncio.timeout(context.settings.webhook_timeout_seconds):
            request = http.build_request(
                "POST",
                f"{target.scheme}://{host}:{target.port}{target.path}",
                content=body,
                headers=headers,
                extensions={"sni_hostname": target.host},
            )
            answer = await http.send(request, stream=True)  # what is answered is not read
            await answer.aclose()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return type(error).__name__, 0.0
    if answer.is_success:
        return None, 0.0
    return f"http_{answer.status_code}", _asked_wait(answer, context.settings.webhook_longest_seconds)


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


def _secrets(context: Context[Any], row: Call) -> list[bytes]:
    found = [context.sealer.open(row["secret"], context=SECRET_CONTEXT)]
    if row["previous_secret"] is not None and row["previous_until"] > row["at"].astimezone(UTC):
        found.append(context.sealer.open(row["previous_secret"], context=SECRET_CONTEXT))
    return found


def _asked_wait(answer: httpx.Response, longest: float) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), longest) if text.isdecimal() and len(text) < 10 else 0.0  # noqa: PLR2004 - digits
