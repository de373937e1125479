"""What a process knows of one credential: its buckets and what it has under way here."""

import asyncio
from collections.abc import Mapping
from typing import Final

from shared.errors import Problem, define
from shared.limits.rules import Bucket, Kind, Rate, policy, remaining

RATE_LIMITED: Final = define(
    "rate_limited",
    429,
    "超过本客户端的调用额度({kind}),请在 {seconds} 秒后重试;整个请求未被处理",
    "Over this client's allowance ({kind}); try again in {seconds} s. Nothing of the request was done",
)
LOOKUPS_LIMITED: Final = define(
    "lookups_limited",
    429,
    "查询人员过多,已放缓并告警,请在 {seconds} 秒后重试",
    "Too many people were looked up: slowed down and reported; try again in {seconds} s",
)
TOO_MANY_AT_ONCE: Final = define(
    "too_many_at_once",
    429,
    "同时进行的请求过多,请等已发出的请求完成后再发",
    "Too many requests at once; wait until those under way are answered",
)
OF_PEOPLE: Final[frozenset[Kind]] = frozenset({"lookups", "unknown"})
OF_BODIES: Final[tuple[Kind, ...]] = ("rows", "bytes")


class Account:
    """One credential's buckets in this process."""

    __slots__ = ("buckets", "client_id", "in_flight", "key", "policy", "told", "uploads")

    def __init__(self, client_id: str, key: str, buckets: Mapping[Kind, Bucket], *, uploads: int) -> None:
        self.client_id = client_id
        self.key = key
        self.buckets = dict(buckets)
        self.in_flight = 0
        self.uploads = asyncio.Semaphore(uploads)
        self.policy = policy({kind: one.rate for kind, one in self.buckets.items()}).encode()
        self.told: dict[Kind, float] = {}

    def change(self, rates: Mapping[Kind, Rate], *, now: float) -> None:
        """Follow other rates; what has been used stays used."""
        for kind, rate in rates.items():
            if kind in self.buckets:
                self.buckets[kind].rate = rate
                self.buckets[kind].level = min(self.buckets[kind].level, rate.burst)
            else:
                self.buckets[kind] = Bucket(rate, now=now)
        self.policy = policy(rates).encode()

    def used_up(self, kinds: tuple[Kind, ...], *, now: float, share: float) -> Kind | None:
        """Return the first of the kinds of which nothing is left, or None."""
        for kind in kinds:
            bucket = self.buckets.get(kind)
            if bucket is not None and bucket.refill(now, share) <= 0:
                return kind
        return None

    def charge(self, kind: Kind, amount: float) -> None:
        """Take off what a request has cost; a kind that is not counted for this class is let be."""
        bucket = self.buckets.get(kind)
        if bucket is not None:
            bucket.take(amount)

    def problem(self, kind: Kind) -> Problem:
        """Return the refusal of a request of which `kind` is used up."""
        seconds = self.buckets[kind].wait()
        message = LOOKUPS_LIMITED if kind in OF_PEOPLE else RATE_LIMITED
        return Problem(message, headers={"Retry-After": str(seconds)}, kind=kind, seconds=seconds)

    def headers(self, *, body: bool, looked: bool) -> list[tuple[bytes, bytes]]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers for what a request touched."""
        chosen: tuple[Kind, ...] = ("requests",)
        chosen += OF_BODIES if body else ()
        chosen += ("lookups", "unknown") if looked else ()
        left = remaining((kind, self.buckets[kind]) for kind in chosen if kind in self.buckets)
        return [(b"ratelimit-policy", self.policy), (b"ratelimit", left.encode())]
