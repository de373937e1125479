"""What passes between a process and the shared rows of the allowances."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from shared.db import Database, Session, execute, fetch_all
from shared.limits import queries
from shared.limits.rules import Kind, Rate

Used = tuple[str, str, float, Rate]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A client that has looked up more people than it may; ids only."""

    at: float
    client_id: str
    kind: Kind


async def settle(db: Database, used: Sequence[Used], *, now: float) -> dict[tuple[str, str], float]:
    """Take off what was used since the last time; return what is left, by bucket and kind."""

    async def work(session: Session) -> dict[tuple[str, str], float]:
        rows = await fetch_all(
            session,
            queries.SETTLE,
            now=now,
            buckets=[each[0] for each in used],
            kinds=[each[1] for each in used],
            used=[each[2] for each in used],
            per_second=[each[3].per_second for each in used],
            bursts=[each[3].burst for each in used],
        )
        return {(row["bucket"], row["kind"]): row["level"] for row in rows}

    return await db.run(work)


async def read_own(db: Database) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the limits that were set for single clients."""
    own: dict[str, dict[str, tuple[float, float]]] = {}
    for row in await db.run(partial(fetch_all, statement=queries.OWN_LIMITS)):
        own.setdefault(row["client_id"], {})[row["kind"]] = (row["per_second"], row["burst"])
    return own


async def forget(db: Database, *, now: float) -> None:
    """Delete what has not been used for a day."""
    await db.run(partial(execute, statement=queries.FORGET, now=now))


async def note(db: Database, service: str, alarm: Alarm) -> None:
    """Keep an alarm."""

    async def work(session: Session) -> None:
        await execute(
            session,
            queries.ALARM,
            at=alarm.at,
            service=service,
            client_id=alarm.client_id,
            kind=alarm.kind,
        )

    await db.run(work)
