"""Judges the week that is over, unit by unit, and tells notifier of every unit that was in breach.

Some units a transaction, with how far it has come in the row of the week, so it may be killed at any point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.breaches import queries, standing
from registry.breaches.rules import (
    REASONS,
    Short,
    Wanting,
    breach_id,
    kinds_of,
    sunday_of,
    week_to_judge,
    worst_first,
)
from registry.figures.rules import WEEK
from registry.shares import at_once
from registry.statuses.display import midnight
from shared import bus
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.messages import BreachedPerson, BreachedShare, WeekBreached, WeekJudged

UNITS_A_STEP: Final = 200
PEOPLE_A_STEP: Final = 4000


@dataclass(frozen=True, slots=True)
class Breach:
    """A unit's breach of a week, with everybody on whose account it is."""

    unit: RowMapping
    kinds: tuple[str, ...]
    people: Sequence[Wanting]
    shares: Sequence[Short]

    def number_of(self, reason: str) -> int:
        """Return how many people are wanting for a reason."""
        return sum(each.reason == reason for each in self.people)


async def begin(session: Session, evaluation: RowMapping, *, now: datetime) -> bool:
    """Say whether this evaluation is to judge the week that is over: the first one after its end is."""
    week = week_to_judge(evaluation["day"], today=day_of(now))
    if week is None:
        return False
    key = evaluation["evaluation_id"]
    return await fetch_one(session, queries.BEGIN, week_on=week, evaluation_id=key, now=now) is not None


async def step(session: Session, context: Context[Any], evaluation: RowMapping, *, now: datetime) -> bool:
    """Judge the next units of the evaluation's week; True if there are more, once all are told False."""
    key = evaluation["evaluation_id"]
    place = await fetch_one(session, queries.OF_EVALUATION, evaluation_id=key)
    if place is None:
        return False
    week: date = place["week_on"]
    units = await _next_units(session, week, after=place["after_unit"])
    if units:
        breaches = await _judge(session, context, units, week=week, now=now)
        await _write(session, breaches, week=week, now=now)
        most = context.settings.breach_people_told
        await bus.publish_all(session, [_told(each, week, most=most, now=now) for each in breaches], now=now)
        await execute(
            session,
            queries.ADVANCE,
            week_on=week,
            after_unit=units[-1]["unit_code"],
            units=place["units"] + len(units),
            breached=place["breached"] + len(breaches),
        )
        return True
    await execute(session, queries.FINISH, week_on=week, now=now)
    judged = WeekJudged(
        week=week.isoformat(),
        evaluation_id=key,
        judged_at=_time(now),
        units=place["units"],
        breached=place["breached"],
    )
    await bus.publish(session, judged, now=now)
    return False


async def _next_units(session: Session, week: date, *, after: str) -> Sequence[RowMapping]:
    """Return the next units, as many as have together so many people, and one at the least."""
    rows = await fetch_all(
        session,
        queries.UNITS,
        after=after,
        sunday=sunday_of(week),
        ends_at=midnight(week + WEEK),
        limit=UNITS_A_STEP,
    )
    people = 0
    for number, row in enumerate(rows):
        people += row["people"]
        if number and people > PEOPLE_A_STEP:
            return rows[:number]
    return rows


async def _judge(
    session: Session, context: Context[Any], units: Sequence[RowMapping], *, week: date, now: datetime
) -> list[Breach]:
    codes = [unit["unit_code"] for unit in units]
    sunday = sunday_of(week)
    await at_once.open_ended(session, context, units, first=week, last=sunday, now=now)
    behind = await standing.behind(session, context, codes, week=week, now=now)
    missing = await standing.not_enrolled(session, codes, week=week)
    short = await standing.short(session, context, codes, week=week)
    return [breach for unit in units if (breach := _breach(unit, behind, missing, short)) is not None]


def _breach(
    unit: RowMapping,
    behind: standing.People,
    missing: standing.People,
    short: Mapping[str, Sequence[Short]],
) -> Breach | None:
    code = unit["unit_code"]
    people = worst_first([*behind.get(code, ()), *missing.get(code, ())])
    shares = short.get(code, ())
    kinds = kinds_of(people, shares)
    return Breach(unit, kinds, people, shares) if kinds else None


async def _write(session: Session, breaches: Sequence[Breach], *, week: date, now: datetime) -> None:
    if not breaches:
        return
    ids = [breach_id(week, each.unit["unit_code"]) for each in breaches]
    await execute(
        session,
        queries.WRITE,
        week_on=week,
        now=now,
        breach_ids=ids,
        **{
            f"{name}s": [each.unit[name] for each in breaches]
            for name in ("unit_code", "township_code", "department_code")
        },
        kinds=[" ".join(each.kinds) for each in breaches],
        **{reason: [each.number_of(reason) for each in breaches] for reason in REASONS},
        shares=[len(each.shares) for each in breaches],
    )
    people = [
        (key, number, each)
        for key, breach in zip(ids, breaches, strict=True)
        for number, each in enumerate(breach.people, start=1)
    ]
    await execute(
        session,
        queries.WRITE_PEOPLE,
        breach_ids=[key for key, _, _ in people],
        numbers=[number for _, number, _ in people],
        reasons=[each.reason for _, _, each in people],
        sinces=[each.since for _, _, each in people],
        category_codes=[each.category_code for _, _, each in people],
        person_ids=[each.person_id for _, _, each in people],
        entry_ids=[each.entry_id for _, _, each in people],
    )
    shares = [(key, each) for key, breach in zip(ids, breaches, strict=True) for each in breach.shares]
    await execute(
        session,
        queries.WRITE_SHARES,
        breach_ids=[key for key, _ in shares],
        finding_ids=[each.finding_id for _, each in shares],
    )


def _told(breach: Breach, week: date, *, most: int, now: datetime) -> WeekBreached:
    unit = breach.unit
    return WeekBreached(
        breach_id=breach_id(week, unit["unit_code"]),
        week=week.isoformat(),
        unit_code=unit["unit_code"],
        township_code=unit["township_code"],
        department_code=unit["department_code"],
        kinds=breach.kinds,
        people=tuple(
            BreachedPerson(
                each.reason, each.since.isoformat(), each.category_code, each.person_id, each.health_code_id
            )
            for each in breach.people[:most]
        ),
        shares=tuple(
            BreachedShare(
                finding_id=each.finding_id,
                check=each.check,
                department_in_unit=each.department_in_unit,
                category_code=each.category_code,
                percent=each.percent,
                numerator=each.numerator,
                denominator=each.denominator,
                period_from=each.period_from.isoformat(),
                period_to=each.period_to.isoformat(),
            )
            for each in breach.shares
        ),
        people_total=len(breach.people),
        judged_at=_time(now),
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
