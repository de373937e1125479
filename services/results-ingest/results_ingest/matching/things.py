"""Results of goods and premises are told by unit: they concern nobody (requirements rows 20-24)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.matching.corrections import Replaced
from results_ingest.matching.rules import chunks
from results_ingest.matching.tubes import Tube
from shared.bus.publishing import publish
from shared.db import Session
from shared.messages import ThingsResulted
from shared.messages.things import ThingResult
from shared.result_ids import result_id


async def tell(
    session: Session,
    rows: Sequence[Any],
    tubes: Mapping[UUID, Tube],
    replaced: Iterable[Replaced],
    *,
    now: datetime,
) -> None:
    """Tell registry of the PCR results among these rows whose tube holds a thing, and of replaced ones."""
    results = [
        _thing(row, tube)
        for row in rows
        if row.test_kind == "pcr"
        and (tube := tubes.get(row.tube_id)) is not None
        and tube.subject != "person"
    ]
    gone = tuple(each.result_id for each in replaced if each.of_thing)
    if gone:
        await publish(session, ThingsResulted((), gone), now=now)
    for chunk in chunks(results):
        await publish(session, ThingsResulted(tuple(chunk)), now=now)


def _thing(row: Any, tube: Tube) -> ThingResult:  # noqa: ANN401 - a result's row
    return ThingResult(
        result_id=result_id(row.batch_id, row.row),
        unit_code=tube.unit_code or "",
        subject=tube.subject,
        sample_kind=tube.sample_kind or "",
        outcome=row.outcome,
        collected_at=row.collected_at.isoformat(),
    )
