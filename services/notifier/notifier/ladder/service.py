"""Issues bulletins, once, and takes them back. Whoever works on a unit's ladder takes a turn first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from notifier.contacts.rules import Body, Directory
from notifier.contacts.service import directory
from notifier.ladder import drafts, queries, rules
from notifier.ladder.owing import STEP_CONTEXT, lock, name_of, notices_of, settle, standing_of, step
from notifier.notices.rules import draft_to
from notifier.notices.service import Notifier, issue, revoke
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.ids import new_id
from shared.messages import WeekBreached

BULLETIN = drafts.BULLETIN


async def judge(session: Session, context: Notifier, message: WeekBreached, *, now: datetime) -> None:
    """Issue the 通报 of a unit's week, once, whatever comes again; a week that only continues is kept.

    The number is that of the department of the Sunday; the case is where the unit's cases are now.
    """
    week, judged_on = date.fromisoformat(message.week), day_of(datetime.fromisoformat(message.judged_at))
    await execute(session, queries.TURN, unit_code=message.unit_code)
    key = {"breach_id": message.breach_id, "unit_code": message.unit_code, "week": week}
    if await fetch_value(session, queries.KNOWN, **key) is not None:
        return
    first_day = context.settings.ladder_from
    if first_day is not None and judged_on < first_day:
        await _keep(session, message, outcome="early")
        return
    found = await directory(session, unit_codes=[message.unit_code])
    case = await _case(session, context, message, found, week=week, now=now)
    standing = await standing_of(session, case)
    if case["stage"] != "closed" and await _continues(session, case, message, standing, week, judged_on):
        await _keep(session, message, outcome="continues", case=case)
        await step(session, case, "continues", now=now, basis={"week": message.week})
    else:
        await _issue(session, context, message, case, found, now=now)
    await execute(session, queries.IN_BREACH_AGAIN, case_id=case["case_id"])
    await settle(session, context, case_id=case["case_id"], now=now)


async def _case(
    session: Session,
    context: Notifier,
    message: WeekBreached,
    found: Directory,
    *,
    week: date,
    now: datetime,
) -> RowMapping:
    """Return the case of a breach, locked; one that was closed and stayed clean begins from zero."""
    unit = found.units.get(message.unit_code)
    department_code = unit.department_code if unit is not None else message.department_code
    together = context.settings.ladder_scope == "department" and department_code is not None
    of = {"unit_code": None if together else message.unit_code, "department_code": department_code}
    await execute(session, queries.OPEN_CASE, case_id=new_id(now), now=now, **of)
    case = await fetch_one(session, queries.CASE_OF, **of)
    if case is None:
        raise AssertionError
    clean = context.settings.ladder_clean_days
    closed_at = case["closed_at"]
    if closed_at is not None and rules.starts_again(week, day_of(closed_at), clean_days=clean):
        await execute(session, queries.START_AGAIN, case_id=case["case_id"], now=now)
        case = await lock(session, case["case_id"])
        await step(session, case, "counted_anew", now=now, basis={"clean_days": clean})
    return case


async def _continues(
    session: Session,
    case: RowMapping,
    message: WeekBreached,
    standing: Sequence[RowMapping],
    week: date,
    judged_on: date,
) -> bool:
    tasks = await fetch_all(session, queries.TASKS, case_id=case["case_id"], run=case["run"])
    due = {row["breach_id"]: row["due_on"] for row in tasks if row["state"] != "cancelled"}
    told = [
        rules.Told(row["week"], due.get(row["breach_id"]))
        for row in standing
        if row["unit_code"] == message.unit_code
    ]
    weeks = await fetch_all(session, queries.WEEKS, unit_code=message.unit_code)
    return rules.continues(week, judged_on, told, {row["week"] for row in weeks})


async def _issue(
    session: Session,
    context: Notifier,
    message: WeekBreached,
    case: RowMapping,
    found: Directory,
    *,
    now: datetime,
) -> None:
    """Number and issue a bulletin: to the department of the Sunday, with a copy to the township."""
    settled = message.department_code or case["department_code"]
    to = found.department_bodies(settled)
    unit = found.units.get(message.unit_code)
    town = message.township_code or (unit.township_code if unit is not None else None)
    year = now.year
    n = await fetch_value(session, queries.NEXT_NUMBER, department_code=to[0].code, year=year)
    number = context.settings.bulletin_number.format(year=year, n=n, department=to[0].code)
    standing = await standing_of(session, case)
    level = str(len(standing) + 1)
    seq = 1 + await fetch_value(session, queries.LAST_SEQ, case_id=case["case_id"])
    issued = {"year": year, "n": n, "number": number, "level": level, "issued_at": now, "seq": seq}
    await _keep(
        session, message, outcome="bulletin", case=case, department_code=to[0].code, township_code=town,
        **issued,
    )  # fmt: skip
    content = drafts.bulletin(
        message,
        number=number,
        level=level,
        unit_name=await name_of(session, message.unit_code),
        earlier=[row["number"] for row in standing],
        department_code=settled,
    )
    copies = (*to, *([Body("township", town)] if town is not None else []))
    await issue(
        session,
        context,
        [
            draft_to(
                body,
                kind=BULLETIN,
                key=f"bulletin:{message.breach_id}",
                subject=("unit", message.unit_code),
                content=content,
                as_of=datetime.fromisoformat(message.judged_at),
                source_id=message.breach_id,
                number=number,
                level=level,
            )
            for body in copies
        ],
        now=now,
    )
    basis = {"number": number, "week": message.week, "kinds": list(message.kinds)}
    await step(session, case, "bulletin", now=now, basis=basis, after_seq=seq)


async def _keep(
    session: Session,
    message: WeekBreached,
    *,
    outcome: str,
    case: RowMapping | None = None,
    **issued: Any,  # noqa: ANN401 - columns of the row
) -> None:
    columns = (
        "seq", "department_code", "township_code", "year", "n", "number", "level", "issued_at",
    )  # fmt: skip
    await execute(
        session,
        queries.KEEP,
        breach_id=message.breach_id,
        case_id=None if case is None else case["case_id"],
        run=None if case is None else case["run"],
        unit_code=message.unit_code,
        week=date.fromisoformat(message.week),
        judged_on=day_of(datetime.fromisoformat(message.judged_at)),
        outcome=outcome,
        kinds=list(message.kinds),
        people_total=message.people_total,
        shares=len(message.shares),
        **{name: issued.get(name) for name in columns},
    )


async def take_back(
    session: Session,
    context: Notifier,
    breach: RowMapping,
    *,
    client_id: str,
    said: dict[str, str],
    now: datetime,
) -> None:
    """Revoke a bulletin: every copy goes, it counts no more, and what followed is brought to the new count.

    Again changes nothing. Its number and its week are not used again.
    """
    await execute(session, queries.TURN, unit_code=breach["unit_code"])
    case = await lock(session, breach["case_id"])
    number = await fetch_value(session, queries.REVOKED, breach_id=breach["breach_id"], now=now)
    if number is None:
        return
    # Tasks before notices, as whoever chases takes them.
    await fetch_all(session, queries.TASKS, case_id=case["case_id"], run=breach["run"])
    copies = await notices_of(session, breach["breach_id"], BULLETIN)
    await revoke(session, context, copies, now=now, client_id=client_id, step=said)
    await step(
        session, case, "revoked", now=now, basis={"number": number, "week": breach["week"].isoformat()},
        client_id=client_id, sealed=context.sealer.seal_json(said, context=STEP_CONTEXT),
    )  # fmt: skip
    if breach["run"] == case["run"]:
        await settle(session, context, case_id=case["case_id"], now=now)
