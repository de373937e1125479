"""Categories and rule versions: added as data, never changed; people follow."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.categories import errors, queries
from registry.categories.rules import contradicts, track, wrong
from registry.categories.schemas import CategoryIn, RuleIn
from registry.departments.service import levels_of
from registry.statuses import holding
from registry.statuses import service as statuses
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, json_of
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError, refusal_of
from shared.security.access import Principal, require_whole_district

AT_ONCE: Final = 2_000
# Where nobody waits for an answer: a larger step costs less for each person.
A_STEP: Final = 10_000
NOBODY: Final = UUID(int=0)
PEOPLES_OWN: Final = ("duty", "person")
_RULE_FIELDS: Final = ("effective_from", "effective_to", "area_code", "shape", "params", "source")


async def page(session: Session, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Return categories with all versions of their rules, by code."""
    categories = await fetch_all(session, queries.PAGE, after=after, limit=limit)
    return await _with_rules(session, categories)


async def add(
    session: Session, wanted: CategoryIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the category and whether it is new; Problem 409 if it stands with other content."""
    require_whole_district(who)
    check_days(wanted.effective_from, wanted.effective_to)
    for place, rule in enumerate(wanted.rules):
        await check_rule(session, rule, begins=wanted.effective_from, where=f"rules.{place}.")
    if wanted.vaccinated_as == wanted.code:
        raise refusal_of(errors.VACCINATED_AS_ITSELF, "vaccinated_as")
    if wanted.vaccinated_as is not None:
        known = await fetch_one(session, queries.BY_CODE, category_code=wanted.vaccinated_as)
        if known is None:
            raise refusal_of(errors.UNKNOWN_VACCINATED_AS, "vaccinated_as")
    row = await fetch_one(
        session,
        queries.INSERT,
        category_code=wanted.code,
        details="{}",
        created_by=who.client_id,
        now=now,
        **wanted.model_dump(exclude={"code", "rules"}),
    )
    if row is not None:
        for rule in wanted.rules:
            await _insert_rule(session, wanted.code, rule, who=who, now=now)
    stored = row or await fetch_one(session, queries.BY_CODE, category_code=wanted.code)
    if stored is None:
        raise Problem(NOT_FOUND)
    (category,) = await _with_rules(session, [stored])
    if row is None and not _same(category, wanted):
        raise Problem(errors.CATEGORY_IN_USE)
    return category, row is not None


async def add_rule(
    session: Session, context: Context[Any], wanted: RuleIn, *, code: str, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Add a version; the first 2,000 people follow at once, the rest by the schedule within a minute."""
    await holding.changing(session)
    await check_new_rule(session, wanted, code=code, who=who, lock=True)
    newest = await fetch_all(session, queries.RULES_OF, codes=[code])
    if newest and _same_rule(shown_rule(newest[-1]), wanted):
        return {**shown_rule(newest[-1]), "pending_people": 0}, False
    row = await _insert_rule(session, code, wanted, who=who, now=now)
    if track(wanted.shape, wanted.params) != PEOPLES_OWN:
        return {**shown_rule(row), "pending_people": 0}, True  # nobody's own due day hangs on it
    last, more = await refresh_some(session, context, code=code, after=NOBODY, now=now, area=wanted.area_code)
    if not more:
        return {**shown_rule(row), "pending_people": 0}, True
    left = await fetch_value(
        session,
        queries.COUNT_PEOPLE,
        category_code=code,
        area_code=wanted.area_code,
        today=day_of(now),
        after=last,
    )
    await execute(session, queries.ASK_REFRESH, category_code=code, after_person=last, now=now)
    return {**shown_rule(row), "pending_people": left}, True


async def refresh_some(
    session: Session,
    context: Context[Any],
    *,
    code: str,
    after: UUID,
    now: datetime,
    area: str | None = None,
    limit: int | None = None,
) -> tuple[UUID, bool]:
    """Recompute the next people of a category; return the last of them and whether there are more."""
    limit = AT_ONCE if limit is None else limit
    ids = await people_after(session, code=code, after=after, now=now, limit=limit, area=area)
    await statuses.refresh(session, context, person_ids=ids, now=now)
    return (ids[-1] if ids else after), len(ids) == limit


async def people_after(
    session: Session, *, code: str, after: UUID, now: datetime, limit: int, area: str | None = None
) -> list[UUID]:
    """Return the next people whose duty may come from a category, in an area if one is named."""
    found = await fetch_value(
        session,
        queries.PEOPLE,
        category_code=code,
        area_code=area,
        today=day_of(now),
        after=after,
        limit=limit,
    )
    return list(found or ())


async def check_new_rule(session: Session, wanted: RuleIn, *, code: str, who: Principal, lock: bool) -> None:
    """Refuse a rule that may not be added to a category."""
    require_whole_district(who)
    category = await fetch_one(session, queries.LOCK if lock else queries.BY_CODE, category_code=code)
    if category is None:
        raise Problem(NOT_FOUND)
    await check_rule(session, wanted, begins=category["effective_from"])
    if category["effective_to"] is not None and wanted.effective_from > category["effective_to"]:
        raise refusal_of(errors.RULE_AFTER_CATEGORY, "effective_from")
    standing = [shown_rule(row) for row in await fetch_all(session, queries.RULES_OF, codes=[code])]
    if not (standing and _same_rule(standing[-1], wanted)) and any(
        _contradicts(each, wanted) for each in standing
    ):
        raise Problem(errors.RULE_CONTRADICTS)


def _contradicts(standing: dict[str, Any], wanted: RuleIn) -> bool:
    """Say whether a limited rule of the same area stands on days of a wanted one and cannot hold beside it.

    What is open is replaced or lain over; that is no contradiction.
    """
    if standing["effective_to"] is None or wanted.effective_to is None:
        return False
    return (
        standing["area_code"] == wanted.area_code
        and track(standing["shape"], standing["params"]) == track(wanted.shape, wanted.params)
        and standing["effective_from"] <= wanted.effective_to.isoformat()
        and wanted.effective_from.isoformat() <= standing["effective_to"]
        and contradicts(standing["shape"], wanted.shape)
    )


async def check_rule(session: Session, rule: RuleIn, *, begins: date, where: str = "") -> None:
    """Refuse parameters that its shape does not have, days in reverse and unknown areas."""
    found = wrong(rule.shape, rule.params)
    if found:
        listed = [RowError(None, f"{where}params.{_harmless(name)}", code) for name, code in found]
        raise Problem(INVALID_BODY, errors=listed)
    check_days(rule.effective_from, rule.effective_to, where=where)
    if rule.effective_from < begins:
        raise refusal_of(errors.RULE_BEFORE_CATEGORY, f"{where}effective_from")
    if rule.area_code is not None and rule.area_code not in await levels_of(session, [rule.area_code]):
        raise refusal_of(errors.UNKNOWN_AREA, f"{where}area_code")


def check_days(first: date, last: date | None, *, where: str = "") -> None:
    """Refuse a last day before the first."""
    if last is not None and last < first:
        raise refusal_of(errors.DAYS_REVERSED, f"{where}effective_to")


async def _insert_rule(
    session: Session, code: str, rule: RuleIn, *, who: Principal, now: datetime
) -> RowMapping:
    row = await fetch_one(
        session,
        queries.INSERT_RULE,
        category_code=code,
        params=json.dumps(rule.params),
        created_by=who.client_id,
        now=now,
        **rule.model_dump(exclude={"params"}),
    )
    if row is None:
        raise Problem(NOT_FOUND)
    return row


async def _with_rules(session: Session, categories: Sequence[RowMapping]) -> list[dict[str, Any]]:
    rules: dict[str, list[dict[str, Any]]] = {row["category_code"]: [] for row in categories}
    for row in await fetch_all(session, queries.RULES_OF, codes=list(rules)):
        rules[row["category_code"]].append(shown_rule(row))
    return [
        {
            "code": row["category_code"],
            **{field: row[field] for field in ("name_zh", "name_en", "vaccinated_as")},
            "details": json_of(row["details"]),
            **_days(row),
            "rules": rules[row["category_code"]],
        }
        for row in categories
    ]


def shown_rule(row: RowMapping) -> dict[str, Any]:
    """Return a version for an answer."""
    return {
        **{field: row[field] for field in ("rule_id", "version", "area_code", "shape", "source")},
        **_days(row),
        "params": json_of(row["params"]),
    }


def _days(row: RowMapping) -> dict[str, str | None]:
    last = row["effective_to"]
    return {
        "effective_from": row["effective_from"].isoformat(),
        "effective_to": None if last is None else last.isoformat(),
    }


def _same(category: dict[str, Any], wanted: CategoryIn) -> bool:
    plain = wanted.model_dump(exclude={"rules"}, mode="json")
    rules = category["rules"]
    return (
        all(category[field] == value for field, value in plain.items())
        and len(rules) == len(wanted.rules)
        and all(_same_rule(stored, rule) for stored, rule in zip(rules, wanted.rules, strict=True))
    )


def _same_rule(stored: dict[str, Any], wanted: RuleIn) -> bool:
    plain = wanted.model_dump(mode="json")
    return all(stored[field] == plain[field] for field in _RULE_FIELDS)


def _harmless(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalpha() and len(name) <= 40 else "?"  # noqa: PLR2004 - longer than any name a sender means
