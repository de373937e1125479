"""Pure: who is told that a report is missing, and when they are told again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from notifier.contacts.rules import Body, Directory
from notifier.quiet.rules import QuietHours, allowed_from

IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Missing:
    """A body that has not filed, and who is over it."""

    body: Body
    name: str | None
    over: frozenset[Body]

    def as_json(self) -> dict[str, Any]:
        """Return how it stands in a notice's evidence."""
        return {"type": self.body.type, "code": self.body.code, "name": self.name}


def missing(row: Mapping[str, Any], directory: Directory) -> Missing:
    """Return who has not filed: a unit answers to its town and department, they to headquarters."""
    over: set[Body] = set()
    if row["body_type"] == "unit":
        body = Body("unit", row["body_code"])
        if row["township_code"] is not None:
            over.add(Body("township", row["township_code"]))
        if row["department_code"] in directory.cdc:
            over.add(Body("cdc", row["department_code"]))
        elif row["department_code"] is not None:
            over.add(Body("department", row["department_code"]))
        else:
            over.update(directory.headquarters_bodies())
    else:
        body = Body("cdc" if row["role"] == "cdc" else row["body_type"], row["body_code"])
        over.update(directory.headquarters_bodies())
    return Missing(body, row["body_name"], frozenset(over))


def by_superior(found: Iterable[Missing]) -> dict[Body, list[Missing]]:
    """Return, for whoever is over somebody, which of theirs are missing."""
    grouped: dict[Body, list[Missing]] = {}
    for each in found:
        for body in each.over:
            grouped.setdefault(body, []).append(each)
    return dict(sorted(grouped.items()))


def next_chase(
    now: datetime, *, every: timedelta, until: datetime, hours: QuietHours, workday: IsWorkday | None
) -> datetime | None:
    """Return when whoever is missing is told again; None once the next slot takes over."""
    again = allowed_from(now + every, hours, workday=workday)
    return again if again < until else None
