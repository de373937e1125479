"""`python -m tests.bench.sealing`: what sealing and indexing cost, SM against AES and SHA in the same run."""

import base64
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

from shared.security.sealing import BlindIndex, Sealer

KEY: Final = base64.b64encode(bytes(range(32))).decode()
ROUNDS: Final = 7
OPERATIONS: Final = 4_000
PLAIN: Final = '{"name": "张三", "phone": "13800138000"}'.encode()


def microseconds(work: Callable[[], object]) -> float:
    """Return the processor time of one operation in µs."""
    began = time.process_time()
    for _ in range(OPERATIONS):
        work()
    return (time.process_time() - began) / OPERATIONS * 1e6


def measured() -> dict[str, float]:
    """Return the median µs of each operation, the rounds interleaved."""
    aes, sm4 = Sealer({"k1": KEY}), Sealer({"k1": KEY}, algorithm="sm4-gcm")
    sha, sm3 = BlindIndex(KEY), BlindIndex(KEY, algorithm="hmac-sm3")
    envelopes = aes.seal(PLAIN, context="c"), sm4.seal(PLAIN, context="c")
    works: dict[str, Callable[[], object]] = {
        "seal aes-256-gcm": lambda: aes.seal(PLAIN, context="c"),
        "seal sm4-gcm": lambda: sm4.seal(PLAIN, context="c"),
        "open aes-256-gcm": lambda: aes.open(envelopes[0], context="c"),
        "open sm4-gcm": lambda: sm4.open(envelopes[1], context="c"),
        "index hmac-sha256": lambda: sha.of("id:resident_id", "11010519491231002X"),
        "index hmac-sm3": lambda: sm3.of("id:resident_id", "11010519491231002X"),
    }
    rounds = [{name: microseconds(work) for name, work in works.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(each[name] for each in rounds) for name in works}


def main() -> None:
    """Print the table."""
    found = measured()
    for name, value in found.items():
        sys.stdout.write(f"{name:20} {value:8.2f} µs\n")
    for sm, other in (
        ("seal sm4-gcm", "seal aes-256-gcm"),
        ("open sm4-gcm", "open aes-256-gcm"),
        ("index hmac-sm3", "index hmac-sha256"),
    ):
        sys.stdout.write(f"{sm} / {other}: {found[sm] / found[other]:.2f}\n")


if __name__ == "__main__":
    main()
