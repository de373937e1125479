"""What the names that lists print mean: other names of a body, and names of everyone of a level."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from notifier.work_lists import errors, queries
from notifier.work_lists.naming import Names, fold
from notifier.work_lists.schemas import BodyNameIn
from notifier.work_lists.service import names
from shared.db import Session, fetch_all
from shared.errors import RowError
from shared.web.bodies import check_rows, verdict_of


async def set_names(
    session: Session, rows: Sequence[object], *, client_id: str, now: datetime
) -> dict[str, Any]:
    """Set names, each judged alone; of a name that comes twice the last holds. Lists that stand stay."""
    good, faults = check_rows(BodyNameIn, rows)
    known = await names(session)
    kept: dict[str, BodyNameIn] = {}
    taken = 0
    for number, row in good:
        wrong = _wrong(row, known, number)
        faults += wrong
        if not wrong:
            taken += 1
            kept[fold(row.name)] = row
    stored = await fetch_all(
        session,
        queries.SET_NAMES,
        names=list(kept),
        printed=[row.name for row in kept.values()],
        codes=[" ".join(row.codes) for row in kept.values()],
        everyone=[row.everyone for row in kept.values()],
        client_id=client_id,
        now=now,
    )
    accepted = sum(row["new"] for row in stored)
    return verdict_of(len(rows), accepted=accepted, updated=taken - accepted, errors=faults)


def _wrong(row: BodyNameIn, known: Names, number: int) -> list[RowError]:
    if bool(row.codes) == (row.everyone is not None):
        return [RowError(number, "codes", errors.MEANING_ONE.code)]
    return [
        RowError(number, f"codes.{place}", errors.BODY_UNKNOWN.code)
        for place, code in enumerate(row.codes)
        if code not in known.by_code
    ]


async def listed(session: Session) -> dict[str, Any]:
    """Return every name that was set."""
    rows = await fetch_all(session, queries.MEANINGS)
    return {
        "names": [
            {"name": row["printed"], "codes": list(row["codes"]), "everyone": row["everyone"]} for row in rows
        ]
    }
