"""HTTP clients that never give up, as a laboratory's does: what is not answered is sent again.

Every answer is counted, and whatever no fault excuses is kept: a 5xx that is not 503, and a 503
without Retry-After.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from deploy.demo.client import Account
from tests.chaos.ledger import Ledger

TIMEOUT: Final = 8.0
PAUSE: Final = 0.15
LONGEST_PAUSE: Final = 1.0
RENEW_BEFORE: Final = 60.0
AGAIN: Final = frozenset({401, 404, 429, 503})
"""404: a review or a person that the system has not heard of yet."""


@dataclass
class Answered:
    """One answer: when it came and how long it took, in seconds."""

    at: float
    seconds: float
    status: int


@dataclass
class Client:
    """One client of one service."""

    http: httpx.AsyncClient
    url: str
    token_url: str
    account: Account
    ledger: Ledger
    running: Callable[[], bool]
    heard: list[Answered] = field(default_factory=list)
    """What was answered while `listening`."""
    listening: bool = False
    _token: str = ""
    _good_until: float = 0.0

    async def until_done(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        done: Collection[int] = (200, 201, 202, 204),
        **more: Any,
    ) -> httpx.Response | None:
        """Send until it is acknowledged; None when the run was ended before, or when it was refused."""
        pause = PAUSE
        while self.running():
            response = await self.once(method, path, body=body, **more)
            if response is not None and response.status_code in done:
                return response
            if response is not None and response.status_code < 500 and response.status_code not in AGAIN:
                self.ledger.contradictions.append(f"{method} {path}: {_told(response)}")
                return None
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 1.5 * pause)
        return None

    async def once(self, method: str, path: str, *, body: Any = None, **more: Any) -> httpx.Response | None:
        """Send once; None when there was no answer."""
        began = time.monotonic()
        try:
            token = await self._valid_token()
            if token is None:
                return None
            headers = {"Authorization": f"Bearer {token}"}
            response = await self.http.request(method, self.url + path, json=body, headers=headers, **more)
        except httpx.HTTPError:
            self.ledger.broken += 1
            if self.listening:
                self.heard.append(Answered(time.monotonic(), time.monotonic() - began, 0))
            return None
        self._note(response)
        if self.listening:
            self.heard.append(Answered(time.monotonic(), time.monotonic() - began, response.status_code))
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._good_until = 0.0
        return response

    def _note(self, response: httpx.Response) -> None:
        status = response.status_code
        self.ledger.answers[status] += 1
        wrong = status >= 500 and (status != 503 or "retry-after" not in response.headers)
        if wrong:
            self.ledger.bad_answers[_told(response)] += 1

    async def _valid_token(self) -> str | None:
        if time.monotonic() >= self._good_until:
            answer = await self.http.post(
                self.token_url,
                data={"grant_type": "client_credentials"},
                auth=(self.account.client_id, self.account.client_secret),
            )
            self._note(answer)
            if answer.status_code != httpx.codes.OK:
                return None
            self._token = answer.json()["access_token"]
            self._good_until = time.monotonic() + answer.json()["expires_in"] - RENEW_BEFORE
        return self._token


def _told(response: httpx.Response) -> str:
    request = response.request
    try:
        code = response.json()["code"]
    except (ValueError, KeyError, TypeError):
        code = "?"
    return f"{request.method} {request.url.path.rpartition('/')[0]} {response.status_code} {code}"
