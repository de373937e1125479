"""Starts clocks and says that something has happened to their subjects; the worker finds what follows.

A clock may be anything that has a limit: tubes are looked at by their stamps, for other subjects whoever
started the clock states when it began and ended (`state`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from results_ingest.clocks import queries
from results_ingest.clocks.rules import SAMPLED, Limit, after, answers, began, limit_for
from shared.clock import day_of
from shared.db import Session, execute, fetch_all

OF_TUBES: Final = ("handover", "delivery", "result")
# A clock that has not begun is looked at again so often, should what begins it have been overlooked.
LOOK_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """What clocks run for. `named`: whose limits hold; `moments`: what has happened, by `starts`."""

    kind: str
    subject_id: UUID
    code: str
    category: str
    stages: Sequence[str]
    named: Mapping[str, str | None]
    moments: Mapping[str, datetime | None]
    opened_at: datetime
    site_code: str | None = None
    lab_code: str | None = None
    unit_code: str | None = None
    township_code: str | None = None


async def limits_of(session: Session) -> list[Limit]:
    """Return every version of every limit: there are few."""
    rows = await fetch_all(session, queries.LIMITS)
    return [
        Limit(
            stage=row["stage"],
            applies_to=row["applies_to"],
            code=row["code"],
            effective_from=row["effective_from"],
            minutes=row["limit_minutes"],
            warn_minutes=row["warn_minutes"],
            starts=row["starts"],
        )
        for row in rows
    ]


async def start(session: Session, subjects: Sequence[Subject], limits: Sequence[Limit]) -> None:
    """Start the clocks that the limits of the day give these subjects; those that run already stay."""
    clocks = [
        _clock(subject, limit)
        for subject in subjects
        for stage in subject.stages
        if (limit := limit_for(limits, stage, subject.named, day=day_of(subject.opened_at))) is not None
    ]
    if clocks:
        clocks.sort(key=lambda clock: (clock["subject_id"], clock["stage"]))
        await execute(session, queries.START, clocks=json.dumps(clocks))


async def hint(session: Session, *, about: str, ids: Sequence[UUID]) -> None:
    """Say that something happened to subjects or packets, in the transaction that writes it."""
    if ids:
        await execute(session, queries.HINT, about=about, ids=list(ids))


async def hint_packed(session: Session, tubes: Mapping[UUID, str]) -> None:
    """Do so for new tubes that lie in a packet already."""
    if tubes:
        await execute(session, queries.HINT_PACKED, tube_ids=list(tubes), codes=list(tubes.values()))


async def state(
    session: Session,
    told: Mapping[tuple[UUID, str], tuple[datetime | None, datetime | None]],
) -> None:
    """State when clocks of a subject that is no tube began and ended, by (subject, stage)."""
    if not told:
        return
    keys = sorted(told, key=lambda key: (str(key[0]), key[1]))
    await execute(
        session,
        queries.STATE,
        subject_ids=[subject_id for subject_id, _ in keys],
        stages=[stage for _, stage in keys],
        starts_ats=[told[key][0] for key in keys],
        ended_ats=[told[key][1] for key in keys],
    )
    await hint(session, about="subject", ids=sorted({subject_id for subject_id, _ in keys}))


def _clock(subject: Subject, limit: Limit) -> dict[str, Any]:
    starts_at = began(limit.starts, subject.moments)
    due_at = after(starts_at, limit.minutes)
    kind, code = answers(
        limit.stage,
        site_code=subject.site_code,
        lab_code=subject.lab_code,
        unit_code=subject.unit_code,
        township_code=subject.township_code,
    )
    return {
        "subject_id": str(subject.subject_id),
        "stage": limit.stage,
        "subject": subject.kind,
        "code": subject.code,
        "category": subject.category,
        "site_code": subject.site_code,
        "lab_code": subject.lab_code,
        "unit_code": subject.unit_code,
        "township_code": subject.township_code,
        "starts": limit.starts,
        "limit_minutes": limit.minutes,
        "warn_minutes": limit.warn_minutes,
        "opened_at": subject.opened_at.isoformat(),
        "starts_at": _text(starts_at),
        "due_at": _text(due_at),
        "ended_at": None,
        "state": "waiting" if starts_at is None else "running",
        "next_at": _text(after(starts_at, limit.warn_minutes) or due_at or subject.opened_at + LOOK_AGAIN),
        "answer_type": kind,
        "answer_code": code,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def tube_subject(
    tube: Any,  # noqa: ANN401 - the wire model
    tube_id: UUID,
    *,
    site_kind: str | None,
    registered_at: datetime,
) -> Subject:
    """Return a tube as the subject of its clocks."""
    return Subject(
        kind="tube",
        subject_id=tube_id,
        code=tube.tube_code,
        category=site_kind or "other",
        stages=OF_TUBES,
        named=named_of(tube.site_code, site_kind),
        moments={
            SAMPLED: tube.collected_at,
            "registered": registered_at,
            "handed": tube.dispatched_at,
            "received": None,
        },
        opened_at=tube.collected_at,
        site_code=tube.site_code,
        lab_code=tube.lab_code,
        unit_code=tube.unit_code,
    )


def named_of(site_code: str | None, site_kind: str | None) -> dict[str, str | None]:
    """Return whose limits hold for a tube."""
    return {"site": site_code, "site_kind": site_kind}
