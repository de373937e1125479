"""The limits of a process: decided in memory, settled with PostgreSQL once a second, never in Redis.

A request costs no SQL. The first request of a credential in a process reads what all processes
together have left of its allowance; from then on each process takes off its own copy and tells the
shared row what it has used, and learns what the others have. Between two settlements each may use
what it last knew to be there, so N processes may overshoot by N - 1 times that, once: the shared level
goes below nothing and the debt is waited off before anything more passes. Without PostgreSQL a process
goes on with what it knows and lets come back only a tenth (FLOOR): closed rather than open.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from prometheus_client import Counter

from shared.db import Database
from shared.errors import Problem
from shared.limits import settling
from shared.limits.accounts import OF_PEOPLE, TOO_MANY_AT_ONCE, Account
from shared.limits.rules import (
    TOKENS_OF_ADDRESS,
    TOKENS_OF_CLIENT,
    Bucket,
    Kind,
    Rate,
    class_of,
    rates_of,
)
from shared.limits.settling import Alarm
from shared.security.principal import Principal

SETTLE_SECONDS: Final = 1.0
OWN_LIMITS_SECONDS: Final = 5.0
STALE_SECONDS: Final = 10.0
OPEN_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 3_600.0
FLOOR: Final = 0.1
SAY_AGAIN_SECONDS: Final = 600.0
MOST_KEPT: Final = 20_000

REFUSED: Final = Counter("yingjian_limited", "Requests over a limit", ["service", "kind"])
ALARMS: Final = Counter("yingjian_enumeration_alarms", "Clients that look for too many people", ["service"])
_log = structlog.get_logger()

Own = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass
class Limiter:
    """Every allowance that this process knows.

    `clock` is real time in seconds; `report` hears at once of who looks for too many people.
    """

    service: str
    db: Database
    changed: Own = field(default_factory=dict)
    at_once: int = 256
    uploads_at_once: int = 4
    clock: Callable[[], float] = time.time
    report: Callable[[Alarm], None] = lambda _: None
    accounts: dict[str, Account] = field(default_factory=dict)
    callers: dict[str, Bucket] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    own: Own = field(default_factory=dict)
    settled_at: float = field(default=0.0)
    _own_read_at: float = float("-inf")
    _forgot_at: float = float("-inf")
    _opening: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _settling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.settled_at = self.clock()

    def share(self, now: float) -> float:
        """Return how much of each rate comes back: all of it while PostgreSQL can be asked."""
        return 1.0 if now - self.settled_at <= STALE_SECONDS else FLOOR

    async def enter(
        self, who: Principal, kinds: tuple[Kind, ...], *, spared: bool = False
    ) -> tuple[Account, Kind | None]:
        """Let a request of this client in and count it, or raise Problem 429.

        `kinds` are the allowances that must not be used up. With `spared` it is let in all the same, and
        what is used up is returned: its route looks for a positive before it refuses. Whoever is let in
        must lower `in_flight` at the end.
        """
        name = class_of(who.scopes)
        account = self.accounts.get(f"{who.client_id}/{name}")
        if account is None:
            account = await self._open(who.client_id, name)
        if account.in_flight >= self.at_once:
            REFUSED.labels(self.service, "at_once").inc()
            raise Problem(TOO_MANY_AT_ONCE, headers={"Retry-After": "1"})
        now = self.clock()
        over = account.used_up(kinds, now=now, share=self.share(now))
        if over is not None and not spared:
            raise self.refusal(account, over)
        account.in_flight += 1
        account.charge("requests", 1)
        return account, over

    def refusal(self, account: Account, kind: Kind) -> Problem:
        """Note that a request is refused and return Problem 429."""
        now = self.clock()
        REFUSED.labels(self.service, kind).inc()
        if now - account.told.get(kind, float("-inf")) >= SAY_AGAIN_SECONDS:
            account.told[kind] = now
            self._say(account, kind, now)
        return account.problem(kind)

    def _say(self, account: Account, kind: Kind, now: float) -> None:
        if kind not in OF_PEOPLE:
            _log.warning("client_over_its_limit", client_id=account.client_id, code=kind)
            return
        ALARMS.labels(self.service).inc()
        _log.error("enumeration_suspected", client_id=account.client_id, code=kind)
        alarm = Alarm(now, account.client_id, kind)
        self.alarms.append(alarm)
        self.report(alarm)

    def token_allowed(self, caller: str, client: str | None) -> int:
        """Count a request for a token; return in how many seconds to ask again, or 0 to go on.

        `caller` stands for an address, `client` for a client together with that address.
        """
        now = self.clock()
        wanted = [(caller, TOKENS_OF_ADDRESS)] + ([(client, TOKENS_OF_CLIENT)] if client else [])
        buckets = [self._caller(key, rate, now) for key, rate in wanted]
        empty = [one for one in buckets if one.refill(now, self.share(now)) <= 0]
        if empty:
            REFUSED.labels(self.service, "tokens").inc()
            return max(one.wait() for one in empty)
        for one in buckets:
            one.take(1)
        return 0

    def _caller(self, key: str, rate: Rate, now: float) -> Bucket:
        bucket = self.callers.get(key)
        if bucket is None:
            if len(self.callers) >= MOST_KEPT:  # whoever is full again or was settled longest ago goes
                kept = sorted(self.callers.items(), key=lambda item: -item[1].at)[: MOST_KEPT // 2]
                self.callers = dict(kept)
            bucket = self.callers[key] = Bucket(rate, now=now)
        return bucket

    async def _open(self, client_id: str, name: str) -> Account:
        key = f"{client_id}/{name}"
        task = self._opening.get(key)
        if task is None:
            task = self._opening[key] = asyncio.create_task(self._read(client_id, name))
            task.add_done_callback(lambda _: self._opening.pop(key, None))
        await asyncio.shield(task)
        return self.accounts[key]

    async def _read(self, client_id: str, name: str) -> None:
        """Make an account from the shared rows; without PostgreSQL from the floor."""
        key, now = f"{client_id}/{name}", self.clock()
        self._make_room()
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                if now - self._own_read_at >= OWN_LIMITS_SECONDS:
                    self.own = await settling.read_own(self.db)
                    self._own_read_at = now
                rates = self._rates(client_id, name)
                levels = await settling.settle(self.db, [(key, k, 0.0, r) for k, r in rates.items()], now=now)
        except Exception:  # noqa: BLE001 - whatever it is, the request is judged by the floor
            _log.warning("limits_not_read", exc_info=True)
            rates = self._rates(client_id, name)
            levels = {(key, kind): rate.burst * FLOOR for kind, rate in rates.items()}
        buckets = {kind: Bucket(rate, now=now, level=levels[key, kind]) for kind, rate in rates.items()}
        self.accounts[key] = Account(client_id, key, buckets, uploads=self.uploads_at_once)

    def _rates(self, client_id: str, name: str) -> dict[Kind, Rate]:
        return rates_of(name, self.changed, self.own.get(client_id, {}))

    def _make_room(self) -> None:
        if len(self.accounts) >= MOST_KEPT:
            idle = [
                key
                for key, one in self.accounts.items()
                if not one.in_flight and not any(b.used for b in one.buckets.values())
            ]
            for key in idle:
                del self.accounts[key]

    async def settle(self) -> None:
        """Tell the shared rows what was used here and take over what is left there."""
        async with self._settling:
            now = self.clock()
            used = self._used()
            taken = [(key, kind, one.used, one.rate) for key, kind, one in used]
            if taken:
                levels = await settling.settle(self.db, taken, now=now)
                for (key, kind, amount, _), (_, _, one) in zip(taken, used, strict=True):
                    one.used -= amount  # what was used while we spoke is still to be told
                    one.level, one.at = levels[key, kind] - one.used, max(now, one.at)
            if now - self._own_read_at >= OWN_LIMITS_SECONDS:
                self._follow(await settling.read_own(self.db), now)
            if now - self._forgot_at >= FORGET_SECONDS:
                await settling.forget(self.db, now=now)
                self._forgot_at = now
            while self.alarms:
                await settling.note(self.db, self.service, self.alarms[0])
                self.alarms.pop(0)
            self.settled_at = now

    def _used(self) -> list[tuple[str, str, Bucket]]:
        buckets: list[tuple[str, str, Bucket]] = [
            (account.key, kind, one)
            for account in self.accounts.values()
            for kind, one in account.buckets.items()
            if one.used
        ]
        return buckets + [(key, "tokens", one) for key, one in self.callers.items() if one.used]

    def _follow(self, own: Own, now: float) -> None:
        self._own_read_at = now
        changed = {
            client for client in own.keys() | self.own.keys() if own.get(client) != self.own.get(client)
        }
        self.own = own
        for account in self.accounts.values():
            if account.client_id in changed:
                account.change(self._rates(account.client_id, account.key.rpartition("/")[2]), now=now)

    async def keep_settling(self) -> None:
        """Settle once a second, for ever."""
        while True:
            try:
                await self.settle()
            except Exception:  # noqa: BLE001 - logged; what was used stays noted until it can be told
                _log.warning("limits_not_settled", exc_info=True)
            await asyncio.sleep(SETTLE_SECONDS)


@asynccontextmanager
async def settling_beside(limiter: Limiter) -> AsyncIterator[None]:
    """Settle in the background, and a last time at the end."""
    task = asyncio.create_task(limiter.keep_settling())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        with suppress(Exception):
            await limiter.settle()
