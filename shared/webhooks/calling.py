"""One signed call to an address that was looked up and allowed a moment before."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import httpx
from sqlalchemy import RowMapping

from shared.context import Context
from shared.errors import INVALID_BODY, Problem, RowError
from shared.webhooks.errors import WEBHOOK_TARGET_REFUSED
from shared.webhooks.rules import SECRET_BYTES, Target, headers_of
from shared.webhooks.targets import checked


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: `error` is a code, None if it was taken; `wait` is what the other side asks for.

    `reached`: whether anything can have been taken there.
    """

    error: str | None = None
    wait: float = 0.0
    status: int | None = None
    reached: bool = True


def open_http(context: Context[Any]) -> httpx.AsyncClient:
    """Return the client that calls: it follows nothing and trusts no proxy of the environment.

    Such a proxy would be told where to connect to, and asks nobody whether it may.
    """
    certificates = ssl.create_default_context(cafile=context.settings.webhook_ca_file)
    return httpx.AsyncClient(verify=certificates, trust_env=False, follow_redirects=False)


async def call(
    context: Context[Any],
    http: httpx.AsyncClient,
    url: str,
    *,
    event_id: str,
    at: datetime,
    body: bytes,
    secrets: Sequence[bytes],
    attempt: int,
    longest_wait: float = 0.0,
) -> Called:
    """Post one signed body where the URL leads; what is answered is not read."""
    found = await checked(context, url)
    if found is None:
        return Called(WEBHOOK_TARGET_REFUSED.code, reached=False)
    target, address = found
    headers = headers_of(event_id=event_id, at=at, body=body, secrets=secrets, attempt=attempt)
    headers["Host"] = _named(target)
    host = f"[{address}]" if ":" in address else address
    try:
        async with asyncio.timeout(context.settings.webhook_timeout_seconds):
            request = http.build_request(
                "POST",
                f"{target.scheme}://{host}:{target.port}{target.path}",
                content=body,
                headers=headers,
                extensions={"sni_hostname": target.host},
            )
            answer = await http.send(request, stream=True)
            await answer.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return Called(type(error).__name__, reached=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Called(type(error).__name__)
    if answer.is_success:
        return Called(status=answer.status_code)
    return Called(f"http_{answer.status_code}", _asked_wait(answer, longest_wait), answer.status_code)


def _named(target: Target) -> str:
    named = f"[{target.host}]" if ":" in target.host else target.host
    return named if target.port in (80, 443) else f"{named}:{target.port}"


def _asked_wait(answer: httpx.Response, longest: float) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), longest) if text.isdecimal() and len(text) < 10 else 0.0  # noqa: PLR2004 - digits


async def require_callable(context: Context[Any], url: str) -> None:
    """Refuse an address that may not be called, Problem 422; what is there is not told."""
    if await checked(context, url) is None:
        wrong = RowError(None, "url", WEBHOOK_TARGET_REFUSED.code)
        raise Problem(INVALID_BODY, errors=[wrong])


def new_secret() -> bytes:
    """Return the key of a secret that nobody knows yet."""
    return token_bytes(SECRET_BYTES)


def until(now: datetime, overlap: int) -> datetime | None:
    """Return until when the old secret signs beside a new one; None: not at all."""
    return now + timedelta(seconds=overlap) if overlap else None


def live_secrets(
    context: Context[Any], row: Mapping[str, Any] | RowMapping, *, at: datetime, sealed_as: str
) -> list[bytes]:
    """Return the secrets that sign now, of a row with `secret`, `previous_secret` and `previous_until`."""
    found = [context.sealer.open(row["secret"], context=sealed_as)]
    if row["previous_secret"] is not None and row["previous_until"] > at.astimezone(UTC):
        found.append(context.sealer.open(row["previous_secret"], context=sealed_as))
    return found
