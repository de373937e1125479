"""Every morning the slowest bodies of the day before, by stage (四个慢, row 63), for who answers for them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from results_ingest.lateness import queries
from results_ingest.stamps.queries import STAGES
from shared import bus
from shared.bus import Schedule
from shared.clock import SHANGHAI, day_of, midnight
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.messages import StagesDigested
from shared.messages.clocks import SlowBody

DAY: Final = timedelta(days=1)
MOST_ROWS: Final = 20_000


async def digest(session: Session, context: Context[Any]) -> bool:
    """Tell once of the newest day whose morning has come; days that were slept through stay untold."""
    settings = context.settings
    now = await context.clock.now(session)
    begun = datetime.combine(day_of(now), settings.stage_digest_at, SHANGHAI) <= now
    day = day_of(now) - (DAY if begun else 2 * DAY)
    if not await execute(session, queries.DIGESTED, day=day, now=now):
        return False
    slowest = await _slowest(session, day, most=settings.stage_digest_worst)
    if slowest:
        message = StagesDigested(day=day.isoformat(), bodies=tuple(slowest))
        await bus.publish(session, message, now=now)
    return False


async def _slowest(session: Session, day: date, *, most: int) -> list[SlowBody]:
    """Return of each stage the bodies with the longest nine tenths, the slowest first."""
    begins = midnight(day)
    span = {"from_at": begins, "to_at": begins + DAY, "township": None, "department": None}
    found: list[SlowBody] = []
    for kind, statement in STAGES.items():
        rows = await fetch_all(session, statement, limit=MOST_ROWS, **span)
        listed = [each for stage in _by_stage(rows).values() for each in stage[:most]]
        sites = sorted({row["body"] for row in listed}) if kind == "site" else []
        towns = {
            row["site_code"]: row["township_code"]
            for row in (await fetch_all(session, queries.TOWNS, site_codes=sites) if sites else ())
        }
        found += [_body(row, kind, towns.get(row["body"])) for row in listed]
    return found


def _by_stage(rows: Sequence[RowMapping]) -> dict[str, list[RowMapping]]:
    stages: dict[str, list[RowMapping]] = {}
    for row in sorted(rows, key=lambda row: (row["stage"], -row["p90"], row["body"])):
        stages.setdefault(row["stage"], []).append(row)
    return stages


def _body(row: RowMapping, kind: str, township_code: str | None) -> SlowBody:
    return SlowBody(
        stage=row["stage"],
        body_type=kind,
        body_code=row["body"],
        township_code=township_code,
        tubes=row["tubes"],
        median=round(row["median"], 1),
        p90=round(row["p90"], 1),
        longest=round(row["longest"], 1),
    )


DIGEST: Final = Schedule("stages.digest", timedelta(seconds=30), digest)
