"""What the list of hospital departments says of where people work: asked wherever somebody is enrolled."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from registry.people import queries
from registry.people.rows import Derived
from shared.context import Context
from shared.db import Session, fetch_all

Named = tuple[str | None, str | None]


def hospitals(context: Context[Any]) -> dict[str, list[str]]:
    """Return the parameters by which a statement knows a hospital."""
    settings = context.settings
    return {
        "institution_types": list(settings.hospital_institution_types),
        "industries": list(settings.hospital_industries),
    }


async def departments_of(
    session: Session, context: Context[Any], named: Iterable[Named], *, today: date
) -> dict[tuple[str, str], Derived]:
    """Return the categories of those (unit, department) whose unit is a hospital and whose name is known."""
    pairs = sorted({(unit, name) for unit, name in named if unit is not None and name is not None})
    if not pairs:
        return {}
    rows = await fetch_all(
        session,
        queries.DEPARTMENTS,
        units=[unit for unit, _ in pairs],
        departments=[name for _, name in pairs],
        today=today,
        **hospitals(context),
    )
    return {
        (row["unit_code"], row["department"]): Derived(row["category_code"], row["entry_id"]) for row in rows
    }
