"""Issues the bulletins of a period: one for each body that something is open with, ever."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from notifier.bulletins import queries, rules
from notifier.bulletins.rules import Period
from notifier.contacts.rules import Body
from notifier.feedback.service import asked, overdue
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from notifier.work_lists.naming import Known
from shared.clock import day_of, midnight
from shared.db import Session, execute, fetch_all, fetch_value
from shared.result_ids import oldest_id

KIND: Final = "task.answer"
_Rows = Mapping[str, Sequence[dict[str, Any]]]


async def tell(session: Session, context: Notifier) -> bool:
    """Issue the bulletins of the newest period that is over, unless that was done."""
    now = await context.clock.now(session)
    settings = context.settings
    period = rules.newest(now, weekday=settings.bulletin_weekday, at=settings.bulletin_at)
    if await fetch_value(session, queries.CLAIM, until=period.until, now=now) is None:
        return False
    notices, answers, items = await _found(session, context, period, now=now)
    bodies = [
        Known(row["code"], row["department_name"], row["level"], row["role"]).body
        for row in await fetch_all(session, queries.BODIES)
    ]
    concerned = [body for body in bodies if any(body.code in rows for rows in (notices, answers, items))]
    numbers = await _numbers(session, concerned, period)
    drafts = [
        _draft(
            context, body, period, rules.number_of(period.last.year, numbers[body]), now=now,
            notices=notices.get(body.code, ()), answers=answers.get(body.code, ()),
            items=items.get(body.code, ()),
        )
        for body in concerned
    ]  # fmt: skip
    await issue(session, context, drafts, now=now)
    printed = [rules.number_of(period.last.year, numbers[body]) for body in concerned]
    keys = [draft.dedupe_key for draft in drafts]
    await execute(session, queries.NUMBER, kind=KIND, dedupe_keys=keys, numbers=printed)
    return False


async def _found(
    session: Session, context: Notifier, period: Period, *, now: datetime
) -> tuple[_Rows, _Rows, _Rows]:
    """Return by body the notices of the period, what waits for an answer, and the items it leads."""
    since, until = midnight(period.since), midnight(period.until)
    day = timedelta(days=1)
    told = await fetch_all(
        session, queries.NOTICES, low=oldest_id(since - day), high=oldest_id(until + day),
        since=since, until=until, now=now,
    )  # fmt: skip
    waiting = await fetch_all(session, queries.ANSWERS, until=until, **asked(context.settings))
    leading = await fetch_all(session, queries.ITEMS, until=until, today=day_of(now))
    return (
        _by_body([(row["code"], {name: row[name] for name in row if name != "code"}) for row in told]),
        _by_body([(row["code"], _answer(context, row, now=now)) for row in waiting]),
        _by_body([(row["code"], _item(row)) for row in leading]),
    )


def _by_body(rows: Sequence[tuple[str, dict[str, Any]]]) -> _Rows:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for code, row in rows:
        found[code].append(row)
    return dict(found)


def _answer(context: Notifier, row: RowMapping, *, now: datetime) -> dict[str, Any]:
    return {
        "notice_id": str(row["notice_id"]),
        "subject": {"type": row["subject_type"], "code": row["subject_code"]},
        "issued_on": day_of(row["issued_at"]).isoformat(),
        "age_days": (day_of(now) - day_of(row["opened_at"])).days,
        "overdue": overdue(context.settings, row, now=now),
    }


def _item(row: RowMapping) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("title", "number", "deadline", "state", "drill")},
        "item_id": str(row["item_id"]),
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "overdue": bool(row["late"]),
    }


async def _numbers(session: Session, bodies: Sequence[Body], period: Period) -> dict[Body, int]:
    """Return the next number of each body in its year, and keep it: without gaps."""
    year = period.last.year
    last = {
        (row["recipient_type"], row["recipient_code"]): row["number"]
        for row in await fetch_all(session, queries.LAST_NUMBERS, year=year)
    }
    numbers = {body: last.get((body.type, body.code), 0) + 1 for body in bodies}
    await execute(
        session,
        queries.ADD,
        until=period.until,
        year=year,
        types=[body.type for body in bodies],
        codes=[body.code for body in bodies],
        numbers=list(numbers.values()),
    )
    return numbers


def _draft(
    context: Notifier,
    body: Body,
    period: Period,
    number: str,
    *,
    now: datetime,
    notices: Sequence[dict[str, Any]],
    answers: Sequence[dict[str, Any]],
    items: Sequence[dict[str, Any]],
) -> Draft:
    most = context.settings.bulletin_most_listed
    facts: dict[str, Any] = {
        "number": number,
        "since": period.since.isoformat(),
        "last": period.last.isoformat(),
        **rules.summed(notices, answers, items),
    }
    texts = both(f"{KIND}.bulletin", facts)
    # The oldest first; what is cut off is counted all the same.
    evidence = {**facts, "by_kind": notices, "waiting": answers[:most], "work_items": items[:most]}
    return draft_to(
        body,
        kind=KIND,
        key=f"bulletin:{period.until}",
        subject=("bulletin", number),
        content=Content(**texts, evidence=evidence),
        as_of=now,
    )
