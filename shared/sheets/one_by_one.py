"""Rows that are taken one after the other by a use case that refuses with a Problem."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from shared.db import Session
from shared.errors import Problem, RowError
from shared.sheets.kinds import Outcome

T = TypeVar("T")


async def take_each(
    session: Session, rows: Sequence[tuple[int, T]], take: Callable[[T], Awaitable[bool]]
) -> Outcome:
    """Take each row within a savepoint of its own: a refused one undoes itself. `take`: is it new."""
    outcome = Outcome()
    for number, row in rows:
        try:
            async with session.begin_nested():
                new = await take(row)
        except Problem as problem:
            outcome.refused.extend(errors_of(problem, number))
        else:
            outcome.accepted += new
            outcome.updated += not new
    return outcome


def errors_of(problem: Problem, number: int) -> list[RowError]:
    """Return a refusal as errors of a row."""
    said = [RowError(number, error.field, error.code) for error in problem.errors]
    return said or [RowError(number, None, problem.message.code)]
