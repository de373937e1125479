"""Pure: token buckets, what each class of client may cost by default, and the words of the headers.

A request passes while its buckets are above nothing, and is charged afterwards, also below nothing: so
it is let through or refused whole, and no size need be known beforehand.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["requests", "rows", "bytes", "lookups", "unknown"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LONGEST_RETRY: Final = 3_600


@dataclass(frozen=True, slots=True)
class Rate:
    """So much comes back each second, up to `burst`."""

    per_second: float
    burst: float


# Each is far above what is lawful in a mass test (tests/shared/test_limits_rules.py counts it): a
# limit is there against a client that has gone wrong, never against a busy day.
# `rows` and `bytes` are those of bodies; `lookups` are single people asked for by name of a code or
# id; `unknown` are those among them, and in bulk queries, whom nobody knows.
DEFAULTS: Final[Mapping[str, Mapping[Kind, Rate]]] = {
    "platform": {
        "requests": Rate(50_000, 3_000_000),
        "rows": Rate(2_000_000, 100_000_000),
        "bytes": Rate(100_000_000, 5_000_000_000),
        "unknown": Rate(100, 1_000_000),
    },
    "laboratory": {
        "requests": Rate(200, 12_000),
        "rows": Rate(60_000, 6_000_000),
        "bytes": Rate(40_000_000, 4_000_000_000),
    },
    "sampling": {
        "requests": Rate(200, 12_000),
        "rows": Rate(5_000, 500_000),
        "bytes": Rate(5_000_000, 500_000_000),
    },
    "office": {
        "requests": Rate(200, 12_000),
        "rows": Rate(5_000, 1_000_000),
        "bytes": Rate(5_000_000, 500_000_000),
        "lookups": Rate(1, 3_000),
        "unknown": Rate(0.1, 1_000),
    },
}
# Requests for a token: of one address (a /64 in IPv6), and of one client from one address. The pair,
# so that nobody can lock a laboratory out by asking in its name from elsewhere.
TOKENS_OF_ADDRESS: Final = Rate(20, 1_200)
TOKENS_OF_CLIENT: Final = Rate(5, 300)


class Bucket:
    """A token bucket; `used` is what has been taken since the shared one was last told."""

    __slots__ = ("at", "level", "rate", "used")

    def __init__(self, rate: Rate, *, now: float, level: float | None = None) -> None:
        self.rate = rate
        self.level = rate.burst if level is None else level
        self.at = now
        self.used = 0.0

    def refill(self, now: float, share: float = 1.0) -> float:
        """Add what has come back until `now` (seconds), at a share of the rate; return the level."""
        if now > self.at:
            rate = self.rate
            level = self.level + (now - self.at) * rate.per_second * share
            self.level = min(rate.burst, level)
            self.at = now
        return self.level

    def take(self, amount: float) -> None:
        """Take, whether it is there or not."""
        self.level -= amount
        self.used += amount

    def wait(self) -> int:
        """Return in how many whole seconds the level is above nothing again, 1 at least."""
        if self.rate.per_second <= 0:
            return LONGEST_RETRY
        return max(1, min(LONGEST_RETRY, math.floor(-self.level / self.rate.per_second) + 1))


def class_of(scopes: Collection[str]) -> str:
    """Return the class whose defaults a token's scopes have."""
    if "admin" in scopes:
        return "office"
    for scope, name in (
        ("status:read", "platform"),
        ("results:write", "laboratory"),
        ("samples:write", "sampling"),
    ):
        if scope in scopes:
            return name
    return "office"


def rates_of(
    name: str,
    changed: Mapping[str, Mapping[str, tuple[float, float]]],
    own: Mapping[str, tuple[float, float]],
) -> dict[Kind, Rate]:
    """Return a class's rates: the defaults, what the settings change in them, and the client's own."""
    rates = dict(DEFAULTS[name])
    for source in (changed.get(name, {}), own):
        rates.update({kind: Rate(*source[kind]) for kind in KINDS if kind in source})
    return rates


def policy(rates: Mapping[Kind, Rate]) -> str:
    """Return RateLimit-Policy: how much at once, and in how many seconds all of it comes back."""
    return ", ".join(f'"{kind}";q={int(rate.burst)};w={_window(rate)}' for kind, rate in rates.items())


def remaining(buckets: Iterable[tuple[Kind, Bucket]]) -> str:
    """Return RateLimit: what is left, and in how many seconds all of it is there again."""
    return ", ".join(f'"{kind}";r={max(0, int(one.level))};t={_full_in(one)}' for kind, one in buckets)


def _window(rate: Rate) -> int:
    return max(1, math.ceil(rate.burst / rate.per_second)) if rate.per_second > 0 else LONGEST_RETRY


def _full_in(bucket: Bucket) -> int:
    rate = bucket.rate
    missing = rate.burst - bucket.level
    return max(0, math.ceil(missing / rate.per_second)) if rate.per_second > 0 else LONGEST_RETRY
