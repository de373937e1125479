"""Rows of which one field belongs to what they stand in: a day, a round, a unit."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import BaseModel

from shared.db import Session
from shared.errors import Problem, RowError
from shared.sheets.kinds import Outcome, Row, renumbered
from shared.web.bodies import check_rows

Take = Callable[[Any, list[Row]], Awaitable[dict[str, Any]]]


async def take_groups(
    session: Session, rows: Sequence[Row], *, key: type[BaseModel], row: type[BaseModel], take: Take
) -> Outcome:
    """Take the rows of each value of a field together, by a use case that judges rows as JSON has them.

    `key` is the model of that one field, `row` of the others; `take` returns `{accepted, updated, errors}`,
    its errors numbered from 1. What refuses a whole group is told of each of its rows.
    """
    (name,) = key.model_fields
    heads = [{name: each[name]} if name in each else {} for each in rows]
    rest: list[Row] = [{field: value for field, value in each.items() if field != name} for each in rows]
    keyed, wrong = check_rows(key, heads)
    lost = sorted({error.row for error in wrong if error.row is not None})
    _, more = check_rows(row, [rest[number - 1] for number in lost])
    outcome = Outcome(refused=[*wrong, *renumbered(more, lost)])
    groups: dict[Any, list[int]] = {}
    for number, head in keyed:
        groups.setdefault(getattr(head, name), []).append(number)
    for value, numbers in groups.items():
        try:
            async with session.begin_nested():
                verdict = await take(value, [rest[number - 1] for number in numbers])
        except Problem as problem:
            told = problem.errors or [RowError(None, name, problem.message.code)]
            outcome.refused += [RowError(number, e.field, e.code) for number in numbers for e in told]
        else:
            outcome.accepted += verdict["accepted"]
            outcome.updated += verdict["updated"]
            outcome.refused += renumbered(verdict["errors"], numbers)
    return outcome
