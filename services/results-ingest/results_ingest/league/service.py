"""What the league shows."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from results_ingest.league import queries
from results_ingest.sight import only
from shared.db import Session, fetch_all, full_sight
from shared.errors import CURSOR_INVALID, Problem
from shared.security.principal import Principal
from shared.web.paging import LARGEST, decode_cursor, page_of

Stage = Literal["sampling", "delivery", "testing", "entry", "total"]
By = Literal["median", "p90", "p95", "longest"]
_MINUTES: Final = ("median", "p90", "p95", "longest")
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days, and what of them; `by` is the figure that laboratories are ranked by."""

    first: date
    last: date
    stage: Stage | None
    category: str | None
    lab_code: str | None
    by: By


async def ranked(
    session: Session, who: Principal, wanted: Wanted, *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of ranked laboratories, by day, stage and category; Problem 403 for an area."""
    own = only(who, "records:read")
    # A laboratory learns its place and how many there are, and nothing of another.
    async with full_sight(session) if own else nullcontext():
        rows = await fetch_all(
            session, queries.ROWS[wanted.by], first=wanted.first, last=wanted.last, stage=wanted.stage,
            category=wanted.category, lab_code=wanted.lab_code, only=own, limit=limit + 1, **_after(cursor),
        )  # fmt: skip
    found = page_of("league", rows, limit=limit, position=_position)
    found["league"] = [
        dict(row) | {name: round(row[name], 1) for name in _MINUTES} for row in found["league"]
    ]
    return {"first_day": wanted.first, "last_day": wanted.last, "by": wanted.by, **found}


def _position(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    names = ("stage", "category", "rank", "lab_code")
    return {"day": row["day"].isoformat(), **{name: row[name] for name in names}}


def _after(cursor: str | None) -> dict[str, Any]:
    place: dict[str, Any] = {
        "after_day": date.min, "after_stage": "", "after_category": "", "after_rank": 0, "after_lab": "",
    }  # fmt: skip
    if cursor is None:
        return place
    position = decode_cursor(cursor)
    texts = [position.get(name) for name in ("day", "stage", "category", "lab_code")]
    rank = position.get("rank")
    if type(rank) is not int or not 0 <= rank <= LARGEST:
        raise Problem(CURSOR_INVALID)
    if not all(isinstance(one, str) and len(one) <= _LONGEST and one.isprintable() for one in texts):
        raise Problem(CURSOR_INVALID)
    day, stage, category, lab_code = map(str, texts)
    try:
        place |= {"after_day": date.fromisoformat(day)}
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
    return place | {
        "after_stage": stage, "after_category": category, "after_rank": rank, "after_lab": lab_code,
    }  # fmt: skip
