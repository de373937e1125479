"""Opening, closing and deciding reviews. Knows nothing of how a result found its person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping

from results_ingest.reviews import queries
from results_ingest.reviews.errors import REVIEW_BY_LAB, REVIEW_ORDER
from results_ingest.reviews.rules import step
from shared.bus.publishing import publish
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import NOT_FOUND, Problem
from shared.ids import new_id
from shared.messages import AlarmReviewed, ReviewRecorded
from shared.result_ids import MOST_ROWS, split
from shared.security.principal import Principal

REVIEWER_CONTEXT = "ingest.review"


@dataclass(frozen=True, slots=True)
class Opening:
    """A result that a person has to look at, and whom it concerns as far as is known."""

    result_id: UUID
    person_ids: tuple[UUID, ...]
    subject_type: str
    subject_code: str
    unit_code: str | None
    lab_code: str
    outcome: str
    from_positive: bool
    collected_at: datetime
    tested_at: datetime


async def open_reviews(session: Session, openings: Sequence[Opening], *, now: datetime) -> None:
    """Put results on the work list; people who become known later are added to theirs.

    Someone added after a verdict is told of it: the verdict is about the sample.
    """
    if not openings:
        return
    people = {opening.result_id: opening.person_ids for opening in openings}
    encoded = msgspec.json.encode(openings).decode()
    for row in await fetch_all(session, queries.OPEN, openings=encoded, now=now):
        if row["verdict"] in ("confirmed", "refuted", "released"):
            result_id = row["result_id"]
            await _tell(
                session,
                result_id,
                row["revision"],
                row["verdict"],
                people[result_id],
                at=row["reviewed_at"],
                now=now,
            )


async def close_replaced(session: Session, result_ids: Sequence[UUID], *, now: datetime) -> None:
    """Close what corrections have replaced and tell those who were alarmed."""
    if not result_ids:
        return
    closed = await fetch_all(session, queries.CLOSE_REPLACED, ids=list(result_ids))
    revisions = {row["result_id"]: row["revision"] for row in closed}
    for each in result_ids:
        reviewed = AlarmReviewed(
            result_id=each, revision=revisions.get(each, 1), verdict="replaced", at=now.isoformat()
        )
        await publish(session, reviewed, now=now, urgent=True)


async def listed(
    session: Session,
    who: Principal,
    *,
    state: str | None,
    after: tuple[datetime, UUID],
    overdue: timedelta | None,
    limit: int,
    now: datetime,
) -> Sequence[RowMapping]:
    """Return reviews within the caller's area, what has waited longest first.

    `overdue`: only those that were opened longer ago.
    """
    return await fetch_all(
        session,
        queries.LIST,
        state=state,
        since=after[0],
        after=after[1],
        before=overdue and now - overdue,
        township=who.township,
        department=who.department,
        limit=limit,
    )


async def decide(
    session: Session,
    context: Context[Any],
    who: Principal,
    *,
    result_id: UUID,
    verdict: str,
    reviewer: str,
    note: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Record a verdict; the same one again is answered as the first time.

    Problem 404 without such a review, 403 for a client of the lab's, 409 out of order.
    """
    batch_id, row = split(result_id)
    if not 1 <= row <= MOST_ROWS:
        raise Problem(NOT_FOUND)
    if who.limits and await fetch_value(session, queries.EXISTS, result_id=result_id) is None:
        raise Problem(NOT_FOUND)
    async with full_sight(session):  # whose client posted it stands in the laboratory's batch
        review = await fetch_one(session, queries.LOCK, result_id=result_id, batch_id=batch_id, row=row)
    if review is None or not who.sees(
        township_code=review["township_code"], department_code=review["department_code"]
    ):
        raise Problem(NOT_FOUND)
    if who.lab_code == review["lab_code"] or who.client_id == review["lab_client_id"]:
        raise Problem(REVIEW_BY_LAB)
    decision = step(review["verdict"], verdict, replaced=review["superseded_by"] is not None)
    if decision == "refuse":
        raise Problem(REVIEW_ORDER)
    revision = review["revision"] + (decision == "record")
    if decision == "record":
        sealed = {
            "reviewer": context.sealer.seal(reviewer.encode(), context=REVIEWER_CONTEXT),
            "note": None if note is None else context.sealer.seal(note.encode(), context=REVIEWER_CONTEXT),
        }
        what = {"result_id": result_id, "verdict": verdict, "revision": revision, "now": now}
        await execute(session, queries.RECORD, client_id=who.client_id, **what, **sealed)
        await execute(session, queries.RECORD_STEP, client_id=who.client_id, **what, **sealed)
        people = tuple(review["person_ids"])
        await _tell(session, result_id, revision, verdict, people, at=now, now=now)
        reviewed = AlarmReviewed(result_id=result_id, revision=revision, verdict=verdict, at=now.isoformat())
        await publish(session, reviewed, now=now, urgent=True)
    at = now if decision == "record" else review["reviewed_at"]
    return {"result_id": result_id, "verdict": verdict, "revision": revision, "reviewed_at": at}


async def _tell(
    session: Session,
    result_id: UUID,
    revision: int,
    verdict: str,
    person_ids: tuple[UUID, ...],
    *,
    at: datetime,
    now: datetime,
) -> None:
    recorded = ReviewRecorded(
        review_id=new_id(now),
        result_id=result_id,
        revision=revision,
        verdict=verdict,
        reviewed_at=at.isoformat(),
        person_ids=person_ids,
    )
    await publish(session, recorded, now=now, urgent=True)
