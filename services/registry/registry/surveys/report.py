"""What the last comparison of a round counts, by trade and township."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.surveys import errors, queries
from registry.surveys.service import round_of
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_value
from shared.errors import Problem
from shared.security.access import Principal

COUNTED: Final = ("both", "only_licensed", "only_surveyed", "closed", "closed_unlicensed", "doubled")


async def report(
    session: Session, *, round_code: str, who: Principal, township_code: str | None, trade_code: str | None
) -> dict[str, Any]:
    """Return the figures of the last comparison, by trade and township and in total, inside the area."""
    survey = await round_of(session, round_code)
    if survey["compared_at"] is None:
        raise Problem(errors.NOT_COMPARED)
    area = {"area_township": who.township, "area_department": who.department}
    rows = await fetch_all(
        session,
        queries.FIGURES,
        round_code=round_code,
        township_code=township_code,
        trade_code=trade_code,
        **area,
    )
    groups: dict[tuple[str, str], list[RowMapping]] = {}
    for row in rows:
        groups.setdefault((row["trade_code"], row["township_code"]), []).append(row)
    return {
        "round_code": round_code,
        "compared_at": survey["compared_at"].astimezone(SHANGHAI).isoformat(),
        "stale": await is_stale(session, survey),
        "suggestions_open": await fetch_value(
            session, queries.SUGGESTIONS_OPEN, round_code=round_code, **area
        ),
        "total": figures(rows),
        "rows": [
            {"trade_code": trade, "township_code": town, **figures(group)}
            for (trade, town), group in groups.items()
        ],
    }


def figures(rows: Sequence[RowMapping]) -> dict[str, Any]:
    """Return the counts and shares of these outcomes."""
    counts = {name: sum(row["items"] for row in rows if row["outcome"] == name) for name in COUNTED}
    licensed = counts["both"] + counts["only_licensed"] + counts["closed"]
    surveyed = sum(counts.values()) - counts["only_licensed"]

    def share(name: str, base: int) -> float | None:
        return round(counts[name] / base, 4) if base else None

    return {
        "licensed": licensed,
        "surveyed": surveyed,
        **counts,
        "elsewhere": sum(row["elsewhere"] for row in rows),
        "both_share": share("both", licensed),
        "only_licensed_share": share("only_licensed", licensed),
        "closed_share": share("closed", licensed),
        "only_surveyed_share": share("only_surveyed", surveyed),
    }


async def is_stale(session: Session, survey: RowMapping) -> bool:
    """Say whether the list, the places or a decision has changed since the comparison."""
    stale: bool = await fetch_value(
        session, queries.STALE, round_code=survey["round_code"], compared_at=survey["compared_at"]
    )
    return stale
