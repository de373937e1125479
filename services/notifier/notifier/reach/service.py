"""Names the recipients whom nothing reached."""

from typing import Any

from sqlalchemy import RowMapping

from notifier.channels.rules import UNADDRESSED
from notifier.notices.rules import Sight
from notifier.notices.service import Notifier
from notifier.reach import queries
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all
from shared.web.paging import code_after, page_of


async def page(
    session: Session, context: Notifier, *, sight: Sight, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return one page of recipients in the caller's area, by type and code."""
    rows = await fetch_all(
        session,
        queries.UNREACHABLE,
        **_about(context, sight),
        after_type=code_after(cursor, "type"),
        after_code=code_after(cursor, "code"),
        limit=limit + 1,
    )

    def position(row: dict[str, Any]) -> dict[str, Any]:
        return {name: row["recipient"][name] for name in ("type", "code")}

    return page_of("recipients", [_shown(row) for row in rows], limit=limit, position=position)


def _about(context: Notifier, sight: Sight) -> dict[str, Any]:
    return {
        "errors": list(UNADDRESSED),
        "days": context.settings.unreachable_days,
        "township": sight.township,
        "department": sight.department,
        "kinds": list(sight.kinds) if sight.kinds is not None else None,
        "cdc_only": sight.cdc_only,
    }


def _shown(row: RowMapping) -> dict[str, Any]:
    return {
        "recipient": {
            "type": row["recipient_type"],
            "code": row["recipient_code"],
            "name": row["unit_name"] or row["department_name"] or row["address_name"],
        },
        "notices": row["notices"],
        "urgent": row["urgent"],
        "since": row["since"].astimezone(SHANGHAI),
        "last_at": row["last_at"].astimezone(SHANGHAI),
        "lacking": sorted(row["errors"]),
    }
