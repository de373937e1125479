"""Effects become messages: columns of at most 2,500, by laboratory and receipt, positives urgent."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from results_ingest.matching.rules import chunks, is_urgent
from shared.bus.publishing import publish
from shared.db import Session
from shared.messages import ResultsApplied


class Effect(NamedTuple):
    """What one result means for one person; after the first two, the message's columns in order."""

    lab_code: str
    reported_at: datetime
    person_id: UUID
    result_id: UUID
    outcome: str
    mode: str
    test_kind: str
    collected_at: str
    tested_at: str
    tube_id: UUID | None = None
    tube_code: str | None = None
    paired_with: str | None = None
    replaces: UUID | None = None
    from_positive: bool = False
    withdrawn: bool = False


async def publish_effects(session: Session, effects: Iterable[Effect], *, now: datetime) -> None:
    """Tell registry of these effects."""
    groups: dict[tuple[str, datetime, bool], list[Effect]] = {}
    for effect in effects:
        urgent = is_urgent(effect.outcome, corrects=effect.replaces is not None)
        groups.setdefault((effect.lab_code, effect.reported_at, urgent), []).append(effect)
    for (lab_code, reported_at, urgent), group in groups.items():
        await publish_columns(session, lab_code, reported_at, group, urgent=urgent, now=now)


async def publish_columns(
    session: Session,
    lab_code: str,
    reported_at: datetime,
    rows: Sequence[tuple[object, ...]],
    *,
    urgent: bool,
    now: datetime,
) -> None:
    """Publish rows shaped as `Effect` that share laboratory, receipt and urgency."""
    for chunk in chunks(rows):
        columns = list(zip(*chunk, strict=True))[2:]
        message = ResultsApplied(lab_code, reported_at.isoformat(), *columns)
        await publish(session, message, now=now, urgent=urgent)
