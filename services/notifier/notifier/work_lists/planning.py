"""Pure: what a list that was sent becomes; every body and deadline judged, nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from notifier.contacts.rules import Body
from notifier.work_lists.deadlines import Deadline, deadline_of
from notifier.work_lists.naming import TOWNSHIPS, Names
from shared.errors import RowError

REPEATED: Final = "body_repeated"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it was sent; `row` is the number that a person sees."""

    row: int
    section: str
    text: str
    bodies: tuple[str, ...]
    deadline: str
    per_town: bool = False
    drill: bool = False

    def said(self, *, issued_on: date) -> list[Any]:
        """Return what makes two lists the same one: a sheet writes the day of a deadline in its own way."""
        meant = deadline_of(self.deadline, issued_on=issued_on)
        day = meant.due_on if isinstance(meant, Deadline) else None
        deadline = self.deadline if day is None else day.isoformat()
        return [self.section, self.text, list(self.bodies), deadline, self.per_town, self.drill]


@dataclass(frozen=True, slots=True)
class Named:
    """A body of an item with the name it was printed under; the first named leads."""

    body: Body
    printed: str
    lead: bool

    def as_json(self) -> dict[str, Any]:
        """Return the form that is stored."""
        role = "lead" if self.lead else "assist"
        return {"type": self.body.type, "code": self.body.code, "name": self.printed, "role": role}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the list; `parts` are the bodies that each get a part of their own.

    Without a `lead` several bodies were named first: each leads its part.
    """

    position: int
    section: int
    text: str
    deadline: str
    due_on: date | None
    drill: bool
    lead: Body | None
    bodies: tuple[Named, ...]
    parts: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A list in its order, and what is wrong with it."""

    sections: tuple[str, ...]
    items: tuple[Item, ...]
    errors: tuple[RowError, ...]


def plan_of(entries: Sequence[Entry], names: Names, *, issued_on: date) -> Plan:
    """Return the plan of a list; an item with an error is not among its items."""
    sections = tuple(dict.fromkeys(entry.section for entry in entries))
    items, errors = [], []
    for position, entry in enumerate(entries, start=1):
        bodies, wrong = _bodies(entry, names)
        deadline = deadline_of(entry.deadline, issued_on=issued_on)
        if isinstance(deadline, str):
            wrong.append(RowError(entry.row, "deadline", deadline))
        errors += wrong
        if wrong or isinstance(deadline, str):
            continue
        leads = tuple(one.body for one in bodies if one.lead)
        towns = names.everyone(TOWNSHIPS) if entry.per_town else ()
        items.append(
            Item(
                position=position,
                section=sections.index(entry.section),
                text=entry.text,
                deadline=entry.deadline,
                due_on=deadline.due_on,
                drill=entry.drill,
                lead=leads[0] if len(leads) == 1 else None,
                bodies=tuple(bodies),
                parts=_parts(leads, towns),
            )
        )
    return Plan(sections, tuple(items), tuple(errors))


def _parts(leads: tuple[Body, ...], towns: tuple[Body, ...]) -> tuple[Body, ...]:
    """Return who gets a part: each of several leads, and each town of an item for towns; nobody twice."""
    several = leads if len(leads) > 1 else ()
    return tuple(dict.fromkeys((*several, *(town for town in towns if town not in leads or several))))


def _bodies(entry: Entry, names: Names) -> tuple[list[Named], list[RowError]]:
    """Return the bodies of an item in the order of their names, whoever is named twice by a group once."""
    found: dict[Body, Named] = {}
    alone: set[Body] = set()
    wrong = []
    for place, printed in enumerate(entry.bodies):
        meant = names.found(printed)
        field = f"bodies.{place}"
        if isinstance(meant, str):
            wrong.append(RowError(entry.row, field, meant))
            continue
        if len(meant) == 1 and meant[0] in alone:
            wrong.append(RowError(entry.row, field, REPEATED))
        alone.update(meant if len(meant) == 1 else ())
        for body in meant:
            found.setdefault(body, Named(body, printed, lead=place == 0))
    return list(found.values()), wrong
