"""Plain negatives: known by a health code alone, judged and written in one statement at their receipt.

What other rows need (tubes, documents, names, corrections, a hold) they do not have, so one look-up
decides. A row that finds nobody is not written: it goes the way of all the others. The columns of
their message are worded by the database; no row of theirs becomes an object (decision 0020).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from results_ingest.matching import plain_queries
from shared.bus import publish_all
from shared.db import Session, copy_rows, execute, fetch_all
from shared.db_errors import sqlstate
from shared.messages import NegativesApplied
from shared.result_ids import prefix_of

NOT_UNIQUE: Final = "23505"
Row = Any
"""A row of the store by attribute, here one with the columns of `plain_queries.WORDED`."""


class Plain(NamedTuple):
    """A plain negative as it goes to the stage: the stage's columns, times in seconds since 1970."""

    row: int
    code: str
    key: bytes
    mode: str
    collected: float
    tested: float
    received: float | None
    released: float | None
    row_ref: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whose rows these are: the batch, its laboratory, and when it was received."""

    batch_id: UUID
    lab_code: str
    received_at: datetime


async def stage(session: Session, rows: Iterable[Plain]) -> None:
    """Put rows where the two statements below find them until the transaction ends."""
    await execute(session, plain_queries.CREATE)
    await copy_rows(session, plain_queries.STAGE, Plain._fields, rows)


async def remember(session: Session, receipt: Receipt) -> bool:
    """Store the fingerprints of the staged rows; False, and the transaction is spent, if one is not new."""
    try:
        await execute(session, plain_queries.REMEMBER, prefix=prefix_of(receipt.batch_id))
    except DBAPIError as error:
        if sqlstate(error) == NOT_UNIQUE:
            return False
        raise
    return True


async def settle(session: Session, receipt: Receipt, *, rows: int, now: datetime) -> Sequence[int]:
    """Write the staged rows of known people, tell registry, and return the numbers of the others."""
    about = {"batch_id": receipt.batch_id, "lab_code": receipt.lab_code, "reported_at": receipt.received_at}
    parts = (await session.execute(plain_queries.WRITE, about)).all()
    await tell(session, receipt, parts, now=now)
    if sum(part.written for part in parts) == rows:
        return ()
    return [row["row"] for row in await fetch_all(session, plain_queries.LEFT, batch_id=receipt.batch_id)]


async def tell(session: Session, receipt: Receipt, worded: Sequence[Row], *, now: datetime) -> None:
    """Tell registry of plain negatives that were written: a message for each row of columns WORDED."""
    reported_at = receipt.received_at.isoformat()
    await publish_all(
        session,
        [
            NegativesApplied(
                receipt.lab_code,
                reported_at,
                receipt.batch_id,
                *(getattr(part, name) for name in plain_queries.COLUMNS),
            )
            for part in worded
        ],
        now=now,
    )
