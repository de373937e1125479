"""How a repeated row is known: its key as sent, its outcome, and what was accepted before. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from results_ingest.batches.rules import OUTCOMES, Row

WINDOW: Final = timedelta(days=90)
"""How long a row is remembered, from the receipt of its batch (contract §5)."""

OUTCOME_NUMBER: Final = {outcome: number for number, outcome in enumerate(OUTCOMES, start=1)}
Verdict = Literal["fresh", "duplicate", "conflict"]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored under a key: the first outcome accepted, and rarely others after it."""

    outcome: int
    result_id: UUID
    others: Mapping[int, UUID]


def key_of(lab_code: str, row: Row, id_index: str | None) -> bytes:
    """Return 16 bytes for lab, tube or person as sent, and test kind; the time of testing stands apart."""
    values = row.values
    if "tube_code" in values:
        subject = f"tube\0{values['tube_code']}"
    elif "health_code_id" in values:
        subject = f"code\0{values['health_code_id']}"
    else:
        subject = f"{values['id_type']}\0{id_index}"
    text = f"{lab_code}\0{subject}\0{row.test_kind}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def plain_key(lab_code: str) -> Callable[[str], bytes]:
    """Return what gives the key of a laboratory's plain PCR row by its health code, as `key_of` does."""
    before, after = f"{lab_code}\0code\0".encode(), b"\0pcr"

    def key(code: str) -> bytes:
        return hashlib.blake2b(before + code.encode() + after, digest_size=16).digest()

    return key


def judge(known: Remembered | None, outcome: int, oldest: UUID) -> Verdict:
    """Return what a row is against an earlier batch; ids before `oldest` are out of the window."""
    alive = {} if known is None else _alive(known, oldest)
    if outcome in alive:
        return "duplicate"
    return "conflict" if alive else "fresh"


def remember(known: Remembered | None, accepted: Iterable[tuple[int, UUID]], oldest: UUID) -> Remembered:
    """Return what is to be stored under a key once `accepted` (outcome, result id) are added."""
    alive = {} if known is None else _alive(known, oldest)
    for outcome, result in accepted:
        alive.setdefault(outcome, result)
    first, *others = alive.items()
    return Remembered(first[0], first[1], dict(others))


def _alive(known: Remembered, oldest: UUID) -> dict[int, UUID]:
    every = {known.outcome: known.result_id, **known.others}
    return {outcome: result for outcome, result in every.items() if result >= oldest}
