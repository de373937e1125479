"""A client of the public APIs as a laboratory would write one: tokens renewed, retries bounded.

It knows the wire (contract §2, §3) and nothing of the services behind it. Every write of the contract
is repeat-safe, so whatever was not answered is simply sent again.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import jwt

TRIES: Final = 8
TRANSIENT: Final = frozenset({429, 502, 503, 504})
LONGEST_PAUSE: Final = 5.0
RENEW_BEFORE: Final = 60.0
BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OK: Final = frozenset({200, 201, 202, 204})


class RefusedError(RuntimeError):
    """An answer that is neither wanted nor worth a retry; the text holds its code, never our data."""

    def __init__(self, response: httpx.Response) -> None:
        """Keep the answer."""
        super().__init__(f"{response.request.method} {response.request.url.path}: {problem(response)}")
        self.response = response


@dataclass(frozen=True, slots=True)
class Account:
    """A client's id and secret, or the key that it signs with: PEM, and the id it is registered under."""

    client_id: str
    client_secret: str
    key: str | None = None
    kid: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What `.run/credentials.json` holds (contract §1); `urls` by service name."""

    urls: Mapping[str, str]
    accounts: Mapping[str, Account]
    labs: Mapping[str, Account]


@dataclass(slots=True)
class Api:
    """One client of one service."""

    http: httpx.AsyncClient
    base_url: str
    token_url: str
    account: Account
    token: str = ""
    good_until: float = 0.0
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        expect: Collection[int] = OK,
    ) -> httpx.Response:
        """Return an answer whose status is expected; RefusedError for another.

        `body` goes as JSON; `content` as it is, under the media type that `headers` name.
        """
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()

        async def send() -> httpx.Response:
            said = {"Authorization": f"Bearer {await self.valid_token()}"}
            if content is not None:
                said["Content-Type"] = "application/json"
            response = await self.http.request(
                method,
                self.base_url + path,
                content=content,
                params=params,
                headers=said | dict(headers or {}),
            )
            if response.status_code == httpx.codes.UNAUTHORIZED:
                self.good_until = 0.0
            return response

        response = await _retried(send)
        if response.status_code not in expect:
            raise RefusedError(response)
        return response

    async def get(self, path: str, **params: object) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that lies at a path."""
        given = {name: value for name, value in params.items() if value is not None}
        return (await self.call("GET", path, params=given)).json()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON answer of a post."""
        return (await self.call("POST", path, body=body)).json()

    async def valid_token(self) -> str:
        """Return a token that lives for another minute; one renewal at a time."""
        async with self.renewing:
            if time.monotonic() < self.good_until:
                return self.token
            answer = await _retried(self._ask_token)
            if answer.status_code != httpx.codes.OK:
                raise RefusedError(answer)
            self.token = answer.json()["access_token"]
            self.good_until = time.monotonic() + answer.json()["expires_in"] - RENEW_BEFORE
            return self.token

    async def _ask_token(self) -> httpx.Response:
        grant = {"grant_type": "client_credentials"}
        if self.account.key is not None:
            return await self.http.post(self.token_url, data=grant | proof(self.account, self.token_url))
        return await self.http.post(
            self.token_url, data=grant, auth=(self.account.client_id, self.account.client_secret)
        )


def read_credentials(path: Path | None = None) -> Credentials:
    """Read the file that `make run` writes; FileNotFoundError when nothing runs."""
    path = path or Path(os.environ.get("DATA_DIR") or ".run") / "credentials.json"
    stored = json.loads(path.read_text())
    return Credentials(
        urls=stored["urls"],
        accounts={name: _account(stored[name]) for name in ("admin", "platform", "cdc", "sampling")},
        labs={lab["lab_code"]: _account(lab) for lab in stored["labs"]},
    )


def connect(http: httpx.AsyncClient, credentials: Credentials, service: str, account: Account) -> Api:
    """Return the client of a service: `registry`, `results_ingest` or `notifier`."""
    token_url = credentials.urls["registry"] + "/v1/oauth/token"
    return Api(http, credentials.urls[service], token_url, account)


def problem(response: httpx.Response) -> str:
    """Return the status and the code of a problem answer, for a person to read."""
    try:
        told = response.json()
        rows = [f"{error.get('row')}:{error.get('field')}:{error['code']}" for error in told["errors"][:5]]
        return f"{response.status_code} {told['code']} {' '.join(rows)}".strip()
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)


async def _retried(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Send until there is an answer that will not change by itself, at most `TRIES` times."""
    for attempt in range(1, TRIES + 1):
        try:
            response = await send()
        except httpx.TransportError:
            if attempt == TRIES:
                raise
            await asyncio.sleep(_pause(attempt, None))
            continue
        if response.status_code == httpx.codes.UNAUTHORIZED and attempt == 1:
            continue
        if response.status_code not in TRANSIENT or attempt == TRIES:
            return response
        await asyncio.sleep(_pause(attempt, response.headers.get("Retry-After")))
    raise AssertionError  # the last attempt returns or raises


def proof(account: Account, token_url: str) -> dict[str, str]:
    """Return the proof of a client that signs (RFC 7523), good for one token."""
    now = int(time.time())
    claims = {
        "iss": account.client_id, "sub": account.client_id, "aud": token_url, "iat": now, "exp": now + 120,
        "jti": str(uuid4()),
    }  # fmt: skip
    signed = jwt.encode(claims, account.key or "", algorithm="ES256", headers={"kid": account.kid or ""})
    return {"client_assertion_type": BEARER, "client_assertion": signed}


def _pause(attempt: int, asked: str | None) -> float:
    """Return how many seconds to wait: what the server asked, else 0.1 s doubling."""
    wanted = float(asked) if asked and asked.isdigit() else 0.1 * 2**attempt
    return min(wanted, LONGEST_PAUSE)


def _account(stored: Mapping[str, str]) -> Account:
    return Account(stored["client_id"], stored["client_secret"])
