"""Loads the categories that are shipped as data: `python -m registry.categories.load`.

Adds what is missing and changes nothing that stands, so it may run at every start.
"""

import asyncio
import json
import sys
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, Final

from registry.categories import queries
from registry.statuses import holding
from shared.db import Database, Session, execute, fetch_one
from shared.settings import Settings

SHIPPED: Final = "shipped"


def shipped() -> list[dict[str, Any]]:
    """Return the shipped categories as they lie in the file."""
    text = files("registry.categories").joinpath("categories.json").read_text(encoding="utf-8")
    categories: list[dict[str, Any]] = json.loads(text)["categories"]
    return categories


async def load(session: Session, now: datetime) -> int:
    """Add shipped categories and rule versions that are missing; return how many were added."""
    added = 0
    await holding.changing(session)
    for category in shipped():
        if await _insert(session, category, now=now):
            added += 1
        new_rules = 0
        for version, rule in enumerate(category["rules"], start=1):
            new_rules += await _insert_rule(session, category["code"], version, rule, now=now)
        if new_rules:
            await execute(
                session, queries.ASK_REFRESH, category_code=category["code"], after_person=None, now=now
            )
        added += new_rules
    return added


async def _insert(session: Session, category: dict[str, Any], *, now: datetime) -> bool:
    row = await fetch_one(
        session,
        queries.INSERT,
        category_code=category["code"],
        name_zh=category["name_zh"],
        name_en=category["name_en"],
        vaccinated_as=category.get("vaccinated_as"),
        details=json.dumps(category.get("details", {}), ensure_ascii=False),
        effective_from=date.fromisoformat(category["effective_from"]),
        effective_to=_day(category.get("effective_to")),
        created_by=SHIPPED,
        now=now,
    )
    return row is not None


async def _insert_rule(
    session: Session, code: str, version: int, rule: dict[str, Any], *, now: datetime
) -> int:
    return await execute(
        session,
        queries.INSERT_SHIPPED_RULE,
        category_code=code,
        version=version,
        effective_from=date.fromisoformat(rule["effective_from"]),
        effective_to=_day(rule.get("effective_to")),
        shape=rule["shape"],
        params=json.dumps(rule["params"]),
        source=rule.get("source"),
        created_by=SHIPPED,
        now=now,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


async def _main() -> int:
    db = Database(Settings().database_url, name="load-categories", pool_size=1)
    try:
        async with db.transaction() as session:
            return await load(session, datetime.now(UTC))
    finally:
        await db.close()


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(_main())} categories and rules added\n")
