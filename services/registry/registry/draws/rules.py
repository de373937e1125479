"""The weekly draw. Pure: the same people, seed and share give the same draw (requirements row 17)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be drawn, and the day of their newest sample that counts."""

    person_id: UUID
    last_sampled_on: date | None


def order(candidates: Iterable[Candidate], *, seed: str) -> list[Candidate]:
    """Return everybody in the order of the draw: never sampled, then longest ago; equals by the seed.

    Who was drawn and sampled stands last the next time, so as many draws as the share needs cover all.
    """
    return sorted(candidates, key=lambda each: (each.last_sampled_on or date.min, _lot(seed, each.person_id)))


def number_drawn(candidates: int, percent: int) -> int:
    """Return how many are drawn: never fewer than the share asks for."""
    return -(-candidates * percent // HUNDRED)


def is_repeated(ordered: Sequence[Candidate], *, seed: str) -> bool:
    """Say whether drawing again from the same people gives the same order."""
    return order(ordered, seed=seed) == list(ordered)


def _lot(seed: str, person_id: UUID) -> bytes:
    return sha256(seed.encode() + b"\0" + person_id.bytes).digest()
