"""registry to notifier: who is due, day by day."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class DuePerson(msgspec.Struct, frozen=True):
    """Somebody with a duty who is due soon, due or overdue on the day."""

    person_id: UUID
    category_code: str
    due_on: str
    due_state: str
    stage: str
    health_code_id: str | None = None


class UnitEvaluated(Message, frozen=True):
    """The people of one unit (or of none) that need a reminder; `stage`: `due_soon|due|overdue`."""

    name: ClassVar[str] = "unit.evaluated"

    evaluation_id: UUID
    day: str
    as_of: str
    unit_code: str | None
    township_code: str | None
    department_code: str | None
    people: tuple[DuePerson, ...]


class EvaluationFinished(Message, frozen=True):
    """Every unit of the day has been told of; deadlines of that day may run."""

    name: ClassVar[str] = "evaluation.finished"

    evaluation_id: UUID
    day: str
    as_of: str
    units: int
    people: int
