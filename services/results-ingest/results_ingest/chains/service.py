"""A result with everything it replaced and everything that replaced it, oldest first (anchors row 12)."""

import zlib
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping

from results_ingest.chains import queries
from results_ingest.matching.stage import PART_CONTEXT
from results_ingest.shown import shown_of
from results_ingest.sight import own_lab
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import NOT_FOUND, Problem
from shared.result_ids import MOST_ROWS, result_id, split
from shared.security.principal import Principal

LONGEST: Final = 100
"""Links that are shown each way; a longer chain is a laboratory's loop, not a history."""
_FIELDS: Final = (
    "lab_code", "outcome", "test_kind", "mode", "state", "code", "collected_at", "tested_at", "reported_at",
    "tube_code", "from_positive", "source_region",
)  # fmt: skip


class _Corrects(msgspec.Struct):
    reason: str | None = None


class _Row(msgspec.Struct):
    row: int
    corrects: _Corrects | None = None


_rows = msgspec.json.Decoder(list[_Row])


async def history(session: Session, context: Context[Any], who: Principal, *, asked: UUID) -> dict[str, Any]:
    """Return the chain that a result belongs to; Problem 404 for another laboratory's or area's."""
    found = await _link(session, who, asked)
    if found is None:
        raise Problem(NOT_FOUND)
    chain = [found]
    while (first := chain[0])["corrects_batch"] is not None and len(chain) < LONGEST:
        before = await _link(session, who, result_id(first["corrects_batch"], first["corrects_row"]))
        if before is None:
            break
        chain.insert(0, before)
    for _ in range(LONGEST):
        newest = chain[-1]["superseded_by"]
        after = None if newest is None else await _link(session, who, newest)
        if after is None:
            break
        chain.append(after)
    # What the laboratory wrote and who reviewed it belong to what the caller may see by now.
    async with full_sight(session):
        return {"result_id": asked, "chain": [await _shown(session, context, each) for each in chain]}


async def _link(session: Session, who: Principal, asked: UUID) -> RowMapping | None:
    batch_id, row = split(asked)
    only = own_lab(who, "records:read", "reviews:write")
    return await fetch_one(
        session,
        queries.LINK,
        batch_id=batch_id,
        row=row if row <= MOST_ROWS else 0,
        lab=only,
        limited=who.limited,
        township=who.township,
        department=who.department,
    )


async def _shown(session: Session, context: Context[Any], link: RowMapping) -> dict[str, Any]:
    own = result_id(link["batch_id"], link["row"])
    corrects = link["corrects_batch"] and result_id(link["corrects_batch"], link["corrects_row"])
    review = await fetch_one(session, queries.REVIEW, result_id=own)
    steps = await fetch_all(session, queries.STEPS, result_id=own) if review else []
    return shown_of({name: link[name] for name in _FIELDS}) | {
        "result_id": own,
        "batch_no": await fetch_value(session, queries.BATCH_NO, batch_id=link["batch_id"]),
        "row": link["row"],
        "replaces": corrects,
        "reason": await _reason(session, context, link) if corrects else None,
        "replaced_by": link["superseded_by"],
        "review": review and shown_of(review) | {"steps": [shown_of(step) for step in steps]},
    }


async def _reason(session: Session, context: Context[Any], link: RowMapping) -> str | None:
    """Return why a correction was made, out of what the laboratory sent; None once that is not kept."""
    for part in await fetch_all(session, queries.PARTS, batch_id=link["batch_id"]):
        text = zlib.decompress(context.sealer.open(part["sealed"], context=PART_CONTEXT))
        for row in _rows.decode(text):
            if row.row == link["row"]:
                return row.corrects.reason if row.corrects else None
    return None
