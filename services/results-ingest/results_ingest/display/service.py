"""Keeping what the platform says it shows; of two lists the newer one holds."""

from collections.abc import Sequence
from datetime import datetime

from results_ingest.display import queries
from results_ingest.display.errors import CODE_NOT_KNOWN
from results_ingest.display.schemas import ShownIn
from shared.db import Session, execute, fetch_all
from shared.errors import RowError
from shared.security.principal import Principal


async def keep(
    session: Session, who: Principal, rows: Sequence[tuple[int, ShownIn]], *, as_of: datetime
) -> list[RowError]:
    """Keep rows (number, content); return which name nobody."""
    codes = sorted({row.health_code_id for _, row in rows})
    known = {row["health_code_id"] for row in await fetch_all(session, queries.KNOWN, codes=codes)}
    good = [row for _, row in rows if row.health_code_id in known]
    await execute(
        session,
        queries.POST,
        as_of=as_of,
        codes=[row.health_code_id for row in good],
        displays=[row.display for row in good],
        collected=[row.collected_at for row in good],
        client_id=who.client_id,
    )
    return [
        RowError(number, "health_code_id", CODE_NOT_KNOWN.code)
        for number, row in rows
        if row.health_code_id not in known
    ]
